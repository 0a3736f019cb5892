import { expect, test } from 'vitest';
import { simulate } from './year.ts';

test('thirty days of several organisations, killed between writes and started again, keep every promise', async () => {
  const account = await simulate({ seed: 20_260_105, days: 30, actsADay: 7 });
  // It must have been a life worth the name: acts of many kinds, refusals, deaths of each kind.
  expect(account.accepted).toBeGreaterThan(12);
  expect(account.refused).toBeGreaterThan(40);
  expect(account.done.size).toBeGreaterThan(10);
  expect(Object.keys(account.deaths).sort()).toEqual(['blob', 'commit', 'statement']);
  expect(account.checkpoints).toBeGreaterThan(20);
}, 900_000);
