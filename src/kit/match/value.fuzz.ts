import fc from 'fast-check';
import { expect, test } from 'vitest';
import { unescaped } from './url.ts';
import { candidatesOf } from './probes.ts';
import { readValue, valueKinds } from './value.ts';

const piece = fc.oneof(
  fc.constantFrom('http://', 'hxxps[:]//', '.', '[.]', '(dot)', '@', ':', '/', '%', '%2e', '%25', '?', '#', '[', ']', '::', 'ffff', '1.2.3.4', '198', 'evil',
    'example', 'xn--', 'đ', '。', '１', '\u200d', '..', '-', '_', '*', '+', ' ', '\t', '<', '>', '\\', '/24', 'a'.repeat(60), '\ud800', '0x7f'),
  fc.string({ maxLength: 4 }), fc.string({ unit: 'grapheme', maxLength: 3 }),
);
const text = fc.array(piece, { maxLength: 12 }).map((p) => p.join(''));

test('what was read reads as itself, for its kind and for none, and so does what covers it', () => {
  fc.assert(fc.property(text, fc.option(fc.constantFrom(...valueKinds), { nil: undefined }), (t, kind) => {
    const value = readValue(t, kind);
    if (!value) return;
    expect(readValue(value.value, value.kind)).toEqual(value);
    if (kind === undefined && value.kind !== 'asn') expect(readValue(value.value)).toEqual(value);
    for (const candidate of candidatesOf(value)) expect(readValue(candidate.value, candidate.kind)).toEqual({ kind: candidate.kind, value: candidate.value });
  }), { numRuns: 5000 });
});

test('escapes are undone as if over and over', () => {
  const over = (t: string): string => {
    const next = t.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    return next === t ? t : over(next);
  };
  fc.assert(fc.property(fc.array(fc.constantFrom('%', '2', '5', '3', '%25', 'a', '4', '1'), { maxLength: 24 }).map((p) => p.join('')), (t) => {
    expect(unescaped(t)).toBe(over(t));
  }), { numRuns: 3000 });
});
