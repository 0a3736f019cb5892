/**
 * When X happened, do Y: the whole list. A reaction hears of a fact once it is in the ledger, in order, and shares one
 * transaction with the note that it was heard: if we crash, it is heard again and done once. What it does is a fact too.
 */
import type { Migration, Queryable } from '#world/db/port';
import { stateFact } from '#world/facts';
import { feedsBack, feedsLeftWithout, findConflicts, stopScansWithout } from '#modules/landscape/index';
import { sequencedFacts, type SequencedFact } from '#modules/ledger/index';
import { fileNotice } from '../modules/agreements/notices.ts';
import { tellOfAdvisory, tellOwners } from './observed.ts';
import type { World } from './world.ts';

type Reaction = (world: World, tx: Queryable, fact: SequencedFact) => Promise<void>;

/** By the class of the fact. */
const reactions: Readonly<Record<string, readonly Reaction[]>> = {
  'agreement.began': [fileNotice],
  'agreement.ended': [suspendFeeds, stopScans, fileNotice],
  'agreement.expired': [suspendFeeds, stopScans, fileNotice],
  'agreement.part-withdrawn': [suspendFeeds, stopScans, fileNotice],
  'agreement.suspended': [suspendFeeds, stopScans],
  'agreement.grant-revoked': [suspendFeeds, stopScans],
  'agreement.suspension-lifted': [resumeFeeds],
  'batch.stored': [tellOwners, noteConflicts],
  'batch.replayed': [tellOwners, noteConflicts],
  'exposure-advisory.published': [tellOfAdvisory],
};

export const reactionsMigrations: readonly Migration[] = [
  {
    name: 'app/001-reactions',
    sql: `create table reactions_heard (id smallint primary key check (id = 1), next bigint not null);
    insert into reactions_heard values (1, 0);`,
  },
];

interface Tables {
  reactions_heard: { id: number; next: string };
}

/** Hears every fact that is new, one transaction each; answers how many. One that fails is told, and passed over. */
export async function react(world: World): Promise<number> {
  for (let heard = 0; ; heard++) {
    const state: { fact?: SequencedFact } = {};
    try {
      const done = await world.db.transaction(async (tx) => {
        const fact = await nextFact(tx);
        if (!fact) return true;
        state.fact = fact;
        for (const reaction of reactions[fact.class] ?? []) await reaction(world, tx, fact);
        await hear(tx, fact.index + 1);
        return false;
      });
      if (done) return heard;
    } catch (error) {
      const { fact } = state;
      if (!fact) throw error;
      world.trace.error('reaction.fault', error, { class: fact.class, index: fact.index });
      await hear(world.db, fact.index + 1);
    }
  }
}

/** The next fact that somebody reacts to; holds the note until the transaction ends, so that replicas take turns. */
async function nextFact(tx: Queryable): Promise<SequencedFact | null> {
  const row = await tx.as<Tables>().selectFrom('reactions_heard').select('next').forUpdate().executeTakeFirstOrThrow();
  const [fact] = await sequencedFacts(tx, Object.keys(reactions), Number(row.next), 1);
  return fact ?? null;
}

async function hear(q: Queryable, next: number): Promise<void> {
  await q.as<Tables>().updateTable('reactions_heard').set({ next: String(next) }).where('id', '=', 1).execute();
}

/**
 * An agreement ended, expired, was suspended or lost a part or a grant: each feed received under it that no clause lets in any more is suspended, on the
 * record of both sides. The pipeline refuses it by itself; this says so before the provider sends the next file.
 */
async function suspendFeeds(world: World, tx: Queryable, fact: SequencedFact): Promise<void> {
  for (const feed of await feedsLeftWithout({ db: tx, clock: world.clock }, fact.subject)) {
    world.trace.warn('feed.suspended', { feed: feed.id });
    await tellFeed(world, tx, fact, feed, 'feed.suspended');
  }
}

/** The same of scan jobs: what no clause carries any more is stopped, on the record of both sides. A lifted suspension begins none again. */
async function stopScans(world: World, tx: Queryable, fact: SequencedFact): Promise<void> {
  const stopped = await stopScansWithout(world, tx, { agreement: fact.subject, at: fact.at, index: fact.index });
  if (stopped > 0) world.trace.warn('scans.stopped', { agreement: fact.subject, stopped });
}

/** A suspension that held feeds back was lifted: each feed that a clause lets in again is resumed, on both records. */
async function resumeFeeds(world: World, tx: Queryable, fact: SequencedFact): Promise<void> {
  const { rights } = fact.body;
  if (!Array.isArray(rights) || !rights.includes('feed.pull')) return;
  for (const feed of await feedsBack({ db: tx, clock: world.clock }, fact.subject)) await tellFeed(world, tx, fact, feed, 'feed.resumed');
}

/** What lists of clean and of malicious files both name is nobody's indicator until somebody has decided. */
async function noteConflicts(world: World, tx: Queryable, fact: SequencedFact): Promise<void> {
  const found = await findConflicts(world, tx, fact.org, fact.subject);
  if (found > 0) world.trace.warn('files.conflict', { batch: fact.subject, found });
}

type Feed = Awaited<ReturnType<typeof feedsBack>>[number];

async function tellFeed(world: World, tx: Queryable, fact: SequencedFact, feed: Feed, name: string): Promise<void> {
  await stateFact(tx, {
    class: name, at: world.clock.iso(), actor: 'system', org: feed.scope, subject: feed.id,
    readers: feed.sourceOrg === null ? [] : [feed.sourceOrg], clauses: [],
    body: { feed: feed.name, agreement: fact.subject, because: fact.index },
  });
}
