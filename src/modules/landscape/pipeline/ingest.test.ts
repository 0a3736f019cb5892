import { dice } from '#kit/dice';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Refusal } from '#kit/refusal';
import { fileBlobs } from '#world/blobs/files';
import { seededRandom } from '#world/random';
import { fakeSpace } from '#world/space';
import type { Batch } from '../model.ts';
import { batchById, batchesOf, feedById, quarantineOf } from '../store.ts';
import { asLines, centre, chunks, ctipRow, openField, shuffled, type Field } from '../testing.ts';
import { pipelineOver } from './ingest.ts';

const at = { field: null as Field | null };
const field = (): Field => at.field as Field;
beforeAll(async () => { at.field = await openField(); });
afterAll(async () => { await at.field?.close(); });

function balanced(batch: Batch): Batch {
  const { read, stored, duplicate, quarantined } = batch.counts;
  expect(read).toBe(stored + duplicate + quarantined);
  return batch;
}

const rows = (from: number, to: number): Record<string, unknown>[] =>
  Array.from({ length: to - from }, (_, i) => ctipRow(from + i));

describe('one identity a row', () => {
  const all = rows(0, 3000);

  it('stores each row once, and nothing of it again however it comes', async () => {
    const feed = await field().addFeed({ name: 'once', shape: 'ctip' });
    const first = balanced(await field().ingest(feed, asLines(all), { chunk: 1000 }));
    expect(first.counts).toMatchObject({ read: 3000, stored: 3000, duplicate: 0 });
    const roll = dice(7);
    const mixed = shuffled(all, roll).map((row) => Object.fromEntries(shuffled(Object.entries(row), roll)));
    const parts = Array.from({ length: 7 }, (_, i) => mixed.slice(Math.floor(i * 3000 / 7) - (i ? 100 : 0), Math.floor((i + 1) * 3000 / 7)));
    for (const [i, part] of parts.entries()) {
      const content = i % 2 ? gzipSync(asLines(part)) : i % 3 ? JSON.stringify(part) : JSON.stringify(part, null, 1);
      const batch = balanced(await field().ingest(feed, content, { file: `renamed-${i}.json` }));
      expect(batch.counts).toMatchObject({ stored: 0, duplicate: part.length });
    }
    expect(await field().count(`(SELECT count() FROM ev WHERE feed = '${feed}')`)).toBe(3000);
  });

  it('counts a row twice in one file as one stored and one duplicate', async () => {
    const feed = await field().addFeed({ name: 'twice', shape: 'ctip' });
    const batch = balanced(await field().ingest(feed, asLines([...all.slice(0, 10), ...all.slice(0, 10)])));
    expect(batch.counts).toMatchObject({ read: 20, stored: 10, duplicate: 10 });
  });

  it('never deduplicates across feeds', async () => {
    const feed = await field().addFeed({ name: 'other', shape: 'ctip' });
    expect((await field().ingest(feed, asLines(all.slice(0, 10)))).counts.stored).toBe(10);
  });

  it('knows what is stored after its memory is gone', async () => {
    const feed = await field().addFeed({ name: 'forgotten', shape: 'ctip' });
    await field().ingest(feed, asLines(all.slice(0, 500)));
    const { pipelineOver } = await import('./ingest.ts');
    const { feedById } = await import('../store.ts');
    const fresh = pipelineOver(field().parts);
    const record = await feedById(field().db, centre, feed);
    if (record === null) throw new Error('no feed');
    const batch = await fresh.ingest({
      feed: record, source: (async function* () { yield Buffer.from(asLines(all.slice(250, 750))); })(), fileName: 'x',
      typeGiven: null, actor: 'system',
    });
    expect(batch.counts).toMatchObject({ read: 500, stored: 250, duplicate: 250 });
  });
});

describe('failures of the engine', () => {
  for (const how of ['failButPersist', 'failAndForget'] as const) {
    it(`an insert that fails (${how}) fails the batch, and the file again makes it whole`, async () => {
      const feed = await field().addFeed({ name: `broken-${how.toLowerCase()}`, shape: 'ctip' });
      field().events.failNext('insert', how);
      await expect(field().ingest(feed, asLines(rows(0, 400)))).rejects.toThrow(/as told/);
      const again = balanced(await field().ingest(feed, asLines(rows(0, 400))));
      expect(again.counts).toMatchObject(how === 'failButPersist' ? { stored: 0, duplicate: 400 } : { stored: 400, duplicate: 0 });
      expect(await field().count(`(SELECT count() FROM ev WHERE feed = '${feed}')`)).toBe(400);
    });
  }

  it('a sender that breaks off fails the batch and leaves nothing hanging', async () => {
    const feed = await field().addFeed({ name: 'broken-off', shape: 'ctip' });
    const { feedById } = await import('../store.ts');
    const record = await feedById(field().db, centre, feed);
    if (record === null) throw new Error('no feed');
    const source = (async function* () {
      yield Buffer.from(asLines(rows(0, 50)));
      throw new Error('the line went dead');
    })();
    await expect(field().pipeline.ingest({ feed: record, source, fileName: 'x', typeGiven: null, actor: 'system' })).rejects.toThrow(/dead/);
    expect((await field().ingest(feed, asLines(rows(0, 60)))).counts.read).toBe(60);
  });
});

