import { expect, test } from 'vitest';
import fc from 'fast-check';
import { changeOf, percentOf } from './percent.ts';

test('shares are rounded half up to the decimals asked for', () => {
  expect([percentOf(1, 2000), percentOf(1, 2001), percentOf(1, 20_000, 2), percentOf(1, 20_001, 2), percentOf(992_952, 4_618_381, 2)])
    .toEqual([0.1, 0, 0.01, 0, 21.5]);
  expect([percentOf(7, 7), percentOf(0, 7), percentOf(2, 3, 0)]).toEqual([100, 0, 67]);
});

test('a share of two decimals is the whole number of hundredths nearest to it', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 0, max: 1e9 }), (whole, part) => {
    const hundredths = Math.round(percentOf(part % (whole + 1), whole, 2) * 100);
    const exact = 20_000n * BigInt(part % (whole + 1));
    const off = exact - 2n * BigInt(hundredths) * BigInt(whole);
    return -BigInt(whole) <= off && off < BigInt(whole);
  }));
});

test('a change has a sign, and from nothing there is none', () => {
  expect([changeOf(110, 100), changeOf(90, 100), changeOf(100, 100), changeOf(0, 8), changeOf(5, 0), changeOf(5, null), changeOf(9_999, 10_000)])
    .toEqual([10, -10, 0, -100, null, null, 0]);
});
