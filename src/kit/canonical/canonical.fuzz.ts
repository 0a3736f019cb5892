import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalText, fromCanonical } from './canonical.ts';
import { passValue } from './scan.ts';

test('every JSON value has one text, and reading it gives the value back', () => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
    const text = canonicalText(value);
    const back = fromCanonical(text);
    expect(back).toEqual(JSON.parse(JSON.stringify(value)));
    expect(canonicalText(back)).toBe(text);
  }), { numRuns: 500 });
});

test('the quick way writes what the package writes, also where keys look like indexes or like `__proto__`', () => {
  const key = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('0', '10', '9', '01', '-1', '__proto__', 'toJSON', 'constructor'));
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' }, fc.jsonValue({ maxDepth: 1, noUnicodeString: false }), fc.constant(-0), fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.array(tie('tree'), { maxLength: 4 }), fc.dictionary(key, tie('tree'), { maxKeys: 5 }),
    ),
  }));
  fc.assert(fc.property(tree, (value) => {
    expect(canonicalText(value)).toBe(canonicalize(value));
  }), { numRuns: 2000 });
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

test('the quick look says yes only to canonical texts, and to most of them', () => {
  const sure = (text: string): boolean => {
    const bytes = new TextEncoder().encode(text);
    const cursor = { bytes, at: 0, wide: false };
    return passValue(cursor) && cursor.at === bytes.length;
  };
  let yes = 0;
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 4 }), fc.nat(), fc.nat({ max: 127 }), (value, at, code) => {
    const text = canonicalText(value);
    if (sure(text)) yes++;
    const i = at % text.length;
    for (const changed of [
      text.slice(0, i) + String.fromCharCode(code) + text.slice(i + 1),
      text.slice(0, i) + String.fromCharCode(code) + text.slice(i), text.slice(0, i) + text.slice(i + 1),
    ]) if (sure(changed)) {
      expect(fromCanonical(Buffer.from(changed).toString())).toBeDefined();
    }
  }), { numRuns: 2000 });
  expect(yes).toBeGreaterThan(1000);
  for (const bad of ['"\\u0041"', '"\\u000a"', '"\\u000A"', '"\\/"', '-0', '1.0', '00', '+1', '1e5', '{"b":1,"a":1}',
    '{"a":1,"a":1}', '[1,]', '[,1]', '{"a":1,}', '{,}', '[', '"', '"a', 'nul', 'nullx', '', '-', '"\n"', 'NaN',
    'Infinity', '-Infinity', '1e+400']) expect(sure(bad), bad).toBe(false);
});
