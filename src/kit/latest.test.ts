import { expect, test, vi } from 'vitest';
import { latest } from './latest.ts';

test('is asked once, also while it is being answered', async () => {
  const ask = vi.fn(() => Promise.resolve(7));
  const of = latest<number>(2);
  expect(await Promise.all([of('a', ask), of('a', ask)])).toEqual([7, 7]);
  expect(await of('a', ask)).toBe(7);
  expect(ask).toHaveBeenCalledTimes(1);
});

test('what was used longest ago goes first', async () => {
  const asked: string[] = [];
  const of = latest<string>(2);
  const get = (key: string): Promise<string> => of(key, () => { asked.push(key); return Promise.resolve(key); });
  for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await get(key);
  expect(asked).toEqual(['a', 'b', 'c', 'b']);
});

test('what failed is told to all who wait, and asked anew', async () => {
  const of = latest<number>(2);
  const failing = (): Promise<number> => Promise.reject(new Error('cut'));
  const [one, two] = [of('a', failing), of('a', failing)];
  await expect(one).rejects.toThrow('cut');
  await expect(two).rejects.toThrow('cut');
  expect(await of('a', () => Promise.resolve(1))).toBe(1);
});
