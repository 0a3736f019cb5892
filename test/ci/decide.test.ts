/** GR-03 in full: 10,000 requests that nearly hold, put to our decision and to Cedar's. The seed is printed, and can be given. */
import { expect, test } from 'vitest';
import { compare } from '../oracle/differential.ts';

test('our decision is Cedar’s on 10,000 requests, with the same grants', () => {
  const seed = Number(process.env['SEED'] ?? 20_260_601);
  const { asked, allowed, differences } = compare(seed, 10_000);
  process.stdout.write(`decide: seed ${seed}, ${allowed} of ${asked} allowed\n`);
  expect(differences.slice(0, 3)).toEqual([]);
  expect(asked).toBe(10_000);
  expect(allowed / asked).toBeGreaterThan(0.3);
  expect(allowed / asked).toBeLessThan(0.5);
});
