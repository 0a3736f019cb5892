/** F06: what an organisation holds in the exchange is its successor's, also where both held the same, and logs that others follow go on. */
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asHub } from '#world/db/scope';
import { newUuid, passOnExchange } from '#modules/exchange/index';
import { reachInto, wholeReach } from '../../src/modules/exchange/gate.ts';
import { collectionsOf, insertCollection, ownCollections, sourceNamed } from '../../src/modules/exchange/store/collections.ts';
import { take } from '../../src/modules/exchange/store/log.ts';
import { search, setAsideOf } from '../../src/modules/exchange/store/objects.ts';
import { pageOf } from '../../src/modules/exchange/store/reading.ts';
import { rankOf } from '../../src/modules/exchange/rules/tlp.ts';
import { callerOf, indicator, offered, uuidAt } from '../../src/modules/exchange/testing.ts';
import { testHub, type TestHub } from '../hub.ts';

const at = { hub: null as TestHub | null };
const hub = (): TestHub => at.hub as TestHub;
beforeAll(async () => { at.hub = await testHub(); }, 60_000);
afterAll(async () => at.hub?.close());

const all = { ids: null, types: null, specs: [20, 21], versions: { all: true, last: false, first: false, moments: [] } };
const id = (n: number): string => `indicator--${uuidAt(n)}`;

async function holds(org: string, objects: readonly Readonly<Record<string, unknown>>[], partner: string): Promise<string> {
  const { world } = hub();
  const shared = await world.db.transaction(async (tx) => {
    await ownCollections(tx, org, () => newUuid(world), 'per_one', world.clock.iso());
    return insertCollection(tx, {
      id: newUuid(world), kind: 'shared', title: org, description: '', alias: null, owner: org, agreement: `agr_${org}`, partner, ceiling: 'AMBER', types: null,
      accepts: false, openedAt: world.clock.iso(), openedBy: 'per_one',
    });
  });
  const source = await sourceNamed(world.db, org, { id: world.ids.next('src'), kind: 'own', name: 'own', org }, world.clock.iso());
  const rules = (await collectionsOf(world.db, org)).map((c) => ({ coll: c.coll, kind: c.kind, ceiling: rankOf(c.ceiling), types: c.types }));
  for (const object of objects) {
    world.clock.advance(1000);
    await world.db.transaction((tx) => take(tx, {
      scope: org, source: source.id, creators: new Set(), own: true, rules, nowUs: () => world.clock.now() * 1000, eyes: [], by: 'per_one',
    }, [offered(object, world.clock.now() * 1000)]));
  }
  return shared.id;
}

test('the successor holds everything once, each log goes on, and a contradiction is set aside', async () => asHub('test', async () => {
  const { world } = hub();
  const one = indicator(1);
  const newer = { ...one, modified: '2026-03-01T00:00:00.000Z', name: 'Newer' };
  const other = { ...indicator(3), description: 'Another body' };
  const theirs = await holds('org_old', [one, newer, indicator(2), indicator(3)], 'org_reader');
  const mine = await holds('org_new', [one, other, indicator(4)], 'org_reader');
  const read = async (collection: string) => {
    const { reach, collection: c } = await reachInto(world.db, callerOf('org_reader'), collection);
    return (await pageOf(world.db, reach, c, { after: -1, limit: 100, ...all }, true)).rows;
  };
  const before = await read(theirs);
  expect(before.map((r) => r.id)).toEqual([id(1), id(1), id(2), id(3)]);

  await world.db.transaction((tx) => passOnExchange(tx, {
    from: 'org_old', to: 'org_new', nowUs: world.clock.now() * 1000, newId: () => newUuid(world),
  }));
  // Nobody who follows a log notices: the same numbers, the same objects; of the contradiction the body that is kept.
  const after = await read(theirs);
  expect(after.map((r) => [r.seq, r.id, r.said])).toEqual(before.map((r) => [r.seq, r.id, r.said]));
  expect((await read(mine)).map((r) => r.id)).toEqual([id(1), id(3), id(4)]);
  const aside = await setAsideOf(world.db, 'org_new', true, null, 10);
  expect(aside.map((a) => [a.stixId, a.reason])).toEqual([[id(3), 'same-version-other-body']]);

  const caller = callerOf('org_new');
  const reach = await wholeReach(world.db, caller);
  const library = reach.open.filter((c) => c.kind === 'library');
  expect(library).toHaveLength(1);
  const rows = (await pageOf(world.db, reach, library[0] as typeof library[number], { after: -1, limit: 100, ...all }, true)).rows;
  expect(rows.map((r) => `${r.id} ${r.said}`).sort()).toEqual([
    `${id(1)} ${String(one['modified'])}`, `${id(1)} ${String(newer.modified)}`, `${id(2)} ${String(one['modified'])}`, `${id(3)} ${String(one['modified'])}`,
    `${id(4)} ${String(one['modified'])}`,
  ]);
  // The last version is the last, once, and is found by its words.
  const words = await search(world.db, reach, { words: 'newer', type: null, before: null, limit: 10 });
  expect([...new Set(words.map((w) => w.row.id))]).toEqual([id(1)]);

  const left = await sql<{ n: string }>`select (select count(*) from exchange_object where scope = 'org_old')
    + (select count(*) from exchange_version where scope = 'org_old') + (select count(*) from exchange_collection where scope = 'org_old')
    + (select count(*) from exchange_source where scope = 'org_old' or org = 'org_old') as n`.execute(world.db.as<object>());
  expect(Number(left.rows[0]?.n)).toBe(0);

  // It goes on bringing versions of what the other made, under one source or the other.
  const source = await sourceNamed(world.db, 'org_new', { id: 'src_x', kind: 'own', name: 'own', org: 'org_new' }, world.clock.iso());
  expect(source.speaksFor.length).toBeGreaterThan(0);
  const rules = (await collectionsOf(world.db, 'org_new')).map((c) => ({ coll: c.coll, kind: c.kind, ceiling: rankOf(c.ceiling), types: c.types }));
  const taken = await world.db.transaction((tx) => take(tx, {
    scope: 'org_new', source: source.id, creators: new Set(source.speaksFor), own: true, rules, nowUs: () => world.clock.now() * 1000, eyes: [], by: 'per_one',
  }, [offered({ ...indicator(2), modified: '2026-04-01T00:00:00.000Z' })]));
  expect(taken.verdicts.map((v) => v.outcome)).toEqual(['accepted']);
}), 60_000);

test('an organisation without anything of its own takes over all of it', async () => asHub('test', async () => {
  const { world } = hub();
  const shared = await holds('org_first', [indicator(21), indicator(22)], 'org_second');
  await world.db.transaction((tx) => passOnExchange(tx, { from: 'org_first', to: 'org_third', nowUs: world.clock.now() * 1000, newId: () => newUuid(world) }));
  const reach = await wholeReach(world.db, callerOf('org_third'));
  expect(reach.open.map((c) => c.kind)).toEqual(['library']);
  expect((await reachInto(world.db, callerOf('org_second'), shared)).collection.owner).toBe('org_third');
  // What a partner shared with its predecessor is closed, should the partner itself be the successor.
  await world.db.transaction((tx) => passOnExchange(tx, { from: 'org_third', to: 'org_second', nowUs: world.clock.now() * 1000, newId: () => newUuid(world) }));
  await expect(reachInto(world.db, callerOf('org_second'), shared)).rejects.toMatchObject({ code: 'collection.not-found' });
}));
