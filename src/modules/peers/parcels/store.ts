/** Sites that no network reaches, what was packed for them, and what was taken in from them; within the organisation whose they are. */
import { sql, type Selectable } from 'kysely';
import type { Tlp } from '#kit/endpoint';
import type { Migration, Queryable } from '#world/db/port';

interface SiteRow {
  id: string; scope: string; title: string; vkey: string; key_name: string; ceiling: string; agreement: string | null; source: string; pinned_at: string;
  pinned_by: string; ended_at: string | null;
}
interface SeriesRow { id: string; scope: string; site: string; own: string; title: string; number: number; up_to: string | number }
interface MadeRow {
  scope: string; series: string; number: number; after: string | number; up_to: string | number; root: string; objects: number; retractions: number;
  bytes: string | number; made_at: string; made_by: string; receipt: unknown;
}
interface TakenRow {
  id: string; scope: string; site: string; series: string; number: number; root: string; title: string; ceiling: string; made_at: string; taken_at: string;
  taken_by: string; accepted: number; duplicate: number; quarantined: number; refused: number; retracted: number;
}
interface SaidRow { site: string; series: string; stix_id: string; number: number; retracted: boolean }
interface ParcelTables { peers_site: SiteRow; peers_series: SeriesRow; peers_made: MadeRow; peers_taken: TakenRow; peers_said: SaidRow }
const tables = (q: Queryable) => q.as<ParcelTables>();

export const parcelMigrations: readonly Migration[] = [{
  name: 'peers/002-parcels',
  sql: `create table peers_site (
    id text primary key, scope text not null, title text not null, vkey text not null, key_name text not null, ceiling text not null,
    agreement text, source text not null, pinned_at timestamptz not null, pinned_by text not null, ended_at timestamptz
  );
  create unique index peers_site_key on peers_site (scope, vkey) where ended_at is null;
  create table peers_series (
    id text primary key, scope text not null, site text not null references peers_site (id), own text not null, title text not null,
    number integer not null, up_to bigint not null, unique (site, own)
  );
  create table peers_made (
    scope text not null, series text not null references peers_series (id), number integer not null, after bigint not null, up_to bigint not null,
    root text not null, objects integer not null, retractions integer not null, bytes bigint not null, made_at timestamptz not null, made_by text not null,
    receipt jsonb, primary key (series, number)
  );
  create table peers_taken (
    id text primary key, scope text not null, site text not null references peers_site (id), series text not null, number integer not null,
    root text not null, title text not null, ceiling text not null, made_at timestamptz not null, taken_at timestamptz not null, taken_by text not null,
    accepted integer not null, duplicate integer not null, quarantined integer not null, refused integer not null, retracted integer not null,
    unique (site, series, number)
  );
  create table peers_said (
    site text not null references peers_site (id), series text not null, stix_id text collate "C" not null, number integer not null,
    retracted boolean not null, primary key (site, series, stix_id)
  )`,
}];

export interface SiteRecord {
  readonly id: string; readonly scope: string; readonly title: string; readonly vkey: string; readonly keyName: string; readonly ceiling: Tlp;
  readonly agreement: string | null; readonly source: string; readonly pinnedAt: string; readonly pinnedBy: string;
}
const siteOf = (r: Selectable<SiteRow>): SiteRecord => ({
  id: r.id, scope: r.scope, title: r.title, vkey: r.vkey, keyName: r.key_name, ceiling: r.ceiling as Tlp, agreement: r.agreement, source: r.source,
  pinnedAt: r.pinned_at, pinnedBy: r.pinned_by,
});

/** False where the key is pinned already. */
export async function insertSite(tx: Queryable, s: SiteRecord): Promise<boolean> {
  const done = await tables(tx).insertInto('peers_site').values({
    id: s.id, scope: s.scope, title: s.title, vkey: s.vkey, key_name: s.keyName, ceiling: s.ceiling, agreement: s.agreement, source: s.source,
    pinned_at: s.pinnedAt, pinned_by: s.pinnedBy, ended_at: null,
  }).onConflict((c) => c.columns(['scope', 'vkey']).where('ended_at', 'is', null).doNothing()).executeTakeFirst();
  return Number(done.numInsertedOrUpdatedRows ?? 0) === 1;
}

