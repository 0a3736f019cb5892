import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { childrenOf, entente, get } from './process.ts';

const place = { folder: '' };
const folder = (name: string): string => join(place.folder, name);
beforeAll(async () => { place.folder = await mkdtemp(join(tmpdir(), 'entente-start-')); });
afterAll(() => rm(place.folder, { recursive: true, force: true }));

const settings = (data: string, more: Record<string, string> = {}) => ({
  ENTENTE_DATA: folder(data), ENTENTE_PORT: '0', ENTENTE_ORIGIN: 'https://hub.example', ...more,
});

describe('a start that cannot be says so in one sentence', () => {
  const cases: [string, Record<string, string>, number, RegExp][] = [
    ['without an origin', { ENTENTE_ORIGIN: '' }, 78, /^ENTENTE_ORIGIN is required/],
    ['with plain http', { ENTENTE_ORIGIN: 'http://hub.example' }, 78, /must be https/],
    ['with a path in the origin', { ENTENTE_ORIGIN: 'https://hub.example/x' }, 78, /plain origin/],
    ['with a misspelt setting', { ENTENTE_PROT: '1' }, 78, /^ENTENTE_PROT is not a setting/],
    ['with a port that is none', { ENTENTE_PORT: 'x' }, 78, /^ENTENTE_PORT/],
    ['with a secret file that is not there', { ENTENTE_DB_URL_FILE: '/nowhere/url' }, 70, /secret file/],
    ['with mail where nobody is to be asked', { ENTENTE_OUTBOUND: 'none', ENTENTE_SMTP_URL: 'smtps://u:hidden-word@mail.example' }, 78,
      /^ENTENTE_SMTP_URL names another machine/],
    ['with a database that does not answer', { ENTENTE_DB_URL: 'postgresql://u:hidden-word@127.0.0.1:1/x' }, 69, /records database/],
    ['with a map that is not there', { ENTENTE_MAP: '/nowhere/map.json' }, 66, /ENTENTE_MAP/],
  ];
  test.each(cases)('%s', async (name, change, code, said) => {
    const ran = entente(['serve'], settings(`refused-${name.replaceAll(' ', '-')}`, change));
    expect([(await ran.exited).code, ran.err()]).toEqual([code, expect.stringMatching(new RegExp(said.source, 'm'))]);
    expect(ran.err()).not.toContain('hidden-word');
    expect(ran.out()).not.toContain('ready');
  });
  test('with a port that is taken', async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) =>
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)));
    const ran = entente(['serve'], settings('taken', { ENTENTE_PORT: String(port) }));
    expect((await ran.exited).code).toBe(69);
    expect(ran.err()).toMatch(/Port \d+ is taken; free it or choose another with ENTENTE_PORT\./);
    server.close();
  });
});

test('a signal while it starts ends it, leaves no engine behind, and the next start goes on', async () => {
  const ran = entente(['serve'], settings('interrupted'));
  await ran.until(/is starting at/);
  const pid = ran.child.pid ?? 0;
  const engines = await childrenOf(pid);
  ran.child.kill('SIGTERM');
  expect((await ran.exited).code).toBe(143);
  const again = entente(['serve'], settings('interrupted'));
  await again.until(/ready at/);
  again.child.kill('SIGINT');
  expect(await again.exited).toEqual({ code: 0, signal: null });
  const alive = engines.filter((engine) => {
    try {
      return process.kill(engine, 0);
    } catch {
      return false;
    }
  });
  expect(alive).toEqual([]);
});

describe('a production hub', () => {
  test('prints a link once, keeps the chooser away, refuses a second hub, stops cleanly, survives kill -9', async () => {
    const first = entente(['serve'], settings('hub'));
    const [, link] = await first.until(/(https:\/\/hub\.example\/accept#[\w-]{40,})/);
    const [, address = ''] = await first.until(/ready at (http:\S+)/);
    expect(link).toBeDefined();
    const asked = async (path: string) => (await get(address, path, 'hub.example')).status;
    expect([await asked('/api/session'), await asked('/api/demo/people'), await asked('/api/demo/continue')]).toEqual([200, 404, 404]);
    const demoAnswer = await get(address, '/api/demo/people', 'hub.example');
    expect(demoAnswer.text).toBe((await get(address, '/api/never-was', 'hub.example')).text);
    // The command line comes over loopback with a token; any other name is refused.
    expect((await get(address, '/api/session')).status).toBe(200);
    for (const host of ['evil.example', 'localhost', 'hub.example:81']) {
      expect((await get(address, '/api/session', host)).status).toBe(403);
    }
    expect((await get(address, '/healthz')).text).toContain('"ready"');

    const second = entente(['serve'], settings('hub'));
    expect((await second.exited).code).toBe(75);
    expect(second.err()).toMatch(new RegExp(`is in use by process ${first.child.pid} at ${address}`));
    const mistaken = entente(['demo'], { ENTENTE_DATA: folder('hub'), ENTENTE_PORT: '0' });
    expect((await mistaken.exited).code).toBe(75);

    const pid = first.child.pid ?? 0;
    const children = await childrenOf(pid);
    expect(children.length).toBeGreaterThan(0);
    first.child.kill('SIGKILL');
    await first.exited;
    const again = entente(['serve'], settings('hub'));
    await again.until(/ready at/);
    again.child.kill('SIGTERM');
    expect(await again.exited).toEqual({ code: 0, signal: null });
    expect(await childrenOf(again.child.pid ?? 0)).toEqual([]);

    const other = entente(['demo'], { ENTENTE_DATA: folder('hub'), ENTENTE_PORT: '0' });
    expect((await other.exited).code).toBe(78);
    expect(other.err()).toMatch(/belongs to a production hub; a demo hub needs a folder of its own/);
  });
});
