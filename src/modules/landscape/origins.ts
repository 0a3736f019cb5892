/**
 * Where attacks come from: every origin of a period with its share of the world, its rank and what became of it since the period before.
 * Pure: counts go in. The matrix of origins and targets lies in `origins-store.ts`.
 */
import { changeOf, percentOf } from '#kit/percent';
import { periodOf, spanOf, type Span } from './periods.ts';
import { definitions, rank, type AreaCount } from './series.ts';

export interface Origin {
  readonly area: string;
  /** Null for what no list places: it has a share and no rank. */
  readonly rank: number | null;
  readonly attacks: number;
  /** Of all attacks of the period, those of unknown origin among them, in percent to two decimals. */
  readonly share: number;
  /** Null where the period before has no attack at all. */
  readonly before: number | null;
  readonly change: number | null;
}

export interface Origins {
  readonly total: number;
  readonly totalBefore: number | null;
  /** How many are ranked. */
  readonly population: number;
  readonly items: readonly Origin[];
}

const sumOf = (counts: readonly AreaCount[]): number => counts.reduce((sum, count) => sum + count.numerator, 0);

/** In the order of the ranking; the unknown last. `before` is null where that period has no attack at all. */
export function originsOf(counts: readonly AreaCount[], before: readonly AreaCount[] | null): Origins {
  const total = sumOf(counts);
  const then = new Map(before?.map((count) => [count.area, count.numerator]));
  const ranking = rank(definitions['attacks-by-origin'], counts);
  const row = (area: string, attacks: number, place: number | null): Origin => {
    const was = before === null ? null : then.get(area) ?? 0;
    return { area, rank: place, attacks, share: percentOf(attacks, total, 2), before: was, change: changeOf(attacks, was) };
  };
  return {
    total, totalBefore: before === null ? null : sumOf(before), population: ranking.items.length,
    items: [
      ...ranking.items.map((item) => row(item.area, item.value, item.rank)),
      ...ranking.excluded.map((item) => row(item.area, item.numerator ?? 0, null)),
    ],
  };
}

/** The span of the same length just before. */
export function spanBefore(span: Span, back = 1): Span {
  const before = spanOf(periodOf(span.from - 1, span.grain)) ?? span;
  return back <= 1 ? before : spanBefore(before, back - 1);
}