export async function sitesOf(q: Queryable, scope: string): Promise<SiteRecord[]> {
  return (await tables(q).selectFrom('peers_site').selectAll().where('scope', '=', scope).where('ended_at', 'is', null).orderBy('id').execute()).map(siteOf);
}

export async function siteById(q: Queryable, scope: string, id: string): Promise<SiteRecord | null> {
  return (await sitesOf(q, scope)).find((s) => s.id === id) ?? null;
}

export async function endSite(tx: Queryable, scope: string, id: string, at: string): Promise<void> {
  await tables(tx).updateTable('peers_site').set({ ended_at: at }).where('scope', '=', scope).where('id', '=', id).execute();
}

export interface Series {
  readonly id: string; readonly site: string; readonly own: string; readonly title: string; readonly number: number; readonly upTo: number;
}

/** The series of a collection for a site, begun where there is none; locked until the end of the transaction. */
export async function seriesFor(tx: Queryable, s: { id: string; scope: string; site: string; own: string; title: string }): Promise<Series> {
  await tables(tx).insertInto('peers_series').values({ ...s, number: 0, up_to: -1 })
    .onConflict((c) => c.columns(['site', 'own']).doNothing()).execute();
  const row = await tables(tx).selectFrom('peers_series').selectAll().where('site', '=', s.site).where('own', '=', s.own).forUpdate().executeTakeFirstOrThrow();
  return { id: row.id, site: row.site, own: row.own, title: row.title, number: row.number, upTo: Number(row.up_to) };
}

export interface Made {
  readonly series: string; readonly number: number; readonly after: number; readonly upTo: number; readonly root: string; readonly objects: number;
  readonly retractions: number; readonly bytes: number; readonly madeAt: string; readonly madeBy: string;
}

export async function insertMade(tx: Queryable, scope: string, m: Made): Promise<void> {
  await tables(tx).insertInto('peers_made').values({
    scope, series: m.series, number: m.number, after: m.after, up_to: m.upTo, root: m.root, objects: m.objects, retractions: m.retractions,
    bytes: m.bytes, made_at: m.madeAt, made_by: m.madeBy, receipt: null,
  }).execute();
  await tables(tx).updateTable('peers_series').set({ number: m.number, up_to: sql`greatest(up_to, ${m.upTo}::bigint)` as never })
    .where('id', '=', m.series).execute();
}

/** From where a parcel of a series began; null where there was none of that number. */
export async function madeAfter(q: Queryable, series: string, number: number): Promise<number | null> {
  const row = await tables(q).selectFrom('peers_made').select('after').where('series', '=', series).where('number', '=', number).executeTakeFirst();
  return row ? Number(row.after) : null;
}

export interface MadeShown extends Made { readonly site: string; readonly title: string; readonly receipt: unknown }
export async function madeOf(q: Queryable, scope: string, limit: number): Promise<MadeShown[]> {
  const rows = await tables(q).selectFrom('peers_made as m').innerJoin('peers_series as s', 's.id', 'm.series').selectAll('m').select(['s.site', 's.title'])
    .where('m.scope', '=', scope).orderBy('m.made_at', 'desc').orderBy('m.number', 'desc').limit(limit).execute();
  return rows.map((r) => ({
    series: r.series, number: r.number, after: Number(r.after), upTo: Number(r.up_to), root: r.root, objects: r.objects, retractions: r.retractions,
    bytes: Number(r.bytes), madeAt: r.made_at, madeBy: r.made_by, site: r.site, title: r.title, receipt: r.receipt,
  }));
}

