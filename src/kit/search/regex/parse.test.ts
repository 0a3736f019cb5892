import { describe, expect, test } from 'vitest';
import { dice } from '#kit/dice';
import { toUtf8 } from '#kit/encoding';
import { Refusal } from '#kit/refusal';
import { Automaton } from './automaton.ts';
import { Matching } from './matching.ts';
import { parsePattern } from './parse.ts';
import { compile } from './program.ts';
import { textPattern, wholeWord } from './syntax.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
/** The first match in a line of one byte a character, or null. */
function found(pattern: string, line: string, anyCase = false): string | null {
  const span = new Matching(parsePattern(pattern, anyCase)).first(bytes(line));
  return span && line.slice(span.from, span.to);
}
function refusalOf(pattern: string): Refusal {
  try {
    compile(parsePattern(pattern), 'anywhere');
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('was accepted');
}

describe('a pattern', () => {
  test.each([
    ['a.c', 'xabcx', 'abc'], ['a.c', 'a\xffc', 'a\xffc'], ['a.c', 'a\0c', 'a\0c'], ['a.c', 'a\rc', 'a\rc'], ['a.c', 'ac', null],
    ['ab|abc', 'abc', 'ab'], ['abc|ab', 'abc', 'abc'], ['abcd|c', 'abcd', 'abcd'], ['a+?', 'aaa', 'a'], ['a{2,3}', 'aaaa', 'aaa'], ['a{2}', 'a', null],
    ['a{2,}', 'aaaa', 'aaaa'], ['a{0}b', 'ab', 'b'], ['(?:a*)*b', 'aab', 'aab'], ['a**', 'aa', 'aa'],
    ['^a$', 'a', 'a'], ['^a$', 'a\r', null], ['^$', '', ''], ['', 'x', ''], ['|a', 'a', ''], ['()', 'x', ''],
    ['\\bif\\b', 'elif (if)', 'if'], ['\\Bf', 'f if', 'f'], ['\\<is\\>', 'this is', 'is'], ['\\bé', 'é', null],
    ['[]a]+', 'x]a', ']a'], ['[^]a]', ']ab', 'b'], ['[a-]+', 'x-a', '-a'], ['[-a]+', 'x-a', '-a'], ['[\\d.-]+', 'v1.2-3', '1.2-3'],
    ['[^\\W\\d]+', '12ab', 'ab'],
    ['[[:alpha:]_]+', '1a_b', 'a_b'], ['[[:^alpha:]]+', 'a12', '12'], ['[\\n]', 'x', null], ['[^\\x00-\\xff]', 'x', null],
    ['\\x41\\x{42}', 'AB', 'AB'], ['\\xe9', '\xe9', '\xe9'], ['\\x{e9}', '\xe9', null], ['\\x{e9}', '\xc3\xa9', '\xc3\xa9'],
    ['é{2}', '\xc3\xa9\xc3\xa9', '\xc3\xa9\xc3\xa9'],
    ['\\.\\*\\[\\ ', '.*[ ', '.*[ '], ['\\t\\r\\f\\v\\a', '\t\r\f\v\x07', '\t\r\f\v\x07'], ['a]}', 'a]}', 'a]}'], ['\\s\\S', 'a b', ' b'],
    ['(?i)aB|C', 'c', 'c'], ['(?i:a)b', 'AB', null], ['(?i:a)b', 'Ab', 'Ab'], ['((?i)a)b', 'AB', null], ['(?i)a(?-i)b', 'Ab', 'Ab'], ['(?ism)a', 'A', 'A'],
    ['(?P<one>a)(?<two>b)', 'ab', 'ab'], ['(?i)[^a]', 'aAb', 'b'], ['(?i)\\xe9', '\xc9', null],
  ])('%j finds in %j %j', (pattern, line, expected) => expect(found(pattern, line)).toBe(expected));

  test('in either case, as ASCII has it', () => {
    expect(found('mutex_[a-k]+', 'MUTEX_Lock', true)).toBeNull();
    expect(found('mutex_[a-l]+', 'xMUTEX_Lock', true)).toBe('MUTEX_L');
    expect(found('É', '\xc3\xa9', true)).toBeNull();
  });

  test('of a plain text, as a whole word', () => {
    const matching = new Matching(wholeWord(textPattern(toUtf8('-a.'), false)));
    expect(['-a.', 'b-a.', '-a.b', '(-a.)', '--a..'].map((line) => matching.test(toUtf8(line)))).toEqual([true, false, false, true, true]);
  });

  test.each([
    ['a(?=b)', 'look-around', 2], ['(?<!b)', 'look-around', 1], ['(a)\\1', 'back-reference', 4], ['a\\nb', 'line-feed', 2], ['a\nb', 'line-feed', 2],
    ['\\x0a', 'line-feed', 1], ['(a', 'open-group', 1], ['a)', 'no-group', 2], ['x[a', 'open-class', 2], ['[]', 'open-class', 1], ['a\\', 'open-escape', 2],
    ['*a', 'nothing-to-repeat', 1], ['a|+', 'nothing-to-repeat', 3], ['{2}', 'nothing-to-repeat', 1], ['a{', 'bad-count', 2], ['a{,3}', 'bad-count', 2],
    ['a{3,2}', 'bad-count', 2], ['a{1001}', 'too-many', 2], ['[b-a]', 'bad-range', 2], ['[a-\\d]', 'bad-range', 2], ['[é]', 'wide-in-class', 2],
    ['[\\x{e9}]', 'wide-in-class', 2], ['[a[b]]', 'class-in-class', 3], ['[a&&b]', 'class-in-class', 3], ['[[:nix:]]', 'unknown-class', 2],
    ['\\pL', 'unicode-class', 1],
    ['\\A', 'file-border', 1], ['\\q', 'unknown-escape', 1], ['\\b{start}', 'unknown-escape', 1], ['\\xg', 'bad-hex', 1], ['\\x{110000}', 'bad-hex', 1],
    ['\\x{d800}', 'bad-hex', 1], ['(?x)a', 'bad-flag', 1], ['(?)', 'bad-flag', 1], ['(?i-)a', 'bad-flag', 1], ['(?--i)a', 'bad-flag', 1],
    ['(?<1>a)', 'bad-name', 1], ['\\constructor', 'unknown-escape', 1],
    ['(((a{1000}){1000}){1000})', 'too-large', 1], ['(((){1000}){1000}){1000}', 'too-large', 1], [`a${'*'.repeat(65)}`, 'too-deep', 66],
    ['('.repeat(65), 'too-deep', 65], ['\ud800', 'no-text', 1],
  ])('%j is refused: %s', (pattern, reason, at) => {
    const refusal = refusalOf(pattern);
    expect([refusal.code, refusal.detail.at]).toEqual([`search-pattern.${reason}`, `pattern:${at}`]);
  });
  test('that is too long is refused', () => expect(refusalOf('a'.repeat(4097)).detail.at).toBe('pattern:4097'));
});

describe('a hostile pattern', () => {
  test.each([['(a+)+$'], ['(a|aa)*c'], ['(a*)*b'], ['(?:a?){200}a{200}b'], ['(a|b)*a(a|b){200}c'],
    ['(.*)(.*)(.*)(.*)(.*)x$']])('%s costs at most text times program', (pattern) => {
    const tree = parsePattern(pattern);
    const matching = new Matching(tree);
    const steps = compile(tree, 'anywhere').ops.length;
    const line = bytes('ab'.repeat(1000));
    matching.test(line);
    expect(matching.work).toBeLessThan(6 * steps * line.length);
  });

  test('empties its table, and still finds', () => {
    const tree = parsePattern('(a|b)*a(a|b){12}c');
    const automaton = new Automaton(compile(tree, 'anywhere'), { prefers: 'first', entries: 64 });
    let state = automaton.startAfter(null);
    const roll = dice(7);
    for (const byte of bytes(Array.from({ length: 2000 }, () => (roll() < 0.5 ? 'a' : 'b')).join(''))) {
      const symbol = automaton.classes.of[byte] as number;
      const known = automaton.table[state + symbol] as number;
      state = (known === 1 ? automaton.next(state, symbol) : known) >> 1;
    }
    expect(automaton.emptied).toBeGreaterThan(3);
    const matching = new Matching(tree, 64);
    expect(matching.test(bytes(`${'ba'.repeat(300)}c`))).toBe(true);
    expect(matching.test(bytes(`${'ab'.repeat(300)}c`))).toBe(false);
  });
});
