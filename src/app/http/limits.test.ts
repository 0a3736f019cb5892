import { describe, expect, test } from 'vitest';
import { fakeClock } from '#world/clock';
import { Refusal } from '#kit/refusal';
import { budgetOf, limiterOf, noLimits } from './limits.ts';

const refusal = (act: () => void): Refusal | null => {
  try {
    act();
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
};
const times = (n: number, act: () => unknown): unknown[] => Array.from({ length: n }, act);

describe('a budget', () => {
  test('is there whole at first, fills evenly, and says how long until the next', () => {
    const clock = fakeClock();
    const budget = budgetOf(clock, 6);
    expect(times(7, () => budget.take('a'))).toEqual([0, 0, 0, 0, 0, 0, 10_000]);
    clock.advance(9_999);
    expect(budget.take('a')).toBe(1);
    clock.advance(1);
    expect(times(2, () => budget.take('a'))).toEqual([0, 10_000]);
    expect(budget.take('b')).toBe(0);
    clock.advance(60_000);
    expect(times(7, () => budget.take('a'))).toEqual([0, 0, 0, 0, 0, 0, 10_000]);
  });
  test('never gives more than two of itself in a minute, and in the long run one, however the requests come', () => {
    for (const perMinute of [1, 7, 120, 3_000]) {
      const clock = fakeClock();
      const budget = budgetOf(clock, perMinute);
      const taken: number[] = [];
      for (let ms = 0; ms < 600_000; ms += 37) {
        clock.advance(37);
        for (const wait of times(3, () => budget.take('a'))) if (wait === 0) taken.push(ms);
      }
      for (let from = 0; from < 540_000; from += 5_000) {
        expect(taken.filter((at) => at >= from && at < from + 60_000).length).toBeLessThanOrEqual(2 * perMinute + 1);
      }
      const asked = (3 * 600_000) / 37;
      expect(taken.length).toBeLessThanOrEqual(11 * perMinute + 1);
      expect(taken.length).toBeGreaterThanOrEqual(Math.min(asked, 10 * perMinute) - 1);
    }
  });
  test('of many keys remembers a bounded number; the others share one, and room is made once a budget is whole again', () => {
    const clock = fakeClock();
    const budget = budgetOf(clock, 2, 100);
    for (let i = 0; i < 50_000; i++) budget.take(`address ${i}`);
    expect(budget.size()).toBeLessThanOrEqual(101);
    expect(budget.take('one more')).toBeGreaterThan(0);
    // Who is remembered is not forgiven for the crowd.
    expect(times(2, () => budget.take('address 0'))).toEqual([0, 30_000]);
    clock.advance(60_000);
    expect(times(3, () => budget.take('one more'))).toEqual([0, 0, 30_000]);
    expect(budget.size()).toBeLessThanOrEqual(101);
  });
  test('begins anew where the clock ran back, so that nobody is shut out for hours', () => {
    const clock = fakeClock();
    const budget = budgetOf(clock, 2);
    times(3, () => budget.take('a'));
    clock.advance(-7_200_000);
    expect(budget.take('a')).toBe(0);
  });
});

describe('who shares a budget', () => {
  const of = (via: 'session' | 'token', credential: string, person = 'per_one') => ({ person, via, credential });
  test('the sessions of a person do; each token has one of its own; reads and writes are two', () => {
    const limiter = limiterOf(fakeClock(), { anonymous: 1, reads: 2, writes: 1 });
    limiter.known(of('session', 'ses_1'), false);
    limiter.known(of('session', 'ses_2'), false);
    const no = refusal(() => limiter.known(of('session', 'ses_3'), false));
    expect([no?.code, no?.status, no?.detail.retryAfter, no?.detail.hint]).toEqual(['request.too-many', 429, 30, 'Try again in 30 seconds.']);
    limiter.known(of('session', 'ses_3'), true);
    expect(refusal(() => limiter.known(of('session', 'ses_3'), true))?.detail.retryAfter).toBe(60);
    limiter.known(of('token', 'tok_1'), true);
    expect(refusal(() => limiter.known(of('token', 'tok_1'), true))).not.toBeNull();
    limiter.known(of('token', 'tok_2'), true);
    limiter.known(of('session', 'ses_4', 'per_two'), false);
  });
  test('an IPv4 address by either writing, and the addresses of one IPv6 network', () => {
    const limiter = limiterOf(fakeClock(), { anonymous: 1, reads: 0, writes: 0 });
    limiter.anonymous('192.0.2.1');
    expect(refusal(() => limiter.anonymous('::ffff:192.0.2.1'))?.detail.retryAfter).toBe(60);
    limiter.anonymous('192.0.2.2');
    limiter.anonymous('2001:db8:1:2:3::1');
    expect(refusal(() => limiter.anonymous('2001:db8:1:2:ffff::9'))).not.toBeNull();
    limiter.anonymous('2001:db8:1:3::1');
    limiter.anonymous('no address');
  });
  test('nobody is limited where 0 is set', () => {
    const limiter = limiterOf(fakeClock(), noLimits);
    times(5_000, () => limiter.anonymous('192.0.2.1'));
    times(5_000, () => limiter.known(of('session', 'ses_1'), true));
  });
});
