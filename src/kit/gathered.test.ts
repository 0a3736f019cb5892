import { expect, test } from 'vitest';
import { gathered } from './gathered.ts';

/** Hands out what it is told, at the moments it is told. */
function source(): AsyncIterable<number> & { state: { left: boolean }; put: (value: number) => void; end: () => void } {
  const waiting: ((result: IteratorResult<number>) => void)[] = [];
  const ready: IteratorResult<number>[] = [];
  const state = { left: false };
  const give = (result: IteratorResult<number>): void => {
    const taker = waiting.shift();
    if (taker) taker(result);
    else ready.push(result);
  };
  return {
    state, put: (value: number) => give({ done: false, value }), end: () => give({ done: true, value: undefined }),
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise<IteratorResult<number>>((resolve) => {
        const one = ready.shift();
        if (one) resolve(one);
        else waiting.push(resolve);
      }),
      return: async () => { state.left = true; return { done: true as const, value: undefined }; },
    }),
  };
}
const never = (): Promise<void> => new Promise(() => undefined);

test('what came together goes together, so many at most, and the rest at the end', async () => {
  const from = source();
  for (const value of [1, 2, 3, 4, 5]) from.put(value);
  from.end();
  const out: number[][] = [];
  for await (const batch of gathered(from, { most: 2, wait: never })) out.push(batch);
  expect(out).toEqual([[1, 2], [3, 4], [5]]);
  expect(from.state.left).toBe(false);
});

test('what has come goes on when its time is over, though more is on its way, which is not lost', async () => {
  const from = source();
  const over: { now: () => void } = { now: () => undefined };
  const batches = gathered(from, { most: 9, wait: () => new Promise((resolve) => { over.now = resolve; }) });
  const first = batches.next();
  from.put(1);
  await new Promise((resolve) => setImmediate(resolve));
  over.now();
  expect((await first).value).toEqual([1]);
  from.put(2);
  from.end();
  expect((await batches.next()).value).toEqual([2]);
  expect((await batches.next()).done).toBe(true);
});

test('whoever leaves early ends the source, and a failure of the source is the reader’s', async () => {
  const from = source();
  from.put(1);
  from.put(2);
  for await (const batch of gathered(from, { most: 1, wait: never })) {
    expect(batch).toEqual([1]);
    break;
  }
  expect(from.state.left).toBe(true);
  async function* broken(): AsyncGenerator<number> {
    yield 1;
    throw new Error('the index is gone');
  }
  await expect((async () => { for await (const _ of gathered(broken(), { most: 3, wait: never })); })()).rejects.toThrow('the index is gone');
});
