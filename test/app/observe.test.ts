/** `entente observe` end to end: a server of updates, a hub behind its door, an observer with a key of its own on its own disk. */
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { filesFrom } from '../../src/app/http/files.ts';
import { openDoor, type HubDoor } from '../../src/app/hub.ts';
import { handInFile, observe, type ObserveWords } from '../../src/cli/observe.ts';
import { manifestOf, type Release } from '../../src/kit/watch/staged.ts';
import { demoPosture, testHub, type TestHub } from '../hub.ts';

const content = Buffer.alloc(30_000, 'update ');
const altered = Buffer.from(content);
altered.write('another', 20_000);
const release: Release = { serial: 1, version: '1.0', at: '2026-06-01T00:00:00Z', files: { shield: { listed: content } } };

const state: { hub?: TestHub; door?: HubDoor; server?: Server; folder: string; origin: string; url: string; channel: string; token: string } = {
  folder: '', origin: '', url: '', channel: '', token: '',
};
const served: { body: Buffer } = { body: content };
const said: { out: string[]; err: string[] } = { out: [], err: [] };
const terminal = { out: (line: string): void => { said.out.push(line); }, err: (line: string): void => { said.err.push(line); } };

beforeAll(async () => {
  const hub = await testHub();
  state.hub = hub;
  state.folder = await mkdtemp(join(tmpdir(), 'observer-'));
  // The door wants pages to serve; nobody looks at them here.
  await mkdir(join(state.folder, 'web'));
  await writeFile(join(state.folder, 'web', 'index.html'), '<!doctype html>');
  state.server = createServer((request, response) => {
    response.end(request.url === '/stable.json' ? manifestOf(release) : request.url === '/shield-1.0' ? served.body : '');
  });
  await new Promise<void>((resolve) => { state.server?.listen(0, '127.0.0.1', resolve); });
  state.url = `http://127.0.0.1:${(state.server.address() as AddressInfo).port}/stable.json`;
  const at: { port: number } = { port: 0 };
  const posture = () => ({ ...demoPosture, hosts: [`127.0.0.1:${at.port}`], origins: [`http://127.0.0.1:${at.port}`] });
  state.door = await openDoor({
    address: '127.0.0.1', port: 0, files: await filesFrom(join(state.folder, 'web')), map: new Uint8Array(),
    postureAt: (port) => {
      at.port = port;
      return posture();
    },
  });
  state.door.open(hub.composition.app(posture()));
  state.origin = `http://127.0.0.1:${at.port}`;
  const [moser, son] = [await hub.as('per_moser'), await hub.as('per_son')];
  const { product } = (await hub.ask('POST', '/api/products', { name: 'Kestrel Shield', open: true }, { cookie: moser })).json<{ product: { id: string } }>();
  const made = await hub.ask('POST', `/api/products/${product.id}/update-channels`, { name: 'stable', url: state.url }, { cookie: moser });
  state.channel = made.json<{ channel: { id: string } }>().channel.id;
  for (const country of ['DE', 'VN']) {
    const { privateKey } = generateKeyPairSync('ed25519');
    await writeFile(join(state.folder, `${country}.pem`), privateKey.export({ format: 'pem', type: 'pkcs8' }));
    const publicKey = createPublicKey(privateKey).export({ format: 'pem', type: 'spki' });
    const answer = await hub.ask('POST', '/api/observers', { name: country, country, keyid: `o-${country}`, publicKey }, { cookie: son });
    expect(answer.status, answer.text).toBe(201);
  }
  const token = await hub.ask('POST', '/api/tokens', { name: 'observer', scopes: ['observation.record', 'update-channel.view'], days: 1 }, { cookie: son });
  state.token = token.json<{ secret: string }>().secret;
}, 120_000);
afterAll(async () => {
  await state.door?.close();
  state.server?.close();
  await state.hub?.close();
  await rm(state.folder, { recursive: true, force: true });
});

const words = (country: string, more: Partial<ObserveWords> = {}): ObserveWords => ({
  channel: state.channel, hub: state.origin, url: null, format: 'entente-update', key: join(state.folder, `${country}.pem`), keyid: `o-${country}`,
  data: join(state.folder, country), out: null, everySeconds: null, fileMegabytes: 10, keepMegabytes: 10, ...more,
});
const outside = () => ({ allow: [new URL(state.url).host], token: state.token, clock: (state.hub as TestHub).world.clock });

test('two observers, one of them served another file: the alarm has both words, and the bytes come by themselves', async () => {
  const { world, ask, as } = state.hub as TestHub;
  expect(await observe(words('DE'), outside(), terminal)).toBe(0);
  world.clock.advance(60_000);
  served.body = altered;
  expect(await observe(words('VN'), outside(), terminal)).toBe(1);
  expect(said.out.at(-1)).toMatch(/alarms raised: cal_/);
  // The other side hands its piece in with its next look.
  served.body = content;
  world.clock.advance(60_000);
  await observe(words('DE'), outside(), terminal);
  const cookie = await as('per_son');
  const { items } = (await ask('GET', '/api/channel-alarms', undefined, { cookie })).json<{ items: { id: string; kind: string }[] }>();
  const split = items.find((a) => a.kind === 'split');
  const view = (await ask('GET', `/api/channel-alarms/${split?.id}`, undefined, { cookie })).json<{ differsAt: number; wanted: unknown[] }>();
  expect(view).toMatchObject({ differsAt: 20_000, wanted: [] });
});

test('without a network to the hub a look goes to a file, and is taken from it later', async () => {
  const out = join(state.folder, 'offline.ndjson');
  const { world } = state.hub as TestHub;
  world.clock.advance(60_000);
  expect(await observe(words('DE', { hub: null, url: state.url, out }), outside(), terminal)).toBe(0);
  expect((await readFile(out, 'utf8')).trim().split('\n')).toHaveLength(1);
  world.clock.advance(3_600_000);
  const away = { hub: 'http://127.0.0.1:9', data: join(state.folder, 'DE'), keepMegabytes: 10 };
  await expect(handInFile(out, away, outside(), terminal)).rejects.toThrow(/does not answer/);
  // It waits, and goes with the next that is handed in.
  const nothing = join(state.folder, 'nothing.ndjson');
  await writeFile(nothing, '');
  expect(await handInFile(nothing, { hub: state.origin, data: join(state.folder, 'DE'), keepMegabytes: 10 }, outside(), terminal)).toBe(0);
  expect(said.out.at(-1)).toBe('1 taken');
  // The same file again: each line is refused as taken already, told, and let go.
  await handInFile(out, { hub: state.origin, data: join(state.folder, 'DE'), keepMegabytes: 10 }, outside(), terminal);
  expect(said.err.at(-1)).toMatch(/taken already/);
});
