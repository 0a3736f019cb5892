/**
 * By what right a feed comes in. A feed of one's own needs none; one that another organisation provides is taken in only
 * under a clause of an agreement in force, and the batch's fact names the clause.
 */
import type { ClauseRef } from '#kit/refusal';
import type { Clock } from '#world/clock';
import type { Db, Queryable } from '#world/db/port';
import { clausesOf, decideOnRecord, decisionFor, refusalOf } from '#modules/agreements/index';
import { feedsUnder, type FeedRecord } from './store.ts';

type Provided = Pick<FeedRecord, 'scope' | 'sourceOrg'>;
type Parts = { readonly db: Queryable; readonly clock: Clock };

const isOwn = (feed: Provided): boolean => feed.sourceOrg === null || feed.sourceOrg === feed.scope;

const questionOf = (feed: Provided) => ({
  actor: { org: feed.scope }, action: 'feed.pull', purpose: 'incident-response',
  resource: { owner: feed.sourceOrg ?? feed.scope, kind: 'feed' },
} as const);

/**
 * The clauses under which the feed may be taken in now; throws the Refusal that names what is missing. `again`: before or
 * during what the pipeline asks for itself, so that only a no is written down.
 */
export async function feedMandate(
  parts: { readonly db: Db; readonly clock: Clock }, feed: Provided, { again = false } = {},
): Promise<readonly ClauseRef[]> {
  if (isOwn(feed)) return [];
  const { decision } = await decideOnRecord(parts, questionOf(feed), { again });
  if (decision.outcome === 'deny') throw refusalOf(decision);
  return clausesOf(decision);
}

/** The same for a list: whose feed it is, and whether it may come in now. */
export async function feedStanding(parts: Parts, feed: Provided): Promise<'own' | 'in-force' | 'refused'> {
  if (isOwn(feed)) return 'own';
  return (await decisionFor(parts, questionOf(feed))).outcome === 'allow' ? 'in-force' : 'refused';
}

async function feedsStanding(parts: Parts, agreement: string, standing: 'in-force' | 'refused'): Promise<FeedRecord[]> {
  const feeds = await feedsUnder(parts.db, agreement);
  const standings = await Promise.all(feeds.map((feed) => feedStanding(parts, feed)));
  return feeds.filter((_, i) => standings[i] === standing);
}

/** Feeds received under an agreement that no clause lets in any more, whosever they are: for the app's reaction. */
export const feedsLeftWithout = (parts: Parts, agreement: string): Promise<FeedRecord[]> => feedsStanding(parts, agreement, 'refused');

/** Those that a clause lets in, now that what held them back is lifted. */
export const feedsBack = (parts: Parts, agreement: string): Promise<FeedRecord[]> => feedsStanding(parts, agreement, 'in-force');
