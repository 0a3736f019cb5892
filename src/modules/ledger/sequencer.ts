/**
 * Drains the outbox of facts into the log: leaf numbers, salts and commitments, the new head, all in one transaction;
 * then the log is published (publish.ts). One sequencer works at a time, by an advisory lock, however many replicas run.
 *
 * If we crash before the commit, the facts are still in the outbox and nothing else happened. If we crash after it, the
 * facts are leaves, the outbox has them no more, and publishing is what remains: `recover` does it at the next start by
 * running `drain`, and so does the next fact.
 */
import { canonicalText } from '#kit/canonical/canonical';
import { commitmentOf, formatLeaf, leafClass, minuteOf } from '#kit/bundle/leaf';
import { maxLineBytes } from '#kit/bundle/plan';
import { concatBytes, toUtf8 } from '#kit/encoding';
import { nodeTreeHash } from '#kit/hash/node';
import { append, rootOfFrontier } from '#kit/merkle/tree';
import type { NoteSigner } from '#kit/note/note';
import type { Blobs } from '#world/blobs/port';
import type { Clock } from '#world/clock';
import type { Db, Queryable } from '#world/db/port';
import type { Random } from '#world/random';
import { saltOf } from './log.ts';
import { publish } from './publish.ts';
import {
  deleteOutbox, insertLeaves, moveHead, outboxHead, publisherLock, readHead, subjectKeys, trySequencerLock,
} from './store.ts';
import type { FactContent, NewLeaf, OutboxFact } from './store.ts';

export interface SequencerParts {
  readonly db: Db;
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly random: Random;
  /** The log's key under the log's name: `ledgerSigner`. */
  readonly signer: NoteSigner;
  /** Facts sequenced in one transaction. */
  readonly batch?: number;
  /** Told of faults in work that `kick` began; nobody else is there to hear of them. */
  readonly onFault: (error: unknown) => void;
}

export interface Sequencer {
  /** Sequences all that is in the outbox and publishes it; answers how many facts this call sequenced. */
  drain(): Promise<number>;
  /** At start, before the first request: finishes what a crash left, and publishes the empty log of a new hub. */
  recover(): Promise<void>;
  /** After an act: drains soon. Kicks while it runs are one more run. */
  kick(): void;
  /** Resolves when nothing runs any more. */
  idle(): Promise<void>;
}

/** The text of a fact from the outbox: these fields and no others, so that verifiers know what a fact is. */
function contentOf({ seq, fact }: OutboxFact): FactContent & { readonly minute: string } {
  const content = fact as Partial<FactContent>;
  const { class: name, at, actor, org, subject, readers, clauses, body } = content;
  const minute = minuteOf(at ?? '');
  if (name === undefined || !leafClass.test(name) || name.length > 100 || at === undefined || minute === null) {
    throw new Error(`fact ${seq} of the outbox has no class and time that a leaf can carry`);
  }
  if (actor === undefined || org === undefined || subject === undefined || !readers || !clauses || !body) {
    throw new Error(`fact ${seq} of the outbox lacks a field`);
  }
  return { class: name, at, actor, org, subject, readers, clauses, body, minute };
}

function leafOf(row: OutboxFact, index: number, keys: ReadonlyMap<string, Uint8Array>): NewLeaf {
  const { minute, ...content } = contentOf(row);
  const key = keys.get(content.subject);
  if (!key) throw new Error(`fact ${row.seq} of the outbox has no subject key`);
  const text = canonicalText(content);
  const bytes = toUtf8(text);
  if (bytes.length > maxLineBytes / 2) throw new Error(`fact ${row.seq} of the outbox has ${bytes.length} bytes`);
  const commitment = commitmentOf(nodeTreeHash.sha256, saltOf(key, index), bytes);
  const leaf = formatLeaf({ class: content.class, time: minute, commitment });
  return {
    index, leaf, leafHash: nodeTreeHash.leaf(toUtf8(leaf)), class: content.class, at: content.at,
    subject: content.subject, readers: content.readers, fact: text,
  };
}

/** Null where another replica is sequencing. */
async function sequence(tx: Queryable, parts: SequencerParts, limit: number): Promise<number | null> {
  if (!await trySequencerLock(tx)) return null;
  const rows = await outboxHead(tx, limit);
  if (!rows.length) return 0;
  const head = await readHead(tx);
  const subjects = rows.map((row) => contentOf(row).subject);
  const keys = await subjectKeys(tx, subjects, () => parts.random.bytes(32));
  const leaves = rows.map((row, i) => leafOf(row, head.size + i, keys));
  await insertLeaves(tx, leaves);
  const frontier = append(nodeTreeHash, head, concatBytes(...leaves.map((leaf) => leaf.leafHash)));
  await moveHead(tx, head.size, { ...frontier, root: rootOfFrontier(nodeTreeHash, frontier) }, parts.clock.iso());
  await deleteOutbox(tx, rows.map((row) => row.seq));
  return rows.length;
}

/**
 * Publishing is exclusive too, lest a slow replica put an older checkpoint over a newer one. PGlite has one process and
 * one connection, which the lock would hold while files are written: there the order of `drain` is enough.
 */
async function publishAlone(parts: SequencerParts): Promise<void> {
  if (parts.db.engine === 'pglite') return publish(parts);
  return parts.db.transaction(async (tx) => {
    await publisherLock(tx);
    await publish({ ...parts, db: tx });
  });
}

export function createSequencer(parts: SequencerParts): Sequencer {
  const batch = parts.batch ?? 2000;
  let running: Promise<unknown> = Promise.resolve();
  let kicked = false;
  const drainNow = async (): Promise<number> => {
    let total = 0;
    for (;;) {
      const done = await parts.db.transaction((tx) => sequence(tx, parts, batch));
      // Also where nothing was sequenced: an earlier run may have died between its commit and its checkpoint.
      await publishAlone(parts);
      total += done ?? 0;
      if (done === null || done < batch) return total;
    }
  };
  const drain = (): Promise<number> => {
    const mine = running.catch(() => {}).then(drainNow);
    running = mine;
    return mine;
  };
  return {
    drain,
    recover: async () => { await drain(); },
    kick() {
      if (kicked) return;
      kicked = true;
      const start = running.catch(() => {}).then(() => {
        kicked = false;
        return drainNow();
      });
      running = start;
      start.catch(parts.onFault);
    },
    idle: async () => { await running.catch(() => {}); },
  };
}
