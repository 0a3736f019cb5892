import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lineChanges } from './lines.ts';

const bytes = (lines: readonly string[]): Uint8Array => Buffer.from(lines.map((l) => `${l}\n`).join(''), 'latin1');
const some = fc.array(fc.constantFrom('', 'a', 'b', 'c', '\u0000', '\u00ff'), { maxLength: 40 });

/** What the changes say, done to the older lines with the newer ones at hand, is the newer file. */
function done(before: readonly string[], after: readonly string[], changes: NonNullable<ReturnType<typeof lineChanges>>): string[] {
  const out: string[] = [];
  let old = 0;
  for (const { at, added, removed } of changes) {
    while (out.length < at - 1) out.push(before[old++] ?? '?');
    out.push(...after.slice(at - 1, at - 1 + added));
    old += removed;
  }
  return [...out, ...before.slice(old)];
}

test('outside of the places that are named the two files are the same, and no place is named twice', () => {
  fc.assert(fc.property(some, some, (before, after) => {
    const changes = lineChanges(bytes(before), bytes(after)) ?? [];
    expect(done(before, after, changes)).toEqual(after);
    expect(changes.every((c, i) => i === 0 || c.at > (changes[i - 1]?.at ?? 0) + (changes[i - 1]?.added ?? 0))).toBe(true);
    expect(changes.every((c) => c.added + c.removed > 0)).toBe(true);
    if (before.join('\n') === after.join('\n') && before.length === after.length) expect(changes).toEqual([]);
  }), { numRuns: 400 });
});

test('places are those of the newer file', () => {
  const told = lineChanges(bytes(['one', 'two', 'three', 'four', 'five']), bytes(['one', 'zwei', 'drei', 'three', 'five', 'six']));
  expect(told).toEqual([{ at: 2, added: 2, removed: 1 }, { at: 5, added: 0, removed: 1 }, { at: 6, added: 1, removed: 0 }]);
});

test('an end of line that the last line lost is a change, an empty file has no lines, and bytes are no text', () => {
  expect(lineChanges(Buffer.from('a\nb\n'), Buffer.from('a\nb'))).toEqual([{ at: 2, added: 1, removed: 1 }]);
  expect(lineChanges(new Uint8Array(), new Uint8Array())).toEqual([]);
  expect(lineChanges(new Uint8Array(), Buffer.from('a'))).toEqual([{ at: 1, added: 1, removed: 0 }]);
  expect(lineChanges(Uint8Array.of(0xc3, 10), Uint8Array.of(0xa9, 10))).toEqual([{ at: 1, added: 1, removed: 1 }]);
});

test('what was written anew is not compared line by line, however long, and a long file with one change is', () => {
  const many = (word: string, n: number): string[] => Array.from({ length: n }, (_, i) => `${word} ${i}`);
  expect(lineChanges(bytes(many('old', 200_000)), bytes(many('new', 200_000)))).toBeNull();
  const long = many('line', 300_000);
  expect(lineChanges(bytes(long), bytes([...long.slice(0, 150_000), 'between', ...long.slice(150_000)]))).toEqual([{ at: 150_001, added: 1, removed: 0 }]);
});
