/**
 * What the months show of state bodies: how many infected addresses each had, whether more or fewer than the month before, in how
 * many of the last twelve months, and how long what is open there has been open. Pure: counts go in.
 */
import { csvText } from '#kit/csv/write';
import { provinceNow, type Province } from '#kit/provinces/vn';

/** Kinds of constituents that are state bodies, in the order of a report. */
export const officeKinds = ['ministry', 'province'] as const;
export type OfficeKind = (typeof officeKinds)[number];

export interface Body { readonly id: string; readonly name: string; readonly kind: OfficeKind; readonly province: string | null }

/** Distinct infected addresses of a month by who answered for them when they were seen. */
export type MonthCounts = ReadonlyMap<string, number>;

export interface OpenWork { readonly open: number; readonly oldest: string | null }

export interface BodyFigures extends Body {
  readonly addresses: number;
  /** Of the month before; null where that month has no row at all. */
  readonly before: number | null;
  /** Months with an infected address among the twelve that end with this one. */
  readonly months: number;
  /** Affected in this month and in at least two of the eleven before. */
  readonly again: boolean;
  readonly open: number;
  /** Whole days since the oldest open finding was first seen; null where none is open. */
  readonly oldestDays: number | null;
}

export interface OfficeReport {
  /** Distinct addresses of all state bodies; one that moved from one body to another within the month counts at both. */
  readonly state: number;
  readonly stateBefore: number | null;
  readonly groups: readonly { readonly kind: OfficeKind; readonly addresses: number; readonly affected: number; readonly bodies: number }[];
  readonly bodies: readonly BodyFigures[];
}

const dayMs = 86_400_000;
const monthsLeast = 3;

/**
 * `months` is the month asked for first, then those before it; a month without any row is null. Bodies with most addresses come
 * first, those with none last, by name.
 */
export function officeReport(
  bodies: readonly Body[], months: readonly (MonthCounts | null)[], work: ReadonlyMap<string, OpenWork>, now: number,
): OfficeReport {
  const [asked, last] = [months[0] ?? null, months[1] ?? null];
  const rows = bodies.map((body): BodyFigures => {
    const affected = months.slice(0, 12).filter((month) => (month?.get(body.id) ?? 0) > 0).length;
    const addresses = asked?.get(body.id) ?? 0;
    const { open, oldest } = work.get(body.id) ?? { open: 0, oldest: null };
    return {
      ...body, addresses, before: last === null ? null : last.get(body.id) ?? 0, months: affected,
      again: addresses > 0 && affected >= monthsLeast, open,
      oldestDays: oldest === null ? null : Math.max(0, Math.floor((now - Date.parse(oldest)) / dayMs)),
    };
  }).sort((a, b) => b.addresses - a.addresses || (a.name < b.name ? -1 : 1));
  const sum = (of: readonly BodyFigures[]): number => of.reduce((total, row) => total + row.addresses, 0);
  return {
    state: sum(rows), stateBefore: last === null ? null : rows.reduce((total, row) => total + (row.before ?? 0), 0),
    groups: officeKinds.map((kind) => {
      const own = rows.filter((row) => row.kind === kind);
      return { kind, addresses: sum(own), affected: own.filter((row) => row.addresses > 0).length, bodies: own.length };
    }),
    bodies: rows,
  };
}

type Asked = readonly [bodies: readonly Body[], months: readonly (MonthCounts | null)[], work: ReadonlyMap<string, OpenWork>];

/** The same by today's provinces: a body of a province that joined another counts with that one's body. */
export function byTodaysProvinces([bodies, months, work]: Asked, changes: readonly Province[]): Asked {
  const homes = new Map<string, Body>();
  for (const body of bodies) {
    if (body.kind === 'province' && body.province && provinceNow(body.province, changes).code === body.province) homes.set(body.province, body);
  }
  const became = new Map<string, Body>();
  for (const body of bodies) {
    const now = body.kind === 'province' && body.province ? provinceNow(body.province, changes) : null;
    // Where the province it joined has no body here, it stays what it was, under the other's name and code.
    const home = now ? homes.get(now.code) ?? { ...body, name: now.name ?? body.name, province: now.code } : body;
    if (now) homes.set(now.code, home);
    became.set(body.id, home);
  }
  const idNow = (id: string): string => became.get(id)?.id ?? id;
  const joined = new Map<string, OpenWork>();
  for (const [id, { open, oldest }] of work) {
    const known = joined.get(idNow(id));
    const dates = [known?.oldest, oldest].filter((date) => typeof date === 'string').sort();
    joined.set(idNow(id), { open: open + (known?.open ?? 0), oldest: dates[0] ?? null });
  }
  return [[...new Set(became.values())], months.map((month) => {
    if (month === null) return null;
    const sums = new Map<string, number>();
    for (const [id, count] of month) sums.set(idNow(id), (sums.get(idNow(id)) ?? 0) + count);
    return sums;
  }), joined];
}

/** The report as a table (RFC 4180): what a spreadsheet opens. */
export function officeCsv(month: string, bodies: readonly BodyFigures[]): string {
  const head = 'month,body,kind,province,addresses,addresses_month_before,months_affected_of_12,open_findings,oldest_open_days';
  const rows = bodies.map((b) => [
    month, csvText(b.name), b.kind, b.province === null ? '' : csvText(b.province), b.addresses, b.before ?? '', b.months, b.open, b.oldestDays ?? '',
  ].join(','));
  return `${[head, ...rows].join('\r\n')}\r\n`;
}
