/**
 * The figures as questions to what is computed from the stored rows of one organisation. All exact. A period that is not
 * computed yet is read from its days: the same number, only slower.
 */
import type { Events } from '#world/events/port';
import { seriesNames, type Grain, type SeriesName } from './model.ts';
import { periodsBetween, spanOf, type Span } from './periods.ts';
import { figuresFrom, usersFrom } from './rollups.ts';
import type { AreaCount } from './series.ts';
import { userMark } from './settled-store.ts';

/** How a series reads the figures of its kind; users have a table of their own. */
const counted: Readonly<Record<Exclude<SeriesName, 'users-at-risk'>, { kind: string; what: 'rows' | 'things' }>> = {
  'attacks-by-origin': { kind: 'attack', what: 'rows' },
  'websites-attacked': { kind: 'website-attack', what: 'things' },
  'computers-infected': { kind: 'infection', what: 'things' },
};

const shape: Readonly<Record<Grain, string>> = { year: '^[0-9]{4}$', quarter: '-Q', month: '-[0-9]{2}$' };

/** Which periods must be read from their days. */
export type Stale = ReadonlySet<string>;

/** One cell of a period: things and rows of a kind by a dimension. */
export interface Cell { readonly area: string; readonly key: string; readonly things: number; readonly rows: number; readonly total: number }

/** All cells of a kind and dimension in a period, most things first. */
export async function cellsOf(
  events: Events, scope: string, span: Span, stale: Stale, of: { kind: string; dim: string; area?: string; most?: number },
): Promise<Cell[]> {
  const area = of.area === undefined ? '' : 'AND area = {area:String}';
  const params = { scope, period: span.period, from: span.from, to: span.to, kind: of.kind, dim: of.dim, area: of.area, most: of.most ?? 100_000 };
  // Straight from the days the figures have short names; see `figuresFrom`.
  const source = stale.has(span.period)
    ? `(SELECT k AS key, a AS area, d AS dim, things, n AS rows, t AS total FROM (${figuresFrom('seen', 'kind = {kind:String}')}))`
    : 'period_figure';
  const only = stale.has(span.period) ? '1' : 'scope = {scope:String} AND period = {period:String} AND kind = {kind:String}';
  const rows = await events.query({
    query: `SELECT area, key, sum(things) AS things, sum(rows) AS rows, sum(total) AS total FROM ${source}
      WHERE ${only} AND dim = {dim:String} ${area} GROUP BY area, key ORDER BY things DESC, rows DESC, area, key LIMIT {most:UInt32}`,
    query_params: params,
  });
  return rows.json<Cell>();
}

/** All areas of a period. Empty where the period has no row of the series. */
export async function areaCounts(events: Events, scope: string, series: SeriesName, span: Span, stale: Stale): Promise<AreaCount[]> {
  if (series === 'users-at-risk') {
    const { period, from, to } = span;
    const source = stale.has(userMark(period))
      ? `(SELECT home AS area, classes, count() AS users FROM (${usersFrom('ev', '1')}) GROUP BY area, classes)`
      : '(SELECT area, classes, users FROM user_rate WHERE scope = {scope:String} AND period = {period:String})';
    const rows = await events.query({
      query: `SELECT area, sumIf(users, classes != 0) AS numerator, sum(users) AS denominator FROM ${source} GROUP BY area ORDER BY area`,
      query_params: { scope, period, from, to },
    });
    return rows.json<AreaCount>();
  }
  const { kind, what } = counted[series];
  const cells = await cellsOf(events, scope, span, stale, { kind, dim: 'area' });
  return cells.filter((cell) => cell[what] > 0).map((cell) => ({ area: cell.area, numerator: cell[what], denominator: null }))
    .sort((x, y) => (x.area < y.area ? -1 : 1));
}

export interface PeriodCount {
  readonly period: string;
  readonly numerator: number;
  readonly denominator: number | null;
}

