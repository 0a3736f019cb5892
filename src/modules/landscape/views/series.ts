/** How the published series are said: titles, units, periods, and where the rows behind a figure are. */
import type { Defined } from '#ui/Definition';
import { useReader } from '#ui/reader';
import type { Words } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import type { landscapeApi } from '../api.ts';

export type Published = OutputOf<typeof landscapeApi.statistics>['items'][number];
export type OneStatistic = OutputOf<typeof landscapeApi.statistic>;

export function seriesTitle({ t, has }: Words, series: string): string {
  return has(`series.${series}`) ? t(`series.${series}`) : series;
}

export function unitName({ t, has }: Words, unit: string): string {
  return has(`unit.${unit}`) ? t(`unit.${unit}`) : unit;
}

/** A value with its unit where that is a sign; the name of the unit stands beside it otherwise. */
export function sayValue(words: Words, unit: string): (value: number) => string {
  return (value) => (unit === 'percent' ? words.percent(value, 1) : words.number(value));
}

/** A change in percent with its direction in a shape; empty where there is none to tell. */
export function sayChange({ number }: Words, change: number | null): string {
  if (change === null) return '';
  return `${change > 0 ? '▲' : change < 0 ? '▼' : '■'} ${number(Math.abs(change), 1)}\u202f%`;
}

const roman = ['I', 'II', 'III', 'IV'];

/** `2018-Q4`, `2019` or `2019-03` as people say it. */
export function sayPeriod({ t, tongue }: Words, period: string): string {
  const [year = '', part = ''] = period.split('-');
  if (part.startsWith('Q')) {
    const quarter = Number(part.slice(1));
    return t('period.quarter', { year, quarter: tongue === 'vi' ? roman[quarter - 1] ?? quarter : quarter });
  }
  if (part) {
    const month = new Intl.DateTimeFormat('en', { month: 'long', timeZone: 'UTC' }).format(new Date(`${period}-01T00:00:00Z`));
    return t('period.month', { year, month: tongue === 'vi' ? Number(part) : month });
  }
  return t('period.year', { year });
}

/** First and last day of a period, both included. */
export function daysOf(period: string): { readonly from: string; readonly to: string } {
  const [year = '', part = ''] = period.split('-');
  const first = part.startsWith('Q') ? 3 * Number(part.slice(1)) - 2 : part ? Number(part) : 1;
  const last = part.startsWith('Q') ? first + 2 : part ? first : 12;
  const end = new Date(Date.UTC(Number(year), last, 0)).toISOString().slice(0, 10);
  return { from: `${year}-${String(first).padStart(2, '0')}-01`, to: end };
}

const kinds: Readonly<Record<string, string>> = {
  'attacks-by-origin': 'attack', 'users-at-risk': 'user-detection', 'websites-attacked': 'website-attack',
  'computers-infected': 'infection',
};

/** Where the rows behind a figure are. */
export function rowsAddress(series: string, area: string, period: string): string {
  const { from, to } = daysOf(period);
  return `/events?kind=${kinds[series] ?? ''}&area=${area}&from=${from}&to=${to}`;
}

export function statisticAddress(series: string, area: string, period: string): string {
  return `/statistics/${series}?area=${area}&period=${period}`;
}

/** The definition in the reader's language where the dictionaries have it; the hub's own words otherwise. */
export function definedOf(words: Words, series: string, statistic: Partial<OneStatistic>, caution?: string): Defined {
  const { t, has, number } = words;
  const said = (what: string, otherwise: string | undefined) => {
    const key = `series.${series}.${what}`;
    return has(key) ? t(key) : otherwise ?? null;
  };
  const amount = (value: number | null | undefined) => (value === null || value === undefined ? null : number(value));
  return {
    text: said('definition', statistic.definition) ?? '',
    numerator: amount(statistic.numerator), denominator: amount(statistic.denominator),
    method: said('method', statistic.method), source: said('source', statistic.source), caution: said('caution', caution),
    computedAt: statistic.computedAt ?? null,
  };
}

/** Orders periods by when they end, the longer one last. */
export function latest(periods: readonly string[]): string | null {
  return periods.toSorted((a, b) => daysOf(a).to.localeCompare(daysOf(b).to) || b.length - a.length).at(-1) ?? null;
}

/** Newest first, for a choice. */
export function periodsDown(periods: readonly string[]): string[] {
  return [...new Set(periods)].toSorted((a, b) => daysOf(b).to.localeCompare(daysOf(a).to) || a.length - b.length);
}

/** Where the demonstration opens: the periods of its story. A hub with its own rows opens at the latest that has ended. */
const story: Readonly<Record<string, string>> = {
  'attacks-by-origin': '2018-Q4', 'users-at-risk': '2018-Q4', 'websites-attacked': '2019', 'computers-infected': '2019',
};

/** The period a page shows when its address names none: quarters and years that have ended before others. */
export function openingPeriod(item: Pick<Published, 'series' | 'periods'>, demo: boolean, today: string): string | null {
  const told = story[item.series];
  if (demo && told && item.periods.includes(told)) return told;
  const ended = item.periods.filter((p) => daysOf(p).to < today && !/-\d/.test(p));
  return latest(ended) ?? latest(item.periods);
}

export function useOpening(): (item: Pick<Published, 'series' | 'periods'>) => string | null {
  const { demo } = useReader();
  const today = new Date().toISOString().slice(0, 10);
  return (item) => openingPeriod(item, demo, today);
}
