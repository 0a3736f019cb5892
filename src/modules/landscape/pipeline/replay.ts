/**
 * Reading kept files again: batch by batch in the order in which they came, each in the place of what is stored of it. How far it has
 * come is a record, so that a crash or another replica goes on where it stood.
 */
import type { Blobs } from '#world/blobs/port';
import type { Clock } from '#world/clock';
import type { Db } from '#world/db/port';
import { stateFact } from '#world/facts';
import {
  advanceReplay, endReplay, failReplay, nextKept, releaseReplay, replayById, takeReplay, type KeptBatch, type ReplayRecord,
} from '../mapping/store.ts';
import type { Counts } from '../model.ts';
import { feedById, type FeedRecord } from '../store.ts';

/** A replica that says nothing for so long has died within a file, or reads a very large one. */
const patienceMs = 30 * 60_000;
/** After a failure (no room, no store) it is tried again. */
const pauseMs = 60_000;

export interface By {
  readonly source: AsyncIterable<Uint8Array>;
  readonly mapping: number | null;
  readonly actor: string;
}

/** Reads one batch again; answers what came of it. */
export type ReadAgain = (feed: FeedRecord, kept: KeptBatch, by: By) => Promise<Counts>;

interface Parts { readonly db: Db; readonly blobs: Blobs; readonly clock: Clock }

const iso = (ms: number): string => new Date(ms).toISOString();

/** Goes on until no replay is open, or each has failed lately. */
export async function goOnReplaying(parts: Parts, readAgain: ReadAgain): Promise<void> {
  const { db, clock } = parts;
  for (;;) {
    const replay = await takeReplay(db, clock.iso(), iso(clock.now() + patienceMs));
    if (replay === null) return;
    try {
      const more = await one(parts, replay, readAgain);
      if (more) await releaseReplay(db, replay.id);
    } catch (error) {
      await failReplay(db, replay.id, error instanceof Error ? error.message : 'unknown', iso(clock.now() + pauseMs));
    }
  }
}

/** One batch of a replay; false where it has ended with that. */
async function one(parts: Parts, replay: ReplayRecord, readAgain: ReadAgain): Promise<boolean> {
  const { db, blobs } = parts;
  const feed = await feedById(db, replay.scope, replay.feed);
  const kept = feed === null ? null : await nextKept(db, replay.feed, replay.lastBatch, replay.untilBatch);
  if (feed === null || kept === null) {
    await finish(parts, replay, feed);
    return false;
  }
  const source = await blobs.open(kept.sha256);
  // Bytes that retention has taken cannot be read again; what is stored of them stays.
  const after = source === null ? kept : await readAgain(feed, kept, { source, mapping: replay.mapping, actor: replay.person });
  await db.transaction(async (tx) => advanceReplay(tx, replay, kept.id, countsOf(kept), countsOf(after)));
  return true;
}

async function finish({ db, clock }: Parts, replay: ReplayRecord, feed: FeedRecord | null): Promise<void> {
  await db.transaction(async (tx) => {
    const now = await replayById(tx, replay.scope, replay.id);
    if (now?.state !== 'open') return;
    // Stopped by people, or all that there is.
    await endReplay(tx, replay.id, now.batches < now.of ? 'stopped' : 'done', clock.iso());
    await stateFact(tx, {
      class: 'feed.replayed', at: clock.iso(), actor: replay.person, org: replay.scope, subject: replay.feed, readers: [], clauses: [],
      body: { feed: feed?.name ?? replay.feed, mapping: replay.mapping, batches: now.batches, before: now.before, after: now.after },
    });
  });
}

const countsOf = ({ read, stored, duplicate, quarantined, attributed }: Counts): Counts => ({ read, stored, duplicate, quarantined, attributed });
