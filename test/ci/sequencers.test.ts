/**
 * Two replicas of the ledger's sequencer on one PostgreSQL database and one folder of blobs, while facts are stated beside
 * them: no fact is lost or doubled, and every checkpoint that was ever published is consistent with every other, as someone
 * outside verifies it by the published objects alone.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodeTreeHash as tree, nodeVerifying } from '#kit/hash/node';
import { consistencyProof, verifyConsistency, type ReadTile } from '#kit/merkle/proofs';
import { decodeEntries, tilePath, tileWidth, widthIn } from '#kit/merkle/tiles';
import { parseCheckpoint, type Checkpoint } from '#kit/note/checkpoint';
import { parseNote, verifyNote } from '#kit/note/note';
import { fileBlobs } from '#world/blobs/files';
import type { Blobs } from '#world/blobs/port';
import { systemClock } from '#world/clock';
import { openPostgresql } from '#world/db/postgresql';
import type { Db } from '#world/db/port';
import { stateFact } from '#world/facts';
import { fakeKeys } from '#world/keys/fake';
import { systemRandom } from '#world/random';
import { createSequencer, ledgerSigner, type Sequencer } from '#modules/ledger/index';
import { migrations } from '../../src/app/compose.ts';
import { startPostgres, type Postgres } from './postgres.ts';

interface Replica {
  readonly db: Db;
  readonly sequencer: Sequencer;
}
const at: { server?: Postgres; folder: string } = { folder: '' };
beforeAll(async () => {
  at.server = await startPostgres();
  at.folder = await mkdtemp(join(tmpdir(), 'entente-sequencers-'));
});
afterAll(async () => {
  await at.server?.stop();
  await rm(at.folder, { recursive: true, force: true });
});

const signing = ledgerSigner(fakeKeys('ledger'), 'hub.example/ledger');

/** A replica with its own connections and its own view of the folder; each checkpoint it writes is remembered. */
async function replica(url: string, folder: string, published: Uint8Array[], faults: unknown[]): Promise<Replica> {
  const db = await openPostgresql(url, 4);
  const files = await fileBlobs(folder, systemRandom());
  const blobs: Blobs = {
    ...files, put: (c) => files.put(c), open: (h) => files.open(h), read: (n) => files.read(n), list: (p) => files.list(p),
    remove: (n) => files.remove(n),
    async write(name, bytes) {
      if (name === 'ledger/checkpoint') published.push(bytes);
      await files.write(name, bytes);
    },
  };
  const sequencer = createSequencer({
    db, blobs, clock: systemClock(), random: systemRandom(), signer: await signing, batch: 37, onFault: (e) => faults.push(e),
  });
  return { db, sequencer };
}

/** States facts number `from` to `to`, some of them in transactions that fail and must leave nothing. */
async function state(db: Db, from: number, to: number): Promise<void> {
  for (let n = from; n < to; n++) {
    const transaction = (fails: boolean) => db.transaction(async (tx) => {
      await stateFact(tx, {
        class: 'session.viewed', at: '2026-01-01T00:00:00.000Z', actor: 'per_1', org: 'org_centre', subject: `sub_${n % 50}`,
        readers: [], clauses: [], body: { number: fails ? -1 : n },
      });
      if (fails) throw new Error('by design');
    });
    if (n % 10 === 0) await transaction(true).catch(() => undefined);
    await transaction(false);
  }
}

async function opened(bytes: Uint8Array): Promise<Checkpoint> {
  const note = parseNote(bytes);
  const checkpoint = note && parseCheckpoint(note.text);
  if (!note || !checkpoint) throw new Error('what was published is no checkpoint');
  expect(await verifyNote(nodeVerifying, note, [(await signing).key])).toMatchObject({ ok: true });
  return checkpoint;
}

/** Tiles as someone outside reads them: a partial one that is gone is the beginning of the full one. */
function reader(blobs: Blobs): ReadTile {
  return async (tile) => {
    const own = await blobs.read(`ledger/${tilePath(tile)}`);
    const bytes = own ?? (await blobs.read(`ledger/${tilePath({ ...tile, width: tileWidth })}`))?.subarray(0, tile.width * 32);
    if (!bytes) throw new Error(`there is no ${tilePath(tile)}`);
    return bytes;
  };
}

test('1,200 facts through two sequencers: each once, and all checkpoints ever published agree', async () => {
  const url = await (at.server as Postgres).create('sequencers');
  const [published, faults]: [Uint8Array[], unknown[]] = [[], []];
  const replicas = await Promise.all([1, 2].map(() => replica(url, at.folder, published, faults)));
  const [first] = replicas as [Replica, Replica];
  await first.db.migrate(migrations);
  await Promise.all(replicas.map(({ sequencer }) => sequencer.recover()));
  const busy = { now: true };
  const draining = replicas.map(async ({ sequencer }) => {
    while (busy.now) await sequencer.drain();
  });
  const stating = replicas.flatMap(({ db }, i) => [0, 1, 2].map((k) => state(db, (i * 3 + k) * 200, (i * 3 + k + 1) * 200)));
  await Promise.all(stating).finally(() => { busy.now = false; });
  await Promise.all(draining);
  await first.sequencer.drain();
  expect(faults).toEqual([]);

  const { rows } = await sql<{ index: string; fact: string }>`select index, fact from ledger_openings order by index`.execute(first.db.as());
  const numbers = rows.map(({ fact }) => (JSON.parse(fact) as { body: { number: number } }).body.number);
  expect(rows.map(({ index }) => Number(index))).toEqual(Array.from({ length: 1200 }, (_, i) => i));
  expect(numbers.sort((x, y) => x - y)).toEqual(Array.from({ length: 1200 }, (_, i) => i));

  await checkFromOutside(published);
  await Promise.all(replicas.map(({ db }) => db.close()));
});

async function checkFromOutside(published: readonly Uint8Array[]): Promise<void> {
  const blobs = await fileBlobs(at.folder, systemRandom());
  const checkpoints = await Promise.all(published.map(opened));
  expect(new Set(checkpoints.map(({ size }) => size)).size).toBeGreaterThan(10);
  // In the order in which they were written none is smaller than the one before: nobody outside ever saw the log shrink.
  for (const [i, { size }] of checkpoints.entries()) expect(size).toBeGreaterThanOrEqual(checkpoints[i - 1]?.size ?? 0);
  const readTile = reader(blobs);
  for (const [i, older] of checkpoints.entries()) {
    for (const newer of checkpoints.slice(i)) {
      const proof = await consistencyProof(tree, older.size, newer.size, readTile);
      const claim = { from: older.size, fromRoot: older.root, to: newer.size, toRoot: newer.root };
      if (!await verifyConsistency(tree.sha256, claim, proof)) throw new Error(`${older.size} and ${newer.size} do not agree`);
    }
  }
  const { size } = await opened(await blobs.read('ledger/checkpoint') ?? new Uint8Array(0));
  expect(size).toBe(1200);
  const leaves: string[] = [];
  for (let index = 0; index * tileWidth < size; index++) {
    const bytes = await blobs.read(`ledger/${tilePath({ level: 'entries', index, width: widthIn(size, 0, index) })}`);
    leaves.push(...(decodeEntries(bytes ?? new Uint8Array(1)) ?? []).map((e) => Buffer.from(e).toString()));
  }
  expect(new Set(leaves).size).toBe(1200);
}
