/**
 * One replica of the ledger as a process: states facts, sequences and publishes as a hub does, over a database and a folder
 * that others share. It writes down what it did (acknowledged facts, every signature made) before anybody else can know, and
 * kills or stops itself at a named phase when told: nothing of it can tidy up.
 */
import { appendFileSync } from 'node:fs';
import { fileBlobs } from '#world/blobs/files';
import type { Blobs } from '#world/blobs/port';
import { systemClock } from '#world/clock';
import { openPostgresql } from '#world/db/postgresql';
import type { Db, Lane } from '#world/db/port';
import { stateFact } from '#world/facts';
import { fakeKeys } from '#world/keys/fake';
import { systemRandom } from '#world/random';
import { createSequencer, ledgerSigner } from '#modules/ledger/index';

export const phases = [
  'sequence', 'parsed', 'commit', 'committed', 'tiles', 'written', 'sign', 'signed', 'checkpoint', 'rename', 'replaced',
] as const;
export type Phase = (typeof phases)[number];

export interface ReplicaOrders {
  readonly name: string;
  /** Data folder that only one of the replicas has at a time; its own unless said. */
  readonly place?: string;
  readonly url: string;
  readonly folder: string;
  /** Lines `signature <base64 note text>`, `acked <number>`, `phase <name>`, `fault <text>`. */
  readonly log: string;
  /** Facts are stated so often; 0 for not at all. */
  readonly everyMs: number;
  readonly tickMs: number;
}

export interface Disaster {
  readonly at: Phase;
  readonly signal: 'SIGKILL' | 'SIGSTOP';
  /** After the phase was reached. */
  readonly delayMs: number;
}

export const replicaOrigin = 'hub.example/ledger';
export const replicaSigner = () => ledgerSigner(fakeKeys('replicas'), replicaOrigin);

async function main(orders: ReplicaOrders): Promise<void> {
  const say = (line: string): void => appendFileSync(orders.log, `${line}\n`);
  const waiting: { disaster: Disaster | null } = { disaster: null };
  process.on('message', (disaster: Disaster) => { waiting.disaster = disaster; });
  const reach = (phase: Phase): void => {
    const { disaster } = waiting;
    if (disaster?.at !== phase) return;
    waiting.disaster = null;
    say(`phase ${phase}`);
    if (disaster.delayMs === 0) process.kill(process.pid, disaster.signal);
    else setTimeout(() => process.kill(process.pid, disaster.signal), disaster.delayMs);
  };
  const [clock, random] = [systemClock(), systemRandom()];
  const db = watchedDb(await openPostgresql(orders.url, 4), reach);
  const blobs = watchedBlobs(await fileBlobs(orders.folder, random), reach);
  const { key, sign } = await replicaSigner();
  const signer = {
    key,
    async sign(message: Uint8Array) {
      reach('sign');
      const signature = await sign(message);
      say(`signature ${Buffer.from(message).toString('base64')}`);
      reach('signed');
      return signature;
    },
  };
  // Asked for the time of the new head, once the facts are parsed and inserted.
  const watchedClock = { ...clock, iso: () => { reach('parsed'); return clock.iso(); } };
  const sequencer = createSequencer({
    db, blobs, replica: orders.place ?? orders.name, clock: watchedClock, random, signer, batch: 50, onFault: (error) => say(`fault ${String(error)}`),
  });
  await sequencer.recover().catch((error: unknown) => say(`fault ${String(error)}`));
  setInterval(() => sequencer.kick(), orders.tickMs);
  process.send?.('ready');
  for (let n = 0; orders.everyMs > 0; n++) {
    await state(db, orders.name, n).then(() => say(`acked ${n}`), (error: unknown) => say(`unacked ${n} ${String(error)}`));
    sequencer.kick();
    await new Promise((resolve) => setTimeout(resolve, orders.everyMs));
  }
}

export function state(db: Lane, name: string, n: number): Promise<void> {
  return db.transaction((tx) => stateFact(tx, {
    class: 'session.viewed', at: '2026-01-01T00:00:00.000Z', actor: 'per_1', org: 'org_centre', subject: `sub_${n % 20}`,
    readers: [], clauses: [], body: { number: `${name}-${n}` },
  }));
}

function watchedDb(db: Db, reach: (phase: Phase) => void): Db {
  return {
    ...db,
    brisk: {
      ...db.brisk,
      async transaction(work) {
        const done = await db.brisk.transaction(async (tx) => {
          reach('sequence');
          const result = await work(tx);
          reach('commit');
          return result;
        });
        reach('committed');
        return done;
      },
    },
  };
}

function watchedBlobs(files: Blobs, reach: (phase: Phase) => void): Blobs {
  return {
    put: (content) => files.put(content), open: (sha256, from, to) => files.open(sha256, from, to), size: (sha256) => files.size(sha256),
    discard: (sha256) => files.discard(sha256), read: (name) => files.read(name),
    list: (prefix) => files.list(prefix), remove: (name) => files.remove(name), write: (name, bytes) => files.write(name, bytes),
    claim: (name, epoch) => files.claim(name, epoch),
    async writeAll(objects) {
      reach('tiles');
      await files.writeAll(objects);
      reach('written');
    },
    async replace(name, bytes, fence) {
      reach('checkpoint');
      const done = await files.replace(name, bytes, {
        epoch: fence.epoch,
        // Between question and rename: the moment that no question covers.
        holds: () => {
          const holds = fence.holds();
          reach('rename');
          return holds;
        },
      });
      reach('replaced');
      return done;
    },
  };
}

const [given] = process.argv.slice(2);
if (given?.startsWith('{')) await main(JSON.parse(given) as ReplicaOrders);
