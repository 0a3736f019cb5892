import { beforeAll, describe, expect, test } from 'vitest';
import { dice } from '#kit/dice';
import { toUtf8 } from '#kit/encoding';
import { Refusal } from '#kit/refusal';
import { IndexBuilder } from './index/builder.ts';
import { IndexDamage } from './index/damage.ts';
import { Shard } from './index/shard.ts';
import { startKernel } from './query/kernel.ts';
import { pathFilter } from './query/paths.ts';
import { languageOf } from './query/languages.ts';
import { patternOf, search, type Batch, type Question } from './query/search.ts';
import { scriptOf } from './regex/testing.ts';
import { build, drawQuestions, linesOf, open, readerOf, sha256, type Built, type TestFile } from './testing.ts';

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
const kernel = startKernel();
const roll = dice(20_261_126);
const pick = <T>(from: readonly T[]): T => from[Math.floor(roll() * from.length)] as T;
const words = ['static', 'int', 'struct', 'mutex_lock', 'return', 'if', 'dev', 'probe', 'NULL', 'err', '0x1f', 'spin_unlock',
  'caf\xe9', '\0', '->', '(', ');', '{', '}'];
const prose = (count: number): string => Array.from({ length: count }, () => pick(words) + pick([' ', ' ', ' ', '\n', '_', '\r\n', '\t'])).join('');

/** What searches stumble over. */
const corpus: readonly TestFile[] = [
  ...Array.from({ length: 30 }, (_, i) => ({ path: `drivers/${i % 3}/f${i}.c`, bytes: latin1(prose(400 + i * 40)) })),
  { path: 'empty', bytes: new Uint8Array(0) },
  { path: 'feeds', bytes: latin1('\n\n\n') },
  { path: 'include/one-line.js', bytes: latin1(`${'var a1=function(b){return b};'.repeat(40_000)}needle${'x=y;'.repeat(100_000)}haystack`) },
  { path: 'include/header.h', bytes: latin1(Array.from({ length: 12_000 }, (_, i) =>
    `#define REG_${i}_MASK 0x${(i * 7919).toString(16)} /* ${pick(words)} */\n`).join('')) },
  { path: 'include/long-lines.txt', bytes: latin1(`short needle\n${'q'.repeat(1_200_000)} needle ${'r'.repeat(70_000)} needle\nneedle at the end`) },
  { path: 'noise.bin', bytes: Uint8Array.from({ length: 200_000 }, () => Math.floor(roll() * 256)) },
];

