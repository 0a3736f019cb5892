/**
 * Sightings: raw rows, and beside them a row for each object, kind, reporter and day, written in the same transaction. Whoever holds an
 * object and whoever reported see who and when; others see numbers, and none that fewer than three organisations stand behind.
 */
import { sql } from 'kysely';
import type { Queryable } from '#world/db/port';
import { within, type Reach } from '../gate.ts';

/** 0 seen, 1 seen and false, 2 expired: as MISP numbers them. */
export type Kind = 0 | 1 | 2;

export interface Sighted {
  readonly id: string;
  /** Organisation that reports it, or the source that did where it is none of the hub's. */
  readonly scope: string;
  readonly holder: string;
  readonly obj: string;
  /** The attribute of MISP within the object; empty for the object itself. */
  readonly part: string;
  readonly kind: Kind;
  readonly atUs: bigint;
  readonly source: string;
  readonly n: number;
  readonly by: string;
}

const tables = (q: Queryable) => q.as<Record<string, never>>();
const day = sql`((to_timestamp(t.at_us::double precision / 1e6)) at time zone 'UTC')::date`;

/** Writes sightings; one that is there already is replaced, and its day counts anew. */
export async function addSightings(tx: Queryable, rows: readonly Sighted[], nowUs: number): Promise<void> {
  const once = [...new Map(rows.map((r) => [`${r.scope} ${r.id}`, r])).values()];
  for (let at = 0; at < once.length; at += 2_000) await addSome(tx, once.slice(at, at + 2_000), nowUs);
}

async function addSome(tx: Queryable, rows: readonly Sighted[], nowUs: number): Promise<void> {
  await takeBack(tx, rows);
  const col = <T>(of: (r: Sighted) => T): T[] => rows.map(of);
  const given = sql`unnest(${col((r) => r.id)}::text[], ${col((r) => r.scope)}::text[], ${col((r) => r.holder)}::text[], ${col((r) => r.obj)}::bigint[],
    ${col((r) => r.part)}::text[], ${col((r) => r.kind)}::smallint[], ${col((r) => String(r.atUs))}::bigint[], ${col((r) => r.source)}::text[],
    ${col((r) => r.n)}::int[], ${col((r) => r.by)}::text[]) as t(id, scope, holder, obj, part, kind, at_us, source, n, by)`;
  await sql`insert into exchange_sighting (id, scope, holder, obj, part, kind, at_us, source, n, reported_by, received_us)
    select t.id, t.scope, t.holder, t.obj, t.part, t.kind, t.at_us, t.source, t.n, t.by, ${String(nowUs)}::bigint from ${given}`.execute(tables(tx));
  await sql`insert into exchange_sighting_day as d (obj, kind, aud, holder, day, n, first_us, last_us)
    select t.obj, t.kind, t.scope, min(t.holder), ${day} as day, sum(t.n), min(t.at_us), max(t.at_us) from ${given} group by t.obj, t.kind, t.scope, 5
    on conflict (obj, kind, aud, day) do update set n = d.n + excluded.n, first_us = least(d.first_us, excluded.first_us),
      last_us = greatest(d.last_us, excluded.last_us)`.execute(tables(tx));
}

/** Removes raw rows and what they count; answers how many were there. */
async function takeBack(tx: Queryable, rows: readonly Pick<Sighted, 'scope' | 'id'>[]): Promise<number> {
  const { rows: gone } = await sql<{ obj: string; kind: number; scope: string; day: string; n: string }>`with gone as (
      delete from exchange_sighting s using unnest(${rows.map((r) => r.scope)}::text[], ${rows.map((r) => r.id)}::text[]) as g(scope, id)
      where s.scope = g.scope and s.id = g.id returning s.obj, s.kind, s.scope, s.at_us, s.n)
    select t.obj, t.kind, t.scope, ${day}::text as day, sum(t.n) as n from gone t group by 1, 2, 3, 4`.execute(tables(tx));
  for (const g of gone) {
    await sql`update exchange_sighting_day set n = n - ${String(g.n)}::bigint where obj = ${String(g.obj)}::bigint and kind = ${g.kind}::smallint
      and aud = ${g.scope} and day = ${g.day}::date`.execute(tables(tx));
    await sql`delete from exchange_sighting_day where obj = ${String(g.obj)}::bigint and kind = ${g.kind}::smallint and aud = ${g.scope}
      and day = ${g.day}::date and n <= 0`.execute(tables(tx));
  }
  return gone.length;
}

