import { expect, test } from 'vitest';
import { together } from './together.ts';

test('those who ask in one turn share a question, which begins after the last of them; a later one asks anew', async () => {
  const at = { asked: 0, value: 1 };
  const ask = together(async () => {
    at.asked += 1;
    return at.value;
  });
  const first = [ask(), ask()];
  at.value = 2;
  first.push(ask());
  expect(await Promise.all(first)).toEqual([2, 2, 2]);
  expect(at.asked).toBe(1);
  at.value = 3;
  expect(await ask()).toBe(3);
  expect(at.asked).toBe(2);
});

test('a question that fails fails those who asked it, and nobody after them', async () => {
  const at = { fail: true };
  const ask = together(async () => {
    if (at.fail) throw new Error('no');
    return 'yes';
  });
  await expect(Promise.all([ask(), ask()])).rejects.toThrow('no');
  at.fail = false;
  expect(await ask()).toBe('yes');
});
