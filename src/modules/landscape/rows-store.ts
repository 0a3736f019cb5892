/** Rows, episodes and exposure out of the events store. Each read names the scope, and the owners where it is an owner's. */
import { formatIp, readIp } from '#kit/ip/ip';
import type { Events } from '#world/events/port';
import type { Episode, Event } from './model.ts';
import { periodsBetween, spanOf } from './periods.ts';

/** A filter as pieces of SQL; values only ever as parameters. */
export interface RowFilter {
  readonly scope: string;
  readonly owners?: readonly string[] | undefined;
  readonly feed?: string | undefined;
  readonly kind?: string | undefined;
  readonly type?: string | undefined;
  readonly family?: string | undefined;
  readonly area?: string | undefined;
  readonly asn?: number | undefined;
  readonly ip?: string | undefined;
  readonly domain?: string | undefined;
  readonly batch?: string | undefined;
  /** Day numbers: first included, last included. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Only rows of these markings: those that the mandate reaches. */
  readonly labels?: readonly string[] | undefined;
}

interface Where { readonly sql: string; readonly params: Record<string, unknown> }

/** Null where the filter can match nothing: an address that is none. */
export function whereOf(filter: RowFilter): Where | null {
  const parts = ['scope = {scope:String}'];
  const params: Record<string, unknown> = { scope: filter.scope };
  const equal = (column: string, type: string, value: unknown): void => {
    if (value === undefined) return;
    parts.push(`${column} = {${column}:${type}}`);
    params[column] = value;
  };
  equal('feed', 'String', filter.feed);
  equal('kind', 'String', filter.kind);
  equal('type', 'String', filter.type);
  equal('family', 'String', filter.family);
  equal('area', 'String', filter.area);
  equal('asn', 'UInt32', filter.asn);
  equal('batch', 'String', filter.batch);
  if (filter.domain !== undefined) {
    parts.push('(domain = {domain:String} OR site = {domain:String})');
    params['domain'] = filter.domain.toLowerCase();
  }
  if (filter.owners !== undefined) {
    parts.push('owner IN (SELECT arrayJoin({owners:Array(String)}))');
    params['owners'] = filter.owners;
  }
  if (filter.ip !== undefined) {
    const bytes = new Uint8Array(16);
    if (!readIp(filter.ip, bytes)) return null;
    parts.push('ip = toIPv6({ip:String})');
    params['ip'] = formatIp(bytes);
  }
  if (filter.from !== undefined) {
    parts.push('day >= toDate({from:UInt16})');
    params['from'] = filter.from;
  }
  if (filter.to !== undefined) {
    parts.push('day <= toDate({to:UInt16})');
    params['to'] = filter.to;
  }
  if (filter.labels !== undefined) {
    parts.push('has({labels:Array(String)}, toString(tlp))');
    params['labels'] = filter.labels;
  }
  return { sql: parts.join(' AND '), params };
}

interface EventRow {
  id: string; time: number; received: number; feed: string; report: string; kind: Event['kind']; type: string;
  family: string; severity: Event['severity']; confidence: number; tlp: Event['tlp']; ip: string; port: number;
  area: string; asn: number; peer: string; peer_port: number; domain: string; url: string; owner: string;
  count: number; attrs: Record<string, string>; batch: string;
}

export interface Names {
  readonly feeds: ReadonlyMap<string, string>;
  readonly owners: ReadonlyMap<string, string>;
}

const isoOf = (seconds: number): string => new Date(seconds * 1000).toISOString();
export const addressOf = (text: string): string | null => (text === '::' ? null : text.replace(/^::ffff:(?=\d+\.)/, ''));

