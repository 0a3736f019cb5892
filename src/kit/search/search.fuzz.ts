import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readManifest, writeManifest } from './index/manifest.ts';
import { planReuse } from './index/reuse.ts';
import { startKernel } from './query/kernel.ts';
import { pathFilter } from './query/paths.ts';
import { patternOf, search, type Coverage, type Hit, type Question } from './query/search.ts';
import { scriptOf } from './regex/testing.ts';
import { build, linesOf, open, sha256, type Built, type TestFile } from './testing.ts';

const word = fc.constantFrom('if', 'return', 'mutex_lock', 'Mutex', 'a', 'x1', '_', '(', ');', ' ', '\t', '\0', '\r', '\xe9', '\xc3\xa9', '\xff', '0x1f',
  '\n', '\n');
const bytes = fc.array(word, { maxLength: 60 }).map((words) => Uint8Array.from(words.join(''), (c) => c.charCodeAt(0)));
const name = fc.constantFrom('a.c', 'b.h', 'lib/a.c', 'lib/deep/x.py', 'Makefile', 'docs/é.md', 'z');
const corpus: fc.Arbitrary<TestFile[]> = fc.uniqueArray(fc.record({ path: name, bytes }), { selector: (file) => file.path, maxLength: 6 });
const limits = fc.record({ blockBytes: fc.constantFrom(1, 16, 64), shardBytes: fc.constantFrom(20, 200, 5000) });
const question: fc.Arbitrary<Omit<Question, 'most'>> = fc.record({
  text: fc.oneof(
    fc.constantFrom('mutex_lock', 'return', 'x1', 'if', '\xe9', 'mutex', 'nowhere', ''),
    fc.constantFrom('m[a-z]+_', '^$', 'if|return', '\\(.*\\)', '0x[0-9a-f]{2}', '\\bif\\b', '[^ ]', '\\x00', 'a.*x1', '(if|a)(x1|_)+$', '\\xff'),
  ),
  kind: fc.constantFrom('text' as const, 'regex' as const), anyCase: fc.boolean(), wholeWord: fc.boolean(),
});

const kernel = startKernel();
function all(built: ReturnType<typeof build>, asked: Question, quick = true): { hits: Hit[]; coverage: Coverage } {
  const batches = [...search(built.manifest, open(built), asked, { kernel: quick ? kernel : null })];
  return { hits: batches.flatMap((batch) => batch.hits), coverage: batches.at(-1)?.coverage as Coverage };
}
const latin1 = (text: Uint8Array): string => Buffer.from(text).toString('latin1');

test('finds the lines that reading every file finds, in order, with their places', () => {
  fc.assert(fc.property(corpus, limits, fc.integer({ min: 1, max: 40 }), question, (files, sizes, chunk, asked) => {
    const built = build(files, sizes, chunk);
    const script = new RegExp(scriptOf(patternOf({ ...asked, most: 1 })), 's');
    const expected = files.flatMap((file) => linesOf(file.bytes).flatMap((line, i) => {
      const found = script.exec(line);
      return found ? [{ path: file.path, line: i + 1, from: found.index, text: line }] : [];
    }));
    const { hits, coverage } = all(built, { ...asked, most: 1e6 });
    expect(all(built, { ...asked, most: 1e6 }, false)).toEqual({ hits, coverage });
    // Counting goes another way: several blocks at once, by a shape or by the automaton.
    for (const quick of [true, false]) {
      const counted = all(built, { ...asked, most: 0, counts: true }, quick).coverage;
      expect(counted).toMatchObject({ lines: expected.length, ruledOut: coverage.ruledOut, read: coverage.read, ended: 'complete' });
    }
    expect(hits.map((hit) => ({ path: hit.path, line: hit.line, from: hit.match?.from, text: latin1(hit.text) }))).toEqual(expected);
    for (const { path, offset, text } of hits) {
      const file = files.find((f) => f.path === path) as TestFile;
      expect(latin1(file.bytes.subarray(offset, offset + text.length))).toBe(latin1(text));
    }
    expect(coverage).toMatchObject({ files: files.length, excluded: 0, notReached: 0, lines: expected.length, ended: 'complete', refused: [] });
    expect(coverage.ruledOut + coverage.read).toBe(files.length);
    expect(built.manifest).toMatchObject({
      bytes: files.reduce((sum, file) => sum + file.bytes.length, 0), lines: files.reduce((sum, file) => sum + linesOf(file.bytes).length, 0),
      binary: files.filter((file) => file.bytes.includes(0)).length,
    });
  }), { numRuns: 120 });
}, 120_000);

test('each file is counted once, wherever one stops and whatever one leaves out', () => {
  const globs = fc.subarray(['*.c', 'lib/**', '**/deep/', '!*.h', 'z', 'lib/*.c', '!Makefile']);
  fc.assert(fc.property(corpus, limits, globs, fc.integer({ min: 0, max: 5 }), fc.boolean(), (files, sizes, chosen, most, counts) => {
    const built = build(files, sizes);
    const paths = pathFilter({ globs: chosen });
    const asked = { text: 'if', kind: 'text', most, counts, paths } as const;
    const whole = all(built, { ...asked, most: 1e6 });
    const { hits, coverage } = all(built, asked);
    expect(hits).toEqual(whole.hits.slice(0, most));
    if (counts) expect(coverage.lines).toBe(whole.coverage.lines);
    expect(coverage.excluded + coverage.ruledOut + coverage.read + coverage.notReached).toBe(files.length);
    expect(Math.min(coverage.excluded, coverage.ruledOut, coverage.read, coverage.notReached)).toBeGreaterThanOrEqual(0);
    expect(whole.coverage.excluded).toBe(files.filter(({ path }) => paths && !paths(path)).length);
    expect(hits.every(({ path }) => paths?.(path) ?? true)).toBe(true);
  }), { numRuns: 40 });
}, 120_000);

test('the next release is searched as if it had been indexed alone', () => {
  const shares = fc.constantFrom(0, 0.5, 1);
  const change = fc.record({ path: name, bytes: fc.option(bytes) });
  fc.assert(fc.property(corpus, fc.array(change, { maxLength: 4 }), limits, limits, shares, question, (old, changes, sizes, others, share, asked) => {
    const first = build(old, sizes);
    const next = new Map(old.map((file) => [file.path, file.bytes]));
    for (const { path, bytes: changed } of changes) if (changed) next.set(path, changed); else next.delete(path);
    const files = [...next].map(([path, text]) => ({ path, bytes: text }));
    const { kept, fresh } = planReuse(open(first), new Map(files.map((file) => [file.path, sha256(file.bytes)])), share);
    const stored = new Map(first.files);
    const second = build(files.filter(({ path }) => fresh.includes(path)), others, 100, kept, stored);
    const alone = build(files, others, 100);
    expect({ ...second.manifest, blockBytes: 0, shards: [] }).toEqual({ ...alone.manifest, blockBytes: 0, shards: [] });
    expect(readManifest(writeManifest(second.manifest))).toEqual(second.manifest);
    const answer = (built: Built): { lines: string[]; counted: unknown } => {
      const { hits, coverage } = all(built, { ...asked, most: 1e6 });
      const { files: count, excluded, notReached, lines } = coverage;
      return { lines: hits.map((hit) => `${hit.path}:${hit.line}:${hit.offset}:${hit.match?.from}`).sort(), counted: { count, excluded, notReached, lines } };
    };
    expect(answer(second)).toEqual(answer(alone));
    // What is unchanged and lies alone in its shards is not read again.
    if (changes.length === 0) expect(fresh).toEqual([]);
  }), { numRuns: 60 });
}, 120_000);
