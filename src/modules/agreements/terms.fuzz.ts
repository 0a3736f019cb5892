import fc from 'fast-check';
import { expect, test } from 'vitest';
import { truthOf } from '#kit/condition/condition';
import { draws, drawTest } from './decide/testing.ts';
import { ForbidSpec, Test } from './terms.ts';

const leaf = { attribute: 'resource.live', is: 'equal', value: true };
const nested = (depth: number): unknown => Array.from({ length: depth }).reduce<unknown>((inner) => ({ not: inner }), leaf);

test('tests that people write are read as they are', () => {
  for (let seed = 0; seed < 300; seed++) {
    const drawn = drawTest(draws(seed));
    expect(Test.parse(drawn)).toEqual(drawn);
  }
});

test('one nested too deep or too wide is refused in words, however deep or wide', () => {
  expect(Test.safeParse(nested(8)).success).toBe(true);
  for (const hostile of [nested(9), nested(100_000), { all: Array.from({ length: 20 }, () => ({ any: Array.from({ length: 20 }, () => leaf) })) }]) {
    const read = ForbidSpec.safeParse({ id: 'p', bound: null, actions: ['source.copy'], when: hostile });
    expect(read.error?.issues.map((i) => [i.path, i.message])).toEqual([[['when'], 'A test nests at most 8 deep and holds at most 200 tests.']]);
  }
});

test('whatever JSON it is, it is a test or it is refused; what is read can be asked', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const read = Test.safeParse(value);
    if (read.success) truthOf(read.data, () => undefined);
  }), { numRuns: 1000 });
});
