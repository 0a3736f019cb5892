/** Channels and observers. Who may see a channel is the gate's business; an observer is its organisation's. */
import { sql } from 'kysely';
import type { ManifestFormat } from '#kit/watch/manifest';
import type { Queryable } from '#world/db/port';
import { tables, type WatchTables } from './schema.ts';

export interface ChannelRecord {
  readonly id: string; readonly scope: string; readonly product: string; readonly name: string; readonly url: string; readonly format: ManifestFormat;
  readonly settleMinutes: number; readonly silentMinutes: number; readonly createdAt: string; readonly createdBy: string; readonly endedAt: string | null;
}
const channelOf = (r: WatchTables['watch_channel']): ChannelRecord => ({
  id: r.id, scope: r.scope, product: r.product, name: r.name, url: r.url, format: r.format as ManifestFormat, settleMinutes: r.settle_minutes,
  silentMinutes: r.silent_minutes, createdAt: r.created_at, createdBy: r.created_by, endedAt: r.ended_at,
});

/** False where the product has one of that name. */
export async function insertChannel(tx: Queryable, c: ChannelRecord): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tables(tx).insertInto('watch_channel').values({
    id: c.id, scope: c.scope, product: c.product, name: c.name, url: c.url, format: c.format, settle_minutes: c.settleMinutes,
      silent_minutes: c.silentMinutes,
    created_at: c.createdAt, created_by: c.createdBy, ended_at: null,
  }).onConflict((o) => o.columns(['product', 'name']).where('ended_at', 'is', null).doNothing()).executeTakeFirstOrThrow();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function channelById(q: Queryable, id: string): Promise<ChannelRecord | null> {
  const row = await tables(q).selectFrom('watch_channel').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? channelOf(row) : null;
}

/** Held until the transaction ends, so that what two observers hand in at once is compared. */
export async function lockedChannel(tx: Queryable, id: string): Promise<ChannelRecord | null> {
  const row = await tables(tx).selectFrom('watch_channel').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  return row ? channelOf(row) : null;
}

export async function channelsOf(q: Queryable, products: readonly string[]): Promise<ChannelRecord[]> {
  const { rows } = await sql<WatchTables['watch_channel']>`select * from watch_channel where product = any(${[...products]}::text[])
    order by ended_at is not null, name, id`.execute(tables(q));
  return rows.map(channelOf);
}

/** Those that are watched now: what the clock looks through. */
export async function watchedChannels(q: Queryable): Promise<ChannelRecord[]> {
  const { rows } = await sql<WatchTables['watch_channel']>`select * from watch_channel c where ended_at is null
    and exists (select 1 from watch_run r where r.channel = c.id) order by id`.execute(tables(q));
  return rows.map(channelOf);
}

/** False where it was not there to end. */
export async function endChannel(tx: Queryable, scope: string, id: string, at: string): Promise<boolean> {
  const done = await tables(tx).updateTable('watch_channel').set({ ended_at: at }).where('id', '=', id).where('scope', '=', scope).where('ended_at',
    'is', null)
    .executeTakeFirst();
  return done.numUpdatedRows > 0n;
}

export interface ObserverRecord {
  readonly id: string; readonly org: string; readonly name: string; readonly country: string; readonly network: string | null; readonly keyid: string;
  readonly publicKey: string; readonly registeredAt: string; readonly registeredBy: string; readonly endedAt: string | null; readonly lastAt: string | null;
  readonly skewMs: number | null;
}
const observerOf = (r: WatchTables['watch_observer']): ObserverRecord => ({
  id: r.id, org: r.org, name: r.name, country: r.country, network: r.network, keyid: r.keyid, publicKey: r.public_key, registeredAt: r.registered_at,
  registeredBy: r.registered_by, endedAt: r.ended_at, lastAt: r.last_at, skewMs: r.skew_ms === null ? null : Number(r.skew_ms),
});

/** False where its name or its key is taken: one key is one observer, here and everywhere on the hub. */
export async function insertObserver(tx: Queryable, o: ObserverRecord): Promise<boolean> {
  const { rows } = await sql<{ id: string }>`insert into watch_observer (id, org, name, country, network, keyid, public_key, registered_at, registered_by)
    values (${o.id}, ${o.org}, ${o.name}, ${o.country}, ${o.network}, ${o.keyid}, ${o.publicKey}, ${o.registeredAt}::timestamptz, ${o.registeredBy})
    on conflict do nothing returning id`.execute(tables(tx));
  return rows.length > 0;
}

export async function observersOf(q: Queryable, org: string): Promise<ObserverRecord[]> {
  return (await tables(q).selectFrom('watch_observer').selectAll().where('org', '=', org).orderBy('country').orderBy('name').execute()).map(observerOf);
}

export async function observersNamed(q: Queryable, ids: readonly string[]): Promise<ObserverRecord[]> {
  const { rows } = await sql<WatchTables['watch_observer']>`select * from watch_observer where id = any(${[...ids]}::text[]) order by country, name, id`
    .execute(tables(q));
  return rows.map(observerOf);
}

export async function observerByKey(q: Queryable, org: string, keyid: string): Promise<ObserverRecord | null> {
  const row = await tables(q).selectFrom('watch_observer').selectAll().where('org', '=', org).where('keyid', '=', keyid).executeTakeFirst();
  return row ? observerOf(row) : null;
}

export async function endObserver(tx: Queryable, org: string, id: string, at: string): Promise<boolean> {
  const done = await tables(tx).updateTable('watch_observer').set({ ended_at: at }).where('id', '=', id).where('org', '=', org).where('ended_at',
    'is', null)
    .executeTakeFirst();
  return done.numUpdatedRows > 0n;
}

/** By how much its clock was wrong when it last spoke, taken or not. */
export async function noteClock(q: Queryable, id: string, skewMs: number): Promise<void> {
  await tables(q).updateTable('watch_observer').set({ skew_ms: String(skewMs) }).where('id', '=', id).execute();
}

/** When something of it was last taken. */
export async function noteHeard(tx: Queryable, id: string, at: string): Promise<void> {
  await tables(tx).updateTable('watch_observer').set({ last_at: at }).where('id', '=', id).execute();
}
