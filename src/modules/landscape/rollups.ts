/**
 * What is computed from the stored rows, so that a figure costs a glance and not a scan. A day is always computed whole and
 * anew, then moved over in one step: a crash leaves the day as it was, and late rows, moved owners and dropped feeds need
 * no path of their own. Whoever stores rows marks their days stale first (`store.ts`); days first, then the periods they
 * lie in. One at a time in a hub: the places where partitions are built are shared.
 */
import type { Events } from '#world/events/port';
import { computedTables, evTable, nextOf, ownerMoves } from './ddl.ts';
import { threatClasses } from './model.ts';
import { isoDay, spanOf, type Span } from './periods.ts';

/** Rows that one statement groups at once; more are done part by part, so that memory stays bounded. */
const rowsAtOnce = 2_000_000;
/** Raised when a formula below changes: a hub that finds another number computes everything anew. */
export const rollupVersion = 1;

/** Creates the tables unless they are there. */
export async function prepareEvents(events: Events): Promise<void> {
  await events.define(evTable);
  // A store of the first version has no such column yet.
  await events.command({
    query: `ALTER TABLE ${events.here('ev')} ADD COLUMN IF NOT EXISTS peer_area LowCardinality(String)`, each: true,
  });
  for (const table of computedTables) {
    await events.define(table);
    await events.define({ ...table, name: nextOf(table.name) });
  }
  await events.defineLookup(ownerMoves);
}

type Params = Readonly<Record<string, unknown>>;

/** A literal for the places where the engine takes no parameter. */
function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll(`'`, `\\'`)}'`;
}

async function build(events: Events, table: string, select: string, params: Params): Promise<void> {
  await events.command({ query: `INSERT INTO ${events.here(nextOf(table))} ${select}`, query_params: params, each: true });
}

/** Moves partitions over, each in one step; one that came out empty empties the place it goes to. */
async function move(events: Events, table: string, partitions: readonly string[]): Promise<void> {
  const moves = partitions.map((partition) => `REPLACE PARTITION ${partition} FROM ${events.here(nextOf(table))}`);
  await events.command({
    query: `ALTER TABLE ${events.here(table)} ${moves.join(', ')} SETTINGS allow_replace_partition_from_empty_source = 1`, each: true,
  });
}

/** Before, not after: what a crash left there goes too, and what was moved costs no second copy. */
async function clear(events: Events, tables: readonly string[]): Promise<void> {
  for (const table of tables) await events.command({ query: `TRUNCATE TABLE ${events.here(nextOf(table))}`, each: true });
}

const daily = ['seen', 'day_count', 'day_figure', 'file_seen'] as const;
const fileKinds = `('clean-file', 'malicious-file')`;
/** Hashes that a row names. */
const hashes = `arrayFilter(h -> h != '', [attrs['sha256'], attrs['sha1'], attrs['md5']])`;
const userKinds = `('user-heartbeat', 'user-detection')`;

/** Each row under each dimension that figures are cut by. An owner's addresses are counted over all areas at once. */
const dimensions = `ARRAY JOIN arrayFilter(d -> d.1 != 'owner' OR d.3 != '', [
  ('all', '', ''), ('area', area, ''), ('type', area, type), ('asn', area, toString(asn)), ('family', area, family),
  ('owner', '', toString(owner))]) AS dim`;
const figureColumns = `kind, dim.1 AS d, dim.2 AS a, dim.3 AS k,
  if(kind = 'website-attack', uniqExactIf((site, day), site != ''), uniqExactIf(ip, ip != toIPv6('::'))) AS things,
  sum(rows) AS n, sum(total) AS t`;

