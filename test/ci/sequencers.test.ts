/**
 * Replicas of the ledger on one PostgreSQL database and one folder of blobs, as real processes, while facts are stated at
 * each: one is killed, stopped for longer than its turn lasts, or cut off from the database. The other goes on within ten
 * seconds, no acknowledged fact is lost and none doubled, the published checkpoint never goes back, and every checkpoint
 * that was ever signed, published or not, is one history. FULL=yes runs each disaster fifty times, with thirty seconds.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseNote } from '#kit/note/note';
import type { Db } from '#world/db/port';
import { factsMigrations } from '#world/facts';
import { ledgerMigrations } from '#modules/ledger/index';
import { phases, state, type Phase } from './replicas/child.ts';
import {
  checkpointOf, objectsIn, pairwiseConsistent, publishedCheckpoint, publishedLeaves,
} from './replicas/outside.ts';
import { acked, logOf, reached, signed, startReplica, wireTo, type Replica, type Wire } from './replicas/run.ts';
import { startPostgres, type Postgres } from './postgres.ts';

const full = process.env['FULL'] === 'yes';
const awayMs = full ? 30_000 : 7_500;
/** Ten seconds on a quiet machine; beside browsers and builds, as in the short run, nothing about a wall's clock is held but that it ends. */
const goesOnWithinMs = full ? 10_000 : 60_000;

const at: { server?: Postgres } = {};
beforeAll(async () => { at.server = await startPostgres(); });
afterAll(() => at.server?.stop());

