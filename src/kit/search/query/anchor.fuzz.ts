import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Matching } from '../regex/matching.ts';
import { parsePattern } from '../regex/parse.ts';
import { line, pattern } from '../regex/testing.ts';
import { anchorOf, type Anchor } from './anchor.ts';
import { isBeside, PlainFinder, type Finder } from './finder.ts';
import { kernelBytes, startKernel } from './kernel.ts';

const shown = (text: string, anyCase = false): string | null => {
  const anchor = anchorOf(parsePattern(text, anyCase));
  return anchor && `${String.fromCharCode(...anchor.bytes)}${anchor.whole ? '' : '…'}`;
};

test.each([
  ['mutex_lock', 'mutex_lock'], ['a.bcd', 'bcd…'], ['\\bfoo\\b', 'foo…'], ['(ab)+c', 'ab…'], ['x{3}', 'xxx'], ['x{3,4}', 'xxx…'],
  ['a(b{2}){2}', 'abbbb'], ['(abc)?d', 'd…'],
 
  ['a|b', null], ['[ab]', null],
  ['[aA]b', 'ab'],
  ['[Aa]', 'a'], ['[@`]', null], ['.*', null], ['', null], ['a(?:bc)d', 'abcd'], ['ab?', 'a…'], ['[^\\x00-\\xff]', null],
])('%s holds %s', (text, anchor) => expect(shown(text)).toBe(anchor));

const kernel = startKernel();
const finders: readonly [string, (anchor: Anchor) => Finder][] = [
  ['plainly', (anchor) => new PlainFinder(anchor)], ['by the kernel', (anchor) => kernel?.finder(anchor) as Finder],
];
test('the kernel runs here', () => expect(kernel).not.toBeNull());

describe.each(finders)('%s', (_, finderOf) => {
  test('a line that matches holds the anchor, and one that holds all of it matches', () => {
    fc.assert(fc.property(pattern, fc.array(line, { minLength: 1, maxLength: 6 }), (tree, lines) => {
      const anchor = anchorOf(tree);
      if (!anchor) return;
      const matching = new Matching(tree);
      const finder = finderOf(anchor);
      for (const bytes of lines) {
        finder.load(bytes);
        const place = finder.next(0);
        let fits = place;
        while (fits >= 0 && !isBeside(anchor, bytes, fits)) fits = finder.next(fits + 1);
        // One of them stands between what may stand beside it.
        if (matching.test(bytes)) expect(fits).toBeGreaterThanOrEqual(0);
        else if (anchor.whole) expect(place).toBe(-1);
      }
    }), { numRuns: 3000 });
  }, 60_000);

  test('is found where it stands first, behind the place from which one looks', () => {
    const few = fc.constantFrom(97, 98, 65, 66, 95, 233);
    const filler = fc.nat(200).map((length) => Array.from({ length }, () => 98));
    const texts = fc.tuple(fc.array(few, { maxLength: 30 }), filler, fc.array(few, { maxLength: 30 })).map((parts) => parts.flat());
    const wants = fc.array(few, { minLength: 1, maxLength: 4 });
    fc.assert(fc.property(wants, fc.boolean(), texts, fc.nat(260), texts, (wanted, anyCase, text, from, before) => {
      const folds = (byte: number): boolean => anyCase && /[a-z]/i.test(String.fromCharCode(byte));
      const folded = (byte: number): number => (folds(byte) ? byte | 32 : byte);
      const finder = finderOf({ bytes: Uint8Array.from(wanted, folded), folds: Uint8Array.from(wanted, (byte) => (folds(byte) ? 32 : 0)),
        whole: true, before: [], after: [] });
      const plain = (codes: readonly number[]): string => String.fromCharCode(...codes.map(folded));
      // What was loaded before is gone.
      finder.load(Uint8Array.from(before));
      finder.load(Uint8Array.from(text));
      const place = plain(text.slice(from)).indexOf(plain(wanted));
      expect(finder.next(from)).toBe(place < 0 ? -1 : place + from);
    }), { numRuns: 3000 });
  }, 60_000);

  test('at the very end of all that is loaded at once', () => {
    const finder = finderOf(anchorOf(parsePattern('needle')) as Anchor);
    const text = new Uint8Array(kernelBytes).fill(101);
    text.set(new TextEncoder().encode('needle'), text.length - 6);
    finder.load(text);
    expect([finder.next(0), finder.next(text.length - 6), finder.next(text.length - 5), finder.next(text.length)])
      .toEqual([text.length - 6, text.length - 6, -1, -1]);
  });
});
