/**
 * Durable appends: facts accepted by world/facts on the machine's own PostgreSQL with synchronous_commit=on, until a
 * checkpoint that covers them is synced. Callers state N facts a transaction, side by side, and the sequencer is kicked
 * after each as the hub does after a request; the time ends with the checkpoint over the last fact.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { nodeTreeHash, nodeVerifying } from '#kit/hash/node';
import { rootOf } from '#kit/merkle/tree';
import { parseCheckpoint } from '#kit/note/checkpoint';
import { parseNote, verifyNote } from '#kit/note/note';
import type { NoteSigner } from '#kit/note/note';
import { sameBytes, toUtf8 } from '#kit/encoding';
import { fileBlobs } from '#world/blobs/files';
import { systemClock } from '#world/clock';
import type { Db } from '#world/db/port';
import { factsMigrations, stateFacts } from '#world/facts';
import type { Fact } from '#world/facts';
import { fileKeys } from '#world/keys/files';
import { systemRandom } from '#world/random';
import { createSequencer, ledgerMigrations, ledgerSigner } from '#modules/ledger/index';
import { startPostgres, type Postgres } from '../../test/ci/postgres.ts';
import type { Measure } from '../ingest.ts';

/** Facts a transaction, and how many such transactions are under way at once. */
const sizes = [
  { batch: 1, callers: 64, facts: 20_000 },
  { batch: 64, callers: 8, facts: 60_000 },
  { batch: 256, callers: 6, facts: 100_000 },
  { batch: 1024, callers: 4, facts: 120_000 },
] as const;

function factsFrom(first: number, count: number): Fact[] {
  return Array.from({ length: count }, (_, i) => ({
    class: 'notice.sent', at: '2026-01-31T09:05:07.123Z', actor: 'per_1234567890', org: 'org_centre',
    subject: `not_${(first + i) % 5000}`, readers: ['org_vendor'], clauses: [],
    body: { number: first + i, events: 12, problem: 'open recursive resolver' },
  }));
}

/** Every fact once, in as many leaves as the verified checkpoint says, with the root that its leaves give. */
async function verified(db: Db, signer: NoteSigner, folder: string, count: number): Promise<boolean> {
  const bytes = await (await fileBlobs(folder, systemRandom())).read('ledger/checkpoint');
  const note = parseNote(bytes ?? new Uint8Array(0));
  const checkpoint = note && parseCheckpoint(note.text);
  if (!note || !checkpoint || !(await verifyNote(nodeVerifying, note, [signer.key])).ok) return false;
  const { rows } = await sql<{ leaf: string; n: string }>`select l.leaf, (o.fact::json -> 'body' ->> 'number') as n
    from ledger_leaves l join ledger_openings o using (index) order by index`.execute(db.as());
  const root = rootOf(nodeTreeHash, Buffer.concat(rows.map(({ leaf }) => nodeTreeHash.leaf(toUtf8(leaf)))));
  return checkpoint.size === count && rows.length === count && new Set(rows.map(({ n }) => n)).size === count
    && sameBytes(root, checkpoint.root);
}

async function measure(server: Postgres, { batch, callers, facts }: (typeof sizes)[number], scale: number): Promise<Measure> {
  const folder = await mkdtemp(join(tmpdir(), 'entente-appends-'));
  const db = await server.open(`appends_${batch}`, [...factsMigrations, ...ledgerMigrations]);
  try {
    const [clock, random] = [systemClock(), systemRandom()];
    const signer = await ledgerSigner(await fileKeys(join(folder, 'keys'), random), 'bench.example/ledger');
    const blobs = await fileBlobs(join(folder, 'blobs'), random);
    const faults: unknown[] = [];
    const sequencer = createSequencer({ db, blobs, clock, random, signer, onFault: (error) => faults.push(error) });
    await sequencer.recover();
    const count = Math.max(batch, Math.ceil(facts * scale / batch) * batch);
    const next = { at: 0 };
    const began = clock.elapsed();
    await Promise.all(Array.from({ length: callers }, async () => {
      for (;;) {
        const first = next.at;
        if (first >= count) return;
        next.at += batch;
        await db.transaction((tx) => stateFacts(tx, factsFrom(first, batch)));
        sequencer.kick();
      }
    }));
    await sequencer.drain();
    const seconds = (clock.elapsed() - began) / 1000;
    return {
      bench: 'ledger', measure: `durable-appends-${batch}`, value: Math.round(count / seconds), unit: 'facts/s',
      peer: null, peerValue: null, ratio: null, runs: 1,
      verified: faults.length === 0 && await verified(db, signer, join(folder, 'blobs'), count),
    };
  } finally {
    await db.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** `only`: batches of these sizes, for a profile. */
export async function* appends(options: { readonly scale?: number; readonly only?: readonly number[] } = {}): AsyncGenerator<Measure> {
  const server = await startPostgres();
  try {
    for (const size of sizes.filter(({ batch }) => options.only?.includes(batch) ?? true)) yield await measure(server, size, options.scale ?? 1);
  } finally {
    await server.stop();
  }
}
