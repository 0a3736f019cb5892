/** The register of attacked websites: entries out of the computed days, and what people added to them: repair and evidence. */
import { formatIp, readIp } from '#kit/ip/ip';
import type { Queryable } from '#world/db/port';
import type { Events } from '#world/events/port';
import type { WebsiteAttack } from './model.ts';
import { addressOf } from './rows-store.ts';
import { tables, type LandscapeTables } from './store.ts';
import { typesOfAttack } from './websites.ts';

const what = `multiIf(${Object.entries(typesOfAttack)
  .map(([name, types]) => `type IN (${types.map((type) => `'${type}'`).join(', ')}), '${name}'`).join(', ')}, 'other')`;
const within = `scope = {scope:String} AND kind = 'website-attack' AND site != ''
  AND day >= toDate({from:UInt16}) AND day <= toDate({to:UInt16})`;

/** An address as people write it, and as it is stored; a site as it is. */
const shownHost = (host: string): string => addressOf(host) ?? host;
function storedHost(host: string): string {
  const bytes = new Uint8Array(16);
  if (!readIp(host, bytes)) return host.toLowerCase();
  const text = formatIp(bytes);
  return text.includes(':') ? text : `::ffff:${text}`;
}

export interface Asked { readonly scope: string; readonly from: number; readonly to: number }

/** A line of the register: one attacker's defacements on one host in a day, or else one entry alone. */
export interface LineKey {
  /** Day number. */
  readonly day: number;
  readonly attack: WebsiteAttack;
  /** The address, where sites on it may stand together; else the site. */
  readonly host: string;
  /** '' where none is named. */
  readonly attacker: string;
}

export interface Entry extends LineKey {
  readonly site: string;
  readonly first: number;
  readonly last: number;
  readonly rows: number;
  readonly hosts: number;
  readonly owner: string;
  readonly area: string;
}

export interface Line extends LineKey {
  /** Entries of the line, and how many of them are under a suffix of the state. */
  readonly sites: number;
  readonly state: number;
  readonly rows: number;
  readonly first: number;
  readonly last: number;
  /** The first of its sites by name. */
  readonly site: string;
}

/**
 * Each entry once, with the one line it stands in: of several attackers of a site on a day, who was first. Only defacements of a named attacker on
 * a known address stand together: what nobody signed is not known to be one act.
 */
const who = `argMinIf((toString(family), ip), (first, toString(family), ip), family != '')`;
const hostOf = `if(attack = 'defacement' AND w.2 != toIPv6('::'), toString(w.2), site)`;
const attackerOf = `if(attack = 'defacement', w.1, '')`;
/** `from`: rows with first, last, rows and total, be they of a day's assets or single. `more`: further columns. */
const entriesFrom = (from: string, narrow: string, more = ''): string => `SELECT *, ${hostOf} AS host, ${attackerOf} AS attacker FROM (
  SELECT site, toUInt16(day) AS d, ${what} AS attack, ${who} AS w, toUnixTimestamp(min(first)) AS f, toUnixTimestamp(max(last)) AS l,
    toUInt64(sum(rows)) AS n, uniqExact(domain) AS hosts, max(owner) AS o, max(area) AS a ${more}
  FROM ${from} WHERE ${within} ${narrow} GROUP BY site, day, attack)`;

export interface Only {
  readonly attack?: WebsiteAttack | undefined;
  readonly site?: string | undefined;
  readonly sites?: readonly string[] | undefined;
  /** As in the line's key; an address in any spelling. */
  readonly host?: string | undefined;
  readonly attacker?: string | undefined;
}

function onlyOf(only: Only): { rows: string; lines: string; params: Record<string, unknown> } {
  const rows = [only.attack ? `AND ${what} = {attack:String}` : '', only.site ? 'AND site = {site:String}' : '',
    only.sites ? 'AND has({sites:Array(String)}, site)' : ''].join(' ');
  const lines = [only.host === undefined ? [] : ['host = {host:String}'], only.attacker === undefined ? [] : ['attacker = {attacker:String}']].flat();
  return {
    rows, lines: lines.length === 0 ? '' : `WHERE ${lines.join(' AND ')}`,
    params: {
      attack: only.attack ?? '', site: only.site ?? '', sites: [...only.sites ?? []], attacker: only.attacker ?? '', host: storedHost(only.host ?? ''),
    },
  };
}

interface EntryRow {
  site: string; d: number; attack: WebsiteAttack; f: number; l: number; n: number; hosts: number; o: string; a: string; host: string; attacker: string;
}

/** Newest first, by the day and then the name; after `skip` of them. */
export async function websiteEntries(events: Events, asked: Asked, only: Only, skip: number, limit: number): Promise<Entry[]> {
  const { rows: narrow, lines, params } = onlyOf(only);
  const rows = await events.query({
    query: `SELECT * FROM (${entriesFrom('seen', narrow)}) ${lines} ORDER BY d DESC, site, attack LIMIT {limit:UInt32} OFFSET {skip:UInt32}`,
    query_params: { ...asked, ...params, skip, limit },
  });
  return (await rows.json<EntryRow>()).map((row) => ({
    site: row.site, day: row.d, attack: row.attack, first: Number(row.f), last: Number(row.l), rows: Number(row.n), hosts: Number(row.hosts),
    owner: row.o, area: row.a, host: shownHost(row.host), attacker: row.attacker,
  }));
}

