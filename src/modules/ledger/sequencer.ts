/**
 * Drains the outbox of facts into the log: leaf numbers, salts and commitments, the new head, all in one transaction;
 * then the log is published (publish.ts). However many replicas run on one database, one has the turn at a time
 * (turn.ts), and whoever has facts takes it when it is free.
 *
 * If we crash before the commit, the facts are still in the outbox and nothing else happened. If we crash after it, the
 * facts are leaves, the outbox has them no more, and publishing is what remains: `recover` does it at the next start by
 * running `drain`, and so does the next fact, here or at another replica.
 */
import { canonicalText } from '#kit/canonical/canonical';
import { commitmentOf, formatLeaf, leafClass, minuteOf } from '#kit/bundle/leaf';
import { maxLineBytes } from '#kit/bundle/plan';
import { concatBytes, sameBytes, toHex, toUtf8 } from '#kit/encoding';
import { nodeTreeHash } from '#kit/hash/node';
import { append, rootOfFrontier } from '#kit/merkle/tree';
import type { Blobs } from '#world/blobs/port';
import type { Clock } from '#world/clock';
import type { Db } from '#world/db/port';
import type { Random } from '#world/random';
import { checkpointName, saltOf } from './log.ts';
import type { LogSigner } from './log.ts';
import { Publisher } from './publish.ts';
import { moveHead, readHead, storedCheckpoint } from './head-store.ts';
import { deleteOutbox, insertLeaves, outboxHead, outboxWaits, subjectKeys } from './store.ts';
import type { Head } from './head-store.ts';
import type { FactContent, NewLeaf, OutboxFact } from './store.ts';
import { Overtaken, TurnKeeper } from './turn.ts';
import type { TurnTx } from './turn.ts';

export interface SequencerParts {
  readonly db: Db;
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly random: Random;
  /** Who signs as the log: `openLogSigners`, or `ledgerSigner`. */
  readonly signer: LogSigner;
  /** Which data folder this is, for ever: a process that has its lock goes on where the one before it died. */
  readonly replica?: string;
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
  /** At the stop: lets another replica go on at once. */
  release(): Promise<void>;
}

/** The text of a fact from the outbox: these fields and no others, so that verifiers know what a fact is. */
export function contentOf({ seq, fact }: OutboxFact): FactContent & { readonly minute: string } {
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

interface Step {
  readonly head: Head;
  readonly count: number;
}

async function sequence({ tx, head, epoch }: TurnTx, parts: SequencerParts, limit: number): Promise<Step> {
  const rows = await outboxHead(tx, limit);
  if (!rows.length) return { head, count: 0 };
  const subjects = rows.map((row) => contentOf(row).subject);
  const keys = await subjectKeys(tx, subjects, () => parts.random.bytes(32));
  const leaves = rows.map((row, i) => leafOf(row, head.size + i, keys));
  await insertLeaves(tx, leaves);
  const frontier = append(nodeTreeHash, head, concatBytes(...leaves.map((leaf) => leaf.leafHash)));
  const next = { ...frontier, root: rootOfFrontier(nodeTreeHash, frontier) };
  await moveHead(tx, head, epoch, next, parts.clock.iso());
  await deleteOutbox(tx, rows.map((row) => row.seq));
  return { head: next, count: rows.length };
}

/**
 * The fewest facts of a batch. A machine that is so slow that a batch outlasts the patience of its connection would never
 * get it done: after each that failed the next is a quarter of it, after each that was done twice as many, up to the limit.
 */
const leastBatch = 25;
/** How long one waits for another replica's turn before leaving the facts to it. */
const patienceMs = 8_000;
const pauseMs = 40;

class Drain {
  readonly #parts: SequencerParts;
  readonly #turn: TurnKeeper;
  readonly #publisher: Publisher;
  readonly #most: number;
  #batch: number;

  constructor(parts: SequencerParts) {
    this.#parts = parts;
    this.#most = parts.batch ?? 2000;
    this.#batch = this.#most;
    const run = toHex(parts.random.bytes(16));
    this.#turn = new TurnKeeper(parts, `${parts.replica ?? run}.${run}`);
    this.#publisher = new Publisher(parts, this.#turn);
  }

  /** Until the outbox is empty and all of it is published, here or by another; answers how many were sequenced here. */
  async run(): Promise<number> {
    const total = { here: 0 };
    for (let waitedMs = 0; ; waitedMs += pauseMs) {
      const done = await this.#work(total).catch((error: unknown) => {
        // Another replica goes on with it: what we had committed is its to publish, and what we had not is still there.
        if (error instanceof Overtaken) return false;
        throw error;
      });
      if (done || waitedMs >= patienceMs || await this.#settled()) return total.here;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  release(): Promise<void> {
    return this.#turn.release();
  }

  /** Sequences and publishes while the turn is ours; false where it is another's. */
  async #work(total: { here: number }): Promise<boolean> {
    // The first run looks at everything, whatever it seems: it is the one that recovers.
    if (this.#turn.epoch > 0 && await this.#settled()) return true;
    // While one tree is published the next batch is sequenced: the disk and the database work at once.
    let publishing: Promise<void> = Promise.resolve();
    try {
      for (let first = true; first || await outboxWaits(this.#parts.db.brisk); first = false) {
        const step = await this.#turn.during((turn) => sequence(turn, this.#parts, this.#batch)).catch((error: unknown) => {
          this.#batch = Math.max(Math.min(leastBatch, this.#most), Math.floor(this.#batch / 4));
          throw error;
        });
        if (step === null) return false;
        this.#batch = Math.min(this.#most, this.#batch * 2);
        total.here += step.count;
        await publishing;
        // Also where nothing was sequenced: an earlier run may have died between its commit and its checkpoint.
        publishing = this.#publisher.publish(step.head);
        publishing.catch(() => {});
      }
    } finally {
      await publishing;
    }
    return true;
  }

  async #settled(): Promise<boolean> {
    const { brisk } = this.#parts.db;
    if (await outboxWaits(brisk)) return false;
    const [stored, head] = [await storedCheckpoint(brisk), await readHead(brisk)];
    if (stored?.size !== head.size) return false;
    const file = await this.#parts.blobs.read(checkpointName);
    return file !== null && sameBytes(file, toUtf8(stored.note));
  }
}

export function createSequencer(parts: SequencerParts): Sequencer {
  const work = new Drain(parts);
  let running: Promise<unknown> = Promise.resolve();
  let kicked = false;
  const drain = (): Promise<number> => {
    const mine = running.catch(() => {}).then(() => work.run());
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
        return work.run();
      });
      running = start;
      start.catch(parts.onFault);
    },
    idle: async () => { await running.catch(() => {}); },
    release: () => work.release(),
  };
}
