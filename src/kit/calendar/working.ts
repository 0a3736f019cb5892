/**
 * Working days and hours of a country's offices: weekends, holidays by the solar and the lunar calendar, the day off in lieu
 * where a holiday falls on a weekend, and days that a decision of the year moved. Days are `YYYY-MM-DD` of the zone.
 */
import { localDay, midnight } from '#kit/zone/midnight';
import { newYearDay, solarDay } from './lunar.ts';

const dayMs = 86_400_000;

/** A day that a decision made working or free, whatever the rule says. */
export interface DecidedDay {
  readonly day: string;
  readonly works: boolean;
}

export interface WorkingCalendar {
  readonly zone: string;
  /** Minutes after midnight. */
  readonly opens: number;
  readonly closes: number;
  /** Minute at which what is gathered goes out. */
  readonly digestAt: number;
  readonly decided: readonly DecidedDay[];
}

const shift = (day: string, by: number): string => new Date(Date.parse(`${day}T00:00:00Z`) + by * dayMs).toISOString().slice(0, 10);
const weekday = (day: string): number => new Date(`${day}T00:00:00Z`).getUTCDay();
const weekend = (day: string): boolean => weekday(day) % 6 === 0;

/**
 * Public holidays of Việt Nam in a year, by name: Labour Code 2019, article 112. Of the five days of Tết one is the last of
 * the old year; National Day takes the day after with it. What the year's decision changes comes in as a decided day.
 */
export function holidaysOf(year: number): ReadonlyMap<string, string> {
  const tet = newYearDay(year);
  const days: [string, string][] = [
    [`${year}-01-01`, 'new-year'], ...[-1, 0, 1, 2, 3].map((by): [string, string] => [shift(tet, by), 'tet']),
    [solarDay(year, 3, 10), 'hung-kings'], [`${year}-04-30`, 'reunification'], [`${year}-05-01`, 'labour'],
    [`${year}-09-02`, 'national'], [`${year}-09-03`, 'national'],
  ];
  const found = new Map<string, string>();
  for (const [day, name] of days) if (!found.has(day)) found.set(day, name);
  // Article 111: a holiday on a weekly day off is made up for by the next working day.
  for (const [day, name] of [...found].sort(([x], [y]) => (x < y ? -1 : 1))) {
    if (!weekend(day)) continue;
    let instead = shift(day, 1);
    while (weekend(instead) || found.has(instead)) instead = shift(instead, 1);
    found.set(instead, name);
  }
  return found;
}

export function isWorkingDay(day: string, calendar: WorkingCalendar): boolean {
  const decided = calendar.decided.find((d) => d.day === day);
  if (decided) return decided.works;
  return !weekend(day) && !holidaysOf(Number(day.slice(0, 4))).has(day);
}

const instantOf = (day: string, minutes: number, zone: string): number => Date.parse(midnight(day, zone)) + minutes * 60_000;

/** The first moment at or after `at` at which an office works. */
export function nextWorkingMoment(at: number, calendar: WorkingCalendar): number {
  let day = localDay(at, calendar.zone);
  for (let tries = 0; tries < 400; tries++) {
    const opens = instantOf(day, calendar.opens, calendar.zone);
    if (isWorkingDay(day, calendar) && at < instantOf(day, calendar.closes, calendar.zone)) return Math.max(at, opens);
    day = shift(day, 1);
  }
  throw new Error('a calendar without a working day in a year');
}

/** The first digest hour at or after `at`, on a working day. */
export function nextDigest(at: number, calendar: WorkingCalendar): number {
  let day = localDay(at, calendar.zone);
  for (let tries = 0; tries < 400; tries++) {
    const due = instantOf(day, calendar.digestAt, calendar.zone);
    if (isWorkingDay(day, calendar) && due >= at) return due;
    day = shift(day, 1);
  }
  throw new Error('a calendar without a working day in a year');
}
