import { describe, expect, test } from 'vitest';
import type { StixObject } from '../object.ts';
import { patternLimits } from './ast.ts';
import { Matcher } from './match.ts';
import { areEquivalent } from './normal.ts';
import { observationOf, type Observation } from './observe.ts';
import { parsePattern } from './parse.ts';
import { patternProblems } from './plausible.ts';
import { printPattern } from './print.ts';
import { compareText, isLike } from './values.ts';

const read = (text: string) => {
  const parsed = parsePattern(text);
  if ('fault' in parsed) throw new Error(`${parsed.fault.text} at ${parsed.fault.offset}: ${text}`);
  return parsed.pattern;
};
const fault = (text: string): string => {
  const parsed = parsePattern(text);
  return 'fault' in parsed ? `${parsed.fault.offset} ${parsed.fault.text}` : 'none';
};
const observed = (objects: object, from = 0, count = 1, until = from): StixObject => ({
  type: 'observed-data', first_observed: `2026-01-01T00:00:${String(from).padStart(2, '0')}Z`,
    last_observed: `2026-01-01T00:00:${String(until).padStart(2, '0')}Z`,
  number_observed: count, objects,
});
const seen = (...list: StixObject[]): Observation[] => list.map((o) => observationOf(o)).filter((o) => o !== null);
const match = (pattern: string, ...list: StixObject[]): string => new Matcher(read(pattern)).match(seen(...list)).answer;
/** Whether a condition holds of these objects. */
const holds = (condition: string, objects: object): string => match(`[${condition}]`, observed(objects));

describe('patterns are read', () => {
  // The forms of section 9.8, in words of ours.
  test.each([
    "[file:hashes.'SHA-256' = 'aa']",
    "[email-message:from_ref.value MATCHES '.+\\\\@example\\\\.com$' AND email-message:body_multipart[*].body_raw_ref.name MATCHES '^Final.+\\\\.exe$']",
    "([file:hashes.MD5 = 'aa'] AND [windows-registry-key:key = 'hkey']) WITHIN 120.5 SECONDS",
    "[user-account:account_type = 'unix' AND user-account:user_id = '1007'] REPEATS 5 TIMES WITHIN 1800 SECONDS",
    "[file:extensions.'windows-pebinary-ext'.sections[0].entropy > 7.0 OR artifact:payload_bin = b'AAE='] FOLLOWEDBY [file:magic_number_hex = h'4d5a']",
    "[ipv4-addr:value NOT ISSUBSET '198.51.100.0/24'] START t'2026-01-01T00:00:00Z' STOP t'2026-02-01T00:00:00.5Z'",
    "[x-own:a IN ('b', 'c') AND NOT EXISTS x-own:d AND x-own:e != true AND x-own:f <= -3]",
    "([x-own:a = 1] OR [x-own:a = 2]) AND [x-own:a = 3]",
  ])('%s', (text) => expect(printPattern(read(text))).toBe(text));
  test('in any spacing, with comments, and with the other spellings of the grammar', () => {
    expect(printPattern(read("/* a */ [file:name\n==\t'a'//\n]\u0085REPEATS 2 TIMES"))).toBe("[file:name = 'a'] REPEATS 2 TIMES");
    expect(printPattern(read("[file:size <> 1] START '2026-01-01T00:00:00Z' STOP '2026-01-02T00:00:00Z'")))
      .toBe("[file:size != 1] START t'2026-01-01T00:00:00Z' STOP t'2026-01-02T00:00:00Z'");
  });
  test('AND before OR before FOLLOWEDBY', () => {
    expect(read('[a-b:c = 1] FOLLOWEDBY [a-b:c = 2] OR [a-b:c = 3] AND [a-b:c = 4]')).toMatchObject({ is: 'then', of: [{}, { is: 'either', of: [{},
      { is: 'all' }] }] });
    expect(read('[a-b:c = 1 OR a-b:c = 2 AND a-b:c = 3]')).toMatchObject({ of: { is: 'or', of: [{}, { is: 'and' }] } });
    expect(read('[a-b:c = 1] FOLLOWEDBY [a-b:c = 2] REPEATS 5 TIMES')).toMatchObject({ is: 'then', of: [{ is: 'observation' }, { is: 'qualified' }] });
  });
  test('or are refused at their place', () => {
    expect([
      '', '[', '[]', "[file:name = 'a'", "[file:name = 'a']]", "[file:name 'a']", "[file = 'a']", "[File:name = 'a']", "[file:name = a]",
        "[file:name = 'a\\n']", "[file:name = 'a",
      "[file:name = h'0']", "[file:name = b'a']", "[file:name = t'now']", '[file:size = 99999999999999999999]', "[file:name LIKE 5]",
        '[file:a[-1] = 1]', '[file:a IN ()]',
      '[file:a = 1] WITHIN 0 SECONDS', '[file:a = 1] REPEATS 0 TIMES', '[file:a = 1] REPEATS 2 TIMES REPEATS 2 TIMES', '[file:a = 1] START 5',
        "[file:a = 1] NOT", '[file:a = ü]',
    ].map((text) => fault(text).split(' ')[0])).toEqual([
      '0', '1', '1', '16', '17', '11', '6', '1', '13', '15', '13', '13', '13', '13', '13', '16', '8', '12', '20', '21', '29', '19', '13', '10',
    ]);
  });
  test('and hostile ones cost little', () => {
    expect(fault('('.repeat(60_000))).toContain('nested more than');
    expect(fault(`[${'('.repeat(60_000)}`)).toContain('nested more than');
    expect(fault(`[x-a:b${'.c'.repeat(1000)} = 1]`)).toContain('at most 64 steps');
    expect(fault('x'.repeat(patternLimits.characters + 1))).toContain('at most');
    expect(fault(`[${Array(patternLimits.comparisons + 1).fill('aaa:b=1').join(' OR ')}]`)).toContain('more than 5000 comparisons');
    const wide = read(`[${Array(4000).fill('aaa:b=1').map((c, i) => `${c}${i}`).join(' OR ')}]`);
    expect(areEquivalent(wide, wide)).toBe(true);
    // Ten times two alternatives are a thousand: more than are multiplied out.
    const product = read(`[${Array.from({ length: 10 }, (_, i) => `(aaa:b=${i} OR aaa:c=${i})`).join(' AND ')}]`);
    expect(areEquivalent(product, product)).toBe(true);
    const thousand = Array.from({ length: 30 }, (_, i) => observed({ 0: { type: 'file', size: i % 2 } }, i, 1, 59));
    expect(match(`${Array(30).fill('[file:size = 0]').join(' FOLLOWEDBY ')}`, ...thousand)).toMatch(/^(no|undecided)$/);
    expect(match('[file:size = 0] REPEATS 1000000000 TIMES', ...thousand)).toBe('no');
    expect(match('[file:size = 0] REPEATS 1000000 TIMES', observed({ 0: { type: 'file', size: 0 } }, 0, 2_000_000))).toBe('undecided');
    expect(holds("file:name MATCHES '(a+)+$'", { 0: { type: 'file', name: `${'a'.repeat(50_000)}b` } })).toBe('no');
    expect(isLike('a'.repeat(20_000), `${'%a'.repeat(50)}b`)).toBe(false);
  });
});