interface Scene {
  readonly db: Db;
  readonly folder: string;
  readonly names: string[];
  readonly replicas: Replica[];
  readonly wires: Wire[];
  /** Sizes of the published file, as often as it could be read, in order. */
  readonly seen: number[];
  start(name: string, wire: number): Promise<Replica>;
  /** How long until a fact stated now, beside the replicas, is in a published checkpoint. */
  goesOn(): Promise<number>;
  end(): Promise<void>;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function scene(name: string, everyMs = 25): Promise<Scene> {
  const server = at.server as Postgres;
  const folder = await mkdtemp(join(tmpdir(), 'entente-replicas-'));
  const db = await server.open(name, [...factsMigrations, ...ledgerMigrations]);
  const wires = await Promise.all([0, 1].map(() => wireTo(server.urlOf(name))));
  const replicas: Replica[] = [];
  const names: string[] = [];
  const seen: number[] = [];
  const read = objectsIn(folder);
  const watch = { on: true, stated: 0 };
  const watching = (async () => {
    while (watch.on) {
      const note = parseNote(await read('checkpoint') ?? new Uint8Array(0));
      if (note) seen.push(checkpointOf(note.text).size);
      await pause(4);
    }
  })();
  return {
    db, folder, names, replicas, wires, seen,
    async start(replicaName, wire) {
      const replica = await startReplica(
        { name: replicaName, folder, log: logOf(folder, replicaName), everyMs, tickMs: 1_500 }, wires[wire] as Wire);
      names.push(replicaName);
      replicas[wire] = replica;
      return replica;
    },
    async goesOn() {
      const began = performance.now();
      const n = watch.stated++;
      await state(db, 'beside', n);
      for (;;) {
        const { rows } = await sql<{ size: string }>`select c.size from ledger_openings o, ledger_checkpoint c
          where o.fact::json -> 'body' ->> 'number' = ${`beside-${n}`} and o.index < c.size`.execute(db.as());
        if (rows.length > 0 && (await publishedCheckpoint(read)).size > 0) return performance.now() - began;
        if (performance.now() - began > 3 * goesOnWithinMs) throw new Error('nobody goes on');
        await pause(20);
      }
    },
    async end() {
      watch.on = false;
      await watching;
      for (const replica of replicas) await replica.kill();
      for (const wire of wires) await wire.close();
      await db.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** After the last disaster: everything is published, and all of it holds, seen from outside. */
async function checkEnd(s: Scene): Promise<{ signatures: number; facts: number }> {
  for (const replica of s.replicas) await replica.kill();
  // A last one takes what is left in the outbox, as the next start does.
  const last = await startReplica({ name: 'last', folder: s.folder, log: logOf(s.folder, 'last'), everyMs: 0, tickMs: 200 }, s.wires[0] as Wire);
  await s.goesOn();
  await last.kill();
  const { rows } = await sql<{ fact: string }>`select fact from ledger_openings order by index`.execute(s.db.as());
  const numbers = rows.map(({ fact }) => (JSON.parse(fact) as { body: { number: string } }).body.number);
  const counted = new Set(numbers);
  expect(counted.size, 'no fact is there twice').toBe(numbers.length);
  const acknowledged = s.names.flatMap((name) => acked(logOf(s.folder, name), name));
  expect(acknowledged.filter((fact) => !counted.has(fact)), 'no acknowledged fact is lost').toEqual([]);
  for (const name of s.names) {
    // One replica states one after another: the order of its leaves is that of its commits.
    const mine = numbers.filter((n) => n.startsWith(`${name}-`)).map((n) => Number(n.slice(name.length + 1)));
    expect(mine).toEqual([...mine].sort((x, y) => x - y));
  }
  const read = objectsIn(s.folder);
  const leaves = await publishedLeaves(read);
  expect(leaves).toHaveLength(numbers.length);
  expect(new Set(leaves.map(String)).size).toBe(numbers.length);
  const all = [...s.names, 'last'].flatMap((name) => signed(logOf(s.folder, name)));
  await pairwiseConsistent([...all, await publishedCheckpoint(read)], read);
  const back = s.seen.findIndex((size, i) => size < (s.seen[i - 1] ?? 0));
  expect(back, `the published checkpoint went from ${s.seen[back - 1]} to ${s.seen[back]}`).toBe(-1);
  return { signatures: all.length, facts: numbers.length };
}

/** The replica that has the turn, so that a disaster meets work; it signed last. */
async function leader(s: Scene): Promise<Replica> {
  const counts = () => Promise.all(s.replicas.map(async ({ name }) =>
    (await readFile(logOf(s.folder, name), 'utf8')).split('\n').filter((line) => line.startsWith('signature ')).length));
  const before = await counts();
  for (;;) {
    await pause(30);
    const after = await counts();
    const i = after.findIndex((count, k) => count > (before[k] ?? 0));
    if (s.replicas[i]) return s.replicas[i];
  }
}

/** Named phases first, so that each is met; after them whatever moment it is. */
function disasterPoint(i: number, signal: 'SIGKILL' | 'SIGSTOP'): { at: Phase; signal: typeof signal; delayMs: number } {
  const phase = phases[i % phases.length] as Phase;
  return { at: phase, signal, delayMs: i < phases.length ? 0 : Math.random() * 12 };
}

async function died(replica: Replica): Promise<void> {
  while (replica.child.signalCode === null) await pause(5);
}

test(`a replica that is killed: the other goes on (${full ? 50 : 3} times)`, { timeout: 3_600_000 }, async () => {
  const s = await scene('killed');
  try {
    for (const wire of [0, 1]) await s.start(`start-${wire}`, wire);
    const met: string[] = [];
    for (let i = 0; i < (full ? 50 : 3); i++) {
      const victim = await leader(s);
      const wire = s.replicas.indexOf(victim);
      victim.order(disasterPoint(i, 'SIGKILL'));
      await died(victim);
      met.push(...reached(logOf(s.folder, victim.name)));
      expect(await s.goesOn(), `disaster ${i}`).toBeLessThan(goesOnWithinMs);
      await s.start(`again-${i}`, wire);
    }
    expect(new Set(met).size).toBe(full ? phases.length : 3);
    expect((await checkEnd(s)).signatures).toBeGreaterThan(20);
  } finally {
    await s.end();
  }
});

test(`a replica that is stopped and wakes up: it is fenced (${full ? 50 : 3} times)`, { timeout: 7_200_000 }, async () => {
  const s = await scene('stopped');
  try {
    for (const wire of [0, 1]) await s.start(`start-${wire}`, wire);
    const met = new Set<string>();
    // The moments that only a fence covers come first: what a few runs have time for.
    const order = [...['rename', 'sign', 'commit', 'checkpoint', 'replaced'], ...phases] as const;
    for (let i = 0; i < (full ? 50 : 3); i++) {
      const victim = await leader(s);
      const at = order[i % order.length] as Phase;
      victim.order({ at, signal: 'SIGSTOP', delayMs: i < order.length ? 0 : Math.random() * 12 });
      while (reached(logOf(s.folder, victim.name)).length === 0 || !await isStopped(victim)) await pause(5);
      met.add(at);
      const stoppedAt = performance.now();
      expect(await s.goesOn(), `disaster ${i}`).toBeLessThan(goesOnWithinMs);
      await pause(awayMs - (performance.now() - stoppedAt));
      const before = acked(logOf(s.folder, victim.name), '').length;
      victim.signal('SIGCONT');
      // It comes back by itself: its own acts are acknowledged again.
      while (acked(logOf(s.folder, victim.name), '').length === before) await pause(20);
      await restart(s, victim, `again-${i}`);
    }
    expect([...met]).toEqual(expect.arrayContaining(full ? [...phases] : order.slice(0, 3)));
    await checkEnd(s);
  } finally {
    await s.end();
  }
});

async function isStopped({ child }: Replica): Promise<boolean> {
  const stat = await readFile(`/proc/${child.pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T');
}

/** A fresh process, so that the next phase is met in a log of its own. */
async function restart(s: Scene, replica: Replica, name: string): Promise<void> {
  await replica.kill();
  await s.start(name, s.replicas.indexOf(replica));
}

test(`a replica whose connections are cut: the other goes on, and it comes back (${full ? 50 : 2} times)`, { timeout: 7_200_000 }, async () => {
  const s = await scene('cut');
  try {
    for (const wire of [0, 1]) await s.start(`start-${wire}`, wire);
    for (let i = 0; i < (full ? 50 : 2); i++) {
      const victim = await leader(s);
      await pause(Math.random() * 20);
      victim.wire.cut(i % 2 ? 'broken' : 'silent');
      const cutAt = performance.now();
      expect(await s.goesOn(), `disaster ${i}`).toBeLessThan(goesOnWithinMs);
      await pause(awayMs - (performance.now() - cutAt));
      const before = acked(logOf(s.folder, victim.name), '').length;
      victim.wire.mend();
      while (acked(logOf(s.folder, victim.name), '').length === before) await pause(20);
    }
    await checkEnd(s);
  } finally {
    await s.end();
  }
});