/** Keeps a receipt for what was made; false where nothing of that number and content was made for the site. */
export async function keepReceipt(tx: Queryable, scope: string, site: string, r: { series: string; number: number; root: string }): Promise<boolean> {
  const done = await tables(tx).updateTable('peers_made').set({ receipt: JSON.stringify(r) }).where('scope', '=', scope).where('series', '=', r.series)
    .where('number', '=', r.number).where('root', '=', r.root)
    .where('series', 'in', tables(tx).selectFrom('peers_series').select('id').where('site', '=', site)).executeTakeFirst();
  return Number(done.numUpdatedRows) === 1;
}

export interface Taken {
  readonly id: string; readonly scope: string; readonly site: string; readonly series: string; readonly number: number; readonly root: string;
  readonly title: string; readonly ceiling: Tlp; readonly madeAt: string; readonly takenAt: string; readonly takenBy: string; readonly accepted: number;
  readonly duplicate: number; readonly quarantined: number; readonly refused: number; readonly retracted: number;
}
const takenOf = (r: Selectable<TakenRow>): Taken => ({
  id: r.id, scope: r.scope, site: r.site, series: r.series, number: r.number, root: r.root, title: r.title, ceiling: r.ceiling as Tlp,
  madeAt: r.made_at, takenAt: r.taken_at, takenBy: r.taken_by, accepted: r.accepted, duplicate: r.duplicate, quarantined: r.quarantined,
  refused: r.refused, retracted: r.retracted,
});

/** Those of an organisation, the latest first. */
export async function takenBy(q: Queryable, scope: string, limit: number): Promise<Taken[]> {
  return (await tables(q).selectFrom('peers_taken').selectAll().where('scope', '=', scope).orderBy('taken_at', 'desc').orderBy('number', 'desc')
    .limit(limit).execute()).map(takenOf);
}

export async function takenOfSeries(q: Queryable, site: string, series: string): Promise<Taken[]> {
  return (await tables(q).selectFrom('peers_taken').selectAll().where('site', '=', site).where('series', '=', series).orderBy('number').execute()).map(takenOf);
}

export async function insertTaken(tx: Queryable, t: Taken): Promise<boolean> {
  const done = await tables(tx).insertInto('peers_taken').values({
    id: t.id, scope: t.scope, site: t.site, series: t.series, number: t.number, root: t.root, title: t.title, ceiling: t.ceiling, made_at: t.madeAt,
    taken_at: t.takenAt, taken_by: t.takenBy, accepted: t.accepted, duplicate: t.duplicate, quarantined: t.quarantined, refused: t.refused,
    retracted: t.retracted,
  }).onConflict((c) => c.columns(['site', 'series', 'number']).doNothing()).executeTakeFirst();
  return Number(done.numInsertedOrUpdatedRows ?? 0) === 1;
}

/** What a later parcel than this one said of objects: whether they were taken back. */
export async function saidLater(q: Queryable, at: { site: string; series: string; number: number }, ids: readonly string[]): Promise<Map<string, boolean>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ stix_id: string; retracted: boolean }>`select stix_id, retracted from peers_said where site = ${at.site}
    and series = ${at.series} and number > ${at.number} and stix_id = any(${ids}::text[])`.execute(tables(q));
  return new Map(rows.map((r) => [r.stix_id, r.retracted]));
}

/** Keeps what this parcel says of objects, unless a later one has said something. */
export async function keepSaid(tx: Queryable, at: { site: string; series: string; number: number }, ids: readonly string[], retracted: boolean): Promise<void> {
  const each = [...new Set(ids)];
  if (each.length === 0) return;
  await sql`insert into peers_said (site, series, stix_id, number, retracted)
    select ${at.site}, ${at.series}, n.id, ${at.number}::int, ${retracted}::boolean from unnest(${each}::text[]) as n(id)
    on conflict (site, series, stix_id) do update set number = excluded.number, retracted = excluded.retracted
    where peers_said.number <= excluded.number`.execute(tables(tx));
}

export async function passOnParcels(tx: Queryable, from: string, to: string): Promise<void> {
  for (const table of ['site', 'series', 'made', 'taken']) {
    await sql`update ${sql.table(`peers_${table}`)} set scope = ${to} where scope = ${from}`.execute(tables(tx));
  }
}