describe('a file that the hub refuses on its way', () => {
  const figures = () =>
    field().count(`(SELECT concat(toString(count()), ' ', toString(sum(rows)), ' ', toString(sum(total))) FROM day_count)`);
  const refusing = async (name: string, source: (feed: string) => AsyncGenerator<Uint8Array>, space = fakeSpace()) => {
    const feed = await field().addFeed({ name, shape: 'ctip' });
    await field().ingest(feed, asLines(rows(0, 200)));
    const folder = await mkdtemp(join(tmpdir(), 'entente-refused-'));
    const pipeline = pipelineOver({ ...field().parts, space, blobs: await fileBlobs(folder, seededRandom(name)), blockRows: 100 });
    const record = await feedById(field().db, centre, feed);
    if (record === null) throw new Error('no feed');
    const before = [await field().count('(SELECT count() FROM ev)'), await figures()];
    const code = await pipeline.ingest({ feed: record, source: source(feed), fileName: 'much', typeGiven: null, actor: 'system' })
      .then(() => 'taken', (error: unknown) => (error instanceof Refusal ? error.code : String(error)));
    expect([await field().count('(SELECT count() FROM ev)'), await figures()]).toEqual(before);
    const left = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    expect(left.map((entry) => entry.name)).toEqual([]);
    await rm(folder, { recursive: true });
    const [batch] = await batchesOf(field().db, centre, { feed, limit: 1 });
    return { feed, code, batch };
  };

  it('leaves no rows, no figures and no raw bytes, though some had been stored; the batch says why; it may come again', async () => {
    const { feed, code, batch } = await refusing('too-much', async function* () {
      yield* chunks(Buffer.from(asLines(rows(100, 1100))), 4000);
      throw new Refusal('too-large', 'upload.too-large', 'The file is larger than that.');
    });
    expect(code).toBe('upload.too-large');
    expect(batch).toMatchObject({ state: 'failed', failure: 'The file is larger than that.', counts: { read: 0, stored: 0 } });
    expect((await field().ingest(feed, asLines(rows(0, 1100)))).counts).toMatchObject({ read: 1100, stored: 900, duplicate: 200 });
  });

  it('because it became large when it was unpacked, is refused by what is left of the disk', async () => {
    const space = fakeSpace();
    const { code, batch } = await refusing('unpacked', async function* () {
      space.leave(-1);
      yield gzipSync(asLines(rows(1000, 21_000)));
    }, space);
    expect([code, batch?.state, batch?.counts.stored]).toEqual(['disk.full', 'failed', 0]);
  });
});

describe('what cannot be taken', () => {
  it('is located and counted, and costs nothing else', async () => {
    const feed = await field().addFeed({ name: 'damaged', shape: 'ndjson' });
    const good = (i: number): string => JSON.stringify({ time: '2026-11-01T00:00:00Z', type: 'infection', ip: '100.64.0.1', n: i });
    const lines = [
      good(1), '{"time":', good(2), '{"type":"infection"}', '{"time":"yesterday"}', '{"time":"2026-11-01","ip":"300.1.1.1"}',
      `{"time":"2026-11-01","x":${'['.repeat(50)}${']'.repeat(50)}}`, '[]', '{"time":"1970-01-02T00:00:00Z"}', good(3),
    ];
    const bytes = Buffer.concat([
      Buffer.from(`${lines.join('\n')}\n`), Buffer.from([0xff, 0xfe, 10]), Buffer.from('{"a":"\u0000"}\n'), Buffer.from(good(4)),
    ]);
    const batch = balanced(await field().ingest(feed, bytes, { chunk: 7 }));
    expect(batch.counts).toMatchObject({ read: 13, stored: 4, quarantined: 9 });
    const set = await quarantineOf(field().db, batch.id, { after: -1, limit: 100 });
    expect(set.map((q) => [q.line, q.reason])).toEqual([
      [2, 'json.invalid'], [4, 'time.missing'], [5, 'time.invalid'], [6, 'ip.invalid'], [7, 'json.too-deep'],
      [8, 'json.no-object'], [9, 'time.out-of-range'], [11, 'text.not-utf8'], [12, 'text.nul'],
    ]);
    for (const q of set) expect(bytes.indexOf(10, q.offset - 1 < 0 ? 0 : q.offset - 1)).toBe(q.offset - 1);
  });

  it('a packed file that breaks off keeps its rows so far and says where it broke', async () => {
    const feed = await field().addFeed({ name: 'cut', shape: 'ctip' });
    const packed = gzipSync(asLines(rows(0, 2000)));
    const batch = balanced(await field().ingest(feed, packed.subarray(0, packed.length >> 1)));
    expect(batch.counts.stored).toBeGreaterThan(500);
    const detail = await batchById(field().db, centre, batch.id);
    expect(detail?.reasons.map((r) => r.reason)).toContain('gzip.truncated');
    expect(batch.rawBytes).toBe(packed.length >> 1);
    expect((await field().ingest(feed, packed)).counts).toMatchObject({ read: 2000, quarantined: 0 });
    expect(await field().count(`(SELECT count() FROM ev WHERE feed = '${feed}')`)).toBe(2000);
  });
});

