/**
 * The commit-order experiment on PostgreSQL: eight writers whose transactions overlap, and a reader who follows a collection by
 * `added_after` as fast as it can. Order by a sequence or by the clock loses a fifth of the rows to such a reader; the log of the
 * exchange loses none.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asHub } from '#world/db/scope';
import type { Db } from '#world/db/port';
import { factsMigrations } from '#world/facts';
import { exchangeMigrations, sightingMigrations } from '#modules/exchange/index';
import { reachInto } from '../../src/modules/exchange/gate.ts';
import { pageOf, type PageQuery } from '../../src/modules/exchange/store/reading.ts';
import { callerOf, indicator, offered, openShelf, uuidAt, type Shelf } from '../../src/modules/exchange/testing.ts';
import { startPostgres, type Postgres } from './postgres.ts';

const at: { server?: Postgres; db?: Db; shelf?: Shelf } = {};
const count = { ids: 0, objects: 0 };
beforeAll(async () => {
  at.server = await startPostgres();
  at.db = await at.server.open('exchange', [...factsMigrations, ...exchangeMigrations, ...sightingMigrations]);
  at.shelf = await openShelf(at.db, () => uuidAt(count.ids++));
});
afterAll(async () => {
  await at.db?.close();
  await at.server?.stop();
});

const query: PageQuery = {
  after: -1, limit: 500, ids: null, types: null, specs: null, versions: { all: true, last: false, first: false, moments: [] },
};
const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

/** One run of so many milliseconds; what was committed, and what the reader saw while it followed. */
async function run(ms: number): Promise<{ committed: string[]; seen: string[] }> {
  const [db, shelf] = [at.db as Db, at.shelf as Shelf];
  const committed: string[] = [];
  const seen: string[] = [];
  const going = { writing: true, reading: true };
  const writer = async (): Promise<void> => {
    while (going.writing) {
      const objects = Array.from({ length: 5 }, () => indicator(count.objects++));
      await shelf.take(objects.map((o) => offered(o)), () => Date.now() * 1000, () => pause(Math.random() * 10));
      committed.push(...objects.map((o) => String(o['id'])));
    }
  };
  const reader = async (from: number): Promise<void> => {
    let after = from;
    const follow = async (): Promise<number> => asHub('the reader', async () => {
      const { reach } = await reachInto(db, callerOf(), shelf.shared.id);
      const page = await pageOf(db, reach, shelf.shared, { ...query, after }, false);
      seen.push(...page.rows.map((r) => r.id));
      after = page.rows.at(-1)?.seq ?? after;
      return page.rows.length;
    });
    while (going.reading) {
      await follow();
      await pause(1);
    }
    // What was committed before now is there now, or was missed for good.
    while (await follow() > 0);
  };
  const began = Date.now() * 1000;
  // Numbers begin at the moment, or behind the last of the run before.
  const reading = reader(began - 1);
  const writing = Array.from({ length: 8 }, writer);
  await pause(ms);
  going.writing = false;
  await Promise.all(writing);
  going.reading = false;
  await reading;
  return { committed, seen };
}

test('ten runs of eight writers and one reader lose and repeat nothing', async () => {
  for (let i = 0; i < 10; i++) {
    const { committed, seen } = await run(1_500);
    expect(committed.length).toBeGreaterThan(100);
    expect(new Set(seen).size).toBe(seen.length);
    const missed = committed.filter((id) => !new Set(seen).has(id));
    expect(missed).toEqual([]);
  }
}, 120_000);
