import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { QuotedFigure } from './model.ts';
import { causesOf, segments } from './quoted.ts';
import { sentences, trendOf } from './trends.ts';

const figure = (over: Partial<QuotedFigure>): QuotedFigure => ({
  id: 'qtd_1', at: '2026-01-01T00:00:00.000Z', publisher: 'p', series: 's', area: 'VN', period: '2019', value: 1, approximate: false,
  unit: 'attacks', covers: 'all', method: '', floor: null, source: 'report', ...over,
});

describe('a change', () => {
  it('of count and share is told with both (F78)', () => {
    const trend = trendOf({ before: 27_492_332, after: 12_923_364 }, { before: 21.5, after: 25.6 });
    expect(trend).toEqual({ countPercent: -53, sharePoints: 4.1, agree: false });
    expect(sentences(trend).en).toBe('counts down 53 %, share up 4.1 points');
    expect(sentences(trend).vi).toBe('số lượng giảm 53 %, tỷ lệ tăng 4,1 điểm phần trăm');
    expect(trendOf({ before: 27_500_000, after: 13_000_000 }, { before: 21.5, after: 25.6 }).countPercent).toBe(-53);
  });

  it('says what it does not know', () => {
    expect(sentences(trendOf({ before: 0, after: 5 }, null)).en).toBe('counts have nothing to compare with, share not publishable');
    expect(trendOf({ before: 4, after: 5 }, null)).toEqual({ countPercent: 25, sharePoints: null, agree: null });
  });

  it('agrees only where both go the same way, and points have one decimal', () => {
    const tenth = fc.integer({ min: 0, max: 1000 });
    fc.assert(fc.property(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 0, max: 1e9 }), tenth, tenth, (b, a, x, y) => {
      const trend = trendOf({ before: b, after: a }, { before: x / 10, after: y / 10 });
      expect(trend.agree).toBe(Math.sign(a - b) === Math.sign(y - x));
      expect(trend.sharePoints).toBe((y - x) / 10);
    }));
  });
});

describe('figures of others', () => {
  it('differ for reasons before they contradict (F79)', () => {
    const ministry = figure({ publisher: 'MPS', period: '2019', value: 4000, approximate: true, unit: 'websites', covers: 'portals of .vn' });
    const centre = figure({ publisher: 'VNCERT', period: '2019-Q1', value: 4770, unit: 'incidents', covers: 'all reported' });
    expect(causesOf(ministry, centre)).toEqual(['period', 'unit', 'scope', 'approximate']);
    expect(causesOf(centre, figure({ period: '2019-Q1', value: 1, unit: 'incidents', covers: 'all reported' }))).toEqual([]);
  });

  it('break where the publisher changed its floor: no line is drawn across (F87)', () => {
    const line = segments([
      figure({ id: 'c', period: '2020-Q1', floor: 50_000 }), figure({ id: 'a', period: '2019-Q3', floor: 10_000 }),
      figure({ id: 'b', period: '2019-Q4', floor: 10_000 }), figure({ id: 'd', period: '2020-Q2', floor: 50_000 }),
    ]);
    expect(line.map((p) => [p.period, p.segment, p.changed])).toEqual([
      ['2019-Q3', 0, []], ['2019-Q4', 0, []], ['2020-Q1', 1, ['floor']], ['2020-Q2', 1, []],
    ]);
  });
});
