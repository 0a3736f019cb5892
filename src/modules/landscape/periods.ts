/** Periods as people write them: `2019`, `2018-Q4`, `2019-03`. Days are numbered from 1970-01-01, UTC. Pure. */
import type { Grain } from './model.ts';

export interface Span {
  readonly period: string;
  readonly grain: Grain;
  /** First day, included. */
  readonly from: number;
  /** Day after the last. */
  readonly to: number;
}

const dayOf = (year: number, month: number): number => Math.floor(Date.UTC(year, month - 1, 1) / 86_400_000);

export function dayNumber(iso: string): number {
  return Math.floor(Date.parse(`${iso.slice(0, 10)}T00:00:00Z`) / 86_400_000);
}

export function isoDay(day: number): string {
  const { year, month, date } = civil(day);
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(date).padStart(2, '0')}`;
}

/** Civil date of a day number (Howard Hinnant's algorithm). */
export function civil(day: number): { year: number; month: number; date: number } {
  const z = day + 719_468;
  const era = Math.floor(z / 146_097);
  const ofEra = z - era * 146_097;
  const years = Math.floor((ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365);
  const ofYear = ofEra - (365 * years + Math.floor(years / 4) - Math.floor(years / 100));
  const shifted = Math.floor((5 * ofYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {
    year: years + era * 400 + (month <= 2 ? 1 : 0), month, date: ofYear - Math.floor((153 * shifted + 2) / 5) + 1,
  };
}

/** The span of a period, or null where the text is none. */
export function spanOf(period: string): Span | null {
  const match = /^(\d{4})(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?$/.exec(period);
  if (!match) return null;
  const year = Number(match[1]);
  if (match[2] !== undefined) {
    const first = Number(match[2]) * 3 - 2;
    return { period, grain: 'quarter', from: dayOf(year, first), to: dayOf(year, first + 3) };
  }
  if (match[3] !== undefined) {
    const month = Number(match[3]);
    return { period, grain: 'month', from: dayOf(year, month), to: dayOf(year, month + 1) };
  }
  return { period, grain: 'year', from: dayOf(year, 1), to: dayOf(year + 1, 1) };
}

/** The period of a grain in which a day lies. */
export function periodOf(day: number, grain: Grain): string {
  const { year, month } = civil(day);
  if (grain === 'year') return String(year);
  return grain === 'quarter' ? `${year}-Q${Math.ceil(month / 3)}` : `${year}-${String(month).padStart(2, '0')}`;
}

/** All periods of a grain from the one of `first` to the one of `last`, both included. */
export function periodsBetween(first: number, last: number, grain: Grain): string[] {
  const out: string[] = [];
  for (let day = first; day <= last;) {
    const period = periodOf(day, grain);
    out.push(period);
    day = spanOf(period)?.to ?? last + 1;
  }
  return out;
}
