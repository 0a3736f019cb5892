import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Refusal } from '#kit/refusal';
import { filtersOf, fits, passes } from './filters.ts';
import { laidEvent, wholeEvent } from './merging.ts';

const names = ['value', 'type', 'category', 'tags', 'org', 'uuid', 'eventid', 'from', 'to', 'timestamp', 'last', 'published', 'to_ids', 'deleted', 'page',
  'limit',
  'metadata', 'returnFormat', 'sharinggroup', 'nonsense', '__proto__', 'constructor', 'request'];
const asked = fc.dictionary(fc.constantFrom(...names), fc.oneof(fc.jsonValue(), fc.constantFrom('5d', '!x', 'a&&b', '%', 1, 0, [1, 2],
  { OR: ['a'], NOT: ['b'] })),
  { noNullPrototype: true });

test('any question is read or refused at its place, and nothing else happens', () => {
  fc.assert(fc.property(fc.oneof(asked, fc.jsonValue()), (json) => {
    try {
      const f = filtersOf(json, 1_000_000);
      expect(f.page).toBeGreaterThan(0);
      expect(f.limit === null || f.limit > 0).toBe(true);
    } catch (error) {
      expect(error).toBeInstanceOf(Refusal);
      expect((error as Refusal).kind).toBe('invalid');
      expect((error as Refusal).detail.at).toBeTypeOf('string');
    }
  }), { numRuns: 2_000 });
});

test('a term fits what an expression of the same meaning fits', () => {
  const text = fc.stringMatching(/^[ab.]{0,8}$/);
  fc.assert(fc.property(fc.stringMatching(/^[ab.%]{0,6}$/), text, (term, there) => {
    const pattern = term.split('%').map((s) => s.replaceAll('.', '\\.')).join('.*');
    expect(fits(term, there)).toBe(new RegExp(`^${pattern}$`, 's').test(there));
  }), { numRuns: 3_000 });
  expect(passes({ any: ['a'], all: [], not: ['b'] }, ['a', 'b'])).toBe(false);
  expect(passes({ any: [], all: ['a', 'b'], not: [] }, ['A', 'b', 'c'])).toBe(true);
});

test('any JSON is made whole and laid over any other without a throw, and laid over itself says the same', () => {
  const making = { now: 5, uuid: () => '6a6e7d8c-1234-4abc-8def-000000000001' };
  const part = fc.dictionary(fc.constantFrom('uuid', 'type', 'value', 'Tag', 'timestamp', 'deleted', '__proto__'), fc.jsonValue(), { noNullPrototype: true });
  const json = fc.record({ info: fc.jsonValue(), Attribute: fc.oneof(fc.array(part), fc.jsonValue()), Object: fc.oneof(fc.array(part), fc.jsonValue()),
    Tag: fc.jsonValue(), published: fc.jsonValue() });
  fc.assert(fc.property(json, json, (a, b) => {
    const whole = wholeEvent(a, { uuid: 'x', name: 'y' }, making);
    expect(typeof laidEvent(whole, b, making)).toBe('object');
  }), { numRuns: 500 });
});