describe('comparisons', () => {
  const file = { type: 'file', name: 'foo.dll', size: 25_536, magic_number_hex: '4D5A', hashes: { 'SHA-256': 'aa' }, ctime: '2026-01-01T00:00:00.500Z',
    extensions: { 'windows-pebinary-ext': { sections: [{ entropy: 1 }, { entropy: 7.5 }] } } };
  const world = {
    0: file, 1: { type: 'artifact', payload_bin: 'dGhpcyBpcyBhIHRlc3Q=' }, 2: { type: 'network-traffic', src_ref: '3', protocols: ['tcp', 'http'],
      is_active: false },
    3: { type: 'ipv4-addr', value: '203.0.113.10' }, 4: { type: 'network-traffic', dst_ref: '5' }, 5: { type: 'ipv4-addr', value: '198.51.100.0/27' },
    6: { type: 'directory', path: 'C:\\Windows\\o\u0300', contains_refs: ['0', '3'] }, 7: { type: 'ipv6-addr', value: '2001:db8::1' },
  };
  test.each([
    ["file:name = 'foo.dll'", 'yes'], ["file:name != 'foo.dll'", 'no'], ["file:name NOT = 'foo.dll'", 'no'], ["file:name IN ('x', 'foo.dll')", 'yes'],
      ["file:name LIKE 'f__.%'", 'yes'],
    ["file:name LIKE 'F%'", 'no'], ["file:name MATCHES '^fo+'", 'yes'], ["file:name MATCHES 'dll$'", 'yes'], ["file:name MATCHES '(a)\\\\1'", 'no'],
      ["file:size > 256", 'yes'],
    ['file:size = 25536.0', 'yes'], ["file:size = '25536'", 'no'], ["file:size != '25536'", 'yes'], ["file:hashes.'SHA-256' = 'aa'", 'yes'],
      ["file:hashes.MD5 != 'aa'", 'no'],
    ["file:hashes.MD5 NOT = 'aa'", 'no'], ['EXISTS file:hashes', 'yes'], ['NOT EXISTS file:hashes.MD5', 'yes'], ['NOT EXISTS url:value', 'no'],
    ["file:extensions.'windows-pebinary-ext'.sections[*].entropy > 7.0", 'yes'], ["file:extensions.'windows-pebinary-ext'.sections[0].entropy > 7.0", 'no'],
    ["file:extensions.'windows-pebinary-ext'.sections[2].entropy > 0", 'no'], ["file:ctime > t'2026-01-01T00:00:00.4999999Z'", 'yes'],
      ["file:ctime = t'2026-01-01T00:00:00.5Z'", 'yes'],
    ["file:magic_number_hex = h'4d5a'", 'yes'], ["file:magic_number_hex = 'MZ'", 'yes'], ["file:magic_number_hex < h'ff'", 'yes'],
      ["file:magic_number_hex = 'ы'", 'no'],
    ["file:magic_number_hex != 'ы'", 'yes'], ["artifact:payload_bin = 'dGhpcyBpcyBhIHRlc3Q='", 'no'], ["artifact:payload_bin = 'this is a test'", 'yes'],
    ["artifact:payload_bin = b'dGhpcyBpcyBhIHRlc3Q='", 'yes'], ["artifact:payload_bin = h'7468697320697320612074657374'", 'yes'],
      ["artifact:payload_bin MATCHES 'is a'", 'yes'],
    ["network-traffic:src_ref.value = '203.0.113.10'", 'yes'], ["network-traffic:src_ref = '3'", 'yes'], ["network-traffic:protocols[1] = 'http'",
      'yes'], ['network-traffic:is_active = false', 'yes'],
    ["network-traffic:src_ref.value ISSUBSET '203.0.113.0/24'", 'yes'], ["ipv4-addr:value ISSUBSET '198.51.100.0/24'", 'yes'],
      ["ipv4-addr:value ISSUPERSET '198.51.100.5'", 'yes'],
    ["ipv4-addr:value ISSUBSET '198.51.100.0/28'", 'no'], ["ipv6-addr:value ISSUBSET '2001:db8::/32'", 'yes'], ["ipv4-addr:value ISSUBSET '10.0.0.1/8'",
      'no'],
    ["directory:contains_refs[*].name = 'foo.dll'", 'yes'], ["directory:contains_refs[1].value LIKE '203.%'", 'yes'],
      ["directory:path LIKE '%\\\\\u00f2'", 'yes'], ["directory:path = 'C:\\\\Windows\\\\\u00f2'", 'no'],
    // All of an AND is said of one object (9.5), though references may lead elsewhere.
    ["network-traffic:src_ref.value = '203.0.113.10' AND network-traffic:dst_ref.value = '198.51.100.0/27'", 'no'],
      ["file:name = 'x' OR ipv6-addr:value = '2001:db8::1'", 'yes'],
  ])('%s: %s', (condition, expected) => expect(holds(condition, world)).toBe(expected));
  test('order texts by code points', () => {
    const inOrder = ['o', 'oz', 'o\u0300', 'z', '\u00f2', '\uffee', '\u{1f600}'];
    for (const [i, a] of inOrder.entries()) for (const [j, b] of inOrder.entries()) expect(Math.sign(compareText(a, b))).toBe(Math.sign(i - j));
  });
});

