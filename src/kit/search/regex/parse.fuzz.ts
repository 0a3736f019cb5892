import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Refusal } from '#kit/refusal';
import { Matching } from './matching.ts';
import { parsePattern } from './parse.ts';
import { line } from './testing.ts';

/** What both dialects spell in the same way; a line has no byte on which \s or . differ. */
const shared = fc.array(fc.constantFrom(
  'a', 'b', 'B', '_', ' ', '.', '-', '\\d', '\\w', '\\W', '\\s', '\\.', '\\x61', '\\xff', '[a-c]', '[^a]',
  '[_\\-b]', '[\\w.]', '^', '$', '\\b', '\\B', '(', '(?:', '(?<n>', ')', '|', '*', '+', '?', '{2}', '{1,2}', '{0,}', '*?', '+?',
), { maxLength: 9 }).map((parts) => parts.join(''));

function ours(text: string): Matching | null {
  try {
    return new Matching(parsePattern(text));
  } catch (error) {
    if (error instanceof Refusal && /^pattern:\d+$/.test(error.detail.at ?? '')) return null;
    throw error;
  }
}
function theirs(text: string): RegExp | null {
  try {
    return new RegExp(text, 's');
  } catch {
    return null;
  }
}

test('what JavaScript reads too means the same', () => {
  let both = 0;
  fc.assert(fc.property(shared, fc.array(line, { minLength: 1, maxLength: 4 }), (text, lines) => {
    const script = theirs(text);
    if (!script) return;
    both++;
    const matching = ours(text);
    expect(matching, text).not.toBeNull();
    for (const bytes of lines) expect(matching?.first(bytes)?.from).toBe(script.exec(String.fromCharCode(...bytes))?.index);
  }), { numRuns: 6000 });
  expect(both).toBeGreaterThan(1000);
}, 60_000);

test('any text is a pattern or is refused with its place', () => {
  const soup = fc.array(fc.oneof(
    fc.constantFrom(...'\\[](){}|*+?^$.-:<>=!Pixsm0129a{,}&~\n', '[:alpha:]', 'é', '\u{1f600}', '\ud800'),
    fc.string({ maxLength: 3 }),
  ), { maxLength: 30 }).map((parts) => parts.join(''));
  fc.assert(fc.property(soup, line, (text, bytes) => {
    const matching = ours(text);
    if (matching) expect(matching.test(bytes)).toBe(matching.first(bytes) !== null);
  }), { numRuns: 6000 });
}, 60_000);
