import { afterEach, beforeAll, afterAll, describe, expect, test } from 'vitest';
import { gapsOf } from '../clocks-store.ts';
import { watchFeeds } from '../pipeline/watch.ts';
import { asLines, centre, ctipRow } from '../testing.ts';
import { saveSource, sourceById } from './store.ts';
import { openCollecting, type Collecting } from './testing.ts';

const at: { open: Collecting | null } = { open: null };
const c = (): Collecting => at.open as Collecting;
beforeAll(async () => { at.open = await openCollecting(); });
afterEach(async () => {
  await c().collector.idle();
  // What the test before left is not due again.
  await c().field.db.as<{ landscape_source: { is_on: boolean } }>().updateTable('landscape_source').set({ is_on: false }).execute();
});
afterAll(() => at.open?.close());

const hour = 3_600_000;
const asked = (): string[] => c().outbound.asked.map(({ url }) => url);
/** A provider that has a file for each hour of the last 72, with two rows of its own in it; older ones are gone. */
const hourly = (missing: ReadonlySet<string> = new Set()): void => {
  c().replies = ({ url }) => {
    const [, day = '', at2 = ''] = /(\d{4}-\d{2}-\d{2})T(\d{2})\.ndjson$/.exec(url) ?? [];
    const begins = Date.parse(`${day}T${at2}:00:00Z`);
    const { clock } = c().field;
    if (begins + hour > clock.now() || begins + hour <= clock.now() - 72 * hour || missing.has(`${day}T${at2}`)) return { status: 404 };
    const n = Math.round(begins / hour) % 100_000 * 2;
    return { body: asLines([ctipRow(n), ctipRow(n + 1)]) };
  };
};
const url = 'https://feeds.example/ctip/{yyyy}-{MM}-{dd}T{HH}.ndjson';

describe('F40: a feed of hourly files whose provider keeps 72 hours', () => {
  test('the collector is dead for 80 hours: it fetches the 72 that are kept, oldest first, and 8 are told to be lost', async () => {
    hourly();
    const { field } = c();
    field.clock.set('2026-11-20T08:00:00.000Z');
    const feed = await field.addFeed({ name: 'hourly', shape: 'ctip', windowHours: 72, cadenceHours: 1 });
    const source = await c().addSource(feed, { kind: 'http', url });
    await c().beat();
    expect((await c().runs(source))[0]).toMatchObject({ state: 'done', files: 72, stored: 144, passedOver: 0, by: null });
    const before = asked().length;
    field.clock.advance(80 * hour);
    await c().beat();
    await watchFeeds(field.parts);
    const [run] = await c().runs(source);
    expect(run).toMatchObject({ state: 'done', files: 72, stored: 144 });
    const fetched = asked().slice(before);
    expect([fetched.length, fetched[0], fetched.at(-1)]).toEqual([
      72, 'https://feeds.example/ctip/2026-11-20T16.ndjson', 'https://feeds.example/ctip/2026-11-23T15.ndjson',
    ]);
    expect(fetched).toEqual([...fetched].sort());
    const gaps = await gapsOf(field.db, centre, feed);
    expect(gaps.map((gap) => [gap.from, gap.to, gap.hours, gap.closedAt !== null])).toEqual([
      ['2026-11-20T08:00:00.000Z', '2026-11-20T16:00:00.000Z', 8, true],
    ]);
  });

  test('the same hour is taken again five times: no count changes', async () => {
    hourly();
    const { field } = c();
    const feed = await field.addFeed({ name: 'again', shape: 'ctip', windowHours: 72 });
    const source = await c().addSource(feed, { kind: 'http', url });
    await c().beat();
    const count = (): Promise<number> => field.count(`(SELECT count() FROM ev WHERE feed = '${feed}')`);
    const rows = await count();
    expect(rows).toBe(144);
    for (let i = 0; i < 5; i++) {
      const record = await sourceById(field.db, centre, feed, source);
      await field.db.as<{ landscape_source: { cursor: string; id: string } }>().updateTable('landscape_source')
        .set({ cursor: JSON.stringify({ ...record?.cursor, next: field.clock.now() - hour }) }).where('id', '=', source).execute();
      expect(await c().collector.begin(source, 'per_lan')).not.toBeNull();
      await c().collector.idle();
      expect((await c().runs(source))[0]).toMatchObject({ state: 'done', by: 'per_lan', files: 1, stored: 0 });
      expect(await count()).toBe(rows);
    }
    expect(await gapsOf(field.db, centre, feed)).toEqual([]);
  });

  test('an hour that is not there yet is asked for again, and taken when it comes; one that never comes ends with the window', async () => {
    const missing = new Set<string>();
    const { field } = c();
    field.clock.set('2026-12-01T00:00:00.000Z');
    const feed = await field.addFeed({ name: 'late-hour', shape: 'ctip', windowHours: 3 });
    const source = await c().addSource(feed, { kind: 'http', url }, { everyMinutes: 60 });
    missing.add('2026-11-30T22').add('2026-11-30T23');
    hourly(missing);
    await c().beat();
    expect(await c().source(source)).toMatchObject({ missing: ['2026-11-30T22:00:00.000Z', '2026-11-30T23:00:00.000Z'], failing: null });
    missing.delete('2026-11-30T23');
    field.clock.advance(hour);
    await c().beat();
    expect((await c().runs(source))[0]).toMatchObject({ state: 'done', files: 2 });
    expect((await c().source(source)).missing).toEqual(['2026-11-30T22:00:00.000Z']);
    for (let i = 0; i < 2; i++) {
      field.clock.advance(hour);
      await c().beat();
    }
    expect((await c().source(source)).missing).toEqual([]);
  });
});

