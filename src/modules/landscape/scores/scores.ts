/**
 * The score card of a source: what became of what it said, how well it delivers, what nobody else said. Each share stands with its two
 * counts; a share of nothing is null, never 0 %. Pure: cases and counts go in.
 */
import { percentOf } from '#kit/percent';
import type { Case } from '#modules/constituents/index';
import { median } from '../websites.ts';

/** Method of the card as a whole; a change of a definition is a new one. */
export const scoreMethod = 'source-scores/1';
const hour = 3_600_000;

export type Verdict = 'useful' | 'false' | 'none';

/** Its owner's last word decides; where there is none, that observation closed it. A case nobody spoke of and nothing closed is not judged. */
export function verdictOf({ lastWord, closed }: Pick<Case, 'lastWord' | 'closed'>): Verdict {
  if (lastWord === 'disputed') return 'false';
  return lastWord !== null || closed ? 'useful' : 'none';
}

export interface CaseFigures {
  /** Findings in notices that were let go in the month. */
  readonly told: number;
  readonly useful: number;
  readonly wrong: number;
  readonly notJudged: number;
  /** Of the useful ones, the middle of the hours from letting go to the first act on it, to one decimal. */
  readonly medianHours: number | null;
}

/** Each finding and notice once, however many of the feeds showed it. */
export function caseFigures(cases: readonly Case[]): CaseFigures {
  const once = [...new Map(cases.map((c) => [`${c.finding} ${c.notice}`, c])).values()];
  const judged = once.map((c) => ({ c, verdict: verdictOf(c) }));
  const count = (verdict: Verdict): number => judged.filter((j) => j.verdict === verdict).length;
  const waits = judged.flatMap(({ c, verdict }) => (verdict === 'useful' && c.actedAt !== null ? [Date.parse(c.actedAt) - Date.parse(c.releasedAt)] : []));
  const middle = median(waits);
  return {
    told: once.length, useful: count('useful'), wrong: count('false'), notJudged: count('none'),
    // In tenths of an hour, half up.
    medianHours: middle === null ? null : Math.round(middle / (hour / 10)) / 10,
  };
}

/** A time in milliseconds: from, included, to, not included. */
export interface Stretch { readonly from: number; readonly to: number }

export interface Punctuality {
  /** Hours of the month since the feed first came, up to now: what lateness is a part of. */
  readonly hours: number;
  readonly lateHours: number;
}

const overlap = (a: Stretch, b: Stretch): number => Math.max(0, Math.min(a.to, b.to) - Math.max(a.from, b.from));

/**
 * How long a feed was overdue in a month. `deliveries` are its own of the month in order, the last before it and the first after it; null where
 * it promises nothing or had not come yet.
 */
export function punctuality(deliveries: readonly number[], cadenceHours: number | null, month: Stretch, now: number): Punctuality | null {
  const [began] = deliveries;
  const seen = { from: Math.max(month.from, began ?? Number.POSITIVE_INFINITY), to: Math.min(month.to, now) };
  if (cadenceHours === null || seen.from >= seen.to) return null;
  const late = deliveries.reduce((sum, at, i) =>
    sum + overlap({ from: at + cadenceHours * hour, to: deliveries[i + 1] ?? Number.POSITIVE_INFINITY }, seen), 0);
  return { hours: tenth((seen.to - seen.from) / hour), lateHours: tenth(late / hour) };
}

/** Hours of a month for which a feed lost what it held, for good. */
export function gapHours(gaps: readonly Stretch[], month: Stretch): number {
  return tenth(gaps.reduce((sum, gap) => sum + overlap(gap, month), 0) / hour);
}

const tenth = (value: number): number => Math.round(value * 10) / 10;

/** A share with what it is made of; null of nothing. */
export interface Share { readonly part: number; readonly whole: number; readonly percent: number | null }
export const shareOf = (part: number, whole: number): Share => ({ part, whole, percent: whole === 0 ? null : percentOf(part, whole) });