/** One area over time: an entry for each period of the grain that has any row of the series, for any area. */
export async function periodCounts(
  events: Events, scope: string, series: SeriesName, area: string, grain: Grain, stale: Stale,
): Promise<PeriodCount[]> {
  if (series === 'users-at-risk') {
    const rows = await events.query({
      query: `SELECT period, sumIf(users, area = {area:String} AND classes != 0) AS numerator, sumIf(users, area = {area:String}) AS denominator
        FROM user_rate WHERE scope = {scope:String} AND match(period, {shape:String}) GROUP BY period ORDER BY period`,
      query_params: { scope, area, shape: shape[grain] },
    });
    const known = new Map((await rows.json<PeriodCount>()).map((row) => [row.period, row]));
    for (const [period, counts] of await fromDays(events, scope, series, grain, stale)) {
      const own = counts.find((count) => count.area === area);
      known.set(period, { period, numerator: own?.numerator ?? 0, denominator: own?.denominator ?? 0 });
    }
    return [...known.values()].sort((x, y) => (x.period < y.period ? -1 : 1));
  }
  const { kind, what } = counted[series];
  const rows = await events.query({
    query: `SELECT period, sumIf(${what}, area = {area:String}) AS numerator, sum(${what}) AS every FROM period_figure
      WHERE scope = {scope:String} AND kind = {kind:String} AND dim = 'area' AND match(period, {shape:String}) GROUP BY period HAVING every > 0`,
    query_params: { scope, kind, area, shape: shape[grain] },
  });
  const known = new Map((await rows.json<{ period: string; numerator: number }>()).map((row) => [row.period, row.numerator]));
  for (const [period, counts] of await fromDays(events, scope, series, grain, stale)) {
    known.set(period, counts.find((count) => count.area === area)?.numerator ?? 0);
  }
  return [...known].map(([period, numerator]) => ({ period, numerator, denominator: null })).sort((x, y) => (x.period < y.period ? -1 : 1));
}

/** The counts of those periods of a grain that are not computed yet. */
async function fromDays(
  events: Events, scope: string, series: SeriesName, grain: Grain, stale: Stale,
): Promise<Map<string, AreaCount[]>> {
  const found = new Map<string, AreaCount[]>();
  for (const mark of stale) {
    const span = spanOf(series === 'users-at-risk' ? mark.replace(/^users /, '') : mark);
    if (span === null || span.grain !== grain || (series === 'users-at-risk') !== mark.startsWith('users ')) continue;
    const counts = await areaCounts(events, scope, series, span, stale);
    if (counts.length > 0) found.set(span.period, counts);
  }
  return found;
}

/** Periods that have rows of each series, oldest first within each grain. */
export async function knownPeriods(
  events: Events, scope: string, stale: Stale, grainsOf: (series: SeriesName) => readonly Grain[],
): Promise<Map<SeriesName, string[]>> {
  const rows = await events.query({
    query: `SELECT kind, period, max(things) > 0 AS things, max(rows) > 0 AS rows
      FROM period_figure WHERE scope = {scope:String} AND dim = 'all' GROUP BY kind, period
      UNION ALL SELECT DISTINCT 'user' AS kind, period, 1 AS things, 1 AS rows FROM user_rate WHERE scope = {scope:String}`,
    query_params: { scope },
  });
  const found = await rows.json<{ kind: string; period: string; things: number; rows: number }>();
  const known = new Map<SeriesName, string[]>();
  for (const series of seriesNames) {
    const { kind, what } = series === 'users-at-risk' ? { kind: 'user', what: 'rows' as const } : counted[series];
    const grains = grainsOf(series);
    const periods = new Set(found.filter((row) => row.kind === kind && row[what] !== 0).map((row) => row.period));
    for (const grain of grains) for (const period of (await fromDays(events, scope, series, grain, stale)).keys()) periods.add(period);
    known.set(series, [...periods].filter((period) => grains.some((grain) => spanOf(period)?.grain === grain)).sort());
  }
  return known;
}

/** The periods of a grain from the first to the last known one, gaps included. */
export function allBetween(known: readonly string[], grain: Grain): string[] {
  const spans = known.flatMap((period) => spanOf(period) ?? []);
  if (spans.length === 0) return [];
  const first = Math.min(...spans.map((span) => span.from));
  return periodsBetween(first, Math.max(...spans.map((span) => span.to)) - 1, grain);
}

/** Detections on the devices of an area's users, as often as they were reported: additive, so read off the days. */
export async function detectionsOf(events: Events, scope: string, area: string, span: Span): Promise<number> {
  const rows = await events.query({
    query: `SELECT sum(total) AS n FROM day_count WHERE scope = {scope:String} AND kind = 'user-detection' AND area = {area:String}
      AND day >= toDate({from:UInt16}) AND day < toDate({to:UInt16})`,
    query_params: { scope, area, from: span.from, to: span.to },
  });
  return (await rows.json<{ n: number }>())[0]?.n ?? 0;
}

/** Months with a row of a kind, newest first. */
export async function monthsWith(events: Events, scope: string, kind: string): Promise<string[]> {
  const rows = await events.query({
    query: `SELECT DISTINCT formatDateTime(day, '%Y-%m') AS month FROM day_figure
      WHERE scope = {scope:String} AND kind = {kind:String} AND dim = 'all' ORDER BY month DESC LIMIT 1200`,
    query_params: { scope, kind },
  });
  return (await rows.json<{ month: string }>()).map((row) => row.month);
}
