/** Sources and collections. Every read of them takes the organisation whose they are, or the side of an agreement that reads. */
import { sql, type Selectable } from 'kysely';
import type { Queryable } from '#world/db/port';
import type { Collection, Source } from '../model/exchange.ts';
import { labelOf, rankOf, red } from '../rules/tlp.ts';
import { tables, type ExchangeTables } from './schema.ts';

/** A collection as the store knows it: with the number that its log is kept under. */
export type CollectionRecord = Collection & { readonly coll: number; readonly community: string | null };
type Row = Selectable<ExchangeTables['exchange_collection']>;

const collectionOf = (row: Row): CollectionRecord => ({
  coll: row.coll, id: row.id, kind: row.kind as Collection['kind'], title: row.title, description: row.description, alias: row.alias,
  owner: row.scope, agreement: row.agreement, partner: row.partner, ceiling: labelOf(row.ceiling), types: row.types, accepts: row.accepts,
  openedAt: row.opened_at, closedAt: row.closed_at, blind: row.community !== null, community: row.community,
});

export type NewCollection = Omit<Collection, 'openedAt' | 'closedAt' | 'blind'> & {
  readonly community?: string; readonly openedBy: string; readonly openedAt: string };

export async function insertCollection(tx: Queryable, c: NewCollection): Promise<CollectionRecord> {
  const row = await tables(tx).insertInto('exchange_collection').values({
    id: c.id, scope: c.owner, kind: c.kind, title: c.title, description: c.description, alias: c.alias, agreement: c.agreement, partner: c.partner,
    ceiling: rankOf(c.ceiling), types: c.types, accepts: c.accepts, opened_at: c.openedAt, opened_by: c.openedBy, closed_at: null,
      community: c.community ?? null,
  } as never).returningAll().executeTakeFirstOrThrow();
  await tables(tx).insertInto('exchange_head').values({ coll: row.coll, seq: '0' }).execute();
  return collectionOf(row);
}

/** Those of an organisation that are open, the library first. */
export async function collectionsOf(q: Queryable, scope: string, closedToo = false): Promise<CollectionRecord[]> {
  let query = tables(q).selectFrom('exchange_collection').selectAll().where('scope', '=', scope);
  if (!closedToo) query = query.where('closed_at', 'is', null);
  return (await query.orderBy('coll').execute()).map(collectionOf);
}

/** What both sides of an agreement share under it. */
export async function collectionsUnder(q: Queryable, agreement: string, org: string): Promise<CollectionRecord[]> {
  const rows = await tables(q).selectFrom('exchange_collection').selectAll().where('agreement', '=', agreement)
    .where((e) => e.or([e('scope', '=', org), e('partner', '=', org)])).where('closed_at', 'is', null).orderBy('coll').execute();
  return rows.map(collectionOf);
}

/** What others share with an organisation. */
export async function collectionsFor(q: Queryable, partner: string): Promise<CollectionRecord[]> {
  const rows = await tables(q).selectFrom('exchange_collection').selectAll().where('partner', '=', partner).where('closed_at', 'is', null)
    .orderBy('coll').execute();
  return rows.map(collectionOf);
}

/** What an organisation has itself but for what it shares, and what others share with it: all that it may come to read, in one question. */
export async function collectionsAround(q: Queryable, org: string): Promise<{ own: CollectionRecord[]; others: CollectionRecord[] }> {
  const rows = await tables(q).selectFrom('exchange_collection').selectAll().where((e) => e.or([
    e.and([e('scope', '=', org), e('kind', '!=', 'shared')]), e('partner', '=', org),
  ])).where('closed_at', 'is', null).orderBy('coll').execute();
  const all = rows.map(collectionOf);
  return { own: all.filter((c) => c.owner === org && c.kind !== 'shared'), others: all.filter((c) => c.partner === org) };
}

/** Those by which the members of a community take part, in the order in which they joined. */
export async function collectionsOfCommunity(q: Queryable, scope: string, community: string, closedToo = false): Promise<CollectionRecord[]> {
  const all = await collectionsOf(q, scope, closedToo);
  return all.filter((c) => c.community === community);
}

/** One, by its id or alias, that the organisation owns or reads. The caller decides whether it may. */
export async function collectionById(q: Queryable, org: string, id: string): Promise<CollectionRecord | null> {
  const row = await tables(q).selectFrom('exchange_collection').selectAll().where('id', '=', id)
    .where((e) => e.or([e('scope', '=', org), e('partner', '=', org)])).executeTakeFirst();
  return row ? collectionOf(row) : null;
}

