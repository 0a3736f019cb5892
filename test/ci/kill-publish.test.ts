/**
 * kill -9 at each phase between a fact's commit and the checkpoint over it, then at random moments: after every one of them
 * what stands published is a whole tree, and the next process goes on from it without losing or doubling a fact. FULL=yes
 * kills 500 times.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { factsMigrations } from '#world/facts';
import { ledgerMigrations } from '#modules/ledger/index';
import { phases, type Phase } from './replicas/child.ts';
import { objectsIn, pairwiseConsistent, publishedCheckpoint, publishedLeaves } from './replicas/outside.ts';
import { acked, logOf, reached, signed, startReplica, wireTo } from './replicas/run.ts';
import { startPostgres, type Postgres } from './postgres.ts';

const kills = process.env['FULL'] === 'yes' ? 500 : 25;
const at: { server?: Postgres } = {};
beforeAll(async () => { at.server = await startPostgres(); });
afterAll(() => at.server?.stop());

test(`killed at ${kills} points of publishing, the log is whole each time and goes on`, { timeout: 7_200_000 }, async () => {
  const server = at.server as Postgres;
  const folder = await mkdtemp(join(tmpdir(), 'entente-kills-'));
  const db = await server.open('kills', [...factsMigrations, ...ledgerMigrations]);
  const wire = await wireTo(server.urlOf('kills'));
  const read = objectsIn(folder);
  try {
    const met = new Set<string>();
    let size = 0;
    for (let i = 0; i < kills; i++) {
      const name = `life-${i}`;
      const replica = await startReplica({ name, place: 'one', folder, log: logOf(folder, name), everyMs: 2, tickMs: 20 }, wire);
      const named = i < phases.length;
      const delayMs = named ? 0 : Math.random() * 30;
      replica.order({ at: phases[i % phases.length] as Phase, signal: 'SIGKILL', delayMs });
      await new Promise((resolve) => replica.child.once('exit', resolve));
      expect(replica.child.signalCode).toBe('SIGKILL');
      for (const phase of reached(logOf(folder, name))) met.add(phase);
      const checkpoint = await publishedCheckpoint(read);
      expect(checkpoint.size, `after kill ${i}`).toBeGreaterThanOrEqual(size);
      size = checkpoint.size;
      expect(await publishedLeaves(read)).toHaveLength(size);
    }
    expect([...met].sort()).toEqual([...phases].sort());
    const last = await startReplica({ name: 'last', place: 'one', folder, log: logOf(folder, 'last'), everyMs: 0, tickMs: 20 }, wire);
    const total = async () => Number((await sql<{ n: string }>`select
      (select count(*) from facts_outbox) + (select size from ledger_head) as n`.execute(db.as())).rows[0]?.n);
    while ((await publishedCheckpoint(read)).size < await total()) await new Promise((resolve) => setTimeout(resolve, 20));
    await last.kill();
    const { rows } = await sql<{ fact: string }>`select fact from ledger_openings order by index`.execute(db.as());
    const numbers = rows.map(({ fact }) => (JSON.parse(fact) as { body: { number: string } }).body.number);
    expect(new Set(numbers).size).toBe(numbers.length);
    const names = Array.from({ length: kills }, (_, i) => `life-${i}`);
    const there = new Set(numbers);
    expect(names.flatMap((name) => acked(logOf(folder, name), name)).filter((fact) => !there.has(fact))).toEqual([]);
    expect(new Set((await publishedLeaves(read)).map(String)).size).toBe(numbers.length);
    const all = [...names, 'last'].flatMap((name) => signed(logOf(folder, name)));
    await pairwiseConsistent([...all, await publishedCheckpoint(read)], read);
  } finally {
    await db.close();
    await wire.close();
    await rm(folder, { recursive: true, force: true });
  }
});
