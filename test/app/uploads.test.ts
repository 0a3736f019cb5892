/** What bounds a file on its way in: the setting for its size, and the room on the disk; refused at once, or as soon as it shows. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Problem } from '#kit/refusal';
import { outline } from '../../src/app/outline.ts';
import { behindPort, type Answering, type Port } from '../access/tcp.ts';
import { demoPosture, testHub, type Answer, type TestHub } from '../hub.ts';

const most = 4096;
const posture = { ...demoPosture, uploadMax: most };
const at: { hub?: TestHub; port?: Port; cookie: string; feed: string } = { cookie: '', feed: '' };
const hub = (): TestHub => at.hub as TestHub;
const port = (): Port => at.port as Port;
const path = (): string => `/api/feeds/${at.feed}/batches?file=night.ndjson`;

beforeAll(async () => {
  at.hub = await testHub({ posture });
  at.port = await behindPort(at.hub.composition.app(posture));
  at.cookie = await at.hub.as('per_lan');
  const made = await hub().ask('POST', '/api/feeds', { name: 'night', title: 'Night', shape: 'ndjson' }, { cookie: at.cookie });
  at.feed = made.json<{ feed: { id: string } }>().feed.id;
});
afterAll(async () => {
  await at.port?.close();
  await at.hub?.close();
});

/** So many bytes of rows, each its own. */
const tally = { rows: 0 };
function rowsOf(bytes: number): string {
  const lines: string[] = [];
  for (let left = bytes; left > 0;) {
    const row = `{"time":"2026-06-12T01:00:00Z","type":"infection","family":"tinba","ip":"100.112.0.9","n":${tally.rows++}}`;
    // Few of them where there are many bytes: how many rows there are is of no matter here.
    const line = `${left < 2 * row.length ? row.padEnd(left - 1) : row.padEnd(bytes / 8 - 1)}\n`;
    lines.push(line);
    left -= line.length;
  }
  return lines.join('');
}
const send = (body: string, headers: Record<string, string> = {}) => hub().ask('POST', path(), body, { cookie: at.cookie, headers });
const length = (body: string): Record<string, string> => ({ 'content-length': String(body.length) });
async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) {
    yield new TextEncoder().encode(text);
    // Each of them arrives by itself.
    await new Promise((resolve) => { setTimeout(resolve, 2); });
  }
}

interface Line { phase: string; failure?: string; problem?: Problem; batch?: { counts: { stored: number } } }
const last = (text: string): Line => JSON.parse(text.trim().split('\n').at(-1) ?? '{}') as Line;
const batches = async (): Promise<{ state: string; failure: string | null; counts: { read: number; stored: number } }[]> =>
  (await hub().ask('GET', `/api/batches?feed=${at.feed}`, undefined, { cookie: at.cookie })).json<{ items: never[] }>().items;
const stored = async (): Promise<number> => {
  const rows = await hub().world.events.query({ query: 'SELECT count() AS n FROM ev' });
  return (await rows.json<{ n: number }>())[0]?.n ?? -1;
};
/** Refused with this, leaving nothing behind it but, where one had begun, a batch that says so. */
async function refused(ask: () => Promise<Answer | Answering>, code: string, begun: boolean): Promise<Problem> {
  const before = { rows: await stored(), batches: (await batches()).length };
  const answer = await ask();
  if ('over' in answer) await answer.over;
  const text = typeof answer.text === 'function' ? answer.text() : answer.text;
  const problem = begun ? last(text).problem : JSON.parse(text) as Problem;
  expect([problem?.code, answer.status], text).toEqual([code, begun ? 200 : problem?.status]);
  expect(await stored()).toBe(before.rows);
  const all = await batches();
  expect(all.length).toBe(before.batches + (begun ? 1 : 0));
  if (begun) expect(all[0]).toMatchObject({ state: 'failed', failure: problem?.title, counts: { read: 0, stored: 0 } });
  return problem as Problem;
}

