import { expect, it } from 'vitest';
import { expected, killAt, type KillPoint } from './harness.ts';

const points: readonly KillPoint[] = [
  { phase: 'receive', nth: 1, delayMs: 3 }, { phase: 'parse', nth: 1, delayMs: 0 }, { phase: 'insert', nth: 1, delayMs: 60 },
  { phase: 'commit', nth: 1, delayMs: 25 }, { phase: 'fact', nth: 1, delayMs: 0 },
];

it('kill -9 once in every phase (the tier `ci` has twenty points): the same files again give exactly the undisturbed rows', async () => {
  const rows = 2000;
  const { diedIn, sums } = await killAt(points, rows);
  const want = expected(rows);
  expect(diedIn.filter((phase) => phase.startsWith('lived'))).toEqual([]);
  for (const phase of ['receive', 'parse', 'insert', 'commit', 'fact']) expect(diedIn.join(' ')).toContain(phase);
  expect(sums.feeds).toEqual(points.map((_, i) => ({ feed: `feed_point${i}`, rows: want.rows, ids: want.rows })));
  expect(sums.users.find((u) => u.period === '2026')?.n).toBe(want.users);
  expect(sums.open).toBe(0);
  expect(sums.stale).toBe(0);
  // A batch is done if and only if its fact is stated.
  expect(sums.stored).toBe(sums.done);
}, 300_000);
