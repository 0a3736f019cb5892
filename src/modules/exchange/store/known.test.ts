import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sql } from 'kysely';
import { keyOf } from '#kit/match/key';
import { asHub } from '#world/db/scope';
import { testDb } from '#world/db/testing';
import type { Db } from '#world/db/port';
import { factsMigrations } from '#world/facts';
import { exchangeMigrations } from './schema.ts';
import { sightingMigrations } from './sightings-schema.ts';
import { fewestSieved, KnownKeys } from './known.ts';

const keysOf = (from: number, count: number): string[] => Array.from({ length: count }, (_, i) => keyOf('domain', `d${from + i}.example`));

/** A question in parts of a third, as they come. */
async function among(known: KnownKeys, keys: readonly string[], soon = false): Promise<string[]> {
  const sifting = known.sifting(soon);
  const third = Math.ceil(keys.length / 3);
  const left: string[] = [];
  for (const at of [0, 1, 2]) left.push(...await sifting.next(keys.slice(at * third, (at + 1) * third)));
  return [...left, ...sifting.rest()];
}

async function put(keys: readonly string[]): Promise<void> {
  await asHub('a test', () => sql`insert into exchange_atom (scope, key, obj) select 'org_hub', k::uuid, row_number() over ()
    from unnest(${keys}::text[]) as k on conflict do nothing`.execute(db().as<object>()));
}

const at: { db?: Db } = {};
const db = (): Db => at.db as Db;
beforeAll(async () => {
  at.db = await testDb([...factsMigrations, ...exchangeMigrations, ...sightingMigrations]);
});
beforeEach(() => asHub('a test', async () => void await sql`delete from exchange_atom`.execute(db().as<object>())));
afterAll(async () => at.db?.close());

describe('the keys in memory', () => {
  it('lets every key through that is stated, and drops nearly all others', async () => {
    const there = keysOf(0, 2_000);
    await put(there);
    const known = new KnownKeys(db());
    const asked = [...keysOf(0, 1_000), ...keysOf(1_000_000, 4_000)];
    expect(await among(known, asked)).toEqual(asked); // Nothing is read yet: all go to the records.
    await known.ready();
    const left = await among(known, asked);
    expect(left.slice(0, 1_000)).toEqual(keysOf(0, 1_000));
    expect(left.length).toBeLessThan(1_200);
  });

  it('knows what was committed a moment ago, by others and while it was being read', async () => {
    const known = new KnownKeys(db());
    const reading = known.ready();
    await put(keysOf(0, 600));
    await reading;
    await put(keysOf(600, 600));
    expect(await among(known, keysOf(0, 1_200))).toEqual(keysOf(0, 1_200));
    // Two at once, and one that comes between.
    const [one, two] = await Promise.all([among(known, keysOf(0, 1_200)), put(keysOf(1_200, 10)).then(() => among(known, keysOf(0, 1_210)))]);
    expect([one.length, two.length]).toEqual([1_200, 1_210]);
  });

  it('sieves nothing of a small question, whose time would tell', async () => {
    const known = new KnownKeys(db());
    await known.ready();
    const few = keysOf(0, fewestSieved - 1);
    expect(await among(known, few)).toEqual(few);
    // The same again and again is as small, and goes to the records once.
    expect(await among(known, Array.from({ length: 10 }, () => few).flat())).toEqual(few);
    expect(await among(known, keysOf(0, fewestSieved))).toEqual([]);
    // That many are expected changes nothing of it.
    expect(await among(known, few, true)).toEqual(few);
    expect(await known.sifting().next(few)).toEqual([]);
  });

  it('reads rows of another server’s transactions as old ones', async () => {
    await put(keysOf(0, 600));
    await asHub('a test', () => sql`update exchange_atom set act = 9000000000000`.execute(db().as<object>()));
    const known = new KnownKeys(db());
    await known.ready();
    const { rows } = await asHub('a test', () => sql<{ n: string }>`select count(*) as n from exchange_atom where act <> 0`.execute(db().as<object>()));
    expect(rows[0]?.n).toBe('0');
    expect(await among(known, keysOf(0, 1_000))).toEqual(keysOf(0, 600));
  });

  it('goes on with the records alone when reading failed, and tells of it', async () => {
    const told: unknown[] = [];
    const known = new KnownKeys({ as: () => { throw new Error('cut'); } }, (error) => told.push(error));
    const keys = keysOf(0, fewestSieved);
    expect(await among(known, keys)).toEqual(keys);
    await known.ready();
    expect(await among(known, keys)).toEqual(keys);
    expect(told.length).toBeGreaterThan(0);
  });
});
