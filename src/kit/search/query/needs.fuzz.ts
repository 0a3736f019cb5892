import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toUtf8 } from '#kit/encoding';
import { trigramsOf } from '../index/trigram.ts';
import { Matching } from '../regex/matching.ts';
import { parsePattern } from '../regex/parse.ts';
import { line, pattern } from '../regex/testing.ts';
import { isMet, needOf, type Need } from './needs.ts';

const mostJson = 150_000;

const met = (need: Need, text: Uint8Array): boolean => {
  const has = trigramsOf(text);
  return isMet(need, (trigram) => has.has(trigram));
};

test('a line that matches has what is needed', () => {
  fc.assert(fc.property(pattern, fc.array(line, { minLength: 1, maxLength: 8 }), (tree, lines) => {
    const need = needOf(tree);
    const matching = new Matching(tree);
    for (const bytes of lines) if (matching.test(bytes)) expect(met(need, bytes)).toBe(true);
  }), { numRuns: 4000 });
}, 60_000);

describe('what is needed is told apart from what is not', () => {
  test.each([
    ['mutex_lock', ['a MUTEX_LOCK b'], ['mutex_loc', 'lock mutex_']],
    ['foo.*bar', ['bar foo', 'foobar'], ['foo', 'bar']],
    ['(abc|xyz)def', ['abcdef', 'xyzdef'], ['abc def', 'xyz']],
    ['[ab]cde', ['acde', 'bcde'], ['cde', 'ccde']],
    ['ab(c)+d', ['abcd abcccd'], ['ab cd', 'abd']],
    ['abc(de)?fgh', ['abcfgh', 'abcdefgh'], ['abc', 'abcd fgh']],
    ['0x[0-9a-f]{16}', ['0xc0'], ['0xg', '0 xc']],
    ['(abc){3}', ['abcabc'], ['abc']],
    ['x*abc', ['abc'], ['xxab']],
    ['[^\\x00-\\xff]|abc', ['abc'], ['ab']],
    ['\\babc\\b', ['abc'], ['ab c']],
  ])('%s', (text, enough, tooLittle) => {
    const need = needOf(parsePattern(text));
    for (const bytes of enough) expect(met(need, toUtf8(bytes)), bytes).toBe(true);
    for (const bytes of tooLittle) expect(met(need, toUtf8(bytes)), bytes).toBe(false);
  });
  test('nothing is needed where anything may stand, and nothing helps where nothing can', () => {
    expect([needOf(parsePattern('a.*b')).kind, needOf(parsePattern('')).kind, needOf(parsePattern('[^\\x00-\\xff]abc')).kind]).toEqual(['any', 'any', 'none']);
  });
  test('it is small whatever the pattern is', () => {
    const long = needOf(parsePattern(`${'((a|b)c?d[0-9]|[e-h]x[k-z]y)'.repeat(140)}(?:(abc|def)*(ghi|jkl)){300}`));
    expect(JSON.stringify(long).length).toBeLessThan(mostJson);
    expect(JSON.stringify(needOf(parsePattern('abcdefghij'.repeat(400)))).length).toBeLessThan(mostJson);
    expect(needOf(parsePattern(`(${'[a-h]b[a-h]|'.repeat(300)}abc)`)).kind).not.toBe('none');
  });
});
