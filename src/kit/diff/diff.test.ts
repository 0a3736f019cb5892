import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fieldChanges } from './fields.ts';
import { wordDifference } from './words.ts';

const side = (runs: ReturnType<typeof wordDifference>, gone: 'gone' | 'new'): string =>
  runs.filter((r) => r.is === 'same' || r.is === gone).map((r) => r.text).join('');

test('one changed word is one gone and one new, all else stays', () => {
  expect(wordDifference('Cơ quan được đọc mã nguồn.', 'Cơ quan được xem mã nguồn.')).toEqual([
    { is: 'same', text: 'Cơ quan được ' }, { is: 'gone', text: 'đọc' }, { is: 'new', text: 'xem' },
    { is: 'same', text: ' mã nguồn.' },
  ]);
  expect(wordDifference('same', 'same')).toEqual([{ is: 'same', text: 'same' }]);
  expect(wordDifference('', '')).toEqual([]);
});

test('whatever the texts, the runs give both back, and no two neighbours are of one kind', () => {
  const text = fc.array(fc.constantFrom('may', 'not', ' ', 'đọc', '.', '\n', 'x')).map((words) => words.join(''));
  fc.assert(fc.property(text, text, (before, after) => {
    const runs = wordDifference(before, after);
    expect([side(runs, 'gone'), side(runs, 'new')]).toEqual([before, after]);
    runs.forEach((r, i) => expect(r.is).not.toBe(runs[i + 1]?.is));
  }), { numRuns: 300 });
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (before, after) => {
    const runs = wordDifference(before, after);
    expect([side(runs, 'gone'), side(runs, 'new')]).toEqual([before, after]);
  }));
});

test('texts without end that share nothing are one gone and one new, in bounded memory', () => {
  const [long, other] = ['a '.repeat(10_000), 'b\n'.repeat(10_000)];
  expect(wordDifference(long, other).map((r) => r.is)).toEqual(['gone', 'new']);
});

test('fields are named by their path and items by their id, however they are ordered', () => {
  const before = { grants: [{ id: 'g1', maxTlp: 'GREEN', roles: null }, { id: 'g2', maxTlp: 'RED', roles: ['x'] }], handling: null };
  const after = { grants: [{ id: 'g2', maxTlp: 'RED', roles: ['x', 'y'] }, { id: 'g1', maxTlp: 'AMBER', roles: null }], handling: { id: 'h' } };
  expect(fieldChanges(before, after)).toEqual([
    { path: 'grants[g1].maxTlp', before: '"GREEN"', after: '"AMBER"' },
    { path: 'grants[g2].roles', before: '["x"]', after: '["x","y"]' },
    { path: 'handling', before: null, after: '{"id":"h"}' },
  ]);
  expect(fieldChanges(before, structuredClone(before))).toEqual([]);
});

test('a value and its own copy never differ, a changed leaf always does', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    expect(fieldChanges(value, structuredClone(value))).toEqual([]);
    expect(fieldChanges({ at: value, n: 1 }, { at: value, n: 2 })).toEqual([{ path: 'n', before: '1', after: '2' }]);
  }));
});