describe('schema change (F42)', () => {
  it('a feed that drops severity and adds two fields loses nothing and reports once', async () => {
    const feed = await field().addFeed({ name: 'drifting', shape: 'ctip' });
    expect((await field().ingest(feed, asLines(rows(0, 100)))).drift).toBe(false);
    const changed = rows(100, 200).map(({ severity: _severity, ...row }) => ({ ...row, FreshA: 'a', FreshB: 2 }));
    const batch = balanced(await field().ingest(feed, asLines(changed)));
    expect(batch.counts).toMatchObject({ read: 100, stored: 100 });
    const detail = await batchById(field().db, centre, batch.id);
    expect(detail?.drift).toEqual([{ reportType: 'infected', missing: ['severity'], added: ['FreshA', 'FreshB'] }]);
    expect(await field().count(`(SELECT countIf(attrs['FreshB'] = '2') FROM ev WHERE feed = '${feed}')`)).toBe(100);
  });
});

describe('owners at event time (F65)', () => {
  it('an address that moved on 10 June is its old holder’s on the 9th and its new one’s on the 11th', async () => {
    const feed = await field().addFeed({ name: 'moved', shape: 'ndjson' });
    const moved = Date.parse('2026-06-10T00:00:00Z') / 1000;
    field().claims = [
      { kind: 'prefix', value: '100.112.16.0/24', owner: 'ministry-a', from: 0, to: moved },
      { kind: 'prefix', value: '100.112.16.0/24', owner: 'isp-b', from: moved, to: Number.POSITIVE_INFINITY },
      { kind: 'prefix', value: '100.112.0.0/12', owner: 'wider', from: 0, to: Number.POSITIVE_INFINITY },
      { kind: 'domain', value: 'gov.example', owner: 'ministry-a', from: 0, to: Number.POSITIVE_INFINITY },
    ];
    const event = (time: string, more: object): object => ({ time, type: 'infection', ip: '100.112.16.9', ...more });
    const batch = await field().ingest(feed, asLines([
      event('2026-06-09T12:00:00Z', {}), event('2026-06-11T12:00:00Z', {}), event('2026-06-10T00:00:00Z', {}),
      event('2026-06-09T23:59:59Z', {}), event('2026-06-11T00:00:00Z', { ip: '100.113.0.1' }),
      { time: '2026-06-11', type: 'defacement', domain: 'www.some.gov.example', ip: '100.112.16.9' },
      event('2026-06-11', { ip: '192.0.2.1' }),
    ]));
    expect(batch.counts).toMatchObject({ stored: 7, attributed: 6 });
    const rows = await field().events.query({
      query: `SELECT owner, toString(time) AS t FROM ev WHERE feed = '${feed}' ORDER BY time, owner`,
    });
    expect((await rows.json<{ owner: string }>()).map((row) => row.owner))
      .toEqual(['ministry-a', 'ministry-a', 'isp-b', '', 'ministry-a', 'wider', 'isp-b']);
    field().claims = [];
  });
});

describe('duplicate and late files, and a clock that is set back', () => {
  const night = (day: string, from: number, n: number): string => asLines(Array.from({ length: n }, (_, i) => ({
    time: `${day}T0${(from + i) % 9}:00:00Z`, type: i % 2 ? 'infection' : 'scanner', ip: `10.77.${Math.floor((from + i) / 200)}.${(from + i) % 200}`,
      n: from + i,
  })));
  const files = [night('2026-11-18', 0, 50), night('2026-11-19', 50, 60), night('2026-11-20', 110, 40), night('2026-11-12', 150, 30)];

  /** What is stored and computed of a scope's feed, without ids and names. */
  const whole = async (feed: string): Promise<unknown> => {
    const rows = await field().events.query({
      query: `SELECT groupArray((t, k, i, n)) AS all FROM (SELECT toString(time) AS t, kind AS k, toString(ip) AS i, attrs['n'] AS n
        FROM ev WHERE feed = {feed:String} ORDER BY t, k, i, n)`, query_params: { feed },
    });
    return rows.json();
  };

  it('leave the rows of an undisturbed run', async () => {
    const at = field().clock.iso();
    const calm = await field().addFeed({ name: 'calm', shape: 'ndjson' });
    for (const file of files) await field().ingest(calm, file);
    const stormy = await field().addFeed({ name: 'stormy', shape: 'ndjson' });
    await field().ingest(stormy, files[1] ?? '');
    // Three days back: what happens today lies in the future of this clock.
    field().clock.set(new Date(Date.parse(at) - 3 * 86_400_000).toISOString());
    for (const file of [files[2], files[1], files[0], files[2]]) await field().ingest(stormy, file ?? '');
    field().clock.set(at);
    for (const file of [files[3], files[0]]) await field().ingest(stormy, file ?? '');
    expect(await whole(stormy)).toEqual(await whole(calm));
    expect(await field().count(`(SELECT count() FROM ev WHERE feed = '${stormy}')`)).toBe(180);
  });
});
