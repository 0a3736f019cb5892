/** The order of leaves is the order of commits, whoever stated first, on PostgreSQL with transactions that overlap. */
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fakeBlobs } from '#world/blobs/fake';
import { systemClock } from '#world/clock';
import type { Db } from '#world/db/port';
import { factsMigrations, stateFact, stateFacts, type Fact } from '#world/facts';
import { systemRandom } from '#world/random';
import { createSequencer, ledgerMigrations, type Sequencer } from '#modules/ledger/index';
import { replicaSigner } from './replicas/child.ts';
import { startPostgres, type Postgres } from './postgres.ts';

const at: { server?: Postgres; db?: Db } = {};
beforeAll(async () => {
  at.server = await startPostgres();
  at.db = await at.server.open('commits', [...factsMigrations, ...ledgerMigrations]);
});
afterAll(async () => {
  await at.db?.close();
  await at.server?.stop();
});

const fact = (name: string): Fact => ({
  class: 'session.viewed', at: '2026-01-01T00:00:00.000Z', actor: 'per_1', org: 'org_centre', subject: 'sub_1', readers: [],
  clauses: [], body: { name },
});

async function sequencerOver(db: Db): Promise<Sequencer> {
  return createSequencer({
    db, blobs: fakeBlobs(), clock: systemClock(), random: systemRandom(), signer: await replicaSigner(), batch: 7,
    onFault: (error) => { throw error; },
  });
}

async function names(db: Db): Promise<string[]> {
  const { rows } = await sql<{ fact: string }>`select fact from ledger_openings order by index`.execute(db.as());
  return rows.map((row) => (JSON.parse(row.fact) as { body: { name: string } }).body.name);
}

interface Gate { open(): void; readonly opened: Promise<void> }
function gate(): Gate {
  const made = { open: (): void => undefined };
  const opened = new Promise<void>((resolve) => { made.open = resolve; });
  return { opened, open: () => made.open() };
}

test('who states first and commits last is last, and is not skipped when others were sequenced meanwhile', async () => {
  const db = at.db as Db;
  const sequencer = await sequencerOver(db);
  const [stated, go] = [gate(), gate()];
  const slow = db.transaction(async (tx) => {
    await stateFact(tx, fact('stated first'));
    stated.open();
    await go.opened;
    await stateFact(tx, fact('of the same act'));
  });
  await stated.opened;
  await db.transaction((tx) => stateFacts(tx, [fact('quick one'), fact('quick two')]));
  await sequencer.drain();
  await db.transaction((tx) => stateFact(tx, fact('quick three')));
  go.open();
  await slow;
  await sequencer.drain();
  expect(await names(db)).toEqual(['quick one', 'quick two', 'quick three', 'stated first', 'of the same act']);
  // The same without a look in between: both are seen at once, the later number committed first.
  const [again, goAgain] = [gate(), gate()];
  const slower = db.transaction(async (tx) => {
    await stateFact(tx, fact('slower'));
    again.open();
    await goAgain.opened;
  });
  await again.opened;
  await db.transaction((tx) => stateFact(tx, fact('quicker')));
  goAgain.open();
  await slower;
  await sequencer.drain();
  expect((await names(db)).slice(-2)).toEqual(['quicker', 'slower']);
  const { rows } = await sql`select 1 from facts_acts union all select 1 from facts_outbox`.execute(db.as());
  expect(rows).toEqual([]);
});

test('of any two acts, the one answered before the other asked for its commit is first', async () => {
  const db = at.db as Db;
  const sequencer = await sequencerOver(db);
  const times = new Map<string, { asked: number; answered: number }>();
  const busy = { now: true };
  const draining = (async () => { while (busy.now) await sequencer.drain(); })();
  await Promise.all(Array.from({ length: 8 }, async (_, caller) => {
    for (let n = 0; n < 40; n++) {
      const name = `${caller}/${n}`;
      const asked = { at: 0 };
      await db.transaction(async (tx) => {
        await stateFact(tx, fact(name));
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 8));
        asked.at = performance.now();
      });
      times.set(name, { asked: asked.at, answered: performance.now() });
    }
  }));
  busy.now = false;
  await draining;
  await sequencer.drain();
  const order = (await names(db)).filter((name) => times.has(name));
  expect(order).toHaveLength(320);
  for (const [i, later] of order.entries()) {
    for (const earlier of order.slice(0, i)) {
      const [first, second] = [times.get(earlier), times.get(later)];
      if (second && first && second.answered < first.asked) throw new Error(`${later} was done before ${earlier} was committed`);
    }
  }
});
