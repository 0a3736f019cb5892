/** The figures as queries over the stored rows of one organisation. All exact; nothing here is kept. */
import type { Events } from '#world/events/port';
import type { Grain, SeriesName } from './model.ts';
import { periodsBetween, spanOf, type Span } from './periods.ts';
import type { AreaCount } from './series.ts';

/** How a series counts rows of `ev`; users have a table of their own. */
const counted: Readonly<Record<Exclude<SeriesName, 'users-at-risk'>, { kind: string; what: string; only: string }>> = {
  'attacks-by-origin': { kind: 'attack', what: 'count()', only: '1' },
  'websites-attacked': { kind: 'website-attack', what: 'uniqExact(site, day)', only: `site != ''` },
  'computers-infected': { kind: 'infection', what: 'uniqExact(ip)', only: `ip != toIPv6('::')` },
};

const bucket: Readonly<Record<Grain, string>> = {
  year: 'toString(toYear(day))',
  quarter: `concat(toString(toYear(day)), '-Q', toString(toQuarter(day)))`,
  month: `formatDateTime(day, '%Y-%m')`,
};
const shape: Readonly<Record<Grain, string>> = { year: '^[0-9]{4}$', quarter: '-Q', month: '-[0-9]{2}$' };

/** All areas of a period. Empty where the period has no row of the series. */
export async function areaCounts(events: Events, scope: string, series: SeriesName, span: Span): Promise<AreaCount[]> {
  if (series === 'users-at-risk') {
    const rows = await events.query({
      query: `SELECT area, countIf(attacked = 1) AS numerator, count() AS denominator FROM user_period
        WHERE scope = {scope:String} AND period = {period:String} GROUP BY area ORDER BY area`,
      query_params: { scope, period: span.period },
    });
    return rows.json<AreaCount>();
  }
  const { kind, what, only } = counted[series];
  const rows = await events.query({
    query: `SELECT area, ${what} AS numerator FROM ev WHERE scope = {scope:String} AND kind = {kind:String}
      AND day >= toDate({from:UInt16}) AND day < toDate({to:UInt16}) AND ${only} GROUP BY area ORDER BY area`,
    query_params: { scope, kind, from: span.from, to: span.to },
  });
  return (await rows.json<{ area: string; numerator: number }>()).map((row) => ({ ...row, denominator: null }));
}

export interface PeriodCount {
  readonly period: string;
  readonly numerator: number;
  readonly denominator: number | null;
}

/** One area over time: an entry for each period of the grain that has any row of the series, for any area. */
export async function periodCounts(
  events: Events, scope: string, series: SeriesName, area: string, grain: Grain,
): Promise<PeriodCount[]> {
  if (series === 'users-at-risk') {
    const rows = await events.query({
      query: `SELECT period, countIf(area = {area:String} AND attacked = 1) AS numerator, countIf(area = {area:String}) AS denominator
        FROM user_period WHERE scope = {scope:String} AND match(period, {shape:String}) GROUP BY period ORDER BY period`,
      query_params: { scope, area, shape: shape[grain] },
    });
    return rows.json<PeriodCount>();
  }
  const { kind, what, only } = counted[series];
  const measure = what === 'count()' ? 'countIf(area = {area:String})' : what.replace(/^uniqExact\((.*)\)$/, 'uniqExactIf($1, area = {area:String})');
  const rows = await events.query({
    query: `SELECT ${bucket[grain]} AS period, ${measure} AS numerator FROM ev
      WHERE scope = {scope:String} AND kind = {kind:String} AND ${only} GROUP BY period ORDER BY period`,
    query_params: { scope, kind, area },
  });
  return (await rows.json<{ period: string; numerator: number }>()).map((row) => ({ ...row, denominator: null }));
}

/** Periods that have rows of a series, oldest first within each grain. */
export async function knownPeriods(events: Events, scope: string, series: SeriesName, grains: readonly Grain[]): Promise<string[]> {
  if (series === 'users-at-risk') {
    const rows = await events.query({
      query: 'SELECT DISTINCT period FROM user_period WHERE scope = {scope:String} ORDER BY period', query_params: { scope },
    });
    return (await rows.json<{ period: string }>()).map((row) => row.period);
  }
  const { kind, only } = counted[series];
  const rows = await events.query({
    query: `SELECT DISTINCT toUInt16(toStartOfMonth(day)) AS first FROM ev
      WHERE scope = {scope:String} AND kind = {kind:String} AND ${only} ORDER BY first`,
    query_params: { scope, kind },
  });
  const months = (await rows.json<{ first: number }>()).map((row) => row.first);
  return [...new Set(grains.flatMap((grain) => months.flatMap((day) => periodsBetween(day, day, grain))))].sort();
}

/** The periods of a grain from the first to the last known one, gaps included. */
export function allBetween(known: readonly string[], grain: Grain): string[] {
  const spans = known.flatMap((period) => spanOf(period) ?? []);
  if (spans.length === 0) return [];
  const first = Math.min(...spans.map((span) => span.from));
  return periodsBetween(first, Math.max(...spans.map((span) => span.to)) - 1, grain);
}

export async function familyCounts(
  events: Events, scope: string, area: string, span: Span,
): Promise<{ family: string; addresses: number }[]> {
  const rows = await events.query({
    query: `SELECT family, uniqExact(ip) AS addresses FROM ev WHERE scope = {scope:String} AND kind = 'infection'
      AND area = {area:String} AND day >= toDate({from:UInt16}) AND day < toDate({to:UInt16})
      AND family != '' AND ip != toIPv6('::') GROUP BY family ORDER BY addresses DESC, family LIMIT 10000`,
    query_params: { scope, area, from: span.from, to: span.to },
  });
  return rows.json<{ family: string; addresses: number }>();
}
