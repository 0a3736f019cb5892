import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Matching } from '../regex/matching.ts';
import { parsePattern } from '../regex/parse.ts';
import { line, pattern } from '../regex/testing.ts';
import { anchorOf, Finder, type Anchor } from './anchor.ts';

const shown = (text: string, anyCase = false): string | null => {
  const anchor = anchorOf(parsePattern(text, anyCase));
  return anchor && `${String.fromCharCode(...anchor.bytes)}${anchor.whole ? '' : '…'}`;
};

test.each([
  ['mutex_lock', 'mutex_lock'], ['a.bcd', 'bcd…'], ['\\bfoo\\b', 'foo…'], ['(ab)+c', 'ab…'], ['x{3}', 'x…'], ['(abc)?d', 'd…'], ['a|b', null], ['[ab]', null],
  ['[aA]b', 'ab'],
  ['[Aa]', 'a'], ['[@`]', null], ['.*', null], ['', null], ['a(?:bc)d', 'abcd'], ['ab?', 'a…'], ['[^\\x00-\\xff]', null],
])('%s holds %s', (text, anchor) => expect(shown(text)).toBe(anchor));

test('a line that matches holds the anchor, and one that holds all of it matches', () => {
  fc.assert(fc.property(pattern, fc.array(line, { minLength: 1, maxLength: 6 }), (tree, lines) => {
    const anchor = anchorOf(tree);
    if (!anchor) return;
    const matching = new Matching(tree);
    const finder = new Finder(anchor);
    for (const bytes of lines) {
      const place = finder.next(bytes, 0, bytes.length);
      if (matching.test(bytes)) expect(place).toBeGreaterThanOrEqual(0);
      else if (anchor.whole) expect(place).toBe(-1);
    }
  }), { numRuns: 4000 });
}, 60_000);

test('is found where it stands first, within the bounds', () => {
  const few = fc.constantFrom(97, 98, 65, 66, 95, 233);
  const wants = fc.array(few, { minLength: 1, maxLength: 4 });
  fc.assert(fc.property(wants, fc.boolean(), fc.array(few, { maxLength: 30 }), fc.nat(30), fc.nat(30), (wanted, anyCase, text, a, b) => {
    const folds = (byte: number): boolean => anyCase && /[a-z]/i.test(String.fromCharCode(byte));
    const folded = (byte: number): number => (folds(byte) ? byte | 32 : byte);
    const anchor: Anchor = {
      bytes: Uint8Array.from(wanted, folded), folds: Uint8Array.from(wanted, (byte) => (folds(byte) ? 32 : 0)), whole: true,
    };
    const bytes = Uint8Array.from(text);
    const [from, to] = [Math.min(a, b, text.length), Math.min(Math.max(a, b), text.length)];
    const plain = (codes: ArrayLike<number>): string => String.fromCharCode(...Array.from(codes, folded));
    const place = plain(bytes.subarray(from, to)).indexOf(plain(wanted));
    expect(new Finder(anchor).next(bytes, from, to)).toBe(place < 0 ? -1 : place + from);
  }), { numRuns: 4000 });
}, 60_000);
