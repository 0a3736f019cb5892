/** The register of attacked websites: entries out of the computed days, and what people added to them: repair and evidence. */
import type { Queryable } from '#world/db/port';
import type { Events } from '#world/events/port';
import type { WebsiteAttack } from './model.ts';
import { tables, type LandscapeTables } from './store.ts';
import { typesOfAttack } from './websites.ts';

const what = `multiIf(${Object.entries(typesOfAttack)
  .map(([name, types]) => `type IN (${types.map((type) => `'${type}'`).join(', ')}), '${name}'`).join(', ')}, 'other')`;
const within = `scope = {scope:String} AND kind = 'website-attack' AND site != ''
  AND day >= toDate({from:UInt16}) AND day <= toDate({to:UInt16})`;

export interface Asked { readonly scope: string; readonly from: number; readonly to: number }

export interface Entry {
  readonly site: string;
  /** Day number. */
  readonly day: number;
  readonly attack: WebsiteAttack;
  readonly first: number;
  readonly last: number;
  readonly rows: number;
  readonly hosts: number;
  readonly owner: string;
  readonly area: string;
}

/** Newest first, by the day and then the name; after `skip` of them. */
export async function websiteEntries(
  events: Events, asked: Asked, only: { attack?: WebsiteAttack | undefined; site?: string | undefined }, skip: number, limit: number,
): Promise<Entry[]> {
  const rows = await events.query({
    query: `SELECT site, toUInt16(day) AS d, ${what} AS attack, toUnixTimestamp(min(first)) AS f, toUnixTimestamp(max(last)) AS l,
        toUInt64(sum(rows)) AS n, uniqExact(domain) AS hosts, max(owner) AS o, max(area) AS a
      FROM seen WHERE ${within} ${only.attack ? `AND ${what} = {attack:String}` : ''} ${only.site ? 'AND site = {site:String}' : ''}
      GROUP BY site, day, attack ORDER BY day DESC, site, attack LIMIT {limit:UInt32} OFFSET {skip:UInt32}`,
    query_params: { ...asked, attack: only.attack ?? '', site: only.site ?? '', skip, limit },
  });
  const found = await rows.json<{
    site: string; d: number; attack: WebsiteAttack; f: number; l: number; n: number; hosts: number; o: string; a: string;
  }>();
  return found.map((row) => ({
    site: row.site, day: row.d, attack: row.attack, first: Number(row.f), last: Number(row.l), rows: Number(row.n), hosts: Number(row.hosts),
    owner: row.o, area: row.a,
  }));
}

/** When each of these sites was first seen on each day, in seconds; by `site day`. */
export async function firstSights(events: Events, asked: Asked, sites: readonly string[]): Promise<Map<string, number>> {
  if (sites.length === 0) return new Map();
  const rows = await events.query({
    query: `SELECT site, toString(day) AS d, toUnixTimestamp(min(first)) AS f FROM seen
      WHERE ${within} AND has({sites:Array(String)}, site) GROUP BY site, day`,
    query_params: { ...asked, sites: [...sites] },
  });
  return new Map((await rows.json<{ site: string; d: string; f: number }>()).map((r) => [`${r.site} ${r.d}`, Number(r.f)]));
}

export interface WebsiteCounts {
  /** Distinct pairs of site and day: the published figure. */
  readonly all: number;
  readonly byAttack: readonly { readonly attack: WebsiteAttack; readonly count: number }[];
  /** Of all, those under a suffix of the state. */
  readonly state: number;
}

export async function websiteCounts(events: Events, asked: Asked, suffixes: readonly string[]): Promise<WebsiteCounts> {
  const ask = async <T>(query: string): Promise<T[]> =>
    (await events.query({ query, query_params: { ...asked, suffixes: [...suffixes] } })).json<T>();
  const [totals, kinds] = await Promise.all([
    ask<{ n: number; s: number }>(`SELECT uniqExact((site, day)) AS n,
      uniqExactIf((site, day), arrayExists(x -> endsWith(site, x), {suffixes:Array(String)})) AS s FROM seen WHERE ${within}`),
    ask<{ attack: WebsiteAttack; n: number }>(`SELECT ${what} AS attack, uniqExact((site, day)) AS n FROM seen WHERE ${within}
      GROUP BY attack ORDER BY attack`),
  ]);
  return {
    all: Number(totals[0]?.n ?? 0), state: Number(totals[0]?.s ?? 0),
    byAttack: kinds.map(({ attack, n }) => ({ attack, count: Number(n) })),
  };
}

export interface Repair { readonly site: string; readonly day: string; readonly at: string; readonly how: string; readonly person: string }

/** Repairs of entries within days; one for each site and day. */
export async function repairsOf(db: Queryable, scope: string, from: string, to: string): Promise<Map<string, Repair>> {
  const rows = await tables(db).selectFrom('landscape_repair').selectAll().where('scope', '=', scope).where('day', '>=', from).where('day', '<=', to)
    .execute();
  return new Map(rows.map(({ scope: _scope, repaired_at: at, ...row }) => [`${row.site} ${row.day}`, { ...row, at }]));
}

export async function saveRepair(db: Queryable, scope: string, r: Repair): Promise<void> {
  await tables(db).insertInto('landscape_repair').values({ scope, site: r.site, day: r.day, repaired_at: r.at, how: r.how, person: r.person })
    .onConflict((c) => c.columns(['scope', 'site', 'day']).doUpdateSet({ repaired_at: r.at, how: r.how, person: r.person })).execute();
}

export interface Evidence {
  readonly id: string;
  readonly site: string;
  readonly day: string;
  readonly capturedAt: string;
  readonly url: string;
  readonly mediaType: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly note: string | null;
  readonly person: string;
}

const evidence = (row: LandscapeTables['landscape_evidence']): Evidence => ({
  id: row.id, site: row.site, day: row.day, capturedAt: row.captured_at, url: row.url, mediaType: row.media_type, sha256: row.sha256,
  sizeBytes: Number(row.size_bytes), note: row.note, person: row.person,
});

export async function insertEvidence(db: Queryable, scope: string, e: Evidence): Promise<void> {
  await tables(db).insertInto('landscape_evidence').values({
    id: e.id, scope, site: e.site, day: e.day, captured_at: e.capturedAt, url: e.url, media_type: e.mediaType, sha256: e.sha256,
    size_bytes: e.sizeBytes, note: e.note, person: e.person,
  }).execute();
}

export async function evidenceOf(db: Queryable, scope: string, from: string, to: string): Promise<Evidence[]> {
  const rows = await tables(db).selectFrom('landscape_evidence').selectAll().where('scope', '=', scope).where('day', '>=', from)
    .where('day', '<=', to).orderBy('captured_at').orderBy('id').limit(5000).execute();
  return rows.map(evidence);
}

export async function evidenceById(db: Queryable, scope: string, id: string): Promise<Evidence | null> {
  const row = await tables(db).selectFrom('landscape_evidence').selectAll().where('scope', '=', scope).where('id', '=', id).executeTakeFirst();
  return row ? evidence(row) : null;
}
