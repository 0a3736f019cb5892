import { expect, test } from 'vitest';
import { layoutOf } from './layout.ts';

test.each([[0, 1], [0, 2], [1, 2], [5, 8], [6, 7], [698, 700], [0, 65_537], [123_456_789, 1_000_000_007]])(
  'entry %i of %i: the subtrees beside the way are the rest of the tree, once each, and none overlaps another', (index, size) => {
    const { way, siblings, width, height } = layoutOf(index, size);
    const covered = [...siblings, { lo: index, hi: index + 1 }].sort((a, b) => a.lo - b.lo);
    covered.forEach(({ lo, hi }, i) => {
      expect(lo).toBe(covered[i - 1]?.hi ?? 0);
      expect(hi).toBeGreaterThan(lo);
    });
    expect(covered.at(-1)?.hi).toBe(size);
    expect(way.length).toBe(siblings.length + 1);
    for (const { x, y } of [...way, ...siblings]) {
      expect(x >= 40 && x <= width - 40 && y >= 0 && y <= height - 20).toBe(true);
    }
    siblings.forEach((beside, row) => expect(Math.abs(beside.x - (way[row + 1]?.x ?? 0))).toBeGreaterThan(30));
  },
);
