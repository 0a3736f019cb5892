import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { followsAt, nextAt, stateOf, type Standing, type Step } from './rules.ts';

const at = (minutes: number): string => new Date(Date.UTC(2026, 0, 1) + minutes * 60_000).toISOString();
const ms = (minutes: number): number => Date.parse(at(minutes));
const step = (position: number, told: number | null = null, read: number | null = null): Step => ({
  person: `per_${position}`, position, toldAt: told === null ? null : at(told), readAt: read === null ? null : at(read),
});
const alert = (steps: Step[], more: Partial<Standing> = {}): Standing => ({ minutes: 60, withdrawnAt: null, unansweredAt: null, steps, ...more });
const there = (): boolean => true;

describe('the line of an alert', () => {
  it('tells the next after sixty minutes, not a moment before', () => {
    const sent = alert([step(0, 0), step(1), step(2)]);
    expect(followsAt(sent, ms(60) - 1, there)).toBeNull();
    expect(followsAt(sent, ms(60), there)).toEqual({ tell: step(1) });
  });
  it('passes over who has left, and says that nobody opened it when the line is at its end', () => {
    expect(followsAt(alert([step(0, 0), step(1), step(2)]), ms(60), (p) => p !== 'per_1')).toEqual({ tell: step(2) });
    expect(followsAt(alert([step(0, 0), step(1, 60)]), ms(119), there)).toBeNull();
    expect(followsAt(alert([step(0, 0), step(1, 60)]), ms(120), there)).toEqual({ unanswered: true });
  });
  it('gives who is told late its whole time', () => {
    expect(nextAt(alert([step(0, 0), step(1, 500)]))).toBe(ms(560));
  });
  it.each([
    ['read', alert([step(0, 0, 5), step(1)])], ['withdrawn', alert([step(0, 0)], { withdrawnAt: at(3) })],
    ['unanswered', alert([step(0, 0)], { unansweredAt: at(60) })],
  ])('asks nothing more once it is %s', (state, one) => {
    expect(stateOf(one)).toBe(state);
    expect(followsAt(one, ms(9_999), there)).toBeNull();
  });
  it('tells each once, in order, and ends, whatever the hub’s hours', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 8 }), fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 40 }), (count, sleeps) => {
      const steps = Array.from({ length: count }, (_, i) => step(i, i === 0 ? 0 : null));
      let [state, now] = [alert(steps), 0];
      const told: number[] = [0];
      for (const sleep of sleeps) {
        now += sleep;
        const follows = followsAt(state, ms(now), there);
        if (follows && 'tell' in follows) {
          told.push(follows.tell.position);
          state = { ...state, steps: state.steps.map((s) => (s.position === follows.tell.position ? { ...s, toldAt: at(now) } : s)) };
        } else if (follows) state = { ...state, unansweredAt: at(now) };
      }
      expect(told).toEqual(told.map((_, i) => i));
      if (state.unansweredAt !== null) expect(told.length).toBe(count);
    }));
  });
});
