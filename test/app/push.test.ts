/** Signed uploads over HTTP: who may send, what is refused and why, and that nothing stays of what was refused. */
import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync, writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Problem } from '#kit/refusal';
import { push, signedHeaders } from '../../src/cli/push.ts';
import { origin, testHub, type Answer, type TestHub } from '../hub.ts';

const at: { hub?: TestHub; lan: string } = { lan: '' };
const hub = (): TestHub => at.hub as TestHub;
const keys = generateKeyPairSync('ed25519');
const jwkOf = (key: KeyObject): string => JSON.stringify(key.export({ format: 'jwk' }));
const row = (ip: string): string => `{"time":"2026-06-14T01:00:00Z","type":"infection","family":"conficker","ip":"${ip}"}\n`;

async function feedNamed(name: string): Promise<string> {
  const made = await hub().ask('POST', '/api/feeds', { name, title: name, shape: 'ndjson' }, { cookie: at.lan });
  return made.json<{ feed: { id: string } }>().feed.id;
}
async function signedFeed(name: string): Promise<string> {
  const feed = await feedNamed(name);
  const added = await hub().ask('POST', `/api/feeds/${feed}/push-keys`, { keyid: 'k1', publicKey: jwkOf(keys.publicKey) }, { cookie: at.lan });
  expect([added.status, added.text.includes('"d"')]).toEqual([201, false]);
  return feed;
}
interface How { keyid?: string; key?: KeyObject; signedAs?: string; nowBy?: number; headers?: Record<string, string>; path?: string }
/** Sends `body`, with the digest of `signedAs` where that is another. */
function send(feed: string, body: string, how: How = {}): Promise<Answer> {
  const url = new URL(`${origin}/api/feeds/${feed}/batches?file=x.ndjson`);
  const digest = createHash('sha256').update(how.signedAs ?? body).digest('base64');
  const headers = signedHeaders(url, digest, 'application/x-ndjson', how.key ?? keys.privateKey, {
    keyid: how.keyid ?? 'k1', now: hub().world.clock.now() + (how.nowBy ?? 0),
  });
  return hub().ask('POST', how.path ?? `${url.pathname}${url.search}`, body, { cookie: at.lan, headers: { ...headers, ...how.headers } });
}
const problemIn = (answer: Answer): Pick<Problem, 'status' | 'code' | 'at'> => {
  const { status, code, at: place } = answer.json<Problem>();
  return { status, code, ...(place === undefined ? {} : { at: place }) };
};
const last = (answer: Answer): { phase: string; batch?: { counts: { stored: number } }; problem?: Problem } =>
  JSON.parse(answer.text.trimEnd().split('\n').at(-1) ?? '');
const rowsOf = async (feed: string): Promise<number> => (await hub().ask('GET', `/api/feeds/${feed}`, undefined, { cookie: at.lan }))
  .json<{ feed: { rowsStored: number } }>().feed.rowsStored;

beforeAll(async () => {
  at.hub = await testHub();
  at.lan = await hub().as('per_lan');
});
afterAll(() => at.hub?.close());

