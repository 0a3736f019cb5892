/**
 * Events of MISP where they lie: containers (reports, groupings) and what they list, found by number, by id, by what lists them and by the
 * keys of values. Every read takes a reach. Objects come in the order of their numbers, so that a search goes on where it was.
 */
import { sql, type RawBuilder } from 'kysely';
import { isStixObject, type StixObject } from '#kit/stix/object';
import type { Queryable } from '#world/db/port';
import { within, type Reach } from '../gate.ts';
import { tables } from './schema.ts';

export interface Held {
  /** Its number, which other instances know it by. */
  readonly obj: string;
  readonly scope: string;
  readonly id: string;
  readonly body: StixObject;
  /** When it came to whoever reads it, in seconds. */
  readonly since: number;
}

/** Numbers and ids belong to a holder: what is asked together is asked for each of them. */
export function byHolder(held: readonly Held[]): Map<string, Held[]> {
  const found = new Map<string, Held[]>();
  for (const one of held) {
    const there = found.get(one.scope);
    if (there) there.push(one);
    else found.set(one.scope, [one]);
  }
  return found;
}

export const containerTypes = ['report', 'grouping'] as const;
/** What attributes and objects of MISP are kept as, and what is like them. */
export const thingTypes = ['indicator', 'observed-data', 'vulnerability', 'x-misp-attribute', 'x-misp-object'] as const;

interface Row { obj: string; scope: string; stix_id: string; body: string; since: string }
function heldOf(row: Row): Held[] {
  try {
    const body: unknown = JSON.parse(row.body);
    return isStixObject(body) ? [{ obj: String(row.obj), scope: row.scope, id: row.stix_id, body, since: Math.floor(Number(row.since) / 1_000_000) }] : [];
  } catch {
    return [];
  }
}

export interface Wanted {
  readonly types?: readonly string[] | undefined;
  readonly ids?: readonly string[] | undefined;
  readonly objs?: readonly string[] | undefined;
  readonly scope?: string | undefined;
  /** Versions of this time span, in seconds. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly coll?: number | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
}

const live = sql`e.superseded_seq is null and not e.outdated`;

/** Last versions within reach, each object once, in the order of their numbers. */
export async function heldWithin(q: Queryable, reach: Reach, wanted: Wanted): Promise<Held[]> {
  const conditions: RawBuilder<unknown>[] = [within(reach), live, sql`v.body is not null`];
  if (wanted.types) conditions.push(sql`e.typ = any(${wanted.types}::text[])`);
  // Objects are found first, by their index: an array that a statement has to work out is gone through for each row.
  if (wanted.ids) conditions.push(sql`o.stix_id = any(${wanted.ids}::text[])`);
  if (wanted.objs) conditions.push(sql`e.obj = any(${wanted.objs}::bigint[])`);
  if (wanted.scope !== undefined) conditions.push(sql`o.scope = ${wanted.scope}`);
  if (wanted.from !== undefined) conditions.push(sql`e.us >= ${String(wanted.from * 1_000_000)}::bigint`);
  if (wanted.to !== undefined) conditions.push(sql`e.us < ${String((wanted.to + 1) * 1_000_000)}::bigint`);
  if (wanted.coll !== undefined) conditions.push(sql`e.coll = ${wanted.coll}::int`);
  if (wanted.after !== undefined) conditions.push(sql`e.obj > ${wanted.after}::bigint`);
  const { rows } = await sql<Row>`select distinct on (e.obj) e.obj, o.scope, o.stix_id, v.body, e.seq as since
    from exchange_entry e join exchange_object o on o.obj = e.obj join exchange_version v on v.ver = e.ver
    where ${sql.join(conditions, sql` and `)} order by e.obj, e.us desc, e.rest desc, e.seq limit ${wanted.limit}`.execute(tables(q));
  return rows.flatMap(heldOf);
}

/** Which of some objects are within reach: asked for each by itself, since they are few beside the entries. */
async function visible(q: Queryable, reach: Reach, objs: readonly string[]): Promise<Set<string>> {
  if (objs.length === 0) return new Set();
  const { rows } = await sql<{ obj: string }>`select n.obj from unnest(${objs}::bigint[]) as n(obj)
    cross join lateral (select 1 from exchange_entry e where e.obj = n.obj and ${live} and ${within(reach)} limit 1) w`.execute(tables(q));
  return new Set(rows.map((r) => String(r.obj)));
}

/** Of objects of one holder: the numbers of what lists them within reach, which are containers unless another type is asked for. */
export async function listing(
  q: Queryable, reach: Reach, scope: string, ids: readonly string[], types: readonly string[] = containerTypes,
): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  if (ids.length === 0) return found;
  const { rows } = await sql<{ dst: string; obj: string }>`select distinct g.dst, g.obj from exchange_edge g join exchange_object o on o.obj = g.obj
    where g.scope = ${scope} and g.dst = any(${ids}::text[]) and g.relation = 'object' and o.typ = any(${types}::text[])
    order by g.dst, g.obj`.execute(tables(q));
  const seen = await visible(q, reach, [...new Set(rows.map((r) => String(r.obj)))]);
  for (const { dst, obj } of rows) if (seen.has(String(obj))) found.set(dst, [...found.get(dst) ?? [], String(obj)]);
  return found;
}

/** Numbers of relationships, sightings, notes and opinions about objects of one holder: what a report of others need not list. */
export async function aboutThem(q: Queryable, scope: string, ids: readonly string[], limit: number): Promise<string[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<{ obj: string }>`select distinct o.obj from exchange_edge g join exchange_object o on o.obj = g.obj
    where g.scope = ${scope} and ((o.typ = 'relationship' and g.src = any(${ids}::text[]) and g.dst = any(${ids}::text[]))
      or (o.typ = any('{sighting,note,opinion}'::text[]) and g.dst = any(${ids}::text[])))
    order by o.obj limit ${limit}`.execute(tables(q));
  return rows.map((r) => String(r.obj));
}