describe('on files that are hard', () => {
  let built: Built;
  beforeAll(() => {
    built = build(corpus, { blockBytes: 4096, shardBytes: 1 << 18 });
  });
  const lines = new Map(corpus.map(({ path, bytes }) => [path, linesOf(bytes)]));

  test.each<Omit<Question, 'most'>>([
    { text: 'mutex_lock', kind: 'text' }, { text: 'MUTEX_LOCK', kind: 'text', anyCase: true }, { text: 'lock', kind: 'text', wholeWord: true },
    { text: 'needle', kind: 'text' }, { text: 'caf\\xe9', kind: 'regex' }, { text: '\0', kind: 'text' }, { text: 'absent_everywhere', kind: 'text' },
    { text: 'i', kind: 'text' }, { text: 'q.*r', kind: 'regex' }, { text: 'q needle r.*needle$', kind: 'regex' },
    { text: 'b.*needle.*haystack', kind: 'regex' },
    { text: 'REG_[0-9]*77_MASK', kind: 'regex' }, { text: '0x[0-9a-f]{8}', kind: 'regex' }, { text: '^$', kind: 'regex' }, { text: '\\r$', kind: 'regex' },
    { text: '(mutex|spin)_(un)?lock', kind: 'regex' }, { text: '[\\x80-\\xff]{3}', kind: 'regex' }, { text: '', kind: 'text' },
    { text: '\\bnull\\b', kind: 'regex', anyCase: true },
  ])('$text as $kind', (asked) => {
    const script = new RegExp(scriptOf(patternOf({ ...asked, most: 1 })), 's');
    const expected = [...lines].flatMap(([path, list]) => list.flatMap((line, i) => (script.test(line) ? [`${path}:${i + 1}`] : [])));
    const batches = [...search(built.manifest, open(built), { ...asked, most: 1e6 }, { kernel })];
    expect(batches.flatMap(({ hits }) => hits).map((hit) => `${hit.path}:${hit.line}`)).toEqual(expected);
    expect(batches.at(-1)?.coverage).toMatchObject({ ended: 'complete', lines: expected.length });
    const wrong = batches.flatMap(({ hits }) => hits).filter(({ path, line: number, text, textFrom, match, cut }) => {
      const line = lines.get(path)?.[number - 1] ?? '';
      const isText = Buffer.from(text).toString('latin1') === line.slice(textFrom, textFrom + text.length) && cut === textFrom + text.length < line.length;
      // Of a long line the match that is shown is one, if not the first.
      const isMatch = line.length < 60_000 ? match?.from === script.exec(line)?.index : !match || script.test(line.slice(match.from, match.to));
      return !isText || !isMatch;
    });
    expect(wrong).toEqual([]);
  });

  test('shows a match in the midst of a long line', () => {
    const hits = [...search(built.manifest, open(built), { text: 'needle', kind: 'text', most: 10 })].flatMap((batch) => batch.hits);
    expect(hits.map(({ path, line, match, cut }) => [path, line, match?.from, cut])).toEqual([
      ['include/one-line.js', 1, 29 * 40_000, true], ['include/long-lines.txt', 1, 6, false],
      ['include/long-lines.txt', 2, 1_200_001, true], ['include/long-lines.txt', 3, 0, false],
    ]);
    for (const { text } of hits) expect(Buffer.from(text).includes('needle')).toBe(true);
  });
  test('reads little where little can match', () => {
    const { coverage } = [...search(built.manifest, open(built), { text: 'REG_11999_MASK', kind: 'text', most: 10 })].at(-1) as Batch;
    expect(coverage.lines).toBe(1);
    expect(coverage.bytesRead).toBeLessThan(100_000);
  });
  test('is cut into shards that pass verification, and goes on at line ends', () => {
    const shards = open(built);
    expect(shards.length).toBeGreaterThan(3);
    for (const shard of shards) expect(() => shard.verify()).not.toThrow();
    const parts = shards.flatMap((shard) => shard.parts).filter(({ path }) => path === 'include/header.h');
    expect(parts.length).toBeGreaterThan(1);
    const header = corpus.find(({ path }) => path === 'include/header.h') as TestFile;
    for (const { fromByte, fromLine } of parts) expect(linesOf(header.bytes.subarray(0, fromByte)).length).toBe(fromLine);
  });
  test('can be broken off between any two batches, and says where it stood', () => {
    const stop = new AbortController();
    const running = search(built.manifest, open(built), { text: 'i', kind: 'text', most: 1e6 }, { signal: stop.signal });
    const first = running.next().value as Batch;
    expect(first.coverage.ended).toBeNull();
    stop.abort();
    const rest = [...running];
    expect(rest).toHaveLength(1);
    expect(rest[0]?.coverage).toMatchObject({ ended: 'cancelled', read: 1 });
    expect(rest[0]?.coverage.notReached).toBe(corpus.length - 1);
    const late = [...search(built.manifest, open(built), { text: 'i', kind: 'text', most: 9 }, { signal: stop.signal })];
    expect(late.map(({ coverage }) => coverage.notReached)).toEqual([corpus.length]);
  });
  test('gives way often where lines are only counted and the pattern costs much', () => {
    const own = dice(11);
    const text = Array.from({ length: 6000 }, () => String.fromCharCode(...Array.from({ length: 60 }, () => 97 + Math.floor(own() * 2)))).join('\n');
    const one = build([{ path: 'a.c', bytes: Buffer.from(text) }]);
    const steps = (text: string, mostWork: number): number[] => {
      const read = [...search(one.manifest, open(one), { text, kind: 'regex', most: 0, counts: true }, { kernel, mostWork })]
        .map(({ coverage }) => coverage.bytesRead);
      return read.map((bytes, i) => bytes - (read[i - 1] ?? 0)).slice(0, 6);
    };
    // After a block each, where a cheap one reads on. What the one is in are two to the power of eighteen states.
    const [costly, cheap] = [steps('a[ab]{18}([^ab]|dd)', 1.2e7), steps('a[ab]{18}', 1e9)];
    expect(costly.length).toBe(6);
    expect(cheap.length).toBe(1);
    expect(Math.max(...costly) * 4).toBeLessThan(Math.max(...cheap));
  });
  test('ends where a pattern costs more than one has', () => {
    const asked = { text: '([a-z ]|[^x])*[a-z](.|x){400}[#]x', kind: 'regex', most: 10 } as const;
    const { coverage } = [...search(built.manifest, open(built), asked, { mostWork: 1e5 })].at(-1) as Batch;
    expect(coverage.ended).toBe('too-costly');
    expect(coverage.notReached).toBeGreaterThan(0);
  });
});