function eventOf(row: EventRow, names: Names): Event {
  return {
    id: row.id, time: isoOf(row.time), received: isoOf(row.received), feed: row.feed,
    feedName: names.feeds.get(row.feed) ?? row.feed, reportType: row.report, kind: row.kind, type: row.type,
    family: row.family, severity: row.severity, confidence: row.confidence === 255 ? null : row.confidence, tlp: row.tlp,
    ip: addressOf(row.ip), port: row.port || null, area: row.area, asn: row.asn || null, peerIp: addressOf(row.peer),
    peerPort: row.peer_port || null, domain: row.domain || null, url: row.url || null, owner: row.owner || null,
    ownerName: row.owner === '' ? null : names.owners.get(row.owner) ?? null, count: row.count, attrs: row.attrs,
    batch: row.batch,
  };
}

/** Newest first; `after` is the last row of the page before. */
export async function eventsPage(
  events: Events, where: Where, after: { time: number; id: string } | null, limit: number, names: Names,
): Promise<Event[]> {
  const beyond = after === null ? '' : 'AND (toUnixTimestamp(time), hex(id)) < ({afterTime:UInt32}, {afterId:String})';
  const rows = await events.query({
    query: `SELECT lower(hex(id)) AS id, toUnixTimestamp(time) AS time, toUnixTimestamp(received) AS received, feed, report, kind,
        type, family, severity, confidence, tlp, toString(ip) AS ip, port, area, asn, toString(peer) AS peer, peer_port, domain,
        url, owner, count, attrs, batch
      FROM (SELECT * FROM ev WHERE ${where.sql} ${beyond} ORDER BY toUnixTimestamp(time) DESC, hex(id) DESC LIMIT {most:UInt32})
      ORDER BY time DESC, id DESC`,
    query_params: { ...where.params, most: limit, ...(after ? { afterTime: after.time, afterId: after.id.toUpperCase() } : {}) },
  });
  return (await rows.json<EventRow>()).map((row) => eventOf(row, names));
}

interface EpisodeRow {
  ip: string; dom: string; family: string; area: string; asn: number; owner: string; first: number; last: number; n: number;
}

/** Where a page of episodes ends: by last sighting, then address, domain, family. */
export interface EpisodeEnd { readonly last: number; readonly ip: string; readonly dom: string; readonly family: string }

/** What makes two infections one episode. */
const episodeKey = `ip, if(ip = toIPv6('::'), domain, '') AS dom, family`;

/**
 * Episodes are grouped out of the rows themselves, so that a late row lengthens its episode and nothing can diverge.
 * `from` and `to` choose episodes that touch the days, each shown whole.
 */
