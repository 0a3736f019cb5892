import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutAt, nameAt } from './words-in.ts';

test('the name at a place is the whole of it, and a place in none is none', () => {
  expect([nameAt('return only_7(x);', 9), nameAt('return only_7(x);', 13), nameAt('a + b', 2), nameAt('0x1f', 1)]).toEqual(['only_7', 'only_7', null, null]);
});

test('what is looked for is marked wherever it stands, over the borders of pieces', () => {
  const pieces = [{ shade: 'word', text: 'int' }, { shade: 'plain', text: ' a_int' }, { shade: 'name', text: 'X' }] as const;
  expect(cutAt(pieces, 'intx', { anyCase: true, wholeWord: false }).map((p) => [p.text, p.found])).toEqual([['int', false], [' a_', false], ['int',
    true], ['X', true]]);
  expect(cutAt(pieces, 'int', { anyCase: false, wholeWord: false }).filter((p) => p.found)).toHaveLength(2);
  expect(cutAt(pieces, 'int', { anyCase: false, wholeWord: true }).filter((p) => p.found)).toHaveLength(1);
});

test('whatever the pieces: put together they are the line, and what is marked is what was looked for', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'A', ' '), maxLength: 6 });
  fc.assert(fc.property(fc.array(text), text, fc.boolean(), (texts, wanted, anyCase) => {
    const cut = cutAt(texts.map((t) => ({ shade: 'plain' as const, text: t })), wanted, { anyCase, wholeWord: false });
    expect(cut.map((p) => p.text).join('')).toBe(texts.join(''));
    const marked = cut.filter((p) => p.found).map((p) => p.text).join('');
    expect(wanted === '' ? marked : marked.toLowerCase().replaceAll(wanted.toLowerCase(), '')).toBe('');
  }));
});
