/** F47: the cards of a month equal what a plain count over every word finds. */
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asHub } from '#world/db/scope';
import { newUuid } from '#modules/exchange/index';
import { outcomeActions } from '../../src/modules/exchange/actions/outcomes.ts';
import { collectionsOf, insertCollection, ownCollections, sourceNamed } from '../../src/modules/exchange/store/collections.ts';
import { take } from '../../src/modules/exchange/store/log.ts';
import { rankOf } from '../../src/modules/exchange/rules/tlp.ts';
import { callerOf, holder, indicator, offered, uuidAt } from '../../src/modules/exchange/testing.ts';
import { testHub, type TestHub } from '../hub.ts';

const at = { hub: null as TestHub | null };
const hub = (): TestHub => at.hub as TestHub;
beforeAll(async () => { at.hub = await testHub(); }, 60_000);
afterAll(async () => at.hub?.close());

const kinds = ['useful', 'not-useful', 'false'] as const;
const actions = ['blocked', 'none', 'notified', 'investigated', 'none'] as const;
const hour = 3_600_000;

/** The middle of numbers as everybody learns it at school. */
function middle(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  const half = sorted.length / 2;
  return Number.isInteger(half) ? ((sorted[half - 1] as number) + (sorted[half] as number)) / 2 : sorted[Math.floor(half)] as number;
}

test('cards equal a count of the words by hand, month by month, and a later word takes the place of an earlier', async () => asHub('test', async () => {
  const { world } = hub();
  const acts = outcomeActions(world);
  const readers = [holder, 'org_reader1', 'org_reader2', 'org_reader3'];
  await world.db.transaction(async (tx) => {
    await ownCollections(tx, holder, () => newUuid(world), 'per_one', world.clock.iso());
    for (const partner of readers.slice(1)) {
      await insertCollection(tx, {
        id: newUuid(world), kind: 'shared', title: partner, description: '', alias: null, owner: holder, agreement: `agr_${partner}`, partner, ceiling: 'AMBER',
        types: null, accepts: false, openedAt: world.clock.iso(), openedBy: 'per_one',
      });
    }
  });
  const rules = (await collectionsOf(world.db, holder)).map((c) => ({ coll: c.coll, kind: c.kind, ceiling: rankOf(c.ceiling), types: c.types }));
  const sources = [
    await sourceNamed(world.db, holder, { id: 'src_a', kind: 'own', name: 'own', org: holder }, world.clock.iso()),
    await sourceNamed(world.db, holder, { id: 'src_b', kind: 'own', name: 'second', org: 'org_source' }, world.clock.iso()),
  ];
  const came = new Map<string, number>();
  const words = new Map<string, { source: string; month: string; outcome: string; acted: number | null; id: string }>();
  for (let i = 0; i < 60; i++) {
    const source = sources[i % 2] as typeof sources[number];
    await world.db.transaction((tx) => take(tx, {
      scope: holder, source: source.id, creators: new Set(), own: true, rules, nowUs: () => world.clock.now() * 1000, eyes: [], by: 'per_one',
    }, [offered(indicator(i), world.clock.now() * 1000)]));
    const id = `indicator--${uuidAt(i)}`;
    came.set(id, world.clock.now());
    world.clock.advance(11 * hour);
    for (const [n, org] of readers.entries()) {
      if ((i + n) % 3 === 0) continue;
      const times = (i * n) % 4 === 1 ? 2 : 1;
      for (let again = 0; again < times; again++) {
        const outcome = kinds[(i * 7 + n + again) % 3] as typeof kinds[number];
        const action = actions[(i + n * 2 + again) % 5] as typeof actions[number];
        await acts['threats.setOutcome']({ object: id, outcome, action, note: '' }, callerOf(org));
        words.set(`${id} ${org}`, {
          source: source.id, month: world.clock.iso().slice(0, 7), outcome, acted: action === 'none' ? null : world.clock.now(), id,
        });
        world.clock.advance(hour);
      }
    }
  }
  const months = [...new Set([...words.values()].map((w) => w.month))].sort();
  expect(months.length).toBeGreaterThan(1);
  for (const month of months) {
    const told = await acts['threats.sourceCards']({ month }, callerOf());
    expect([...told.months].sort()).toEqual(months);
    for (const source of sources) {
      const card = told.sources.find((s) => s.source === source.id);
      const mine = [...words.values()].filter((w) => w.month === month && w.source === source.id);
      const share = (kind: string) => {
        const count = mine.filter((w) => w.outcome === kind).length;
        return { count, percent: mine.length === 0 ? null : Math.round(count / mine.length * 1000) / 10 };
      };
      const hours = middle(mine.flatMap((w) => (w.acted === null ? [] : [(w.acted - (came.get(w.id) as number)) / hour])));
      const received = [...came].filter(([id, when]) => new Date(when).toISOString().startsWith(month)
        && sources[Number.parseInt(id.slice(-12), 16) % 2] === source).length;
      expect(card).toMatchObject({
        judged: mine.length, useful: share('useful'), notUseful: share('not-useful'), false: share('false'),
        acted: mine.filter((w) => w.acted !== null).length, medianHours: hours === null ? null : Math.round(hours * 10) / 10,
      });
      expect(card?.received, `${month} ${source.id}`).toBe(received);
    }
  }
  const { rows } = await sql<{ n: string }>`select count(*) as n from exchange_outcome`.execute(world.db.as<object>());
  expect(Number(rows[0]?.n)).toBe(words.size);
}), 60_000);
