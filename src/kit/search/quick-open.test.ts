import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findPaths } from './quick-open.ts';

const paths = [
  'Makefile', 'drivers/net/ethernet/intel/e1000/e1000_main.c', 'drivers/net/wireless/main.c', 'include/linux/sched.h', 'kernel/sched/core.c',
  'kernel/sched/core_sched.c', 'src/kit/search/quick-open.ts', 'src/modules/centre/views/ReadingRoom.tsx', 'src/web/reader.ts',
];
const first = (asked: string): string | undefined => findPaths(paths, asked, 5)[0]?.path;

describe('a file is found by', () => {
  test.each([
    ['its name', 'makefile', 'Makefile'], ['letters that begin its words', 'rr', 'src/modules/centre/views/ReadingRoom.tsx'],
    ['folder and name', 'intel main', 'drivers/net/ethernet/intel/e1000/e1000_main.c'], ['the name before the folder', 'sched', 'include/linux/sched.h'],
    ['letters in their order', 'qopen', 'src/kit/search/quick-open.ts'], ['words in any order', 'main e1000', 'drivers/net/ethernet/intel/e1000/e1000_main.c'],
    ['a whole path', 'drivers/net/wireless/main.c', 'drivers/net/wireless/main.c'],
  ])('%s', (_, asked, path) => expect(first(asked)).toBe(path));
});

test('what does not stand in it in that order finds nothing, and nothing typed gives the first', () => {
  expect(findPaths(paths, 'zzz', 5)).toEqual([]);
  expect(findPaths(paths, ' ', 2).map((p) => p.path)).toEqual(paths.slice(0, 2));
});

test('whatever the paths: each that is found holds every letter at the place that is told, and one that holds the text is found', () => {
  const path = fc.string({ unit: fc.constantFrom('a', 'B', 'c', '/', '_', 'İ', 'ß'), minLength: 1, maxLength: 12 });
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'C', '/'), minLength: 1, maxLength: 4 });
  fc.assert(fc.property(fc.array(path, { maxLength: 8 }), letters, (all, asked) => {
    const found = findPaths(all, asked, 100);
    for (const { path: one, at } of found) expect(at.map((place) => one.charAt(place).toLowerCase()).join('')).toBe(asked.toLowerCase());
    for (const one of all) if (one.includes(asked.toLowerCase())) expect(found.some((f) => f.path === one)).toBe(true);
  }));
});
