/** Runs over followings: taken by a lease, their progress written in the same step as the place, ended with what came of them. */
import { sql } from 'kysely';
import type { Queryable } from '#world/db/port';
import type { Dialect, Quirk, Trouble } from '../model/peers.ts';
import type { Place } from '../taxii/walk.ts';
import { followingOf, type FollowingRecord, type SendingPlace } from './peers.ts';
import { tables } from './schema.ts';

/** Of anybody: whose time has come and that nobody holds, the longest due first. */
export async function dueFollowings(q: Queryable, now: string, most: number): Promise<string[]> {
  const rows = await tables(q).selectFrom('peers_following').select('id').where('ended_at', 'is', null).where('is_on', '=', true)
    .where('next_at', '<=', now).where((eb) => eb.or([eb('lease_until', 'is', null), eb('lease_until', '<', now)]))
    .orderBy('next_at').orderBy('id').limit(most).execute();
  return rows.map((row) => row.id);
}

const broken: Trouble = {
  code: 'peer.broke-off', sentence: 'The hub ended in the middle of this fetch. What it took in is kept; the next one goes on.', at: null,
};

/** Takes a following for a run; null where somebody holds it, or it is not there. A run that lost it is closed as broken off. */
export async function takeFollowing(
  tx: Queryable, { id, run, now, until, person }: { id: string; run: string; now: string; until: string; person: string | null },
): Promise<FollowingRecord | null> {
  let query = tables(tx).updateTable('peers_following').set({ lease_run: run, lease_until: until }).where('id', '=', id).where('ended_at', 'is', null)
    .where((eb) => eb.or([eb('lease_until', 'is', null), eb('lease_until', '<', now)]));
  if (person === null) query = query.where('is_on', '=', true).where('next_at', '<=', now);
  const row = await query.returningAll().executeTakeFirst();
  if (!row) return null;
  await tables(tx).updateTable('peers_fetch').set({ state: 'failed', ended_at: now, trouble: JSON.stringify(broken) })
    .where('following', '=', id).where('state', '=', 'running').execute();
  await tables(tx).insertInto('peers_fetch').values({
    id: run, scope: row.scope, following: id, started_at: now, ended_at: null, state: 'running', person, pages: 0, objects: 0, bytes: 0, accepted: 0,
    duplicate: 0, quarantined: 0, refused: 0, trouble: null,
  }).execute();
  return followingOf(row);
}

export async function holdLonger(q: Queryable, id: string, run: string, until: string): Promise<boolean> {
  const done = await tables(q).updateTable('peers_following').set({ lease_until: until }).where('id', '=', id).where('lease_run', '=', run)
    .executeTakeFirst();
  return Number(done.numUpdatedRows) === 1;
}

/** What of a run is counted. */
export interface Counts {
  readonly pages: number; readonly objects: number; readonly bytes: number; readonly accepted: number; readonly duplicate: number;
  readonly quarantined: number; readonly refused: number;
}
export const noCounts: Counts = { pages: 0, objects: 0, bytes: 0, accepted: 0, duplicate: 0, quarantined: 0, refused: 0 };

export function plus(a: Counts, b: Counts): Counts {
  return {
    pages: a.pages + b.pages, objects: a.objects + b.objects, bytes: a.bytes + b.bytes, accepted: a.accepted + b.accepted,
    duplicate: a.duplicate + b.duplicate, quarantined: a.quarantined + b.quarantined, refused: a.refused + b.refused,
  };
}

export interface Progress {
  readonly id: string; readonly run: string; readonly now: string; readonly until: string; readonly place: Place | SendingPlace;
  readonly pageSize: number; readonly quirks: readonly Quirk[]; readonly counts: Counts;
  /** Of this step, for the following's own sums. */
  readonly taken: number; readonly refused: number;
}

