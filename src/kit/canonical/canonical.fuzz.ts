import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalText, fromCanonical } from './canonical.ts';

test('every JSON value has one text, and reading it gives the value back', () => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
    const text = canonicalText(value);
    const back = fromCanonical(text);
    expect(back).toEqual(JSON.parse(JSON.stringify(value)));
    expect(canonicalText(back)).toBe(text);
  }), { numRuns: 500 });
});

test('no other text near it is read as canonical unless it is its own', () => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 3 }), fc.nat(), fc.nat({ max: 127 }), (value, at, code) => {
    const text = canonicalText(value);
    const i = at % text.length;
    const changed = text.slice(0, i) + String.fromCharCode(code) + text.slice(i + 1);
    const read = fromCanonical(changed);
    if (read !== undefined) expect(canonicalText(read)).toBe(changed);
  }), { numRuns: 500 });
});
