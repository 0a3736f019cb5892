/** GR-03 on a sample, which each run of the tests can afford; the 10,000 run in the CI tier (test/ci/decide.test.ts). */
import { describe, expect, test } from 'vitest';
import { compare } from './differential.ts';
import { mutants } from './mutants.ts';

test('our decision is Cedar’s on 1,000 requests, with the same grants', () => {
  const { asked, allowed, differences } = compare(1, 1000);
  expect(differences.slice(0, 3)).toEqual([]);
  expect(asked).toBe(1000);
  expect(allowed / asked).toBeGreaterThan(0.3);
  expect(allowed / asked).toBeLessThan(0.5);
});

describe('GR-04: each bug one could make is noticed', () => {
  test.each(Object.entries(mutants))('%s', (_, rules) => {
    const { differences } = compare(1, 4000, { rules, first: true });
    expect(differences).toHaveLength(1);
  });
});
