/**
 * What the rows say of owners, for those who tell the owners: a batch's sightings, a provider's slice, distinct addresses of
 * a problem, addresses in botnets. Rows marked RED are in none of them. The shapes are those that `constituents` asks in.
 */
import { formatIp, readIp } from '#kit/ip/ip';
import type { Events } from '#world/events/port';
import type { Problem, Sighting, SightedBatch, SliceRow } from '#modules/constituents/index';

const kinds = `kind IN ('infection', 'attack', 'website-attack', 'exposure', 'c2')`;
const named = `if(ip = toIPv6('::'), domain, toString(ip))`;
const worst = `argMin(severity, indexOf(['critical', 'high', 'medium', 'low', 'info', 'unknown'], severity))`;
/** Groups of one page; a batch with more is read page by page. */
const page = 20_000;

interface Grouped {
  owner: string; asset: string; kind: Problem['kind']; type: string; family: string; severity: Sighting['severity']; confidence: number;
  first: number; last: number; events: number; assets: number;
}

/** `slices`: owners whose assets are told as one. `since` and `until` in seconds bound the event times that are told. */
export async function sightingsOf(
  events: Events, asked: { scope: string; batch: string; since: number; until: number; slices: readonly string[] },
): Promise<Omit<SightedBatch, 'feed'>> {
  const params = { ...asked, slices: [...asked.slices], most: page };
  const within = `scope = {scope:String} AND batch = {batch:String} AND day >= toDate(toDateTime({since:UInt32}, 'UTC'))
    AND toUnixTimestamp(time) >= {since:UInt32} AND toUnixTimestamp(time) <= {until:UInt32}`;
  const days = await (await events.query({
    query: `SELECT DISTINCT toUInt16(day) AS d FROM ev WHERE ${within} AND ${kinds} ORDER BY d`,
    query_params: params,
  })).json<{ d: number }>();
  const sightings: Sighting[] = [];
  for (let skip = 0; ; skip += page) {
    const rows = await (await events.query({
      query: `SELECT owner, if(has({slices:Array(String)}, owner), '', ${named}) AS asset, kind, type, family, ${worst} AS severity,
          max(if(confidence = 255, 0, confidence)) AS confidence, toUnixTimestamp(min(time)) AS first, toUnixTimestamp(max(time)) AS last,
          toUInt64(sum(count)) AS events, uniqExact(${named}) AS assets
        FROM ev WHERE ${within} AND ${kinds} AND owner != '' AND tlp != 'RED'
        GROUP BY owner, asset, kind, type, family ORDER BY owner, kind, type, family, asset LIMIT {most:UInt32} OFFSET {skip:UInt32}`,
      query_params: { ...params, skip },
    })).json<Grouped>();
    for (const row of rows) {
      sightings.push({ ...row, asset: plain(row.asset), confidence: row.confidence || null, events: Number(row.events), assets: Number(row.assets) });
    }
    if (rows.length < page) break;
  }
  return { sightings, days: days.map((row) => row.d) };
}

/** `::ffff:192.0.2.1` as people write it. */
function plain(asset: string): string {
  const bytes = new Uint8Array(16);
  return asset.includes(':') && readIp(asset, bytes) ? formatIp(bytes) : asset;
}

export async function countOf(
  events: Events, scope: string, owner: string, problem: Problem, span: { from: number; to: number },
): Promise<number> {
  const rows = await (await events.query({
    query: `SELECT uniqExact(${named}) AS n FROM ev WHERE scope = {scope:String} AND owner = {owner:String} AND kind = {kind:String}
      AND type = {type:String} AND family = {family:String} AND tlp != 'RED' AND day >= toDate(toDateTime({from:UInt32}, 'UTC'))
      AND toUnixTimestamp(time) >= {from:UInt32} AND toUnixTimestamp(time) < {to:UInt32}`,
    query_params: { scope, owner, kind: problem.kind, type: problem.type, family: problem.family, ...span },
  })).json<{ n: number }>();
  return Number(rows[0]?.n ?? 0);
}

/** Rows of owners oldest first; the owner of each is who answered for it when it happened. */
export async function sliceOf(
  events: Events, scope: string, owners: readonly string[], span: { from: number; to: number }, after: string | null, limit: number,
): Promise<{ rows: SliceRow[]; next: string | null }> {
  const [time = 0, id = ''] = after === null ? [] : placeOf(after);
  const rows = await (await events.query({
    query: `SELECT hex(id) AS id, toUnixTimestamp(time) AS time, ${named} AS asset, port, kind, type, family, severity, count FROM ev
      WHERE scope = {scope:String} AND owner IN {owners:Array(String)} AND ${kinds} AND tlp != 'RED'
      AND day >= toDate(toDateTime({from:UInt32}, 'UTC')) AND toUnixTimestamp(time) >= {from:UInt32} AND toUnixTimestamp(time) < {to:UInt32}
      ${after === null ? '' : 'AND (toUnixTimestamp(time), hex(id)) > ({time:UInt32}, {id:String})'}
      ORDER BY time, id LIMIT {most:UInt32}`,
    query_params: { scope, owners: [...owners], ...span, time, id, most: limit + 1 },
  })).json<{ id: string; time: number; asset: string; port: number; kind: string; type: string; family: string; severity: string; count: number }>();
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    rows: shown.map(({ id: _id, ...row }) => ({
      ...row, time: new Date(row.time * 1000).toISOString(), asset: plain(row.asset), port: row.port || null,
    })),
    next: rows.length > limit && last ? Buffer.from(JSON.stringify([last.time, last.id])).toString('base64url') : null,
  };
}

/** A cursor of ours, or the beginning: one that is none leads nowhere else. */
function placeOf(cursor: string): [number, string] {
  try {
    const value = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown;
    if (Array.isArray(value) && typeof value[0] === 'number' && value[0] >= 0 && value[0] < 4e9 && typeof value[1] === 'string') {
      return [Math.floor(value[0]), value[1]];
    }
  } catch {
    // Below.
  }
  return [0, ''];
}

/** Distinct addresses in botnets: in an area, those with an owner, and by owner. Markings do not matter: nobody is named. */
export async function infectedOf(
  events: Events, scope: string, area: string, span: { from: number; to: number },
): Promise<{ total: number; attributed: number; owners: { owner: string; addresses: number; events: number }[] }> {
  const where = `scope = {scope:String} AND kind = 'infection' AND area = {area:String} AND ip != toIPv6('::')
    AND day >= toDate(toDateTime({from:UInt32}, 'UTC')) - 1 AND toUnixTimestamp(time) >= {from:UInt32} AND toUnixTimestamp(time) < {to:UInt32}`;
  const params = { scope, area, ...span };
  const [totals, owners] = await Promise.all([
    events.query({ query: `SELECT uniqExact(ip) AS total, uniqExactIf(ip, owner != '') AS attributed FROM ev WHERE ${where}`, query_params: params })
      .then((r) => r.json<{ total: number; attributed: number }>()),
    events.query({
      query: `SELECT owner, uniqExact(ip) AS addresses, count() AS events FROM ev WHERE ${where} AND owner != '' GROUP BY owner ORDER BY addresses DESC, owner`,
      query_params: params,
    }).then((r) => r.json<{ owner: string; addresses: number; events: number }>()),
  ]);
  return {
    total: Number(totals[0]?.total ?? 0), attributed: Number(totals[0]?.attributed ?? 0),
    owners: owners.map((o) => ({ owner: o.owner, addresses: Number(o.addresses), events: Number(o.events) })),
  };
}