/** Computes days of a scope anew from the stored rows. */
export async function rollUpDays(events: Events, scope: string, days: readonly number[]): Promise<void> {
  for (const some of await inPortions(events, scope, days)) {
    await clear(events, daily);
    const params = { scope, days: some, first: some[0], last: some.at(-1) };
    const where = `scope = {scope:String} AND day >= toDate({first:UInt16}) AND day <= toDate({last:UInt16})
      AND day IN (SELECT toDate(arrayJoin({days:Array(UInt16)})))`;
    await build(events, 'seen',
      `SELECT scope, day, ip, domain, site, kind, type, family, area, asn, owner, min(time) AS first, max(time) AS last,
        count() AS rows, sum(count) AS total, countIf(tlp != 'RED') AS open
      FROM ${events.here('ev')} WHERE ${where} AND kind NOT IN ${userKinds}
      GROUP BY scope, day, ip, domain, site, kind, type, family, area, asn, owner`, params);
    await build(events, 'day_count',
      `SELECT scope, day, kind, type, family, area, peer_area, asn, owner, count() AS rows, sum(count) AS total
      FROM ${events.here('ev')} WHERE ${where} GROUP BY scope, day, kind, type, family, area, peer_area, asn, owner`, params);
    await build(events, 'file_seen',
      `SELECT scope, day, arrayJoin(${hashes}) AS hash, kind, feed, any(toString(family)) AS family, min(time) AS first, max(time) AS last, count() AS rows
      FROM ${events.here('ev')} WHERE ${where} AND kind IN ${fileKinds} GROUP BY scope, day, hash, kind, feed`, params);
    await build(events, 'day_figure',
      `SELECT {scope:String}, day, ${figureColumns} FROM ${events.here('seen_next')} ${dimensions} GROUP BY day, kind, d, a, k`, params);
    for (const table of daily) await move(events, table, some.map((day) => `(${quoted(scope)}, '${isoDay(day)}')`));
  }
}

/** The days in order, in portions of so many rows that they are grouped in memory. */
async function inPortions(events: Events, scope: string, days: readonly number[]): Promise<number[][]> {
  const rows = await events.query({
    query: `SELECT toUInt16(day) AS d, count() AS n FROM ev WHERE scope = {scope:String}
      AND day IN (SELECT toDate(arrayJoin({days:Array(UInt16)}))) GROUP BY d`,
    query_params: { scope, days },
  });
  const sizes = new Map((await rows.json<{ d: number; n: number }>()).map(({ d, n }) => [d, n]));
  const portions: number[][] = [];
  let room = 0;
  for (const day of [...days].sort((x, y) => x - y)) {
    const size = sizes.get(day) ?? 0;
    if (portions.length === 0 || size > room) {
      portions.push([]);
      room = rowsAtOnce;
    }
    portions.at(-1)?.push(day);
    room -= size;
  }
  return portions;
}

const inSpan = 'scope = {scope:String} AND day >= toDate({from:UInt16}) AND day < toDate({to:UInt16})';

/** Figures of any span straight from the assets of its days: exact, and a scan. `only` narrows what is read. */
export function figuresFrom(seen: string, only: string): string {
  return `SELECT ${figureColumns} FROM ${seen} ${dimensions} WHERE ${inSpan} AND ${only} GROUP BY kind, d, a, k`;
}

async function partsOf(events: Events, from: string, params: Params): Promise<number> {
  const rows = await events.query({ query: `SELECT count() AS n FROM ${from}`, query_params: params });
  return Math.max(1, Math.ceil(((await rows.json<{ n: number }>())[0]?.n ?? 0) / rowsAtOnce));
}

/** One published figure that is another now than when the period was last computed. */
export interface Moved {
  readonly period: string;
  readonly series: string;
  readonly area: string;
  readonly before: number;
  readonly after: number;
}

const partition = (scope: string) => (period: string): string => `(${quoted(scope)}, ${quoted(period)})`;

/** Computes periods' figures anew from their days. Answers what moved against what stood there; nothing where nothing stood. */
export async function rollUpPeriods(events: Events, scope: string, periods: readonly string[]): Promise<Moved[]> {
  if (periods.length === 0) return [];
  await clear(events, ['period_figure', 'month_seen']);
  for (const period of periods) {
    const { from, to, grain } = spanIn(period);
    const params = { scope, period, from, to };
    if (grain === 'month') {
      await build(events, 'month_seen',
        `SELECT {scope:String}, {period:String}, ip, kind, type, family, min(first) AS f, max(last) AS l, uniqExact(day) AS days,
          sum(rows) AS n, sum(open) AS o
        FROM ${events.here('seen')} WHERE ${inSpan} AND ip != toIPv6('::') GROUP BY ip, kind, type, family`, params);
    }
    const parts = await partsOf(events, `seen WHERE ${inSpan}`, params);
    for (let part = 0; part < parts; part++) {
      const mine = parts === 1 ? '1' : `cityHash64(if(kind = 'website-attack', site, toString(ip))) % ${parts} = ${part}`;
      await build(events, 'period_figure',
        `SELECT {scope:String}, {period:String}, * FROM (${figuresFrom(events.here('seen'), mine)})`, params);
    }
  }
  const moved = await figuresMoved(events, scope, periods);
  await move(events, 'period_figure', periods.map(partition(scope)));
  const months = periods.filter((period) => spanIn(period).grain === 'month');
  if (months.length > 0) await move(events, 'month_seen', months.map(partition(scope)));
  return moved;
}

