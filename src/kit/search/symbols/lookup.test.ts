import { describe, expect, test } from 'vitest';
import { toUtf8 } from '#kit/encoding';
import { IndexDamage } from '../index/damage.ts';
import { planReuse } from '../index/reuse.ts';
import type { Shard } from '../index/shard.ts';
import { search, type Hit } from '../query/search.ts';
import { build, open, sha256, type TestFile } from '../testing.ts';
import { definitionsOf, isDefinition, type Definitions, type LookupOptions } from './lookup.ts';
import { nameHash, Names, namesOf } from './names.ts';
import { ranked } from './ranking.ts';
import golden from './ranking.golden.json' with { type: 'json' };

const file = (path: string, text: string): TestFile => ({ path, bytes: toUtf8(text) });
const uses = (i: number): TestFile => file(`use/${i}.c`, `void use_${i}(void)\n{\n\tlock_it(&x);\n\tint y = lock_it;\n}\n`);
const corpus = [
  file('core/lock.c', '/* lock_it */\n\nvoid lock_it(struct lock *l)\n{\n\tlock_it(l);\n}\n'),
  file('core/lock.h', '#define other 1\nvoid lock_it(struct lock *l);\n'),
  file('core/test/lock_test.c', 'static void lock_it(int a)\n{\n}\n'), file('doc.txt', 'lock_it is a function\n'),
  ...Array.from({ length: 80 }, (_, i) => uses(i)), file('py/lock.py', 'class Lock:\n    def lock_it(self):\n        pass\n'),
  file('big.c', `${'/* filling */\n'.repeat(330_000)}void lock_it(void) {}\n`),
];

function answer(built: ReturnType<typeof build>, name: string, options: LookupOptions = {}, shards = open(built)): Definitions {
  const looking = definitionsOf(built.manifest, shards, name, options);
  for (;;) {
    const { done, value } = looking.next();
    if (done) return value;
  }
}
const listed = (shards: readonly Shard[]): Map<string, Names> => new Map(shards.map((shard) => [shard.record.name, new Names(namesOf(shard), shard)]));
const places = ({ found }: Definitions): string[] => found.map(({ path, line, kind, scope }) => `${path}:${line} ${kind} ${scope}`);

describe('a name', () => {
  const built = build(corpus, { blockBytes: 4096, shardBytes: 2 ** 23 });
  const shards = open(built);
  const lists = listed(shards);
  const names = (shard: Shard): Names => lists.get(shard.record.name) as Names;
  const expected = ['core/lock.c:3 function ', 'py/lock.py:2 method Lock', 'core/test/lock_test.c:1 function '];

  test('is found where it is defined, by the lists and without them', () => {
    expect(places(answer(built, 'lock_it', { names }))).toEqual(expected);
    expect(places(answer(built, 'lock_it'))).toEqual(expected);
    const { files, scanned, tooLong, ended } = answer(built, 'lock_it', { names });
    expect({ files, scanned, tooLong, ended }).toEqual({ files: 3, scanned: 3, tooLong: ['big.c'], ended: 'complete' });
    const slow = answer(built, 'lock_it');
    expect({ ...slow, found: 0 }).toMatchObject({ files: 85, tooLong: ['big.c'] });
    expect(slow.scanned).toBeLessThan(10);
  });
  test('stands where it is said to, with its line', () => {
    const [found] = answer(built, 'lock_it', { names }).found;
    expect([found?.start, found?.from, Buffer.from(found?.text ?? []).toString()]).toEqual([15, 20, 'void lock_it(struct lock *l)']);
  });
  test('that nobody defines is nowhere', () => {
    expect(answer(built, 'filling', { names })).toEqual({ found: [], files: 0, scanned: 0, tooLong: ['big.c'], ended: 'complete' });
  });
  test('is looked for until one gives up', () => {
    expect(answer(built, 'lock_it', { names, signal: { aborted: true } })).toMatchObject({ found: [], ended: 'cancelled' });
  });
  test('is used in all other places', () => {
    const { found } = answer(built, 'lock_it', { names });
    const isOne = isDefinition(found);
    const asked = { text: 'lock_it', kind: 'text', wholeWord: true, most: 1e6 } as const;
    const hits = [...search(built.manifest, shards, asked)].flatMap((batch): readonly Hit[] => batch.hits);
    const left = hits.filter((hit) => !isOne(hit));
    expect(hits.length - left.length).toBe(3);
    expect(left.slice(0, 3).map(({ path, line }) => `${path}:${line}`)).toEqual(['core/lock.c:1', 'core/lock.c:5', 'core/lock.h:2']);
  });
  test('of what the next release has not is not found', () => {
    const kept = corpus.filter(({ path }) => path !== 'core/lock.c');
    const { kept: taken, fresh } = planReuse(shards, new Map(kept.map(({ path, bytes }) => [path, sha256(bytes)])), 0);
    expect(fresh).toEqual([]);
    const next = build([], undefined, 100, taken, new Map(built.files));
    expect(places(answer(next, 'lock_it', { names }))).toEqual(expected.slice(1));
    expect(places(answer(next, 'lock_it'))).toEqual(expected.slice(1));
  });
});

test('a list of names that is none is damage', () => {
  const built = build(corpus.slice(0, 3));
  const [shard] = open(built) as [Shard];
  const bytes = namesOf(shard);
  expect(new Names(bytes, shard).partsWith('lock_it')).toEqual([0, 2]);
  expect(new Names(bytes, shard).partsWith('nobody')).toEqual([]);
  for (let at = 0; at < bytes.length; at++) expect(() => new Names(bytes.subarray(0, at), shard)).toThrow(IndexDamage);
  expect(() => new Names(Uint8Array.of(1, 5, 9, 0), shard)).toThrow('a file that is not there');
  expect(() => new Names(Uint8Array.of(0, 0, 0), shard)).toThrow('something stands behind');
  expect(nameHash('a')).toBe(0xe40c292c);
});

test('what is found is shown in the order that is written down', () => {
  const hits = golden.map(({ name, path, line, text }) => {
    const from = text.indexOf(name);
    return { path, line, text: toUtf8(text), textFrom: 0, match: { from, to: from + name.length } };
  });
  const shuffled = hits.toSorted((a, b) => (a.text.length * 31 + a.path.length) % 17 - (b.text.length * 31 + b.path.length) % 17);
  expect(shuffled).not.toEqual(hits);
  expect(ranked(shuffled).map(({ path, line }) => `${path}:${line}`)).toEqual(hits.map(({ path, line }) => `${path}:${line}`));
});
