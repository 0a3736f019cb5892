/** Peers and what is followed of them, within the organisation whose they are. Rounds of the hub look past it: they take what is due. */
import type { Queryable } from '#world/db/port';
import { sql, type Selectable } from 'kysely';
import type { Tlp } from '#kit/endpoint';
import type { Auth, Dialect, Fetch, Filters, Following, Quirk, Trouble } from '../model/peers.ts';
import type { Place } from '../taxii/walk.ts';
import { tables, type FollowingRow, type PeerRow } from './schema.ts';

export interface PeerRecord {
  readonly id: string; readonly scope: string; readonly title: string; readonly url: string; readonly auth: Auth; readonly sealed: string | null;
  readonly lastFour: string | null; readonly unmarked: Tlp; readonly source: string; readonly agreement: string | null; readonly everyMinutes: number;
  readonly pageSize: number; readonly dialect: Dialect; readonly createdAt: string; readonly createdBy: string;
}

export const peerOf = (row: Selectable<PeerRow>): PeerRecord => ({
  id: row.id, scope: row.scope, title: row.title, url: row.url, auth: row.auth as Auth, sealed: row.sealed, lastFour: row.last_four,
  unmarked: row.unmarked as Tlp, source: row.source, agreement: row.agreement, everyMinutes: row.every_minutes, pageSize: row.page_size,
  dialect: row.dialect as Dialect, createdAt: row.created_at, createdBy: row.created_by,
});

/** Where a sending stands: the last number of the own log that the other side has, and additions whose status is asked for. */
export interface SendingPlace { readonly seq: number; readonly pending: readonly { readonly url: string; readonly total: number }[] }

export interface FollowingRecord {
  readonly id: string; readonly scope: string; readonly peer: string; readonly direction: Following['direction']; readonly root: string;
  readonly collection: string; readonly title: string; readonly filters: Filters; readonly own: string | null; readonly on: boolean;
  readonly place: Place | SendingPlace; readonly pageSize: number; readonly quirks: readonly Quirk[]; readonly objects: number; readonly refused: number;
  readonly askedAt: string | null; readonly lastSuccessAt: string | null; readonly nextAt: string; readonly failingSince: string | null;
  readonly failures: number; readonly trouble: Trouble | null; readonly running: boolean;
}

export const followingOf = (row: Selectable<FollowingRow>): FollowingRecord => ({
  id: row.id, scope: row.scope, peer: row.peer, direction: row.direction as Following['direction'], root: row.root, collection: row.collection,
  title: row.title, filters: row.filters as Filters, own: row.own, on: row.is_on, place: row.place as Place | SendingPlace, pageSize: row.page_size,
  quirks: row.quirks as Quirk[], objects: Number(row.objects), refused: Number(row.refused), askedAt: row.asked_at, lastSuccessAt: row.last_success_at,
  nextAt: row.next_at, failingSince: row.failing_since, failures: row.failures, trouble: row.trouble as Trouble | null, running: row.lease_run !== null,
});

/** False where another of the organisation's peers has the title. */
export async function insertPeer(tx: Queryable, peer: PeerRecord): Promise<boolean> {
  const done = await tables(tx).insertInto('peers_peer').values({
    id: peer.id, scope: peer.scope, title: peer.title, url: peer.url, auth: JSON.stringify(peer.auth), sealed: peer.sealed, last_four: peer.lastFour,
    unmarked: peer.unmarked, source: peer.source, agreement: peer.agreement, every_minutes: peer.everyMinutes, page_size: peer.pageSize,
    dialect: JSON.stringify(peer.dialect), created_at: peer.createdAt, created_by: peer.createdBy, ended_at: null,
  }).onConflict((c) => c.columns(['scope', 'title']).where('ended_at', 'is', null).doNothing()).executeTakeFirst();
  return Number(done.numInsertedOrUpdatedRows ?? 0) === 1;
}

/** False where another of the organisation's peers has the title. What runs is let go: it began with what was said before. */
export async function savePeer(tx: Queryable, peer: PeerRecord): Promise<boolean> {
  const other = await tables(tx).selectFrom('peers_peer').select('id').where('scope', '=', peer.scope).where('title', '=', peer.title)
    .where('ended_at', 'is', null).where('id', '<>', peer.id).executeTakeFirst();
  if (other) return false;
  await tables(tx).updateTable('peers_peer').set({
    title: peer.title, url: peer.url, auth: JSON.stringify(peer.auth), sealed: peer.sealed, last_four: peer.lastFour, unmarked: peer.unmarked,
    agreement: peer.agreement, every_minutes: peer.everyMinutes, page_size: peer.pageSize, dialect: JSON.stringify(peer.dialect),
  }).where('scope', '=', peer.scope).where('id', '=', peer.id).execute();
  await tables(tx).updateTable('peers_following').set({ lease_run: null, lease_until: null, page_size: peer.pageSize })
    .where('peer', '=', peer.id).execute();
  return true;
}

