import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { survivalOf, type Watched } from './survival.ts';

const ended = (...times: number[]): Watched[] => times.map((time) => ({ time, ended: true }));
const open = (...times: number[]): Watched[] => times.map((time) => ({ time, ended: false }));

describe('how long things last', () => {
  test('the remissions of leukaemia patients of 1963 (Freireich), as every textbook has them', () => {
    const treated = [...ended(6, 6, 6, 7, 10, 13, 16, 22, 23), ...open(6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)];
    const { steps, median, total, open: left } = survivalOf(treated);
    expect(steps.map((s) => [s.time, s.atRisk, s.ended, Math.round(s.lasting * 10_000) / 10_000])).toEqual([
      [6, 21, 3, 0.8571], [7, 17, 1, 0.8067], [10, 15, 1, 0.7529], [13, 12, 1, 0.6902], [16, 11, 1, 0.6275], [22, 7, 1, 0.5378], [23, 6, 1, 0.4482],
    ]);
    expect([median, total, left]).toEqual([23, 21, 12]);
    expect(survivalOf(ended(1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)).median).toBe(8);
  });
  test('by hand: half of four have ended at the second; with one more open half have not', () => {
    expect(survivalOf(ended(1, 2, 3, 4)).median).toBe(2);
    // 1 - 1/5 = 0.8; 0.8 * 3/4 = 0.6; 0.6 * 2/3 = 0.4.
    expect(survivalOf([...ended(1, 2, 3, 4), ...open(5)]).median).toBe(3);
    expect(survivalOf([...ended(1), ...open(1, 1)]).median).toBeNull();
    expect(survivalOf(ended(0)).median).toBe(0);
  });
  test('of nothing, and of what never ended, there is no median', () => {
    expect(survivalOf([])).toEqual({ steps: [], median: null, total: 0, open: 0 });
    expect(survivalOf(open(1, 2)).median).toBeNull();
  });
  test('many of the same are as many one by one, in any order', () => {
    const one = fc.record({ time: fc.integer({ min: 0, max: 20 }), ended: fc.boolean(), count: fc.integer({ min: 1, max: 5 }) });
    fc.assert(fc.property(fc.array(one, { maxLength: 30 }), (list) => {
      const singly = list.flatMap(({ count, ...watched }) => Array.from({ length: count }, () => watched)).toReversed();
      expect(survivalOf(singly)).toEqual(survivalOf(list));
    }));
  });
  test('without anything open it is the plain share that lasts, and the plain lower median', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 60 }), (times) => {
      const found = survivalOf(ended(...times));
      for (const step of found.steps) expect(step.lasting).toBeCloseTo(times.filter((time) => time > step.time).length / times.length, 9);
      expect(found.median).toBe(times.toSorted((a, b) => a - b)[Math.ceil(times.length / 2) - 1]);
    }));
  });
});
