/**
 * Figures that others published, beside each other and over time. Two figures that differ are no contradiction before their
 * units, scopes, periods and methods are the same; a series whose publisher changed its method is two series. Pure.
 */
import type { QuotedFigure } from './model.ts';
import { spanOf } from './periods.ts';

export const causes = ['period', 'unit', 'scope', 'method', 'floor', 'approximate'] as const;
export type Cause = (typeof causes)[number];

/** Why two figures may differ: what is not the same between them. Empty where they contradict each other. */
export function causesOf(x: QuotedFigure, y: QuotedFigure): Cause[] {
  const differ: Record<Cause, boolean> = {
    period: x.period !== y.period, unit: x.unit !== y.unit, scope: x.covers !== y.covers,
    method: x.method !== y.method, floor: x.floor !== y.floor, approximate: x.approximate || y.approximate,
  };
  return causes.filter((cause) => differ[cause]);
}

export interface Point extends QuotedFigure {
  /** What the publisher changed since its figure before; a line must not be drawn across. */
  readonly changed: readonly Cause[];
  /** Points of one segment are comparable; a chart draws a line within a segment only. */
  readonly segment: number;
}

/** One publisher's figures of one series by period, cut wherever it changed what it counts or how. */
export function segments(figures: readonly QuotedFigure[]): Point[] {
  const inOrder = [...figures].sort((x, y) => (spanOf(x.period)?.to ?? 0) - (spanOf(y.period)?.to ?? 0) || (x.id < y.id ? -1 : 1));
  let segment = 0;
  return inOrder.map((figure, i): Point => {
    const before = inOrder[i - 1];
    const changed = before === undefined ? []
      : causesOf(before, figure).filter((cause) => cause !== 'period' && cause !== 'approximate');
    if (changed.length > 0) segment += 1;
    return { ...figure, changed, segment };
  });
}
