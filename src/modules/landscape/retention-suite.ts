/** What retention must do on every engine: registered by `retention.test.ts` and, on two servers, by the CI tier. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sql } from 'kysely';
import { factsMigrations } from '#world/facts';
import { keptFrom, sweepRows, type SweepParts } from './retention.ts';
import { restatementsOf, staleMarks } from './settled-store.ts';
import { areaCounts } from './statistics-store.ts';
import { spanOf } from './periods.ts';
import { batchById, tables } from './store.ts';
import { asLines, centre, openField, type Field } from './testing.ts';
import type { Migration } from '#world/db/port';
import type { FakeEvents } from '#world/events/fake';

/** What `parties` has for it, which a module reaches by its door only: handed in by tests. */
export interface Parties { readonly migrations: readonly Migration[]; bury(field: Field, ...how: Parameters<SweepParts['bury']>): Promise<void> }

const at = { field: null as Field | null, parties: null as Parties | null };
const field = (): Field => at.field as Field;

const parts = (): SweepParts => ({ ...field().parts, keepMonths: 18, bury: async (...how) => at.parties?.bury(field(), ...how) });
const infected = (day: string, n: number, from = 0): string => asLines(Array.from({ length: n }, (_, i) => ({
  time: `${day}T01:00:00Z`, type: 'infection', ip: `10.9.${Math.floor((from + i) / 250)}.${(from + i) % 250}`, cc: 'VN', family: 'mirai',
})));
const count = (table: string, where = '1'): Promise<number> => field().count(`(SELECT count() FROM ${table} WHERE ${where})`);
const figure = async (period: string): Promise<number> => {
  const span = spanOf(period);
  if (span === null) throw new Error(period);
  const stale = new Set((await staleMarks(field().db, field().events, centre)).map((mark) => mark.period));
  return (await areaCounts(field().events, centre, 'computers-infected', span, stale)).find((one) => one.area === 'VN')?.numerator ?? 0;
};
const stones = async (): Promise<{ subject: string }[]> =>
  (await sql<{ subject: string }>`select subject from tombstones where class = 'event-rows' order by subject`.execute(tables(field().db))).rows;

function held(): void {
  test('what a hold keeps stays, rows and files, until it is lifted; a crash after the tombstone writes no second', async () => {
    const feed = await field().addFeed({ name: 'held', shape: 'ndjson' });
    const batch = await field().ingest(feed, infected('2025-02-01', 4, 500));
    await sql`insert into legal_holds (id, org, subject, reason, placed_by, placed_at) values ('hld_1', ${centre}, ${centre}, 'court', 'per', now())`
      .execute(tables(field().db));
    await sql`update landscape_batch set ended_at = '2025-02-02T00:00:00Z' where id = ${batch.id}`.execute(tables(field().db));
    expect(await sweepRows(parts())).toBe(0);
    expect(await count('ev', `day = '2025-02-01'`)).toBe(4);
    expect(await field().parts.blobs.open(batch.rawSha256 ?? '')).not.toBeNull();
    await sql`update legal_holds set lifted_at = now(), lifted_by = 'per'`.execute(tables(field().db));
    field().events.failNext('command', 'failAndForget');
    await expect(sweepRows(parts())).rejects.toThrow();
    expect(await count('ev', `day = '2025-02-01'`)).toBe(4);
    expect(await sweepRows(parts())).toBe(1);
    expect((await stones()).map(({ subject }) => subject)).toEqual(['2025-02', '2025-03', '2025-04']);
    expect(await count('ev', `day = '2025-02-01'`)).toBe(0);
    expect(await field().parts.blobs.open(batch.rawSha256 ?? '')).toBeNull();
    // A file that a later batch has too stays.
    const twice = infected('2026-10-01', 2, 600);
    const [first, second] = [await field().ingest(feed, twice), await field().ingest(feed, twice)];
    await sql`update landscape_batch set ended_at = '2025-02-02T00:00:00Z' where id = ${first.id}`.execute(tables(field().db));
    await sweepRows(parts());
    expect(await field().parts.blobs.open(second.rawSha256 ?? '')).not.toBeNull();
  });
}

export function retentionSuite(open: () => Promise<FakeEvents>, parties: Parties): void {
  beforeAll(async () => {
    at.parties = parties;
    at.field = await openField(await open());
    await field().db.migrate([...factsMigrations, ...parties.migrations]);
    await sql`insert into organisations (id, name, kind, country) values (${centre}, 'Centre', 'national-centre', 'VN')`.execute(tables(field().db));
  });
  afterAll(async () => { await at.field?.close(); });

  describe('rows past their time', () => {
    test('go by whole months with a tombstone each; figures stay, and are not computed of what is left', async () => {
      // Now is November 2026; eighteen months reach back to May 2025.
      expect(new Date(keptFrom(field().clock.now(), 18) * 86_400_000).toISOString().slice(0, 10)).toBe('2025-05-01');
      const feed = await field().addFeed({ name: 'old', shape: 'ndjson' });
      for (const [day, n, from] of [['2025-03-10', 30, 0], ['2025-04-30', 20, 20], ['2025-05-01', 10, 100], ['2026-11-01', 5, 200]] as const) {
        await field().ingest(feed, infected(day, n, from));
      }
      await field().pipeline.settle();
      const periods = ['2025-03', '2025-Q1', '2025-04', '2025-Q2', '2025', '2026-11'];
      const before = Object.fromEntries(await Promise.all(periods.map(async (period) => [period, await figure(period)] as const)));
      expect(before).toEqual({ '2025-03': 30, '2025-Q1': 30, '2025-04': 20, '2025-Q2': 30, '2025': 50, '2026-11': 5 });

      expect(await sweepRows({ ...parts(), keepMonths: 0 })).toBe(0);
      expect(await sweepRows(parts())).toBe(2);
      expect((await stones()).map(({ subject }) => subject)).toEqual(['2025-03', '2025-04']);
      expect(await count('ev', `day < '2025-05-01'`)).toBe(0);
      expect(await count('seen', `day < '2025-05-01'`)).toBe(0);
      expect(await count('month_seen', `period IN ('2025-03', '2025-04')`)).toBe(0);
      expect(await count('ev')).toBe(15);
      expect(await sweepRows(parts())).toBe(0);
      expect(await stones()).toHaveLength(2);

      // A start compares what is computed with what is stored, and takes nothing away.
      await field().pipeline.recover();
      // A late file for a month that is kept, in a year that is not whole any more.
      await field().ingest(feed, infected('2025-05-02', 7, 300));
      await field().pipeline.settle();
      const after = Object.fromEntries(await Promise.all(periods.map(async (period) => [period, await figure(period)] as const)));
      expect(after).toEqual(before);
      expect(await figure('2025-05')).toBe(17);
      expect((await restatementsOf(field().db, centre, { published: true, limit: 50 })).map((one) => one.period)).toEqual(['2025-05']);
    });

    test('nothing of that time is taken in any more', async () => {
      const feed = await field().addFeed({ name: 'late', shape: 'ndjson' });
      Object.assign(field().parts, { keepMonths: 18 });
      const batch = await field().ingest(feed, infected('2025-04-30', 3, 400) + infected('2025-05-01', 2, 400));
      Object.assign(field().parts, { keepMonths: 0 });
      expect(batch.counts).toMatchObject({ read: 5, stored: 2, quarantined: 3 });
      expect((await batchById(field().db, centre, batch.id))?.reasons).toEqual([{ reason: 'time.past-retention', rows: 3 }]);
    });
    held();
  });
}