/** Takes one back that an organisation reported; false where there is none. */
export async function dropSighting(tx: Queryable, org: string, id: string): Promise<boolean> {
  return await takeBack(tx, [{ scope: org, id }]) > 0;
}

/** Ids of what an organisation reported last. */
export async function recentIds(q: Queryable, org: string, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select id from exchange_sighting where scope = ${org} order by received_us desc limit ${limit}`.execute(tables(q));
  return rows.map((r) => r.id);
}

export interface SightedRow extends Omit<Sighted, 'by'> { readonly receivedUs: number }
interface Row {
  id: string; scope: string; holder: string; obj: string; part: string; kind: number; at_us: string; source: string; n: number; received_us: string;
}
const sightedOf = (r: Row): SightedRow => ({
  id: r.id, scope: r.scope, holder: r.holder, obj: String(r.obj), part: r.part, kind: r.kind as Kind, atUs: BigInt(r.at_us), source: r.source, n: r.n,
  receivedUs: Number(r.received_us),
});

/** Joins what is within reach: asked for each sighting by itself, since there are few of them beside the entries. */
const seen = (reach: Reach) => sql`cross join lateral (select 1 from exchange_entry e where e.obj = s.obj and e.superseded_seq is null and not e.outdated
  and ${within(reach)} limit 1) w`;

export interface Asked {
  readonly objs?: readonly string[] | undefined;
  readonly fromUs?: number | undefined;
  readonly toUs?: number | undefined;
  readonly kind?: Kind | undefined;
  readonly by?: string | undefined;
  readonly limit: number;
}

/** Sightings of objects within reach that an organisation reported, or that others did of what it holds; the newest first. */
export async function sightingsOf(q: Queryable, reach: Reach, org: string, { objs, fromUs, toUs, kind, by, limit }: Asked): Promise<SightedRow[]> {
  const conditions = [sql`(s.scope = ${org} or s.holder = ${org})`];
  if (objs) conditions.push(sql`s.obj = any(${objs}::bigint[])`);
  if (fromUs !== undefined) conditions.push(sql`s.at_us >= ${String(fromUs)}::bigint`);
  if (toUs !== undefined) conditions.push(sql`s.at_us <= ${String(toUs)}::bigint`);
  if (kind !== undefined) conditions.push(sql`s.kind = ${kind}::smallint`);
  if (by !== undefined) conditions.push(sql`s.scope = ${by}`);
  const { rows } = await sql<Row>`select s.id, s.scope, s.holder, s.obj, s.part, s.kind, s.at_us, s.source, s.n, s.received_us
    from exchange_sighting s ${seen(reach)}
    where ${sql.join(conditions, sql` and `)} order by s.at_us desc, s.id limit ${limit}`.execute(tables(q));
  return rows.map(sightedOf);
}

export interface SightingDay { readonly day: string; readonly kind: Kind; readonly mine: number; readonly others: number | null }

/** Organisations behind a number that may be told to others. */
export const fewest = 3;

/**
 * Days on which an object within reach was seen: by one's own organisation, and by others. Its holder is told all; anybody else a day's
 * number behind which at least three others stand, else null.
 */
export async function sightingDays(q: Queryable, reach: Reach, org: string, obj: string): Promise<SightingDay[]> {
  const { rows } = await sql<{ day: string; kind: number; mine: string; others: string; orgs: string; held: boolean }>`
    select s.day::text as day, s.kind, coalesce(sum(s.n) filter (where s.aud = ${org}), 0) as mine, coalesce(sum(s.n) filter (where s.aud <> ${org}),
      0) as others,
      count(distinct s.aud) filter (where s.aud <> ${org}) as orgs, bool_or(s.holder = ${org}) as held
    from exchange_sighting_day s ${seen(reach)} where s.obj = ${obj}::bigint
    group by s.obj, s.day, s.kind order by s.day desc, s.kind limit 400`.execute(tables(q));
  return rows.flatMap((r): SightingDay[] => {
    const [mine, others] = [Number(r.mine), Number(r.others)];
    const told = r.held || Number(r.orgs) >= fewest;
    // What fewer stand behind is not even a day: that somebody saw it then says who did.
    if (!told && mine === 0) return [];
    return [{ day: r.day, kind: r.kind as Kind, mine, others: told ? others : null }];
  });
}