describe('a file larger than the hub takes', () => {
  test('is taken while it is just as large, told or in pieces', async () => {
    const [whole, half] = [rowsOf(most), rowsOf(most / 2)];
    expect(whole.length).toBe(most);
    expect(last((await send(whole, length(whole))).text)).toMatchObject({ phase: 'done' });
    const answer = await port().open('POST', path(), { cookie: at.cookie }, pieces(half, rowsOf(most / 2)));
    expect([await answer.over, last(answer.text()).phase]).toEqual(['whole', 'done']);
  });
  test('is refused at once where it says so, before anything is done', async () => {
    const body = rowsOf(most + 1);
    const problem = await refused(() => send(body, length(body)), 'upload.too-large', false);
    expect(problem).toMatchObject({ status: 413, at: 'content-length' });
    expect(problem.title).toBe('The file is larger than 4 KiB, the most that this hub takes at once.');
    // Nobody waits for a body that will not be read; what was on its way is let come or cut off.
    const answer = await port().open('POST', path(), { cookie: at.cookie, 'content-length': '99999999999' }, pieces(rowsOf(100)));
    expect([answer.status, answer.headers['content-type']]).toEqual([413, 'application/problem+json']);
    expect(await answer.over).toBe('whole');
  });
  test('is refused as soon as it shows where it says less, or nothing; nothing half-taken stays', async () => {
    const body = rowsOf(3 * most);
    const told = await refused(() => send(body, { 'content-length': '100' }), 'upload.too-large', true);
    expect(told).toMatchObject({ status: 413, at: `byte ${most}` });
    const chunked = () => port().open('POST', path(), { cookie: at.cookie }, pieces(rowsOf(3000), rowsOf(3000), rowsOf(3000)));
    expect((await refused(chunked, 'upload.too-large', true)).at).toBe(`byte ${most}`);
  });
  test('is looked at for every endpoint that takes a raw body, but those of a protocol that bounds its own', () => {
    const raw = outline().filter(({ endpoint: e }) => e.transport === 'raw' && e.method !== 'GET' && !/^\/(scim|taxii2|misp)\//.test(e.path));
    expect(raw.length).toBeGreaterThan(0);
    expect(raw.filter((o) => !o.endpoint.upload).map((o) => o.id)).toEqual([]);
  });
  test('holds for files alone: a body that is read whole has its own bound', async () => {
    const text = 'x'.repeat(2 * most);
    const answer = await hub().ask('POST', '/api/constituents/import', { text, dryRun: true }, { cookie: at.cookie });
    expect(answer.status).not.toBe(413);
  });
});

describe('a disk that is almost full', () => {
  test('takes no file, says so, and goes on with everything else', async () => {
    hub().world.space.leave(-1);
    const problem = await refused(() => send(rowsOf(200)), 'disk.full', false);
    expect(problem.status).toBe(503);
    const made = await hub().ask('POST', '/api/feeds', { name: 'later', title: 'Later', shape: 'ndjson' }, { cookie: at.cookie });
    expect(made.status).toBe(201);
    hub().world.space.leave(Infinity);
    expect(last((await send(rowsOf(200))).text).phase).toBe('done');
  });
  test('takes no file that would fill it', async () => {
    const body = rowsOf(1000);
    hub().world.space.leave(999);
    await refused(() => send(body, length(body)), 'disk.full', false);
    hub().world.space.leave(1000);
    expect(last((await send(body, length(body))).text).phase).toBe('done');
    hub().world.space.leave(Infinity);
  });
  test('that fills up while a file comes ends it, and nothing half-taken stays', async () => {
    const unbound = await behindPort(hub().composition.app({ ...posture, uploadMax: 0 }));
    const large = Array.from({ length: 20 }, () => rowsOf(2 ** 20));
    hub().world.space.leave(-1, 1);
    const problem = await refused(() => unbound.open('POST', path(), { cookie: at.cookie }, pieces(...large)), 'disk.full', true);
    expect(problem.status).toBe(503);
    hub().world.space.leave(Infinity);
    await unbound.close();
  });
});
