import { expect, test } from 'vitest';
import { provinceNow, provinces } from './vn.ts';

test('63 provinces became 34, each known and none joined to one that itself went', () => {
  expect(new Set(provinces.map((p) => p.code)).size).toBe(63);
  expect(new Set(provinces.map((p) => provinceNow(p.code).code)).size).toBe(34);
  for (const { into } of provinces) expect(into === null || provinces.find((p) => p.code === into)?.into === null).toBe(true);
});

test('a province that others joined keeps its code; an unknown code is itself; a circle ends', () => {
  expect(provinceNow('VN-57')).toEqual({ code: 'VN-SG', name: 'Thành phố Hồ Chí Minh' });
  expect(provinceNow('VN-SG').code).toBe('VN-SG');
  expect(provinceNow('XX-1')).toEqual({ code: 'XX-1', name: null });
  const circle = [{ code: 'A', name: 'a', into: 'B' }, { code: 'B', name: 'b', into: 'A' }];
  expect(['A', 'B']).toContain(provinceNow('A', circle).code);
});
