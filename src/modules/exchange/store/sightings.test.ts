/** Sightings: counted once however often they come, taken back, and told to whom they concern. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDb } from '#world/db/testing';
import { asHub } from '#world/db/scope';
import { factsMigrations } from '#world/facts';
import type { Db } from '#world/db/port';
import { wholeReach } from '../gate.ts';
import { callerOf, holder, indicator, offered, openShelf, uuidAt } from '../testing.ts';
import { exchangeMigrations } from './schema.ts';
import { sightingMigrations } from './sightings-schema.ts';
import { addSightings, dropSighting, sightingDays, sightingsOf, type Sighted } from './sightings.ts';
import { numbersOf } from './misp.ts';

const at: { db?: Db; obj: string } = { obj: '' };
const db = (): Db => at.db as Db;
const day = Date.UTC(2026, 5, 1) * 1000;
const seen = (n: number, scope: string, more: Partial<Sighted> = {}): Sighted => ({
  id: uuidAt(n), scope, holder, obj: at.obj, part: '', kind: 0, atUs: BigInt(day + n * 1_000_000), source: 's', n: 1, by: 'per_one', ...more,
});
const add = (rows: readonly Sighted[]): Promise<void> => asHub('test', () => db().transaction((tx) => addSightings(tx, rows, day)));
const told = (org: string): Promise<unknown[]> => asHub('test', async () => {
  const reach = await wholeReach(db(), callerOf(holder));
  return sightingDays(db(), reach, org, at.obj);
});

beforeAll(async () => {
  at.db = await testDb([...factsMigrations, ...exchangeMigrations, ...sightingMigrations]);
  let n = 0;
  const shelf = await openShelf(db(), () => uuidAt(0xf000 + n++));
  await shelf.take([offered(indicator(1))], () => day);
  at.obj = (await asHub('test', () => numbersOf(db(), holder, [`indicator--${uuidAt(1)}`]))).get(`indicator--${uuidAt(1)}`) ?? '';
});
afterAll(() => at.db?.close());

test('each counts once, on its day and kind; again it replaces itself', async () => {
  await add([seen(1, holder), seen(2, holder), seen(3, holder, { kind: 1 }), seen(90_000, holder, { n: 5 })]);
  await add([seen(2, holder), seen(90_000, holder, { n: 7 })]);
  expect(await told(holder)).toEqual([
    { day: '2026-06-02', kind: 0, mine: 7, others: 0 }, { day: '2026-06-01', kind: 0, mine: 2, others: 0 }, { day: '2026-06-01', kind: 1, mine: 1, others: 0 },
  ]);
  expect(await asHub('test', () => db().transaction((tx) => dropSighting(tx, holder, uuidAt(90_000))))).toBe(true);
  expect(await asHub('test', () => db().transaction((tx) => dropSighting(tx, 'org_other', uuidAt(1))))).toBe(false);
  expect(await told(holder)).toHaveLength(2);
});

test('others see a number from three organisations on, and before that not even the day', async () => {
  await add([seen(11, 'org_a')]);
  expect(await told('org_b')).toEqual([]);
  expect(await told('org_a')).toEqual([{ day: '2026-06-01', kind: 0, mine: 1, others: null }]);
  expect(await told(holder)).toContainEqual({ day: '2026-06-01', kind: 0, mine: 2, others: 1 });
  await add([seen(12, 'org_b')]);
  // Two others and oneself are not three others.
  expect(await told('org_b')).toEqual([{ day: '2026-06-01', kind: 0, mine: 1, others: null }]);
  expect(await told('org_c')).toEqual([{ day: '2026-06-01', kind: 0, mine: 0, others: 4 }]);
  // A day behind which fewer stand is not there, though others have more.
  await add([seen(100_000, 'org_a'), seen(100_001, 'org_b')]);
  expect(await told('org_c')).toHaveLength(1);
});

test('raw ones are told to the holder and to whoever reported, and to nobody else', async () => {
  const rows = (org: string): Promise<string[]> => asHub('test', async () =>
    (await sightingsOf(db(), await wholeReach(db(), callerOf(holder)), org, { objs: [at.obj], limit: 100 })).map((r) => r.scope));
  expect((await rows(holder)).sort()).toEqual(['org_a', 'org_a', 'org_b', 'org_b', holder, holder, holder].sort());
  expect(await rows('org_a')).toEqual(['org_a', 'org_a']);
  expect(await rows('org_c')).toEqual([]);
});