describe('observations', () => {
  const [a, b, url] = [{ 0: { type: 'file', name: 'a' } }, { 0: { type: 'file', name: 'b' } }, { 0: { type: 'url', value: 'a' } }];
  const [isA, isB] = ["[file:name = 'a']", "[file:name = 'b']"];
  test('are different ones, as many as were counted', () => {
    expect([match(`${isA} AND ${isB}`, observed(a), observed(b)), match(`${isA} AND ${isA}`, observed(a)), match(`${isA} AND ${isA}`, observed(a, 0,
      2))]).toEqual(['yes', 'no', 'yes']);
    expect([match(`${isA} REPEATS 3 TIMES`, observed(a, 0, 2), observed(a, 5)), match(`${isA} REPEATS 4 TIMES`, observed(a, 0, 2), observed(a, 5),
      observed(url))]).toEqual(['yes', 'no']);
    expect(new Matcher(read(`${isB} OR ${isA}`)).match(seen(observed(url), observed(a)))).toEqual({ answer: 'yes', used: [1] });
  });
  test('follow, in time', () => {
    expect([match(`${isA} FOLLOWEDBY ${isB}`, observed(a, 5), observed(b, 5)), match(`${isA} FOLLOWEDBY ${isB}`, observed(a, 6), observed(b, 5))])
      .toEqual(['yes', 'no']);
    // It may have happened at any time between first and last.
    expect(match(`${isA} FOLLOWEDBY ${isB}`, observed(a, 6, 1, 9), observed(b, 5, 1, 7))).toBe('yes');
    expect(match(`${isA} FOLLOWEDBY ${isB} FOLLOWEDBY ${isA}`, observed(a, 6, 2), observed(b, 5, 1, 5))).toBe('no');
  });
  test('lie within a time, less than which they differ', () => {
    const pair = [observed(a, 0), observed(b, 5)];
    expect([match(`(${isA} AND ${isB}) WITHIN 5 SECONDS`, ...pair), match(`(${isA} AND ${isB}) WITHIN 5.000001 SECONDS`, ...pair)]).toEqual(['no', 'yes']);
    expect(match(`(${isA} AND ${isB} AND ${isA}) WITHIN 6 SECONDS`, ...pair, observed(a, 6))).toBe('no');
  });
  test('start at a time and stop before one', () => {
    const [at, window] = [observed(a, 5), (from: number, to: number) => `${isA} START t'2026-01-01T00:00:0${from}Z' STOP t'2026-01-01T00:00:0${to}Z'`];
    expect([match(window(5, 6), at), match(window(4, 5), at), match(window(6, 5), at)]).toEqual(['yes', 'no', 'no']);
  });
  test('see only objects that they list', () => {
    const traffic = { type: 'network-traffic', id: 'network-traffic--1', src_ref: 'ipv4-addr--1' };
    const known = new Map<string, StixObject>([['network-traffic--1', traffic], ['ipv4-addr--1', { type: 'ipv4-addr', value: '1.2.3.4' }]]);
    const of = (refs: string[]) => observationOf({ ...observed({}), objects: undefined, object_refs: refs }, (id) => known.get(id)) as Observation;
    const matcher = new Matcher(read("[network-traffic:src_ref.value = '1.2.3.4']"));
    expect([matcher.match([of(['network-traffic--1', 'ipv4-addr--1'])]).answer, matcher.match([of(['network-traffic--1'])]).answer]).toEqual(['yes', 'no']);
    expect(observationOf({ type: 'observed-data', number_observed: 1 })).toBeNull();
  });
});

