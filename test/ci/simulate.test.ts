/**
 * The simulation at length: some months under two seeds in CI, a year under a seed of its own with `npm run check`. A seed that
 * fails is printed with the time and the act, and runs again by `SEED=…`.
 */
import { randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import { simulate } from '../simulate/year.ts';

const full = process.env['FULL'] === 'yes';
const given = process.env['SEED'];
const seeds = given ? [[Number(given), 90]] : full ? [[randomInt(2 ** 31), 365]] : [[7, 60], [11, 45]];

test.each(seeds)('several organisations live on under seed %i for %i days, whatever is killed', async (seed = 0, days = 0) => {
  const account = await simulate({ seed, days, actsADay: full ? 20 : 6 });
  process.stdout.write(`simulated: ${JSON.stringify({ ...account, done: Object.fromEntries(account.done), refusals: account.refusals.size })}\n`);
  expect(account.accepted).toBeGreaterThan(20);
  expect(Object.keys(account.deaths).sort()).toEqual(['blob', 'commit', 'statement']);
}, 3_600_000);