function spanIn(period: string): Span {
  const span = spanOf(period);
  if (span === null) throw new Error(`no period: ${period}`);
  return span;
}

/** What stands in a table and in the one that takes its place, side by side; only where the period had something before. */
async function moves(events: Events, table: string, scope: string, periods: readonly string[], figures: string): Promise<Moved[]> {
  const only = 'scope = {scope:String} AND has({periods:Array(String)}, period)';
  const side = (from: string, before: string, after: string): string =>
    `SELECT period, series, area, ${before} AS b, ${after} AS a FROM (${figures.replace('FROM _ WHERE _', `FROM ${from} WHERE ${only}`)})`;
  const rows = await events.query({
    query: `SELECT period, series, area, sum(b) AS before, sum(a) AS after
      FROM (${side(table, 'figure', '0')} UNION ALL ${side(nextOf(table), '0', 'figure')})
      WHERE period IN (SELECT DISTINCT period FROM ${table} WHERE ${only})
      GROUP BY period, series, area HAVING before != after ORDER BY period, series, area LIMIT 10000`,
    query_params: { scope, periods },
  });
  return rows.json<Moved>();
}

/** The published series by area. */
const figuresMoved = (events: Events, scope: string, periods: readonly string[]): Promise<Moved[]> =>
  moves(events, 'period_figure', scope, periods, `
    SELECT period, multiIf(kind = 'attack', 'attacks-by-origin', kind = 'website-attack', 'websites-attacked', 'computers-infected') AS series,
      area, if(kind = 'attack', sum(rows), sum(things)) AS figure FROM _ WHERE _ AND dim = 'area'
      AND kind IN ('attack', 'website-attack', 'infection') GROUP BY period, kind, area`);

const ratesMoved = (events: Events, scope: string, periods: readonly string[]): Promise<Moved[]> =>
  moves(events, 'user_rate', scope, periods, `
    SELECT period, 'users-at-risk' AS series, area, sumIf(users, classes != 0) AS figure FROM _ WHERE _ GROUP BY period, area`);

const classBit = `multiIf(${threatClasses.map((name, bit) => `family = '${name}', ${2 ** bit}`).join(', ')}, 32768)`;

/** The users of a span, one row each, straight from the stored rows: exact, and a scan. */
export function usersFrom(ev: string, only: string): string {
  return `SELECT user, argMax(area, (days, last, area)) AS home, groupBitOr(bits) AS classes FROM (
      SELECT user, area, uniqExact(day) AS days, max(time) AS last, max(kind = 'user-heartbeat') AS beat,
        groupBitOr(if(kind = 'user-detection', toUInt16(${classBit}), 0)) AS bits
      FROM ${ev} WHERE ${inSpan} AND kind IN ${userKinds} AND ${only} GROUP BY user, area
    ) GROUP BY user HAVING max(beat) = 1`;
}

/**
 * Computes periods' users anew: home is the area with most active days, on a tie the latest, then the last by its code, so
 * that a traveller counts once and a second computing gives the same; the classes are those of the detections that happened in the period.
 */
export async function rollUpUsers(events: Events, scope: string, periods: readonly string[]): Promise<Moved[]> {
  if (periods.length === 0) return [];
  await clear(events, ['user_state', 'user_rate']);
  for (const period of periods) {
    const { from, to } = spanIn(period);
    const params = { scope, period, from, to };
    const parts = await partsOf(events, `ev WHERE ${inSpan} AND kind IN ${userKinds}`, params);
    for (let part = 0; part < parts; part++) {
      await build(events, 'user_state', `SELECT {scope:String}, {period:String}, home, user, classes
        FROM (${usersFrom(events.here('ev'), `user % ${parts} = ${part}`)})`, params);
    }
  }
  await build(events, 'user_rate',
    `SELECT scope, period, area, classes, count() AS users FROM ${events.here('user_state_next')} GROUP BY scope, period, area, classes`, {});
  const moved = await ratesMoved(events, scope, periods);
  for (const table of ['user_state', 'user_rate']) await move(events, table, periods.map(partition(scope)));
  return moved;
}