/** Writes where one stands, after what it names was taken in; false where the run holds it no longer, and then nothing. */
export async function saveProgress(tx: Queryable, p: Progress): Promise<boolean> {
  const done = await tables(tx).updateTable('peers_following').set({
    lease_until: p.until, place: JSON.stringify(p.place), page_size: p.pageSize, quirks: JSON.stringify(p.quirks),
    objects: sql`objects + ${p.taken}::bigint` as never, refused: sql`refused + ${p.refused}::bigint` as never,
  }).where('id', '=', p.id).where('lease_run', '=', p.run).executeTakeFirst();
  if (Number(done.numUpdatedRows) !== 1) return false;
  await saveRun(tx, p.run, p.counts);
  return true;
}

async function saveRun(tx: Queryable, run: string, counts: Counts): Promise<void> {
  await tables(tx).updateTable('peers_fetch').set({ ...counts }).where('id', '=', run).where('state', '=', 'running').execute();
}

export interface End {
  readonly id: string; readonly run: string; readonly now: string; readonly state: 'done' | 'failed' | 'waiting'; readonly trouble: Trouble | null;
  readonly counts: Counts; readonly nextAt: string; readonly failingSince: string | null; readonly failures: number; readonly askedAt: string | null;
}

/** What a fetch came to is kept so long; the facts of it stay. */
const keptDays = 90;

/** Ends a run and lets its following go; false where it had it no longer. */
export async function endRun(tx: Queryable, end: End): Promise<boolean> {
  await saveRun(tx, end.run, end.counts);
  await tables(tx).updateTable('peers_fetch').set({
    state: end.state, ended_at: end.now, trouble: end.trouble === null ? null : JSON.stringify(end.trouble),
  }).where('id', '=', end.run).where('state', '=', 'running').execute();
  const old = new Date(Date.parse(end.now) - keptDays * 86_400_000).toISOString();
  await tables(tx).deleteFrom('peers_fetch').where('following', '=', end.id).where('started_at', '<', old).execute();
  const done = await tables(tx).updateTable('peers_following').set({
    lease_run: null, lease_until: null, next_at: end.nextAt, failing_since: end.failingSince, failures: end.failures,
    trouble: end.trouble === null ? null : JSON.stringify(end.trouble), ...(end.state === 'done' ? { last_success_at: end.now } : {}),
    ...(end.askedAt === null ? {} : { asked_at: end.askedAt }),
  }).where('id', '=', end.id).where('lease_run', '=', end.run).executeTakeFirst();
  return Number(done.numUpdatedRows) === 1;
}

/** Closes a run whose following was changed, ended or taken meanwhile. */
export async function closeRun(q: Queryable, run: string, now: string, counts: Counts): Promise<void> {
  const trouble: Trouble = { code: 'peer.let-go', sentence: 'It was changed or ended while this fetch went on.', at: null };
  await saveRun(q, run, counts);
  await tables(q).updateTable('peers_fetch').set({ state: 'failed', ended_at: now, trouble: JSON.stringify(trouble) })
    .where('id', '=', run).where('state', '=', 'running').execute();
}

export async function saveDialect(q: Queryable, peer: string, dialect: Dialect): Promise<void> {
  await tables(q).updateTable('peers_peer').set({ dialect: JSON.stringify(dialect) }).where('id', '=', peer).execute();
}

export async function reseal(q: Queryable, peer: string, sealed: string): Promise<void> {
  await tables(q).updateTable('peers_peer').set({ sealed }).where('id', '=', peer).where('ended_at', 'is', null).execute();
}

/** As many of them are kept as a person could look at. */
const mostAside = 1_000;

/** Keeps what could not be taken in; the same again is the same. */
export async function setAside(
  tx: Queryable, at: { scope: string; following: string; now: string }, lines: readonly { id: string; place: string; stixId: string; text: string }[],
): Promise<void> {
  if (lines.length === 0) return;
  await tables(tx).insertInto('peers_aside').values(lines.map((l) => ({
    id: l.id, scope: at.scope, following: at.following, at: at.now, place: l.place.slice(0, 300), stix_id: l.stixId, problem: l.text.slice(0, 500),
  }))).onConflict((c) => c.columns(['following', 'stix_id', 'problem']).doNothing()).execute();
  await sql`delete from peers_aside where following = ${at.following} and id <= (select id from peers_aside where following = ${at.following}
    order by id desc offset ${mostAside} limit 1)`.execute(tables(tx));
}
