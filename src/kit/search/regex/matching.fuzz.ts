import fc from 'fast-check';
import { expect, test } from 'vitest';
import { concatBytes } from '#kit/encoding';
import { Matching } from './matching.ts';
import { line, loopsOverNothing, pattern, scriptOf } from './testing.ts';

const latin1 = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

test('finds where JavaScript does, in tables of any size', () => {
  fc.assert(fc.property(pattern, fc.array(line, { minLength: 1, maxLength: 6 }), fc.constantFrom(undefined, 1), (tree, lines, entries) => {
    const script = new RegExp(scriptOf(tree), 's');
    const matching = new Matching(tree, entries);
    for (const bytes of lines) {
      const found = script.exec(latin1(bytes));
      expect(matching.test(bytes)).toBe(found !== null);
      const span = matching.first(bytes);
      expect(span?.from).toBe(found?.index);
      if (found && !loopsOverNothing(tree)) expect(span?.to).toBe(found.index + found[0].length);
    }
  }), { numRuns: 4000 });
}, 60_000);

test('tells each line once, wherever the pieces are cut', () => {
  fc.assert(fc.property(pattern, fc.array(line, { minLength: 1, maxLength: 6 }), fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), fc.boolean(),
    (tree, lines, sizes, closed) => {
      const rows = closed ? lines : [...lines.slice(0, -1), Uint8Array.of(97)];
      const text = concatBytes(...rows.flatMap((row, i) => (i < rows.length - 1 || closed ? [row, Uint8Array.of(10)] : [row])));
      const script = new RegExp(scriptOf(tree), 's');
      const expected = rows.flatMap((row, i) => (script.test(latin1(row)) ? [i] : []));
      const matching = new Matching(tree);
      const told: number[] = [];
      const numberAt = (at: number): number => text.subarray(0, at).filter((b) => b === 10).length;
      matching.begin();
      for (let at = 0, i = 0; at < text.length; i++) {
        const to = Math.min(text.length, at + (sizes[i % sizes.length] as number));
        matching.feed(text, at, to, (place) => told.push(numberAt(place)));
        at = to;
      }
      if (!closed && matching.end()) told.push(rows.length - 1);
      expect(told).toEqual(expected);
    }), { numRuns: 2000 });
}, 60_000);
