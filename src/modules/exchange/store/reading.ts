/**
 * Pages of a collection's log, in the order of its numbers: always a range of one index, however deep. Every function takes a
 * reach, which only the gate makes. A page ends where its bodies would weigh more than an answer should.
 */
import { sql, type RawBuilder } from 'kysely';
import type { Queryable } from '#world/db/port';
import { within, type Reach } from '../gate.ts';
import type { VersionFilter } from '../taxii/filters.ts';
import type { CollectionRecord } from './collections.ts';
import { tables } from './schema.ts';

export interface PageQuery {
  /** Entries after this number; -1 for all. */
  readonly after: number;
  readonly limit: number;
  readonly ids: readonly string[] | null;
  readonly types: readonly string[] | null;
  /** 20 and 21; null for the latest of each object. */
  readonly specs: readonly number[] | null;
  readonly versions: VersionFilter;
}

export interface PageRow {
  readonly seq: number;
  readonly id: string;
  readonly type: string;
  /** As it was sent; empty where the object has no version of its own. */
  readonly said: string;
  readonly us: bigint;
  readonly spec: number;
  readonly ver: string;
  readonly obj: string;
  /** The object as it was sent; null for a page without bodies, or where the law has taken it. */
  readonly body: string | null;
}

export interface Page { readonly rows: readonly PageRow[]; readonly more: boolean }

/** Bytes of bodies in one page at most, except that one object always fits. */
const mostBytes = 8_000_000;

/** Some types are read one after the other by their own index and merged: one that is rare is not searched for among all others. */
const mergedTypes = 12;

export async function pageOf(
  q: Queryable, reach: Reach, collection: CollectionRecord, query: PageQuery, bodies: boolean,
): Promise<Page> {
  const conditions = [sql`e.coll = ${collection.coll}::int`, sql`e.seq > ${String(query.after)}::bigint`, within(reach), ...filtersOf(query, collection)];
  const one = (more: readonly RawBuilder<unknown>[]): RawBuilder<unknown> => sql`(select e.seq, e.ver, e.obj, e.us, e.typ, e.spec, e.bytes
    from exchange_entry e where ${sql.join([...conditions, ...more], sql` and `)} order by e.seq limit ${query.limit + 1})`;
  const types = query.types === null ? null : [...new Set(query.types)];
  const entries = types === null || types.length === 0 || types.length > mergedTypes
    ? one(types === null ? [] : [sql`e.typ = any(${types}::text[])`])
    : sql.join(types.map((type) => one([sql`e.typ = ${type}`])), sql` union all `);
  const { rows } = await sql<Found>`select p.seq, p.us, p.typ, p.spec, p.ver, p.obj, o.stix_id, v.said, ${bodies ? sql`v.body` : sql`null::text as body`}, p.all
    from (select p.*, sum(p.bytes) over (order by p.seq) - p.bytes as before, count(*) over () as all from (${entries}) p) p
    join exchange_version v on v.ver = p.ver join exchange_object o on o.obj = p.obj
    where p.before < ${bodies ? mostBytes : Number.MAX_SAFE_INTEGER}::bigint order by p.seq limit ${query.limit + 1}`.execute(tables(q));
  const found = rows.slice(0, query.limit).map(rowOf);
  return { rows: found, more: Number(rows[0]?.all ?? 0) > found.length };
}

interface Found {
  seq: string; us: string; typ: string; spec: number; ver: string; obj: string; stix_id: string; said: string; body: string | null; all: string;
}
const rowOf = (r: Found): PageRow => ({
  seq: Number(r.seq), id: r.stix_id, type: r.typ, said: r.said, us: BigInt(r.us), spec: r.spec, ver: String(r.ver), obj: String(r.obj), body: r.body,
});

function filtersOf({ ids, specs, versions }: PageQuery, { owner }: CollectionRecord): RawBuilder<unknown>[] {
  const wanted: RawBuilder<unknown>[] = [];
  if (ids !== null) {
    wanted.push(sql`e.obj = any(array(select o.obj from exchange_object o where o.scope = ${owner} and o.stix_id = any(${ids}::text[])))`);
  }
  if (specs === null) wanted.push(sql`not e.outdated`);
  else wanted.push(sql`e.spec = any(${specs}::smallint[])`);
  wanted.push(versionSql(versions, specs !== null && specs.length > 1));
  return wanted;
}

/** `last`, `first` and moments, any of which will do. Among several specifications the last is the last of all. */
function versionSql(versions: VersionFilter, acrossSpecs: boolean): RawBuilder<unknown> {
  if (versions.all) return sql`true`;
  const any: RawBuilder<unknown>[] = [];
  const other = (order: RawBuilder<unknown>): RawBuilder<unknown> => sql`not exists (select 1 from exchange_entry n where n.coll = e.coll and n.obj = e.obj
    and n.spec <> e.spec and (n.us, n.rest, n.spec) ${order} (e.us, e.rest, e.spec))`;
  if (versions.last) any.push(acrossSpecs ? sql`(e.superseded_seq is null and ${other(sql`>`)})` : sql`e.superseded_seq is null`);
  if (versions.first) any.push(acrossSpecs ? sql`(e.first and ${other(sql`<`)})` : sql`e.first`);
  if (versions.moments.length > 0) {
    any.push(sql`(e.us, e.rest) in (select m.us, m.rest from unnest(${versions.moments.map((m) => String(m.us))}::bigint[],
      ${versions.moments.map((m) => m.rest)}::text[]) as m(us, rest))`);
  }
  return sql`(${sql.join(any, sql` or `)})`;
}

/** Whether an object is in a collection, within reach: with its number in the store. */
export async function objectIn(q: Queryable, reach: Reach, collection: CollectionRecord, id: string): Promise<string | null> {
  const { rows } = await sql<{ obj: string }>`select o.obj from exchange_object o where o.scope = ${collection.owner} and o.stix_id = ${id}
    and exists (select 1 from exchange_entry e where e.obj = o.obj and e.coll = ${collection.coll}::int and ${within(reach)})`.execute(tables(q));
  return rows[0] ? String(rows[0].obj) : null;
}

/** Whether an organisation brought an object, and not its holder. */
export async function broughtBy(q: Queryable, obj: string, org: string): Promise<boolean> {
  const { rows } = await sql`select 1 from exchange_object o join exchange_source s on s.id = o.source
    where o.obj = ${obj}::bigint and s.org = ${org}`.execute(tables(q));
  return rows.length > 0;
}