export async function closeCollection(tx: Queryable, scope: string, id: string, at: string): Promise<boolean> {
  const { numUpdatedRows } = await tables(tx).updateTable('exchange_collection').set({ closed_at: at })
    .where('scope', '=', scope).where('id', '=', id).where('kind', '=', 'shared').where('closed_at', 'is', null).executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** How many objects each collection shows, and when the last came in (µs). */
export async function fillOf(q: Queryable, colls: readonly number[]): Promise<Map<number, { objects: number; lastSeq: number }>> {
  if (colls.length === 0) return new Map();
  const { rows } = await sql<{ coll: number; n: string; last: string | null }>`select coll, count(*) as n, max(seq) as last from exchange_entry
    where coll = any(${colls}::int[]) and superseded_seq is null and not outdated group by coll`.execute(tables(q));
  return new Map(rows.map((r) => [r.coll, { objects: Number(r.n), lastSeq: Number(r.last ?? 0) }]));
}

type SourceRow = Selectable<ExchangeTables['exchange_source']>;
export type SourceRecord = Omit<Source, 'objects' | 'lastAt'>;

const sourceOf = (row: SourceRow): SourceRecord => ({
  id: row.id, kind: row.kind as Source['kind'], name: row.name, org: row.org, speaksFor: row.speaks_for, createdAt: row.created_at,
});

/** The source of that name, made if there is none. */
export async function sourceNamed(
  tx: Queryable, scope: string, source: Pick<SourceRecord, 'id' | 'kind' | 'name' | 'org'>, at: string,
): Promise<SourceRecord> {
  await tables(tx).insertInto('exchange_source').values({ ...source, scope, speaks_for: [], created_at: at })
    .onConflict((c) => c.columns(['scope', 'name']).doNothing()).execute();
  return sourceOf(await tables(tx).selectFrom('exchange_source').selectAll().where('scope', '=', scope).where('name', '=', source.name)
    .executeTakeFirstOrThrow());
}

export async function sourcesOf(q: Queryable, scope: string): Promise<Source[]> {
  const { rows } = await sql<SourceRow & { n: string; last: string | null }>`select s.*, coalesce(v.n, 0) as n, v.last
    from exchange_source s left join (
      select v.source, count(*) as n, max(v.received_us) as last from exchange_version v join exchange_object o on o.obj = v.obj
      where o.scope = ${scope} group by v.source) v on v.source = s.id
    where s.scope = ${scope} order by s.created_at, s.id`.execute(tables(q));
  return rows.map((row) => ({
    ...sourceOf(row), objects: Number(row.n), lastAt: row.last === null ? null : new Date(Number(row.last) / 1000).toISOString(),
  }));
}

/** The holder's own library and its place for named eyes, opened when they are first needed. Two at once: one makes them. */
export async function ownCollections(
  tx: Queryable, scope: string, newId: () => string, by: string, at: string,
): Promise<{ library: CollectionRecord; eyes: CollectionRecord }> {
  const find = async (): Promise<CollectionRecord[]> => (await tables(tx).selectFrom('exchange_collection').selectAll()
    .where('scope', '=', scope).where('kind', '<>', 'shared').execute()).map(collectionOf);
  const found = await find();
  for (const kind of (['library', 'eyes'] as const).filter((k) => !found.some((c) => c.kind === k))) {
    const { rows } = await sql<{ coll: number }>`
      insert into exchange_collection (id, scope, kind, title, description, ceiling, accepts, opened_at, opened_by)
      values (${newId()}, ${scope}, ${kind}, ${kind}, '', ${kind === 'library' ? red - 1 : red}::smallint, false, ${at}::timestamptz, ${by})
      on conflict do nothing returning coll`.execute(tables(tx));
    for (const { coll } of rows) await tables(tx).insertInto('exchange_head').values({ coll, seq: '0' }).execute();
  }
  const all = found.length === 2 ? found : await find();
  const one = (kind: Collection['kind']): CollectionRecord => all.find((c) => c.kind === kind) as CollectionRecord;
  return { library: one('library'), eyes: one('eyes') };
}

export async function sourceById(q: Queryable, scope: string, id: string): Promise<SourceRecord | null> {
  const row = await tables(q).selectFrom('exchange_source').selectAll().where('scope', '=', scope).where('id', '=', id).executeTakeFirst();
  return row ? sourceOf(row) : null;
}

/** From now on a source may bring new versions of what another brought. */
export async function speakFor(tx: Queryable, scope: string, id: string, other: string): Promise<void> {
  await sql`update exchange_source set speaks_for = array(select distinct s from unnest(speaks_for || ${[other]}::text[]) as s order by s)
    where scope = ${scope} and id = ${id}`.execute(tables(tx));
}