export async function episodesPage(
  events: Events, filter: Omit<RowFilter, 'from' | 'to'>, span: { from?: number | undefined; to?: number | undefined },
  after: EpisodeEnd | null, limit: number, owners: ReadonlyMap<string, string>,
): Promise<{ items: Episode[]; total: number; ends: EpisodeEnd[] }> {
  const where = whereOf({ ...filter, kind: 'infection' });
  if (where === null) return { items: [], total: 0, ends: [] };
  const touching = [
    span.from === undefined ? '1' : 'last >= {fromTime:UInt32}', span.to === undefined ? '1' : 'first < {toTime:UInt32}',
  ].join(' AND ');
  const grouped = `SELECT ${episodeKey}, toUnixTimestamp(min(time)) AS first, toUnixTimestamp(max(time)) AS last, count() AS n
    FROM ev WHERE ${where.sql} GROUP BY ip, dom, family HAVING ${touching}`;
  const params = {
    ...where.params, fromTime: (span.from ?? 0) * 86_400, toTime: ((span.to ?? 49_000) + 1) * 86_400, most: limit,
    ...(after ? { endLast: after.last, endIp: after.ip, endDom: after.dom, endFamily: after.family } : {}),
  };
  const beyond = after === null ? ''
    : 'WHERE (last, ip, dom, family) < ({endLast:UInt32}, toIPv6({endIp:String}), {endDom:String}, {endFamily:String})';
  // The page first, by its keys alone; only its few episodes are then asked for where and whose they are.
  const page = `SELECT * FROM (${grouped}) ${beyond} ORDER BY last DESC, ip DESC, dom DESC, family DESC LIMIT {most:UInt32}`;
  const rows = await events.query({
    query: `SELECT toString(p.ip) AS ip, p.dom AS dom, p.family AS family, any(p.first) AS first, any(p.last) AS last, any(p.n) AS n,
        argMax(e.area, e.time) AS area, argMax(e.asn, e.time) AS asn, argMax(e.owner, e.time) AS owner
      FROM (${page}) AS p
      INNER JOIN (SELECT ${episodeKey}, area, asn, owner, time FROM ev WHERE ${where.sql} AND ip IN (SELECT ip FROM (${page}))) AS e
        ON e.ip = p.ip AND e.dom = p.dom AND e.family = p.family
      GROUP BY p.ip, p.dom, p.family ORDER BY last DESC, p.ip DESC, p.dom DESC, p.family DESC`,
    query_params: params,
  });
  const count = await events.query({ query: `SELECT count() AS n FROM (${grouped})`, query_params: params });
  const found = await rows.json<EpisodeRow>();
  const items = found.map((row) => ({
    asset: addressOf(row.ip) ?? row.dom, family: row.family, area: row.area, asn: row.asn || null, owner: row.owner || null,
    ownerName: owners.get(row.owner) ?? null, first: isoOf(row.first), last: isoOf(row.last), events: row.n,
  }));
  const ends = found.map(({ last, ip, dom, family }) => ({ last, ip, dom, family }));
  return { items, total: (await count.json<{ n: number }>())[0]?.n ?? 0, ends };
}

const assets = `uniqExact(ip, if(ip = toIPv6('::'), domain, ''))`;

export interface ExposureRows {
  events: number;
  assets: number;
  byType: { kind: Event['kind']; type: string; family: string; events: number; assets: number; first: string; last: string }[];
  bySeverity: { severity: string; events: number }[];
  byDay: Map<number, number>;
}

export async function exposureOf(events: Events, filter: RowFilter): Promise<ExposureRows> {
  const where = whereOf(filter) ?? { sql: '0', params: {} };
  const ask = async <T>(query: string): Promise<T[]> => (await events.query({ query, query_params: where.params })).json<T>();
  const [totals, types, severities, days] = await Promise.all([
    ask<{ events: number; assets: number }>(`SELECT count() AS events, ${assets} AS assets FROM ev WHERE ${where.sql}`),
    ask<{ kind: Event['kind']; type: string; family: string; events: number; assets: number; first: number; last: number }>(
      `SELECT kind, type, family, count() AS events, ${assets} AS assets, toUnixTimestamp(min(time)) AS first,
        toUnixTimestamp(max(time)) AS last FROM ev WHERE ${where.sql} GROUP BY kind, type, family
      ORDER BY events DESC, kind, type, family LIMIT 200`),
    ask<{ severity: string; events: number }>(
      `SELECT severity, count() AS events FROM ev WHERE ${where.sql} GROUP BY severity ORDER BY events DESC, severity`),
    ask<{ d: number; events: number }>(`SELECT toUInt16(day) AS d, count() AS events FROM ev WHERE ${where.sql} GROUP BY d`),
  ]);
  return {
    events: totals[0]?.events ?? 0, assets: totals[0]?.assets ?? 0, bySeverity: severities,
    byType: types.map((row) => ({ ...row, first: isoOf(row.first), last: isoOf(row.last) })),
    byDay: new Map(days.map((row) => [row.d, row.events])),
  };
}

export interface AttributionRows {
  total: number;
  attributed: number;
  owners: { owner: string; events: number; assets: number }[];
  hunt: { asn: number | null; area: string; events: number; assets: number }[];
}