/** Whether a day has rows of users: only then are its periods' users computed anew. */
export async function daysWithUsers(events: Events, scope: string, days: readonly number[]): Promise<number[]> {
  const rows = await events.query({
    query: `SELECT DISTINCT toUInt16(day) AS d FROM day_count WHERE scope = {scope:String} AND kind IN ${userKinds}
      AND day IN (SELECT toDate(arrayJoin({days:Array(UInt16)}))) ORDER BY d`,
    query_params: { scope, days },
  });
  return (await rows.json<{ d: number }>()).map(({ d }) => d);
}

/** What is stored and what is computed from it, to be laid side by side at start. */
export interface Sums {
  /** Rows by `scope day`, all and those that are not of users. */
  readonly stored: readonly { scope: string; day: number; all: number; assets: number }[];
  /** Hashes that rows name, by `scope day`: asked of the few kinds that have any, since it reads what is largest. */
  readonly files: ReadonlyMap<string, number>;
  /** The same rows as each table of days has them; by `table scope day`. */
  readonly days: ReadonlyMap<string, number>;
  /** Rows by `scope period`, as the periods have them. */
  readonly periods: ReadonlyMap<string, number>;
  /** `scope month` where assets by month are not those of its days. */
  readonly months: ReadonlyMap<string, number>;
  /** Users by `scope period` in the one table, and in the other. */
  readonly users: readonly { scope: string; period: string; states: number; rates: number }[];
}

/** Two columns of each table are read: a second or two for a billion rows. */
export async function sumsOf(events: Events): Promise<Sums> {
  const ask = async <T>(query: string): Promise<T[]> => (await events.query({ query })).json<T>();
  const stored = await ask<Sums['stored'][number]>(
    `SELECT scope, toUInt16(day) AS day, count() AS all, countIf(kind NOT IN ${userKinds}) AS assets FROM ev GROUP BY scope, day ORDER BY scope, day`);
  const files = await ask<{ k: string; n: number }>(
    `SELECT concat(scope, ' ', toString(toUInt16(day))) AS k, sum(length(${hashes})) AS n FROM ev WHERE kind IN ${fileKinds} GROUP BY scope, day`);
  const day = (table: string, only: string): string =>
    `SELECT concat('${table} ', scope, ' ', toString(toUInt16(day))) AS k, sum(rows) AS n FROM ${table} WHERE ${only} GROUP BY scope, day`;
  const days = await ask<{ k: string; n: number }>(
    [day('seen', '1'), day('day_count', '1'), day('day_figure', `dim = 'all'`), day('file_seen', '1')].join(' UNION ALL '));
  const months = await ask<{ k: string; n: number }>(
    `SELECT concat(scope, ' ', period) AS k, sum(n) AS n FROM (
      SELECT scope, formatDateTime(day, '%Y-%m') AS period, toInt64(sum(rows)) AS n FROM seen WHERE ip != toIPv6('::') GROUP BY scope, period
      UNION ALL SELECT scope, period, -toInt64(sum(rows)) AS n FROM month_seen GROUP BY scope, period) GROUP BY scope, period HAVING n != 0`);
  const periods = await ask<{ k: string; n: number }>(
    `SELECT concat(scope, ' ', period) AS k, sum(rows) AS n FROM period_figure WHERE dim = 'all' GROUP BY scope, period`);
  const users = await ask<Sums['users'][number]>(
    `SELECT scope, period, sum(s) AS states, sum(r) AS rates FROM (
      SELECT scope, period, count() AS s, 0 AS r FROM user_state GROUP BY scope, period
      UNION ALL SELECT scope, period, 0 AS s, sum(users) AS r FROM user_rate GROUP BY scope, period) GROUP BY scope, period`);
  const keyed = (list: readonly { k: string; n: number }[]): Map<string, number> => new Map(list.map(({ k, n }) => [k, n]));
  return { stored, files: keyed(files), days: keyed(days), periods: keyed(periods), months: keyed(months), users };
}