export async function endPeer(tx: Queryable, scope: string, id: string, at: string): Promise<void> {
  await tables(tx).updateTable('peers_peer').set({ ended_at: at, sealed: null }).where('scope', '=', scope).where('id', '=', id).execute();
  await tables(tx).updateTable('peers_following').set({ ended_at: at, lease_run: null, lease_until: null }).where('scope', '=', scope)
    .where('peer', '=', id).where('ended_at', 'is', null).execute();
}

export async function peerById(q: Queryable, scope: string, id: string): Promise<PeerRecord | null> {
  const row = await tables(q).selectFrom('peers_peer').selectAll().where('scope', '=', scope).where('id', '=', id).where('ended_at', 'is', null)
    .executeTakeFirst();
  return row ? peerOf(row) : null;
}

export async function peersOf(q: Queryable, scope: string): Promise<PeerRecord[]> {
  const rows = await tables(q).selectFrom('peers_peer').selectAll().where('scope', '=', scope).where('ended_at', 'is', null).orderBy('id').execute();
  return rows.map(peerOf);
}

type NewFollowing = Pick<FollowingRecord, 'id' | 'scope' | 'peer' | 'direction' | 'root' | 'collection' | 'title' | 'filters' | 'own' | 'place' | 'pageSize'>
  & { readonly at: string };

export async function insertFollowing(tx: Queryable, f: NewFollowing): Promise<void> {
  await tables(tx).insertInto('peers_following').values({
    id: f.id, scope: f.scope, peer: f.peer, direction: f.direction, root: f.root, collection: f.collection, title: f.title,
    filters: JSON.stringify(f.filters), own: f.own, is_on: true, place: JSON.stringify(f.place), page_size: f.pageSize, quirks: '[]', objects: 0, refused: 0,
    asked_at: null, last_success_at: null, next_at: f.at, failing_since: null, failures: 0, trouble: null, lease_run: null, lease_until: null,
    created_at: f.at, ended_at: null,
  }).execute();
}

export async function followingsOf(q: Queryable, scope: string, peer: string | null): Promise<FollowingRecord[]> {
  let query = tables(q).selectFrom('peers_following').selectAll().where('scope', '=', scope).where('ended_at', 'is', null);
  if (peer !== null) query = query.where('peer', '=', peer);
  return (await query.orderBy('id').execute()).map(followingOf);
}

export async function followingById(q: Queryable, scope: string, id: string): Promise<FollowingRecord | null> {
  const row = await tables(q).selectFrom('peers_following').selectAll().where('scope', '=', scope).where('id', '=', id).where('ended_at', 'is', null)
    .executeTakeFirst();
  return row ? followingOf(row) : null;
}

/** Pauses, goes on, begins anew or ends; whoever runs it now has it no longer. */
export async function changeFollowing(
  tx: Queryable, scope: string, id: string, change: { on?: boolean; place?: Place | SendingPlace; endedAt?: string; at: string },
): Promise<void> {
  await tables(tx).updateTable('peers_following').set({
    next_at: change.at, lease_run: null, lease_until: null, ...(change.on === undefined ? {} : { is_on: change.on }),
    ...(change.place === undefined ? {} : { place: JSON.stringify(change.place) }), ...(change.endedAt === undefined ? {} : { ended_at: change.endedAt }),
  }).where('scope', '=', scope).where('id', '=', id).execute();
}

export async function fetchesOf(q: Queryable, scope: string, following: string, limit: number): Promise<Fetch[]> {
  const rows = await tables(q).selectFrom('peers_fetch').selectAll().where('scope', '=', scope).where('following', '=', following)
    .orderBy('id', 'desc').limit(limit).execute();
  return rows.map((r) => ({
    id: r.id, startedAt: r.started_at, endedAt: r.ended_at, state: r.state as Fetch['state'], by: r.person, pages: r.pages, objects: Number(r.objects),
    bytes: Number(r.bytes), accepted: Number(r.accepted), duplicate: Number(r.duplicate), quarantined: Number(r.quarantined), refused: Number(r.refused),
    trouble: r.trouble as Trouble | null,
  }));
}

export async function asideOf(q: Queryable, scope: string, following: string, limit: number): Promise<{ at: string; place: string; stixId: string;
  text: string }[]> {
  const rows = await tables(q).selectFrom('peers_aside').selectAll().where('scope', '=', scope).where('following', '=', following)
    .orderBy('id', 'desc').limit(limit).execute();
  return rows.map((r) => ({ at: r.at, place: r.place, stixId: r.stix_id, text: r.problem }));
}

export async function passOnPeers(tx: Queryable, from: string, to: string): Promise<void> {
  for (const table of ['peer', 'following', 'fetch', 'aside']) {
    await sql`update ${sql.table(`peers_${table}`)} set scope = ${to} where scope = ${from}`.execute(tables(tx));
  }
}

/** How many peers an organisation has. */
export async function peerCount(q: Queryable, scope: string): Promise<number> {
  return (await peersOf(q, scope)).length;
}
