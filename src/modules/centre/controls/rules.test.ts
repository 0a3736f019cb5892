import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isShown, passageOf } from './rules.ts';

test('lines are cut out as splitting at line ends cuts them, wherever the file ends', () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'é', ' '), maxLength: 5 });
  const lines = fc.array(line, { minLength: 1, maxLength: 8 });
  fc.assert(fc.property(lines, fc.integer({ min: 1, max: 10 }), fc.integer({ min: 0, max: 4 }), (lines, first, more) => {
    const bytes = Buffer.from(lines.join('\n'));
    const { from, to, text } = passageOf(bytes, first, first + more);
    expect(text).toBe(lines.slice(first - 1, first + more).join('\n'));
    expect(bytes.subarray(from, to).toString()).toBe(text);
  }));
});

test('a passage was shown when windows cover each byte of it, in whatever order they were opened', () => {
  const views = [{ from_byte: 100, to_byte: 200 }, { from_byte: 0, to_byte: 100 }, { from_byte: 300, to_byte: 400 }];
  expect([isShown(views, 0, 200), isShown(views, 50, 150), isShown(views, 199, 201), isShown(views, 250, 310), isShown(views, 300, 400)])
    .toEqual([true, true, false, false, true]);
  // One long line of which a window showed the beginning.
  expect(isShown([{ from_byte: 0, to_byte: 16_384 }], 0, 5_000_000)).toBe(false);
});
