import { expect, test } from 'vitest';
import { canonicalText, fromCanonical } from './canonical.ts';

test('the example of RFC 8785 is spelt as the RFC spells it', () => {
  const value: unknown = JSON.parse(
    '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],'
    + '"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}',
  );
  expect(canonicalText(value)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
    + '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
});

test('keys are ordered by UTF-16 code units', () => {
  const value = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 };
  const text = canonicalText(value);
  expect([...text.matchAll(/:(\d)/g)].map((m) => m[1]).join('')).toBe('2467153');
  expect(fromCanonical(text)).toEqual(value);
  expect(fromCanonical('{"10":1,"9":2}')).toEqual({ 10: 1, 9: 2 });
  expect(fromCanonical('{"9":2,"10":1}')).toBeUndefined();
});

test('what JSON has no word for is refused', () => {
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  const hole = [1];
  hole[2] = 3;
  const named = { toJSON: () => 'x' };
  for (const bad of [
    undefined, { a: undefined }, [undefined], hole, Number.NaN, [Number.POSITIVE_INFINITY], () => 1, Symbol('x'), 1n,
    new Date(0), new Map(), '\ud800', { '\udc00': 1 }, circle, named, { [Symbol('x')]: 1 },
  ]) expect(() => canonicalText(bad)).toThrow(TypeError);
});

test('a text that is not canonical to the letter is not read', () => {
  for (const good of ['null', '0', '-1', '1e+21', '"a"', '[]', '{}', '{"a":{"b":[1,"\\u0001"]}}', '"\\\\ud800"', '{"":0}']) {
    expect(fromCanonical(good), good).toEqual(JSON.parse(good));
  }
  for (const bad of [
    '', ' null', 'null ', '1.0', '-0', '1e21', '1E+21', '1e400', '"\\u0061"', '"\\/"', '[1, 2]', '{"b":1,"a":2}',
    '{"a":1,"a":1}', '"\\ud800"', '"\\uD83D\\uDE00"', '{"a":1}\n', '\ufeffnull', '"\\u000F"', '"\\u000a"', '01',
    `${'['.repeat(65)}${']'.repeat(65)}`,
  ]) expect(fromCanonical(bad), bad).toBeUndefined();
});
