import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { expected, killAt, type KillPoint } from '../kill/harness.ts';

const deaths = process.env['FULL'] === 'yes' ? 20 : 8;

it(`kill -9 at ${deaths} random points, each phase hit: the same files again give exactly the undisturbed rows`, async () => {
  const rows = 6_000;
  const phases = ['receive', 'parse', 'insert', 'commit', 'fact'] as const;
  const points: KillPoint[] = Array.from({ length: deaths }, (_, i) => {
    const phase = phases[i % phases.length] ?? 'insert';
    // The first of each phase strikes at its beginning, so that each phase is hit; the others when chance has it.
    const delayMs = i < phases.length || phase === 'fact' ? 0 : randomInt(0, phase === 'insert' ? 80 : 40);
    return { phase, nth: 1, delayMs };
  });
  const { diedIn, sums } = await killAt(points, rows);
  const said = JSON.stringify({ points, diedIn });
  expect(diedIn.filter((phase) => phase.startsWith('lived')), said).toEqual([]);
  for (const phase of phases) expect(diedIn.some((died) => died === phase), said).toBe(true);
  const want = expected(rows);
  expect(sums.feeds.map((feed) => [feed.rows, feed.ids]), said).toEqual(points.map(() => [want.rows, want.rows]));
  expect([sums.open, sums.stale, sums.stored - sums.done], said).toEqual([0, 0, 0]);
}, 900_000);
