/** What reading kept files again must do on every engine: registered by `replay.test.ts` and, on two servers, by the CI tier. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertMapping, insertReplay, putMappingInForce, countKept, replaysOf, cutReplay } from '../mapping/store.ts';
import { Mapping } from '../model/mapping.ts';
import { batchById, quarantineOf } from '../store.ts';
import { centre, openField, type Field } from '../testing.ts';
import type { FakeEvents } from '#world/events/fake';

const at = { field: null as Field | null };
const field = (): Field => at.field as Field;

/** The first reads local times as UTC and knows no words; the second reads both. */
const first = Mapping.parse({
  format: { kind: 'csv', delimiter: ';' }, rules: { time: { from: ['lúc'], pattern: 'dd/MM/yyyy HH:mm' }, ip: { from: ['địa chỉ'] },
    type: { otherwise: 'other' } },
});
const second = Mapping.parse({
  format: { kind: 'csv', delimiter: ';' },
  rules: {
    time: { from: ['lúc'], pattern: 'dd/MM/yyyy HH:mm', zone: 'Asia/Ho_Chi_Minh' }, ip: { from: ['địa chỉ'], optional: true },
    type: { from: ['loại'], table: { 'mã độc': 'infected-system' }, otherwise: 'other' },
  },
});

const file = (from: number, n: number): string => [
  'lúc;địa chỉ;loại', ...Array.from({ length: n }, (_,
    i) => `${String(1 + (from + i) % 9).padStart(2, '0')}/11/2026 0${(from + i) % 7}:00;203.0.113.${(from + i) % 250};Mã độc`),
  `01/11/2026 05:00;không có ${from};Mã độc`, '',
].join('\n');

async function mapped(name: string): Promise<string> {
  const feed = await field().addFeed({ name, shape: 'mapped' });
  const by = { note: '', madeAt: field().clock.iso(), person: 'per' };
  await field().db.transaction(async (tx) => {
    await insertMapping(tx, centre, feed, { ...by, mapping: first });
    await insertMapping(tx, centre, feed, { ...by, mapping: second });
  });
  return feed;
}

async function begin(feed: string, mapping: number): Promise<string> {
  const { of, until } = await countKept(field().db, feed);
  const id = field().ids.next('rpl');
  expect(await insertReplay(field().db, { id, scope: centre, feed, mapping, person: 'per', at: field().clock.iso(), of, until })).toBe(true);
  return id;
}

/** All that is stored and computed of a feed, without what names batch and receipt. */
async function whole(feed: string): Promise<string> {
  const rows = await field().events.query({
    query: `SELECT groupArray(r) AS all FROM (SELECT (toString(time), kind, type, toString(ip), attrs, count()) AS r FROM ev WHERE feed = {feed:String}
      GROUP BY time, kind, type, ip, attrs ORDER BY time, ip, toString(attrs))`, query_params: { feed },
  });
  return JSON.stringify((await rows.json<{ all: unknown }>())[0]?.all);
}

function stopped(): void {
  test('stopped, it ends with the file that is next', async () => {
    const feed = await mapped('stopped');
    await putMappingInForce(field().db, feed, 1);
    for (let i = 0; i < 3; i++) await field().ingest(feed, file(200 + i * 10, 5));
    const id = await begin(feed, 2);
    await cutReplay(field().db, id);
    await field().pipeline.replay();
    expect((await replaysOf(field().db, centre, feed))[0]).toMatchObject({ state: 'stopped', batches: 1, of: 3 });
  });
}

export function replaySuite(open: () => Promise<FakeEvents>): void {
  beforeAll(async () => { at.field = await openField(await open()); });
  afterAll(async () => { await at.field?.close(); });

  describe('kept files, read again', () => {
    test('a feed of its own columns takes nothing before a mapping is in force', async () => {
      const feed = await mapped('not-yet');
      await expect(field().ingest(feed, file(0, 3))).rejects.toMatchObject({ code: 'feed.no-mapping' });
      expect(await field().count(`(SELECT count() FROM ev WHERE feed = '${feed}')`)).toBe(0);
    });

    test('by the second mapping come exactly the rows that the second would have made at first', async () => {
      const [feed, other] = [await mapped('again'), await mapped('at-once')];
      await putMappingInForce(field().db, feed, 1);
      await putMappingInForce(field().db, other, 2);
      const batches: string[] = [];
      for (const one of [feed, other]) {
        // The second file has half of the first's rows again.
        batches.push((await field().ingest(one, file(0, 40))).id, (await field().ingest(one, file(20, 40))).id);
      }
      const [firstBatch = '', secondBatch = '', ...there] = batches;
      expect((await batchById(field().db, centre, firstBatch))?.batch.counts).toMatchObject({ read: 41, stored: 40, quarantined: 1 });
      await begin(feed, 2);
      await field().pipeline.replay();
      await field().pipeline.settle();
      expect(await whole(feed)).toBe(await whole(other));
      for (const [i, id] of [firstBatch, secondBatch].entries()) {
        const [was, is] = [await batchById(field().db, centre, there[i] ?? ''), await batchById(field().db, centre, id)];
        expect(is?.batch.counts).toEqual(was?.batch.counts);
        expect(await quarantineOf(field().db, id, { after: -1, limit: 10 })).toEqual([]);
      }
      const [replay] = await replaysOf(field().db, centre, feed);
      expect(replay).toMatchObject({ state: 'done', batches: 2, of: 2, before: { stored: 60, quarantined: 2 }, after: { read: 82, stored: 62,
        quarantined: 0 } });
      // And back: the first mapping makes what it made.
      await begin(feed, 1);
      await field().pipeline.replay();
      expect((await batchById(field().db, centre, firstBatch))?.batch.counts).toMatchObject({ read: 41, stored: 40, quarantined: 1 });
    });

    test('a store that fails half-way leaves no figure of half a file: the replay goes on when the store is back', async () => {
      const feed = await mapped('broken');
      await putMappingInForce(field().db, feed, 1);
      await field().ingest(feed, file(100, 30));
      await field().pipeline.settle();
      const figures = () => field().count('(SELECT sum(rows) FROM day_count)');
      const before = await figures();
      await begin(feed, 2);
      field().events.failNext('insert', 'failAndForget');
      await field().pipeline.replay();
      expect((await replaysOf(field().db, centre, feed))[0]).toMatchObject({ state: 'open', batches: 0 });
      expect((await replaysOf(field().db, centre, feed))[0]?.failure).not.toBeNull();
      // Its rows are out, and the figures do not show it.
      expect(await field().count(`(SELECT count() FROM ev WHERE feed = '${feed}')`)).toBe(0);
      await field().pipeline.settle();
      expect(await figures()).toBe(before);
      field().clock.advance(120_000);
      await field().pipeline.replay();
      await field().pipeline.settle();
      expect(await field().count(`(SELECT count() FROM ev WHERE feed = '${feed}')`)).toBe(31);
      expect(await figures()).toBe(before + 1);
      expect((await replaysOf(field().db, centre, feed))[0]).toMatchObject({ state: 'done', failure: null });
    });
    stopped();
  });
}