export interface Rows { readonly read: number; readonly stored: number; readonly duplicate: number; readonly quarantined: number }

export interface Counted {
  readonly cases: readonly Case[];
  readonly batches: number;
  readonly rows: Rows;
  /** Null where no feed of the source promises anything. */
  readonly time: Punctuality | null;
  readonly gaps: number;
  readonly gapHours: number;
  /** Distinct things of the month and those that nobody else reported; null where the rows of the month are gone. */
  readonly assets: { readonly all: number; readonly alone: number } | null;
}

export interface Score {
  readonly told: number;
  readonly useful: Share;
  readonly false: Share;
  readonly notJudged: Share;
  readonly medianHours: number | null;
  readonly batches: number;
  readonly rows: Rows;
  readonly duplicate: Share;
  readonly quarantined: Share;
  readonly late: Share | null;
  readonly gaps: number;
  readonly gapHours: number;
  readonly alone: Share | null;
}

export function scoreOf(of: Counted): Score {
  const { told, useful, wrong, notJudged, medianHours } = caseFigures(of.cases);
  const { rows, time, assets } = of;
  return {
    told, useful: shareOf(useful, useful + wrong), false: shareOf(wrong, useful + wrong), notJudged: shareOf(notJudged, told), medianHours,
    batches: of.batches, rows, duplicate: shareOf(rows.duplicate, rows.read), quarantined: shareOf(rows.quarantined, rows.read),
    // In tenths of an hour, so that the share is of whole numbers.
    late: time === null ? null
      : { part: time.lateHours, whole: time.hours, percent: percentOf(Math.round(time.lateHours * 10), Math.round(time.hours * 10)) },
    gaps: of.gaps, gapHours: of.gapHours, alone: assets === null ? null : shareOf(assets.alone, assets.all),
  };
}

/** What several feeds of one provider come to in time. */
export function joinedTime(times: readonly (Punctuality | null)[]): Punctuality | null {
  const known = times.filter((time) => time !== null);
  if (known.length === 0) return null;
  return { hours: tenth(known.reduce((sum, t) => sum + t.hours, 0)), lateHours: tenth(known.reduce((sum, t) => sum + t.lateHours, 0)) };
}

export interface Line { readonly kind: 'feed' | 'provider'; readonly name: string; readonly provider: string | null; readonly score: Score }

/** As a table (RFC 4180), each share with its counts; what is null is empty. Text that a spreadsheet would run is made text. */
export function scoresCsv(month: string, lines: readonly Line[]): string {
  const text = (value: string | null): string => (value === null ? ''
    : `"${(/^[=+\-@\t\r]/.test(value) ? `'${value}` : value).replaceAll('"', '""')}"`);
  const share = (value: Share | null): (number | string)[] => (value === null ? ['', '', ''] : [value.part, value.whole, value.percent ?? '']);
  const columns = (name: string, whole: string): string[] => [name, whole, `${name}_percent`];
  const head = [
    'month', 'kind', 'source', 'provider', 'told', ...columns('useful', 'judged'), ...columns('false', 'judged_again'), ...columns('not_judged', 'told_again'),
    'median_hours_to_action', 'batches', 'stored', ...columns('duplicate', 'read'), ...columns('quarantined', 'read_again'), ...columns('late_hours', 'hours'),
    'gaps', 'gap_hours', ...columns('alone', 'assets'),
  ];
  const rows = lines.map(({ kind, name, provider, score: s }) => [
    month, kind, text(name), text(provider), s.told, ...share(s.useful), ...share(s.false), ...share(s.notJudged), s.medianHours ?? '', s.batches,
    s.rows.stored, ...share(s.duplicate), ...share(s.quarantined), ...share(s.late), s.gaps, s.gapHours, ...share(s.alone),
  ]);
  return `${[head, ...rows].map((row) => row.join(',')).join('\r\n')}\r\n`;
}
