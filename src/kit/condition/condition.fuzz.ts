import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attributesOf, deepest, truthOf, type Condition, type Truth, type Value } from './condition.ts';

const orders = { label: ['low', 'middle', 'high'] };
const names = ['a', 'b', 'label', 'list'] as const;
const leaf: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({ attribute: fc.constantFrom(...names), is: fc.constantFrom('equal', 'at-most', 'at-least'),
    value: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.boolean(), fc.constantFrom('low', 'high', 'other')) }),
  fc.record({ attribute: fc.constantFrom(...names), is: fc.constantFrom('one-of', 'all-of', 'any-of'),
    value: fc.array(fc.constantFrom('low', 'high', 'x'), { minLength: 1, maxLength: 3 }) }),
) as fc.Arbitrary<Condition>;
const condition: fc.Arbitrary<Condition> = fc.letrec<{ node: Condition }>((tie) => ({
  node: fc.oneof({ depthSize: 'small' }, leaf, fc.record({ not: tie('node') }),
    fc.record({ all: fc.array(tie('node'), { minLength: 1, maxLength: 3 }) }), fc.record({ any: fc.array(tie('node'), { minLength: 1, maxLength: 3 }) })),
})).node;
const values = fc.record({
  a: fc.option(fc.oneof(fc.integer({ min: 0, max: 3 }), fc.boolean(), fc.constant(Number.NaN)), { nil: undefined }),
  b: fc.option(fc.constantFrom('low', 'high', 'x'), { nil: undefined }),
  label: fc.option(fc.constantFrom('low', 'middle', 'high', 'other'), { nil: undefined }),
  list: fc.option(fc.array(fc.constantFrom('low', 'high', 'x'), { maxLength: 3 }), { nil: undefined }),
});
type Values = Partial<Record<string, Value | undefined>>;
const truth = (test_: Condition, of: Values): Truth => truthOf(test_, (name) => (Object.hasOwn(of, name) ? of[name] : undefined), orders);

describe('a test over attributes', () => {
  test('what is known stays so when more is known', () => {
    fc.assert(fc.property(condition, values, values, (c, some, more) => {
      const before = truth(c, some as Values);
      const both = { ...more, ...Object.fromEntries(Object.entries(some).filter(([, v]) => v !== undefined)) };
      if (before !== null) expect(truth(c, both as Values)).toBe(before);
    }), { numRuns: 2000 });
  });
  test('De Morgan and double negation hold in three values', () => {
    fc.assert(fc.property(condition, condition, values, (c, d, of) => {
      const t = (x: Condition): Truth => truth(x, of as Values);
      expect(t({ not: { not: c } })).toBe(t(c));
      expect(t({ not: { all: [c, d] } })).toBe(t({ any: [{ not: c }, { not: d }] }));
      expect(t({ all: [c, d] })).toBe(t({ all: [d, c] }));
    }), { numRuns: 1000 });
  });
  test('reads the attributes it names, and no others', () => {
    fc.assert(fc.property(condition, values, (c, of) => {
      const read = new Set<string>();
      truthOf(c, (name) => { read.add(name); return (of as Values)[name]; }, orders);
      expect(attributesOf(c)).toEqual(expect.arrayContaining([...read]));
    }));
  });
});

test('nothing known is unknown, also where a name is one of every object', () => {
  for (const attribute of ['x', '__proto__', 'constructor']) {
    expect(truth({ attribute, is: 'equal', value: true }, {})).toBeNull();
  }
  expect(truthOf({ attribute: 'x', is: 'at-most', value: 'high' }, () => 'low', { y: ['low', 'high'] })).toBeNull();
  expect(truthOf({ all: [] } as Condition, () => true)).toBeNull();
  expect(truthOf({ any: [] } as Condition, () => true)).toBeNull();
});

test('a nesting beyond the bound is unknown, and does not break the stack', () => {
  const nested = (depth: number): Condition =>
    Array.from({ length: depth }).reduce<Condition>((inner) => ({ not: inner }), { attribute: 'a', is: 'equal', value: 1 });
  expect(truth(nested(deepest), { a: 1 })).toBe(true);
  expect(truth(nested(deepest + 1), { a: 1 })).toBeNull();
  expect(truth(nested(200_000), { a: 1 })).toBeNull();
  expect(attributesOf(nested(200_000))).toEqual([]);
});