/** Newest first; of one day the longest first. */
export async function websiteLines(
  events: Events, asked: Asked, only: Only, suffixes: readonly string[], skip: number, limit: number,
): Promise<Line[]> {
  const { rows: narrow, params } = onlyOf(only);
  const rows = await events.query({
    query: `SELECT d, attack, host, attacker, count() AS sites, countIf(arrayExists(x -> endsWith(site, x), {suffixes:Array(String)})) AS state,
        sum(n) AS rows, min(f) AS first, max(l) AS last, min(site) AS name
      FROM (${entriesFrom('seen', narrow)}) GROUP BY d, attack, host, attacker
      ORDER BY d DESC, sites DESC, name, attack, host, attacker LIMIT {limit:UInt32} OFFSET {skip:UInt32}`,
    query_params: { ...asked, ...params, suffixes: [...suffixes], skip, limit },
  });
  const found = await rows.json<LineKey & { d: number; sites: number; state: number; rows: number; first: number; last: number; name: string }>();
  return found.map((row) => ({
    day: row.d, attack: row.attack, host: shownHost(row.host), attacker: row.attacker, sites: Number(row.sites), state: Number(row.state),
    rows: Number(row.rows), first: Number(row.first), last: Number(row.last), site: row.name,
  }));
}

/** How many lines, how many of them hold several sites, and how many entries those hold. */
export async function lineCounts(events: Events, asked: Asked, only: Only): Promise<{ lines: number; mass: number; inMass: number }> {
  const { rows: narrow, params } = onlyOf(only);
  const rows = await events.query({
    query: `SELECT count() AS lines, countIf(sites > 1) AS mass, sumIf(sites, sites > 1) AS inMass FROM (
      SELECT count() AS sites FROM (${entriesFrom('seen', narrow)}) GROUP BY d, attack, host, attacker)`,
    query_params: { ...asked, ...params },
  });
  const [row] = await rows.json<{ lines: number; mass: number; inMass: number }>();
  return { lines: Number(row?.lines ?? 0), mass: Number(row?.mass ?? 0), inMass: Number(row?.inMass ?? 0) };
}

/** What a feed said of how and why, where it says so: of one line, or of one entry. */
export interface Told {
  /** At most five words each, in order. */
  readonly modes: readonly string[];
  readonly reasons: readonly string[];
  /** Whether any row says that the site had been defaced before; null where none says either. */
  readonly again: boolean | null;
}

/** Of Zone-H's own table, and of it as IntelMQ tells it. */
const saidIn = (...names: string[]): string => names.map((name) => `nullIf(trimBoth(attrs['${name}']), '')`).join(', ');
const mode = `coalesce(${saidIn('hackmode', 'extra.compromise_method')}, '')`;
const reason = `coalesce(${saidIn('reason', 'extra.reason')}, '')`;
const again = `lower(coalesce(${saidIn('redefacement', 'extra.redefacement')}, ''))`;
const told = `, groupUniqArrayIf(20)(${mode}, ${mode} != '') AS m, groupUniqArrayIf(20)(${reason}, ${reason} != '') AS r,
  countIf(${again} IN ('1', 'yes', 'true', 'y', 'r')) AS yes, countIf(${again} IN ('0', 'no', 'false', 'n')) AS no`;

export const lineKeyOf = (key: LineKey): string => `${key.day} ${key.attack} ${key.host} ${key.attacker}`;
export const entryKeyOf = (entry: Pick<Entry, 'site' | 'day' | 'attack'>): string => `${entry.day} ${entry.attack} ${entry.site}`;

/** Of the rows themselves, by the key of a line or of an entry; nothing of rows that are gone. */
async function toldBy(events: Events, scope: string, days: readonly number[], key: string, keys: readonly string[]): Promise<Map<string, Told>> {
  if (keys.length === 0) return new Map();
  const single = `(SELECT *, time AS first, time AS last, 1 AS rows FROM ev WHERE scope = {scope:String} AND kind = 'website-attack'
    AND day IN (SELECT toDate(arrayJoin({days:Array(UInt16)}))))`;
  const rows = await events.query({
    query: `SELECT ${key} AS k, arraySlice(arraySort(groupUniqArrayArray(100)(m)), 1, 5) AS modes,
        arraySlice(arraySort(groupUniqArrayArray(100)(r)), 1, 5) AS reasons, sum(yes) AS known, sum(no) AS fresh
      FROM (${entriesFrom(single, '', told)}) WHERE has({keys:Array(String)}, ${key}) GROUP BY k`,
    query_params: { scope, days: [...new Set(days)], from: Math.min(...days), to: Math.max(...days), keys: [...keys] },
  });
  const found = await rows.json<{ k: string; modes: string[]; reasons: string[]; known: number; fresh: number }>();
  return new Map(found.map(({ k, modes, reasons, known, fresh }) => [
    k, { modes, reasons, again: Number(known) > 0 ? true : Number(fresh) > 0 ? false : null },
  ]));
}

export function toldOfLines(events: Events, scope: string, lines: readonly LineKey[]): Promise<Map<string, Told>> {
  const shown = `if(startsWith(host, '::ffff:') AND position(host, '.') > 0, substring(host, 8), host)`;
  return toldBy(events, scope, lines.map((line) => line.day), `concat(toString(d), ' ', attack, ' ', ${shown}, ' ', attacker)`, lines.map(lineKeyOf));
}

export const toldOfEntries = (events: Events, scope: string, entries: readonly Entry[]): Promise<Map<string, Told>> =>
  toldBy(events, scope, entries.map((entry) => entry.day), `concat(toString(d), ' ', attack, ' ', site)`, entries.map(entryKeyOf));

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
