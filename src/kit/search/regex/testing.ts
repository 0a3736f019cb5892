/** Patterns and lines for the tests of search, and the same pattern as JavaScript's own engine reads it, one character a byte. */
import fc from 'fast-check';
import { anyOf, bytesIn, setOf, type Pattern, type Place } from './syntax.ts';

const inScript: Readonly<Record<Place, string>> = {
  'line-start': '^', 'line-end': '$', 'word-border': '\\b', 'no-word-border': '\\B', 'word-start': '\\b(?=\\w)', 'word-end': '\\b(?<=\\w)',
  'no-word-before': '(?<!\\w)', 'no-word-after': '(?!\\w)',
};

/** JavaScript's source of the same meaning. */
export function scriptOf(pattern: Pattern): string {
  switch (pattern.kind) {
    case 'set': return `[${bytesIn(pattern.bytes).map((b) => `\\x${b.toString(16).padStart(2, '0')}`).join('')}]`;
    case 'place': return `(?:${inScript[pattern.place]})`;
    case 'row': return `(?:${pattern.parts.map(scriptOf).join('')})`;
    case 'choice': return `(?:${pattern.parts.map(scriptOf).join('|')})`;
    case 'repeat': {
      const { least, most, greedy } = pattern;
      return `(?:${scriptOf(pattern.part)}){${least},${most === Infinity ? '' : most}}${greedy ? '' : '?'}`;
    }
  }
}

/** Whether it may match nothing. Loops over such parts prefer differently in JavaScript, though they match the same lines. */
export function mayBeEmpty(pattern: Pattern): boolean {
  switch (pattern.kind) {
    case 'set': return false;
    case 'place': return true;
    case 'row': return pattern.parts.every(mayBeEmpty);
    case 'choice': return pattern.parts.some(mayBeEmpty);
    case 'repeat': return pattern.least === 0 || mayBeEmpty(pattern.part);
  }
}
export function loopsOverNothing(pattern: Pattern): boolean {
  if (pattern.kind === 'repeat') return mayBeEmpty(pattern.part) || loopsOverNothing(pattern.part);
  return 'parts' in pattern && pattern.parts.some(loopsOverNothing);
}

const letters = ['a', 'b', 'c', 'B', '_', ' ', '.', '-', '\0', '\r', '\xe9', '\xff'];
const code = (char: string): number => char.charCodeAt(0);
export const line: fc.Arbitrary<Uint8Array> = fc.array(fc.constantFrom(...letters), { maxLength: 14 })
  .map((chars) => Uint8Array.from(chars, code));

const places = Object.keys(inScript) as Place[];
export const pattern: fc.Arbitrary<Pattern> = fc.letrec<{ any: Pattern; leaf: Pattern }>((tie) => ({
  leaf: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...letters).map((c): Pattern => anyOf(setOf([code(c), code(c)]))) },
    { weight: 2, arbitrary: fc.tuple(fc.nat(255), fc.nat(255)).map(([a, b]): Pattern => anyOf(setOf([Math.min(a, b), Math.max(a, b)]))) },
    { weight: 2, arbitrary: fc.constantFrom(...places).map((place): Pattern => ({ kind: 'place', place })) },
  ),
  any: fc.oneof({ depthSize: 'small', withCrossShrink: true },
    tie('leaf'),
    fc.array(tie('any'), { maxLength: 4 }).map((parts): Pattern => ({ kind: 'row', parts })),
    fc.array(tie('any'), { minLength: 2, maxLength: 3 }).map((parts): Pattern => ({ kind: 'choice', parts })),
    fc.tuple(tie('any'), fc.nat(2), fc.constantFrom(0, 1, 2, Infinity), fc.boolean())
      .map(([part, least, more, greedy]): Pattern => ({ kind: 'repeat', part, least, most: least + more, greedy })),
  ),
})).any;