describe('a feed with a push key', () => {
  test('takes what its provider signed, once', async () => {
    const feed = await signedFeed('signed-a');
    const sent = row('203.0.113.1') + row('203.0.113.2');
    const first = await send(feed, sent);
    expect([first.status, last(first).phase, last(first).batch?.counts.stored]).toEqual([200, 'done', 2]);
    // The very same request: the bytes would change nothing, and yet it is refused.
    expect(problemIn(await send(feed, sent))).toEqual({ status: 403, code: 'push.replayed', at: 'signature' });
    hub().world.clock.advance(1000);
    expect(last(await send(feed, sent)).batch?.counts.stored).toBe(0);
    const listed = await hub().ask('GET', `/api/feeds/${feed}/push-keys`, undefined, { cookie: at.lan });
    expect(listed.json<{ items: unknown[] }>().items).toMatchObject([{ keyid: 'k1', lastUsedAt: hub().world.clock.iso() }]);
  });

  test('refuses what is unsigned, changed, late, early, of another key or another feed, and says why', async () => {
    const feed = await signedFeed('signed-b');
    const other = await signedFeed('signed-b2');
    const body = row('203.0.113.3');
    const bare = await hub().ask('POST', `/api/feeds/${feed}/batches?file=x.ndjson`, body, { cookie: at.lan });
    expect(problemIn(bare)).toEqual({ status: 401, code: 'push.missing', at: 'signature-input' });
    const half = await send(feed, body, { headers: { 'signature-input': 'push=(' } });
    expect(problemIn(half)).toEqual({ status: 401, code: 'push.malformed', at: 'signature-input' });
    expect(problemIn(await send(feed, body, { nowBy: -400_000 }))).toEqual({ status: 403, code: 'push.expired', at: 'expires' });
    expect(problemIn(await send(feed, body, { nowBy: 120_000 }))).toEqual({ status: 403, code: 'push.early', at: 'created' });
    expect(problemIn(await send(feed, body, { keyid: 'k2' }))).toEqual({ status: 403, code: 'push.unknown-key', at: 'keyid' });
    const forged = await send(feed, body, { key: generateKeyPairSync('ed25519').privateKey });
    expect(problemIn(forged)).toEqual({ status: 403, code: 'push.invalid', at: 'signature' });
    expect(problemIn(await send(feed, body, { headers: { 'content-type': 'text/csv' } }))).toMatchObject({ code: 'push.invalid' });
    expect(problemIn(await send(feed, body, { path: `/api/feeds/${other}/batches?file=x.ndjson` }))).toMatchObject({ code: 'push.invalid' });
    expect(problemIn(await send(feed, body, { path: `/api/feeds/${feed}/batches?file=y.ndjson` }))).toMatchObject({ code: 'push.invalid' });
    expect([await rowsOf(feed), await rowsOf(other)]).toEqual([0, 0]);
    const batches = await hub().ask('GET', `/api/batches?feed=${feed}`, undefined, { cookie: at.lan });
    expect(batches.json<{ items: unknown[] }>().items).toEqual([]);
  });

  test('keeps neither rows nor bytes of a file that is another than was signed', async () => {
    const feed = await signedFeed('signed-c');
    const bytes = row('203.0.113.4') + row('203.0.113.5');
    const answer = await send(feed, bytes, { signedAs: bytes.replace('113.5', '113.6') });
    expect([answer.status, last(answer).phase, last(answer).problem?.code]).toEqual([200, 'failed', 'push.digest']);
    const [batch] = (await hub().ask('GET', `/api/batches?feed=${feed}`, undefined, { cookie: at.lan }))
      .json<{ items: { state: string; rawSha256: string | null; counts: { stored: number } }[] }>().items;
    expect(batch).toMatchObject({ state: 'failed', rawSha256: null, counts: { stored: 0 } });
    expect(await rowsOf(feed)).toBe(0);
    expect(await hub().world.blobs.open(createHash('sha256').update(bytes).digest('hex'))).toBeNull();
    hub().world.clock.advance(1000);
    expect(last(await send(feed, bytes)).batch?.counts.stored).toBe(2);
  });

  test('a key has its term, and ends at once; a feed without keys takes unsigned files', async () => {
    const feed = await feedNamed('signed-d');
    const from = new Date(hub().world.clock.now() + 60_000).toISOString();
    const until = new Date(hub().world.clock.now() + 120_000).toISOString();
    const added = await hub().ask('POST', `/api/feeds/${feed}/push-keys`, { keyid: 'k1', publicKey: jwkOf(keys.publicKey), from, until }, { cookie: at.lan });
    const { id } = added.json<{ key: { id: string } }>().key;
    expect(problemIn(await send(feed, row('203.0.113.7')))).toMatchObject({ code: 'push.unknown-key' });
    hub().world.clock.advance(61_000);
    expect(last(await send(feed, row('203.0.113.7'))).phase).toBe('done');
    hub().world.clock.advance(60_000);
    expect(problemIn(await send(feed, row('203.0.113.7')))).toMatchObject({ code: 'push.unknown-key' });
    await hub().ask('POST', `/api/feeds/${feed}/push-keys/${id}/end`, {}, { cookie: at.lan });
    const bare = await hub().ask('POST', `/api/feeds/${feed}/batches?file=x.ndjson`, row('203.0.113.8'), { cookie: at.lan });
    expect(last(bare).phase).toBe('done');
  });
});

