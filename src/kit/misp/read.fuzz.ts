import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readHashes, readManifest } from './feed.ts';
import { readMisp } from './read.ts';
import { event } from './testing.ts';
import { eventJson } from './write.ts';

/** A value with some of its parts exchanged for others. */
function broken(value: unknown, junk: readonly unknown[], every: number): unknown {
  let at = 0;
  const walk = (inner: unknown): unknown => {
    if (++at % every === 0) return junk[at % junk.length];
    if (Array.isArray(inner)) return inner.map(walk);
    if (inner === null || typeof inner !== 'object') return inner;
    return Object.fromEntries(Object.entries(inner).map(([key, item]) => [key, walk(item)]));
  };
  return walk(value);
}
const junk = fc.array(fc.jsonValue({ maxDepth: 3 }), { minLength: 1, maxLength: 5 });

test('any JSON is read without a throw, and what was read is written and read the same', () => {
  const value = fc.oneof(fc.jsonValue(), fc.tuple(event, junk, fc.integer({ min: 2, max: 40 }))
    .map(([one, bad, every]) => broken({ Event: eventJson(one) }, bad, every)));
  fc.assert(fc.property(value, (json) => {
    const reading = readMisp(json);
    for (const one of reading.events) {
      const again = readMisp(JSON.parse(JSON.stringify(eventJson(one))));
      expect(again.events).toEqual([one]);
    }
    for (const problem of reading.problems) expect(problem.path === '' || problem.path.startsWith('/')).toBe(true);
    expect(readMisp(json)).toEqual(reading);
  }), { numRuns: 300 });
});

test('manifests and hashes of any kind are read without a throw', () => {
  fc.assert(fc.property(fc.jsonValue(), (json) => void readManifest(json)));
  fc.assert(fc.property(fc.string(), (text) => void [...readHashes(text)]));
});
