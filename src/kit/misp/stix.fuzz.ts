import fc from 'fast-check';
import { expect, test } from 'vitest';
import { check } from '#kit/stix/check';
import { stixBundle } from '#kit/stix/testing';
import { fromStix } from './from-stix.ts';
import { readMisp } from './read.ts';
import { event } from './testing.ts';
import { toStix } from './to-stix.ts';
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
const junk = fc.array(fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom('__proto__', 'x', -1, '2026-01-31', 'tlp:red', '', '\ud800', 'x'.repeat(70_000))),
  { minLength: 1, maxLength: 5 });
const every = fc.integer({ min: 2, max: 60 });

test('any JSON is taken as STIX without a throw, and what comes of it is an event that reads', () => {
  const value = fc.oneof(fc.jsonValue(), fc.tuple(stixBundle, junk, every).map(([bundle, bad, n]) => broken(bundle, bad, n)),
    fc.tuple(event, junk, every).map(([one, bad, n]) => broken(toStix(one).objects, bad, n)));
  fc.assert(fc.property(value, (json) => {
    for (const one of fromStix(json).events) {
      expect(readMisp(JSON.parse(JSON.stringify(eventJson(one)))).problems).toEqual([]);
    }
  }), { numRuns: 250 });
});

test('whatever event can be read becomes STIX that breaks no MUST', () => {
  fc.assert(fc.property(event, junk, every, (one, bad, n) => {
    for (const read of readMisp(broken(eventJson(one), bad, n)).events) {
      const { objects } = toStix(read);
      const bundle = { type: 'bundle', id: 'bundle--5f6e7d8c-1234-4abc-8def-0123456789ab', objects };
      expect(check(bundle, { limit: 100 }).problems.filter((p) => p.level === 'must')).toEqual([]);
    }
  }), { numRuns: 150 });
});

test('what is taken from any bundle becomes STIX that breaks no MUST', () => {
  fc.assert(fc.property(stixBundle, junk, fc.integer({ min: 20, max: 200 }), (bundle, bad, n) => {
    for (const one of fromStix(broken(bundle, bad, n)).events) {
      const objects = toStix(one).objects;
      for (const object of objects) expect(check(object).problems.filter((p) => p.level === 'must')).toEqual([]);
    }
  }), { numRuns: 150 });
});