describe('docs/specs/push.md', () => {
  const spec = readFileSync(join(import.meta.dirname, '../../docs/specs/push.md'), 'utf8');
  const blockOf = (name: string): string => new RegExp(`<!-- ${name} -->\n\`\`\`[a-z]*\n([\\s\\S]*?)\`\`\``).exec(spec)?.[1] ?? '';

  test('its vector is what the profile makes', () => {
    const { d, x, body, time } = JSON.parse(blockOf('vector-key')) as Record<'d' | 'x' | 'body' | 'time', string>;
    const key = createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', d, x }, format: 'jwk' });
    const url = new URL('https://hub.example/api/feeds/vendor-sensors/batches?file=2026-06-14.ndjson');
    const digest = createHash('sha256').update(body).digest('base64');
    const made = signedHeaders(url, digest, 'application/x-ndjson', key, { keyid: 'vendor-2026', now: Date.parse(time) });
    expect(Object.entries(made).map(([name, value]) => `${name}: ${value}\n`).join('')).toBe(blockOf('vector-request').split('\n').slice(1).join('\n'));
  });

  test('its example client, and the command, send a file that the hub takes', async () => {
    const feed = await signedFeed('signed-e');
    const folder = mkdtempSync(join(tmpdir(), 'entente-push-'));
    const asked = await hub().ask('POST', '/api/tokens', { name: 'push', scopes: ['feed.ingest'], days: 1 }, { cookie: at.lan });
    const { secret } = asked.json<{ secret: string }>();
    const server: Server = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        const given = Object.entries(request.headers).filter(([name]) => name !== 'host');
        const headers = Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
        void hub().ask('POST', request.url ?? '', Buffer.concat(pieces).toString(), { headers })
          .then((answer) => response.writeHead(answer.status).end(answer.text));
      });
    });
    try {
      await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
      const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      writeFileSync(join(folder, 'key.pem'), keys.privateKey.export({ type: 'pkcs8', format: 'pem' }));
      writeFileSync(join(folder, 'client.mjs'), blockOf('client').replaceAll('Date.now()', String(hub().world.clock.now())));
      writeFileSync(join(folder, 'night.ndjson'), row('203.0.113.9'));
      const { stdout } = await promisify(execFile)(process.execPath, [
        join(folder, 'client.mjs'), join(folder, 'night.ndjson'), `${address}/api/feeds/${feed}`, join(folder, 'key.pem'), 'k1',
      ], { env: { ...process.env, ENTENTE_TOKEN: secret } });
      expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ phase: 'done', batch: { counts: { stored: 1 } } });
      hub().world.clock.advance(1000);
      const request = {
        file: join(folder, 'night.ndjson'), feed: `${address}/api/feeds/${feed}`, key: join(folder, 'key.pem'), keyid: 'k1', type: null,
        contentType: 'application/x-ndjson',
      };
      expect(await push(request, secret, hub().world.clock)).toBe(0);
      await expect(push({ ...request, keyid: 'k9' }, secret, hub().world.clock)).rejects.toThrow('no key of that keyid');
    } finally {
      server.closeAllConnections();
      server.close();
      rmSync(folder, { recursive: true });
    }
  });
});
