/** Colours never change the text. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shaded, shadedLines } from './highlight.ts';

const code = fc.array(fc.oneof(fc.string(), fc.constantFrom('"', "'", '`', '\\', '/*', '*/', '//', '#', '\n', 'return', 'f(', '0x1f', ' ')),
  { maxLength: 60 })
  .map((parts) => parts.join(''));

test('what is put together again is the text, whatever stands in it', () => {
  fc.assert(fc.property(code, fc.constantFrom('a.c', 'b.py', 'README', 'x'), (text, path) => {
    expect(shaded(path, text).map((p) => p.text).join('')).toBe(text);
    const lines = shadedLines(path, text).map((line) => line.map((p) => p.text).join(''));
    expect(lines.join('\n') + (text.endsWith('\n') ? '\n' : '')).toBe(text);
  }));
});

test('a window without an end of line costs no more than its length', () => {
  const text = `${'"\\'.repeat(4_000)}${'/*'.repeat(4_000)}`;
  expect(shaded('a.c', text).map((p) => p.text).join('')).toBe(text);
});
