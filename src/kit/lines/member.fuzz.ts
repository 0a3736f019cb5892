import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memberOf } from './member.ts';

test('a member of any object is the value that JSON.parse finds, in the letters that were sent', () => {
  fc.assert(fc.property(fc.dictionary(fc.string({ maxLength: 6 }), fc.jsonValue({ maxDepth: 3 })), fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
    const text = JSON.stringify(value, null, indent);
    const parsed = JSON.parse(text) as Record<string, unknown>;
    for (const key of Object.keys(parsed)) {
      const found = memberOf(text, key);
      expect(found === null ? null : JSON.parse(found)).toEqual(parsed[key]);
      expect(text).toContain(found);
    }
    expect(memberOf(text, 'not a key of it')).toBeNull();
  }), { numRuns: 400 });
});

test('any text gives a part of itself or nothing', () => {
  const broken = fc.dictionary(fc.string({ maxLength: 4 }), fc.jsonValue()).chain((value) => {
    const text = JSON.stringify(value);
    return fc.tuple(fc.nat(text.length), fc.nat(text.length)).map(([from, to]) => text.slice(Math.min(from, to), Math.max(from, to)));
  });
  fc.assert(fc.property(fc.oneof(broken, fc.stringMatching(/^[{}[\]",: a\\]{0,40}$/)), (text) => {
    const found = memberOf(text, 'a');
    if (found !== null) expect(text).toContain(found);
  }), { numRuns: 1000 });
});

test('digits stay as they are, and of two members the last counts', () => {
  expect(memberOf('{"a":1,"items":[{"id":12345678901234567890}],"a":2}', 'items')).toBe('[{"id":12345678901234567890}]');
  expect(memberOf('\ufeff {"a":1, "b" : "}\\"" ,"a":2}', 'a')).toBe('2');
  expect(memberOf('{"\\u0061":3}', 'a')).toBe('3');
  expect(memberOf(`${'['.repeat(100_000)}`, 'a')).toBeNull();
  expect(memberOf(`{"a":${'['.repeat(100_000)}`, 'a')).toBeNull();
});