/** What clusters of galaxies are kept as. */
export const clusterTypes = [
  'attack-pattern', 'course-of-action', 'intrusion-set', 'campaign', 'malware', 'threat-actor', 'tool', 'x-misp-galaxy-cluster', 'identity', 'location',
  'vulnerability',
] as const;

/** Numbers of the relationships that lead from objects of one holder to what clusters are kept as. */
export async function towardsClusters(q: Queryable, scope: string, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<{ obj: string }>`select distinct o.obj from exchange_edge g join exchange_object o on o.obj = g.obj
    where g.scope = ${scope} and g.src = any(${ids}::text[]) and o.typ = 'relationship' and split_part(g.dst, '--', 1) = any(${clusterTypes}::text[])
    order by o.obj limit 50000`.execute(tables(q));
  return rows.map((r) => String(r.obj));
}

/** The number that stays an event's own: the first that either of its two containers was given. */
export async function firstNumbers(q: Queryable, scope: string, ids: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{ stix_id: string; obj: string }>`select stix_id, obj from exchange_object
    where scope = ${scope} and stix_id = any(${ids}::text[]) order by obj`.execute(tables(q));
  const found = new Map<string, string>();
  for (const { stix_id: id, obj } of rows) {
    const uuid = id.slice(id.indexOf('--') + 2);
    if (!found.has(uuid)) found.set(uuid, String(obj));
  }
  return found;
}

/** Numbers of an event, given one of them: those of the report and of the grouping of its uuid. */
export async function sameEvent(q: Queryable, obj: string): Promise<string[]> {
  const { rows } = await sql<{ obj: string }>`select o.obj from exchange_object o join exchange_object n on n.scope = o.scope
    and o.stix_id = any(array['report--' || split_part(n.stix_id, '--', 2), 'grouping--' || split_part(n.stix_id, '--', 2)])
    where n.obj = ${obj}::bigint and n.typ = any(${containerTypes}::text[])`.execute(tables(q));
  return rows.map((r) => String(r.obj));
}

/** Numbers of objects that state one of these keys. */
export async function stating(q: Queryable, keys: readonly string[], limit: number): Promise<string[]> {
  if (keys.length === 0) return [];
  const { rows } = await sql<{ obj: string }>`select distinct a.obj from exchange_atom a where a.key = any(${keys}::uuid[])
    order by a.obj limit ${limit}`.execute(tables(q));
  return rows.map((r) => String(r.obj));
}

/** Which of these ids something else than the given ones names, among what its holder has in a collection. */
export async function namedElsewhere(q: Queryable, scope: string, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ dst: string }>`select distinct g.dst from exchange_edge g join exchange_object o on o.obj = g.obj
    where g.scope = ${scope} and g.dst = any(${ids}::text[]) and not o.stix_id = any(${ids}::text[])
      and exists (select 1 from exchange_entry e where e.obj = g.obj)`.execute(tables(q));
  return new Set(rows.map((r) => r.dst));
}

/** Numbers of a holder's objects by their ids. */
export async function numbersOf(q: Queryable, scope: string, ids: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{ stix_id: string; obj: string }>`select stix_id, obj from exchange_object
    where scope = ${scope} and stix_id = any(${ids}::text[])`.execute(tables(q));
  return new Map(rows.map((r) => [r.stix_id, String(r.obj)]));
}

/** What no container within reach lists, and stands in a collection. */
const isLoose = (reach: Reach) => sql`not exists (select 1 from exchange_edge g join exchange_object r on r.obj = g.obj
  join exchange_entry n on n.obj = g.obj and n.coll = e.coll and n.superseded_seq is null and not n.outdated
  where g.scope = o.scope and g.dst = o.stix_id and g.relation = 'object' and r.typ = any(${containerTypes}::text[])
    and ${within(reach, 'n')})`;
const dayOf = sql`((to_timestamp(e.seq::double precision / 1e6)) at time zone 'UTC')::date`;

/** Days on which loose things came into a collection, as they stand in it now, with the last number of each. */
export async function looseDays(q: Queryable, reach: Reach, coll: number): Promise<{ day: string; lastSeq: number }[]> {
  const { rows } = await sql<{ day: string; last: string }>`select ${dayOf}::text as day, max(e.seq) as last
    from exchange_entry e join exchange_object o on o.obj = e.obj
    where e.coll = ${coll}::int and e.typ = any(${thingTypes}::text[]) and ${live} and ${within(reach)} and ${isLoose(reach)}
    group by 1 order by 1`.execute(tables(q));
  return rows.map((r) => ({ day: r.day, lastSeq: Number(r.last) }));
}

/** The loose things of a day, in the order in which they came. */
export async function looseOf(q: Queryable, reach: Reach, coll: number, day: string, limit: number): Promise<Held[]> {
  const from = Date.parse(`${day}T00:00:00Z`) * 1000;
  const { rows } = await sql<Row>`select e.obj, o.scope, o.stix_id, v.body, e.seq as since
    from exchange_entry e join exchange_object o on o.obj = e.obj join exchange_version v on v.ver = e.ver
    where e.coll = ${coll}::int and e.seq >= ${String(from)}::bigint and e.seq < ${String(from + 86_400_000_000)}::bigint and e.typ = any(${thingTypes}::text[])
      and v.body is not null and ${live} and ${within(reach)} and ${isLoose(reach)} order by e.seq limit ${limit}`.execute(tables(q));
  return rows.flatMap(heldOf);
}