/** How many rows have an owner, who they are, and which networks hold most of the rest. */
export async function attributionOf(events: Events, filter: RowFilter): Promise<AttributionRows> {
  const where = whereOf(filter) ?? { sql: '0', params: {} };
  const ask = async <T>(query: string): Promise<T[]> => (await events.query({ query, query_params: where.params })).json<T>();
  const rows = `${where.sql} AND kind NOT IN ('user-heartbeat', 'user-detection')`;
  const [totals, owners, hunt] = await Promise.all([
    ask<{ total: number; attributed: number }>(`SELECT count() AS total, countIf(owner != '') AS attributed FROM ev WHERE ${rows}`),
    ask<{ owner: string; events: number; assets: number }>(
      `SELECT owner, count() AS events, ${assets} AS assets FROM ev WHERE ${rows} AND owner != '' GROUP BY owner
      ORDER BY events DESC, owner LIMIT 100`),
    ask<{ asn: number; area: string; events: number; assets: number }>(
      `SELECT asn, area, count() AS events, ${assets} AS assets FROM ev WHERE ${rows} AND owner = '' GROUP BY asn, area
      ORDER BY events DESC, asn, area LIMIT 25`),
  ]);
  return {
    total: totals[0]?.total ?? 0, attributed: totals[0]?.attributed ?? 0, owners,
    hunt: hunt.map((row) => ({ ...row, asn: row.asn || null })),
  };
}

/** What was seen of one address: each problem with its first and last sighting. */
export interface AddressSeen {
  readonly kind: Event['kind'];
  readonly type: string;
  readonly family: string;
  readonly first: string;
  readonly last: string;
  readonly days: number;
  readonly rows: number;
}

/**
 * By what was computed of the months and, where a month is cut or stale, of its days; both are ordered by address, so that some
 * granules are read, however many rows there are. Days as numbers, both included. `shareable` leaves out what is marked RED.
 */
export async function addressSeen(
  events: Events, scope: string, ip: Uint8Array, days: { from: number; to: number }, stale: ReadonlySet<string>, shareable: boolean,
): Promise<AddressSeen[]> {
  const months: string[] = [];
  const loose: number[] = [];
  for (const period of periodsBetween(days.from, days.to, 'month')) {
    const span = spanOf(period);
    if (span === null) continue;
    if (span.from >= days.from && span.to <= days.to + 1 && !stale.has(period)) months.push(period);
    else for (let day = Math.max(span.from, days.from); day < Math.min(span.to, days.to + 1); day++) loose.push(day);
  }
  const rows = shareable ? 'open' : 'rows';
  const only = 'scope = {scope:String} AND ip = toIPv6({ip:String})';
  // Parts are chosen by literal lists: a set that is computed first would open them all.
  const sides = [
    ...(months.length === 0 ? [] : [`SELECT kind, type, family, first, last, days, ${rows} AS n FROM month_seen
      WHERE ${only} AND period IN (${months.map((month) => `'${month}'`).join(', ')})`]),
    ...(loose.length === 0 ? [] : [`SELECT kind, type, family, min(first) AS first, max(last) AS last, uniqExact(day) AS days, sum(${rows}) AS n FROM seen
      WHERE ${only} AND day IN (${loose.map((day) => `toDate(${day})`).join(', ')}) GROUP BY kind, type, family`]),
  ];
  const asked = await events.query({
    query: `SELECT kind, type, family, toUnixTimestamp(min(first)) AS first, toUnixTimestamp(max(last)) AS last, sum(days) AS days, sum(n) AS rows
      FROM (${sides.join(' UNION ALL ')}) GROUP BY kind, type, family HAVING rows > 0 ORDER BY last DESC, kind, type, family LIMIT 200`,
    query_params: { scope, ip: formatIp(ip) },
  });
  const found = await asked.json<{ kind: Event['kind']; type: string; family: string; first: number; last: number; days: number; rows: number }>();
  return found.map((row) => ({ ...row, first: isoOf(row.first), last: isoOf(row.last) }));
}