test('patterns that mean the same are seen to, and others are not', () => {
  const same = (p: string, q: string): boolean => areEquivalent(read(p), read(q));
  expect(same("[file:name = 'a' AND file:size = 1]", '[file:size = 1.0 AND file:name = \'a\']')).toBe(true);
  expect(same("[file:name IN ('a', 'b')]", "[file:name = 'b'] OR [file:name = 'a' OR file:name = 'a']")).toBe(true);
  expect(same("[file:name = 'a' OR (file:name = 'a' AND file:size > 1)]", "[file:name = 'a']")).toBe(true);
  expect(same('[x-a:b = 1 AND (x-a:c = 1 OR x-a:c = 2)]', '[(x-a:b = 1 AND x-a:c = 1) OR (x-a:b = 1 AND x-a:c = 2)]')).toBe(true);
  expect(same("[file:name NOT = 'a']", "[file:name != 'a']")).toBe(true);
  expect(same("[file:name = 'a'] REPEATS 1 TIMES WITHIN 5 SECONDS", "[file:name = 'a']")).toBe(true);
  expect(same("[file:magic_number_hex = h'4D5A']", "[file:magic_number_hex = b'TVo=']")).toBe(true);
  expect(same('[x-a:b = 1] FOLLOWEDBY [x-a:b = 2]', '[x-a:b = 2] FOLLOWEDBY [x-a:b = 1]')).toBe(false);
  expect(same('[x-a:b = 1] AND [x-a:b = 1]', '[x-a:b = 1]')).toBe(false);
  expect(same("[x-a:b[*] NOT = 1]", "[x-a:b[*] != 1]")).toBe(false);
});

test('what can match nothing, or is likely not meant, is told', () => {
  const said = (text: string): string[] => patternProblems(read(text)).map((p) => `${p.level} ${p.clause}`);
  expect(said("[file:name = 'a' AND url:value = 'b']")).toEqual(['must 9.5']);
  expect(said("[(file:name = 'a' OR url:value = 'b') AND url:value = 'c']")).toEqual([]);
  expect(said("[file:nmae = 'a']")).toEqual(['should 9.7']);
  expect(said("[file:x_own = 'a' AND file:parent_directory_ref.path = 'b' AND file:extensions.'pdf-ext'.version = '1' AND file:hashes.MD5 = 'c']"))
    .toEqual([]);
  expect(said("[file:parent_directory_ref.name = 'a' OR email-message:body_multipart[*].nothing = 'b' OR file:extensions.'odd-ext'.a = 1]"))
    .toEqual(['should 9.7', 'should 9.7', 'should 9.7']);
  expect(said("[indicator:name = 'a']")).toEqual(['must 9.7']);
  expect(said('[own:name = 1 AND own:b = 1]')).toEqual(['should 9.7']);
  expect(said("[url:value ISSUBSET '10.0.0.0/8' OR url:value MATCHES '(?=a)' OR url:value IN (1, 'a')]")).toEqual(['must 9.6.1', 'should 9.6.1',
    'must 9.6.1']);
});