describe('runs', () => {
  test('a provider in trouble: what came before it is kept, back-off grows, failed is said once and came again once', async () => {
    const { field } = c();
    const feed = await field.addFeed({ name: 'trouble', shape: 'ctip', windowHours: 4 });
    const source = await c().addSource(feed, { kind: 'http', url });
    hourly();
    const working = c().replies;
    let asks = 0;
    c().replies = (request) => (++asks <= 2 ? working(request) : { status: 503 });
    await c().beat();
    const [first] = await c().runs(source);
    expect(first).toMatchObject({ state: 'failed', files: 2, error: { code: 'feed-source.status', clause: null } });
    expect(first?.error?.sentence).toMatch(/^https:\/\/feeds\.example\/ctip\/.* answered 503\.$/);
    const waits: number[] = [];
    for (let i = 0; i < 10; i++) {
      const { nextAt } = await c().source(source);
      waits.push(Date.parse(nextAt ?? '') - field.clock.now());
      field.clock.set(nextAt ?? '');
      await c().beat();
    }
    expect(waits.every((wait, n) => wait >= 0.8 * Math.min(6 * hour, 60_000 * 2 ** n) && wait <= 1.2 * Math.min(6 * hour, 60_000 * 2 ** n))).toBe(true);
    expect(await c().source(source)).toMatchObject({ failing: { times: 11 } });
    c().replies = working;
    field.clock.set((await c().source(source)).nextAt ?? '');
    await c().beat();
    expect(await c().source(source)).toMatchObject({ failing: null });
    expect((await c().facts(feed)).map((f) => f.class).filter((name) => name.startsWith('feed-source'))).toEqual(['feed-source.failed',
      'feed-source.came-again']);
  });

  test('an unchanged file is not taken again; a changed one is', async () => {
    const { field } = c();
    const feed = await field.addFeed({ name: 'tagged', shape: 'ctip' });
    const source = await c().addSource(feed, { kind: 'http', url: 'https://feeds.example/all.ndjson?key=hidden', auth: { scheme: 'bearer' } },
      { secrets: { secret: 'a-bearer-token-0001' } });
    const state = { tag: '"1"' };
    const sent: (string | undefined)[] = [];
    c().replies = ({ headers }) => {
      sent.push(headers?.['authorization']);
      return headers?.['if-none-match'] === state.tag ? { status: 304 }
        : { headers: { etag: state.tag, 'last-modified': 'x' }, body: asLines([ctipRow(state.tag === '"1"' ? 1 : 2)]) };
    };
    for (const tag of ['"1"', '"1"', '"2"']) {
      state.tag = tag;
      await c().collector.begin(source, 'per_lan');
      await c().collector.idle();
    }
    expect((await c().runs(source)).map((run) => [run.files, run.stored])).toEqual([[1, 1], [0, 0], [1, 1]]);
    expect(new Set(sent)).toEqual(new Set(['Bearer a-bearer-token-0001']));
    const facts = await c().facts('tagged');
    expect(facts.filter((f) => f.class === 'batch.stored').map((f) => f.body['file'])).toEqual(['all.ndjson', 'all.ndjson']);
    // Neither a key in the address nor the secret is said anywhere.
    expect(JSON.stringify([facts, await c().runs(source), (await c().source(source)).lastRun])).not.toMatch(/hidden|bearer-token/);
  });

  test('two hubs never run a source at once; when one dies another goes on, and says so of the run that broke off', async () => {
    const { field } = c();
    const feed = await field.addFeed({ name: 'two-hubs', shape: 'ctip' });
    const source = await c().addSource(feed, { kind: 'http', url: 'https://feeds.example/slow.ndjson' });
    const gate: { open: () => void } = { open: () => undefined };
    const held = new Promise<void>((resolve) => { gate.open = resolve; });
    const slow = c().another({ outbound: { ...c().outbound, open: async (request) => {
      await held;
      return c().outbound.open(request);
    } } });
    c().replies = () => ({ body: asLines([ctipRow(77)]) });
    await slow.beat();
    // While the first one holds it, nobody else begins it, by the clock or by hand.
    await c().beat();
    expect(await c().collector.begin(source, 'per_lan')).toBeNull();
    expect((await c().runs(source)).map((run) => run.state)).toEqual(['running']);
    field.clock.advance(100_000);
    await slow.beat();
    field.clock.advance(100_000);
    await c().beat();
    expect((await c().runs(source)).map((run) => run.state)).toEqual(['running']);
    // The first hub beats no more.
    field.clock.advance(121_000);
    await c().beat();
    expect((await c().runs(source)).map((run) => [run.state, run.error?.code])).toEqual([['done', undefined], ['failed', 'feed-source.broke-off']]);
    gate.open();
    await slow.idle();
    expect((await c().runs(source)).map((run) => run.state)).toEqual(['done', 'failed']);
    expect(await field.count(`(SELECT count() FROM ev WHERE feed = '${feed}')`)).toBe(1);
  });

  test('a source that is changed while it runs is let go, and what was remembered of the other place is forgotten', async () => {
    const { field } = c();
    const feed = await field.addFeed({ name: 'changed', shape: 'ctip' });
    const source = await c().addSource(feed, { kind: 'http', url: 'https://feeds.example/list.json', read: 'list' });
    let files = 0;
    c().replies = ({ url: address }) => (address.endsWith('list.json') ? { body: JSON.stringify(['a.ndjson', 'b.ndjson', 'c.ndjson']) }
      : { body: asLines([ctipRow(200 + files++)]) });
    const watching = c().another({ pipeline: { ...field.pipeline, ingest: async (job, hooks) => {
      const batch = await field.pipeline.ingest(job, hooks);
      const record = await sourceById(field.db, centre, feed, source);
      if (files === 2 && record) {
        await saveSource(field.db, record, { ...record, settings: { ...record.settings }, moved: true, at: '2030-01-01T00:00:00.000Z' });
      }
      return batch;
    } } });
    await watching.beat();
    await watching.idle();
    expect((await c().runs(source))[0]).toMatchObject({ state: 'failed', files: 2, error: { code: 'feed-source.let-go' } });
    expect(await sourceById(field.db, centre, feed, source)).toMatchObject({ cursor: {}, failures: 0, nextAt: '2030-01-01T00:00:00.000Z' });
  });

  test('a fault of ours is told as one, without its words; a secret that does not open is told', async () => {
    const { field } = c();
    const feed = await field.addFeed({ name: 'faults', shape: 'ctip' });
    const source = await c().addSource(feed, { kind: 's3', bucket: 'bucket', accessKeyId: 'k' }, { secrets: { secret: 'x' } });
    c().secrets.failOpen();
    await c().beat();
    expect((await c().runs(source))[0]?.error?.code).toBe('feed-source.sealed');
    const broken = c().another({ objects: { ...c().objects, list: () => Promise.reject(new Error('password is hunter2')) } });
    await broken.begin(source, 'per_lan');
    await broken.idle();
    expect((await c().runs(source))[0]?.error).toMatchObject({ code: 'feed-source.fault' });
    expect(JSON.stringify(await c().runs(source))).not.toContain('hunter2');
    // Sealed by the key that seals now, once it is run.
    c().secrets.rotate();
    await c().collector.begin(source, 'per_lan');
    await c().collector.idle();
    const record = await sourceById(field.db, centre, feed, source);
    expect(c().secrets.isCurrent(record?.secrets.secret?.sealed ?? '')).toBe(true);
  });

  test('a file that is too large is passed over and leaves nothing; the next one is taken', async () => {
    const { field } = c();
    const feed = await field.addFeed({ name: 'large', shape: 'ctip' });
    const source = await c().addSource(feed, { kind: 's3', bucket: 'bucket', prefix: 'large/', accessKeyId: 'k' }, { secrets: { secret: 'x' } });
    c().objects.put('large/1.ndjson', asLines(Array.from({ length: 100 }, (_, i) => ctipRow(300 + i))));
    c().objects.put('large/2.ndjson', asLines([ctipRow(500)]));
    // The store says it is small.
    const lying = c().another({ bytesMax: 5000, objects: { ...c().objects,
      list: async (...how) => (await c().objects.list(...how)).map((one) => ({ ...one, sizeBytes: 1 })) } });
    await lying.beat();
    await lying.idle();
    expect((await c().runs(source))[0]).toMatchObject({ state: 'done', files: 1, stored: 1, passedOver: 1,
      error: { code: 'feed-source.too-large', at: 'bucket/large/1.ndjson' } });
    expect(await field.count(`(SELECT count() FROM ev WHERE feed = '${feed}')`)).toBe(1);
    await lying.begin(source, 'per_lan');
    await lying.idle();
    expect((await c().runs(source))[0]).toMatchObject({ state: 'done', files: 0, passedOver: 0 });
  });
});