test('finds for 1,000 texts and 200 patterns, drawn by seed 7 of what is there, the lines that reading everything finds', () => {
  const small = [
    ...corpus.slice(0, 12), { path: 'long', bytes: latin1(`${prose(1500).replaceAll('\n', ' ')}\n${prose(50)}`) },
    { path: 'noise', bytes: Uint8Array.from({ length: 20_000 }, () => Math.floor(roll() * 256)) },
  ];
  const built = build(small);
  const shards = open(built);
  const lines = small.flatMap(({ path, bytes }) => linesOf(bytes).map((line, i) => ({ at: `${path}:${i + 1}`, line })));
  let none = 0;
  for (const asked of drawQuestions(small, dice(7), 1000, 200)) {
    const script = new RegExp(scriptOf(patternOf({ ...asked, most: 1 })), 's');
    const expected = lines.flatMap(({ at, line }) => (script.test(line) ? [at] : []));
    const found = [...search(built.manifest, shards, { ...asked, most: 1e6 }, { kernel })].flatMap(({ hits }) => hits.map((hit) => `${hit.path}:${hit.line}`));
    if (found.length !== expected.length || found.some((at, i) => at !== expected[i])) expect({ asked, found }).toEqual({ asked, found: expected });
    const { coverage } = [...search(built.manifest, shards, { ...asked, most: 0, counts: true }, { kernel })].at(-1) as Batch;
    if (coverage.lines !== expected.length) expect({ asked, counted: coverage.lines }).toEqual({ asked, counted: expected.length });
    none += expected.length === 0 ? 1 : 0;
  }
  expect(none).toBeGreaterThan(20);
  expect(none).toBeLessThan(300);
});

