import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Matching } from '../regex/matching.ts';
import { parsePattern, parseText } from '../regex/parse.ts';
import { line, pattern } from '../regex/testing.ts';
import { bytesIn } from '../regex/syntax.ts';
import { PlainFinder, type Finder } from './finder.ts';
import { startKernel } from './kernel.ts';
import { kernelBytes } from './kernel-program.ts';
import { rarestOf, shapeOf, type Shape } from './shape.ts';

/** A set as its bytes, or how many; the line's end as $. */
const shownSet = (set: Uint32Array): string => {
  const bytes = bytesIn(set);
  return bytes.length > 2 ? `[${bytes.length}]` : bytes.map((byte) => (byte === 10 ? '$' : String.fromCharCode(byte))).join('');
};
const shown = (text: string, anyCase = false): string | null => {
  const shape = shapeOf(parsePattern(text, anyCase));
  if (!shape) return null;
  const { before, sets, after, whole, exact } = shape;
  return `${before ? `${shownSet(before)}<` : ''}${sets.map(shownSet).join('')}${after ? `>${shownSet(after)}` : ''}${exact ? '' : whole ? '~' : '…'}`;
};

test.each([
  ['mutex_lock', 'mutex_lock'], ['a.bcd', 'a[255]bcd'], ['\\bfoo\\b', '[193]<foo>[193]'], ['(ab)+c', 'abc~'], ['x{3}', 'xxx'], ['x{3,4}', 'xxx~'],
  ['a(b{2}){2}', 'abbbb'], ['(abc)?d', 'd~'], ['a|b', null], ['[ab]', 'ab'], ['^ab', '$<ab'], ['ab$', 'ab>$'], ['^ab$', '$<ab>$'],
  ['\\b-', '[63]<-'], ['\\Bx', '[63]<x'], ['\\b[x-]y', '-xy…'], ['a\\bb', 'ab…'], ['[a-z]+_probe\\(', '[26]_probe(~'], ['.*', null], ['', null],
  ['a(?:bc)d', 'abcd'], ['ab?', 'a~'], ['(ab?)+', 'a~'], ['a+b+', 'ab~'], ['x.*y+z', 'z…'], ['^a*b', 'b…'], ['[0-9]{4}-[0-9]{2}', '[10][10][10][10]-[10][10]'],
  ['[^\\x00-\\xff]', ''], ['^$', null], ['\\bx+', '[193]<x~'], ['[a-z ]+;$', '[27];>$~'],
])('%s holds %s', (text, shape) => expect(shown(text)).toBe(shape));
test('letters in either case', () => expect(shown('a1', true)).toBe('Aa1'));

const kernel = startKernel();
const finders: readonly [string, (shape: Shape) => Finder][] = [
  ['plainly', (shape) => new PlainFinder(shape)], ['by the kernel', (shape) => kernel?.finder(shape) as Finder],
];
test('the kernel runs here', () => expect(kernel).not.toBeNull());

const put = (finder: Finder, text: Uint8Array): void => finder.room(text.length).set(text);
const joinedLines = (lines: readonly Uint8Array[]): Uint8Array => Uint8Array.from(lines.flatMap((bytes, i) => [...i > 0 ? [10] : [], ...bytes]));

