/** What one shares, page by page in the order of its log, for a hub that sends it to the other side's own server. */
import type { Queryable } from '#world/db/port';
import { decisionFor, refusalOf } from '#modules/agreements/index';
import { reachOfShared } from '../gate.ts';
import { pageOf } from '../store/reading.ts';
import { retractionsIn, type RetractionRow } from '../store/recalls.ts';
import type { CollectionRecord } from '../store/collections.ts';
import type { ExchangeParts } from './parts.ts';

export interface SharedPage {
  readonly rows: readonly { readonly seq: number; readonly id: string; readonly body: string }[];
  readonly more: boolean;
}

/** The collection, if it is one's own, open, and shared under this agreement; and the sentence that keeps it from being sent, if one does. */
export async function sharedUnder(
  { db, clock }: { readonly db: Queryable; readonly clock: ExchangeParts['clock'] }, org: string, id: string, agreement: string,
): Promise<{ collection: CollectionRecord; refusal: string | null } | null> {
  const found = await reachOfShared(db, org, id);
  if (found === null || found.collection.agreement !== agreement || found.collection.partner === null) return null;
  const decision = await decisionFor({ db, clock }, {
    actor: { org: found.collection.partner }, action: 'threat.read', purpose: 'incident-response',
    resource: { owner: org, kind: 'threat', tlp: found.collection.ceiling, level: 3 },
  });
  return { collection: found.collection, refusal: decision.outcome === 'allow' ? null : refusalOf(decision).message };
}

/** Versions after a number of the collection's log, as they were sent; empty where it is shared no more. */
export async function sharedAfter(q: Queryable, org: string, id: string, after: number, limit: number): Promise<SharedPage> {
  const found = await reachOfShared(q, org, id);
  if (found === null) return { rows: [], more: false };
  const all = { all: true, last: false, first: false, moments: [] };
  const page = await pageOf(q, found.reach, found.collection, { after, limit, ids: null, types: null, specs: [20, 21], versions: all }, true);
  return { rows: page.rows.flatMap((r) => (r.body === null ? [] : [{ seq: r.seq, id: r.id, body: r.body }])), more: page.more };
}

/** What left it after a number, and why. */
export async function retractedAfter(q: Queryable, org: string, id: string, after: number, limit: number): Promise<RetractionRow[]> {
  const found = await reachOfShared(q, org, id);
  return found === null ? [] : retractionsIn(q, found.collection.coll, after, limit);
}