describe('an index', () => {
  const files = [{ path: 'a.c', bytes: latin1(prose(3000)) }, { path: 'b.c', bytes: latin1(prose(3000)) }];

  test('is the same bytes for the same files, however they come', () => {
    const [one, other] = [build(files), build(files, undefined, 77)];
    expect(one.manifest).toEqual(other.manifest);
    expect([...one.files]).toEqual([...other.files]);
  });
  test('never answers with bytes that its manifest does not name', () => {
    const built = build(files);
    const [name, whole] = [...built.files][0] as [string, Uint8Array];
    const answer = (): string[] => [...search(built.manifest, open(built), { text: 'mutex_lock', kind: 'text', most: 1e6 })]
      .flatMap(({ hits }) => hits.map((hit) => `${hit.path}:${hit.line}`));
    const right = answer();
    let damaged = 0;
    for (let at = 0; at < whole.length; at += 997) {
      const changed = whole.slice();
      changed[at] = (changed[at] as number) ^ 0x20;
      (built.files as Map<string, Uint8Array>).set(name, changed);
      try {
        expect(answer()).toEqual(right);
      } catch (error) {
        expect(error).toBeInstanceOf(IndexDamage);
        damaged++;
      }
      const record = built.manifest.shards[0];
      if (!record) throw new Error('there is no shard');
      expect(() => new Shard(record, readerOf(changed), sha256).verify()).toThrow(IndexDamage);
    }
    expect(damaged).toBeGreaterThan(20);
  });
  test('names what it does not hold', () => {
    const builder = new IndexBuilder({ sha256, open: () => ({ write: () => undefined, end: () => undefined }) });
    expect(builder.begin('disk.img', 2 ** 31, new Uint8Array(32))).toBe(false);
    builder.refuse('secret.c', 10, 'could not be read');
    const manifest = builder.finish();
    expect(manifest.refused).toEqual([
      { path: 'disk.img', bytes: 2 ** 31, reason: 'larger than 2 GiB' }, { path: 'secret.c', bytes: 10, reason: 'could not be read' },
    ]);
    const asked = { text: 'x', kind: 'text', most: 1 } as const;
    expect([...search(manifest, [], asked)].at(-1)?.coverage).toMatchObject({ files: 0, refused: manifest.refused, ended: 'complete' });
    const paths = pathFilter({ globs: ['*.c'] });
    expect([...search(manifest, [], { ...asked, paths })].at(-1)?.coverage.refused.map(({ path }) => path)).toEqual(['secret.c']);
  });
});

describe('a question', () => {
  test.each([
    [['*.c'], ['a.c', 'x/a.c'], ['a.cc', 'c']], [['drivers/**'], ['drivers/a', 'drivers/x/y'], ['x/drivers/a']],
    [['drivers/*.c'], ['drivers/a.c'], ['drivers/x/a.c']],
    [['**/net/*'], ['net/a', 'x/net/a'], ['net/x/a']], [['net/'], ['net/a', 'x/net/y/z'], ['net', 'xnet/a']], [['/net/'], ['net/a'], []],
    [['a?c', '!abc'], ['axc', 'x/a-c'], ['abc', 'ac', 'a/c']], [['\\*'], ['*'], ['a']], [['é*'], ['é.c'], ['e.c']], [['(a|b)+'], ['(a|b)+'], ['a']],
    [['a\nb'], ['a\nb'], ['a', 'b']], [[`${'*a'.repeat(40)}b`], [`${'a'.repeat(60)}b`], ['a'.repeat(2000)]],
  ])('of the files %j', (globs, inside, outside) => {
    const asks = pathFilter({ globs });
    expect([...inside, ...outside].filter((path) => asks?.(path))).toEqual(inside);
  });
  test('of languages', () => {
    expect(['a/x.C', 'Makefile', 'b.py', 'README', 'x.constructor', 'constructor'].map(languageOf)).toEqual(['c', 'make', 'python', null, null, null]);
    const asks = pathFilter({ languages: ['c', 'make'], globs: ['!lib/**'] });
    expect(['x.c', 'lib/x.c', 'Makefile', 'x.py'].filter((path) => asks?.(path))).toEqual(['x.c', 'Makefile']);
    expect(pathFilter({})).toBeUndefined();
  });
  test('of a text means the text; across lines it is refused', () => {
    const built = build([{ path: 'a', bytes: toUtf8('a+b\naab\nÉé') }]);
    const lines = (text: string, anyCase = false): number[] => [...search(built.manifest, open(built), { text, kind: 'text', anyCase, most: 9 })]
      .flatMap(({ hits }) => hits.map((hit) => hit.line));
    expect([lines('a+b'), lines('A+B', true), lines('é'), lines('.')]).toEqual([[1], [1], [3], []]);
    expect(() => lines('a\nb')).toThrow(Refusal);
  });
});