describe.each(finders)('%s', (_, finderOf) => {
  test('a line that matches holds the shape, and one that holds all of it matches, there if it is the match', () => {
    fc.assert(fc.property(pattern, fc.array(line, { minLength: 1, maxLength: 6 }), (tree, lines) => {
      const shape = shapeOf(tree);
      if (!shape) return;
      const matching = new Matching(tree);
      const finder = finderOf(shape);
      for (const bytes of lines) {
        put(finder, bytes);
        const place = finder.next(0);
        if (matching.test(bytes)) expect(place).toBeGreaterThanOrEqual(0);
        else if (shape.whole) expect(place).toBe(-1);
        if (shape.exact && place >= 0) expect(matching.first(bytes)).toEqual({ from: place, to: place + shape.sets.length });
        if (shape.whole && place >= 0) expect(matching.endingAt(bytes, place + shape.sets.length)).not.toBeNull();
      }
    }), { numRuns: 3000 });
  }, 60_000);

  test('counts the lines that hold it', () => {
    fc.assert(fc.property(pattern, fc.array(line, { minLength: 1, maxLength: 40 }), (tree, lines) => {
      const shape = shapeOf(tree);
      if (!shape) return;
      const finder = finderOf(shape);
      const held = lines.filter((bytes) => {
        put(finder, bytes);
        return finder.next(0) >= 0;
      });
      put(finder, joinedLines(lines));
      expect(finder.count(Infinity)).toBe(held.length);
    }), { numRuns: 3000 });
  }, 60_000);

  test('is found where it stands first, behind the place from which one looks', () => {
    const few = fc.constantFrom(97, 98, 65, 66, 95, 233);
    const filler = fc.nat(200).map((length) => Array.from({ length }, () => 98));
    const texts = fc.tuple(fc.array(few, { maxLength: 30 }), filler, fc.array(few, { maxLength: 30 })).map((parts) => parts.flat());
    const wants = fc.array(few.filter((byte) => byte < 128), { minLength: 1, maxLength: 4 });
    fc.assert(fc.property(wants, fc.boolean(), texts, fc.nat(260), texts, (wanted, anyCase, text, from, before) => {
      const finder = finderOf(shapeOf(parseText(String.fromCharCode(...wanted), anyCase)) as Shape);
      const plain = (codes: readonly number[]): string => (anyCase ? String.fromCharCode(...codes).toLowerCase() : String.fromCharCode(...codes));
      // What was loaded before is gone.
      put(finder, Uint8Array.from(before));
      put(finder, Uint8Array.from(text));
      const place = plain(text.slice(from)).indexOf(plain(wanted));
      expect(finder.next(from)).toBe(place < 0 ? -1 : place + from);
    }), { numRuns: 3000 });
  }, 60_000);

  test('two at once do not take each other’s settings', () => {
    const [one, other] = ['needle', 'b[0-9]{3}c'].map((text) => finderOf(shapeOf(parsePattern(text)) as Shape)) as [Finder, Finder];
    const text = new TextEncoder().encode('b12c needle\n');
    for (let i = 0; i < 3; i++) {
      put(one, text);
      expect([one.next(0), one.count(Infinity)]).toEqual([5, 1]);
      put(other, text);
      expect([other.next(0), other.count(Infinity)]).toEqual([-1, 0]);
    }
  });

  test('at the very end of all that is loaded at once', () => {
    const finder = finderOf(shapeOf(parsePattern('needle')) as Shape);
    const text = new Uint8Array(kernelBytes).fill(101);
    text.set(new TextEncoder().encode('needle'), text.length - 6);
    put(finder, text);
    expect([finder.next(0), finder.next(text.length - 6), finder.next(text.length - 5), finder.next(text.length), finder.count(Infinity)])
      .toEqual([text.length - 6, text.length - 6, -1, -1, 1]);
  });
});

test('the rarest two places, far from one another', () => {
  const at = (text: string): readonly number[] => rarestOf(shapeOf(parsePattern(text))?.sets ?? []);
  expect([at('return'), at('[A-Z]{12}'), at('q'), at('eqe`e')]).toEqual([[2, 3].map(() => expect.any(Number)), [0, 11], [0, 0], [1, 3]]);
});

test('the kernel counts the lines that match, in tables of any size, whether or not there is a shape', () => {
  fc.assert(fc.property(pattern, fc.array(line, { minLength: 1, maxLength: 40 }), fc.constantFrom(undefined, 1), (tree, lines, entries) => {
    const matching = new Matching(tree, entries);
    const counter = kernel?.counter(shapeOf(tree), matching);
    const all = kernel?.counter(null, matching);
    const text = joinedLines(lines);
    // An empty last line is none.
    const expected = (text.at(-1) === 10 || text.length === 0 ? lines.slice(0, -1) : lines).filter((bytes) => new Matching(tree).test(bytes)).length;
    for (const one of [counter, all, counter]) {
      one?.room(text.length).set(text);
      expect(one?.count(Infinity)).toBe(expected);
    }
  }), { numRuns: 3000 });
}, 60_000);

test('a pattern that costs too much is given up', () => {
  const matching = new Matching(parsePattern('(a|b|c)*x{40}y(a|bc|d)*z'), 1);
  const counter = kernel?.counter(null, matching);
  const text = new Uint8Array(kernelBytes).map((_, i) => (i % 7 === 6 ? 10 : 97 + i % 3));
  counter?.room(text.length).set(text);
  counter?.count(1000);
  expect(matching.work).toBeLessThan(100_000);
});
