/**
 * Whether observations match a pattern, at level 3 (STIX 2.1, 9 and 12.7.3). An observation happened some time between its first and last,
 * nobody knows when, and so a pattern matches if there are different observations and times within their spans that make it true. That is a
 * search; it is pruned, and bounded by steps: an answer of `undecided` says that the bound was met, never a guess.
 */
import { own, type StixObject } from '../object.ts';
import { parseTime } from '../time.ts';
import type { Comparison, Condition, Existence, Expression } from './ast.ts';
import { reach, type Observation } from './observe.ts';
import { Test } from './values.ts';

export interface Match {
  readonly answer: 'yes' | 'no' | 'undecided';
  /** Indices of the observations of the first match that was found, each as often as it was used. */
  readonly used: readonly number[];
}
export interface MatchLimits {
  readonly steps: number;
  /** Observations that one match may want. */
  readonly slots: number;
}
export const matchLimits: MatchLimits = { steps: 200_000, slots: 256 };

class Undecided extends Error {}

/** One observation that is wanted: which could be it. */
interface Slot {
  readonly candidates: readonly number[];
  /** Slots of one expression stand for each other; they are filled in order. */
  readonly twin: number | null;
}
/** `t[later] - t[earlier] >= least`, or with null for a time of the calendar. */
interface Bound {
  readonly earlier: number | null;
  readonly later: number | null;
  readonly least: bigint;
}
interface Plan {
  readonly slots: readonly Slot[];
  readonly bounds: readonly Bound[];
}

export class Matcher {
  private readonly pattern: Expression;
  private readonly limits: MatchLimits;
  private readonly tests = new Map<Comparison, Test>();
  private steps = 0;

  constructor(pattern: Expression, limits: Partial<MatchLimits> = {}) {
    this.pattern = pattern;
    this.limits = { ...matchLimits, ...limits };
  }

  match(observations: readonly Observation[]): Match {
    this.steps = 0;
    const matching = new Map<Condition, readonly number[]>();
    try {
      for (const plan of this.plans(this.pattern, observations, matching)) {
        const used = this.fill(plan, observations);
        if (used) return { answer: 'yes', used };
      }
      return { answer: 'no', used: [] };
    } catch (error) {
      if (error instanceof Undecided) return { answer: 'undecided', used: [] };
      throw error;
    }
  }

  private step(): void {
    if (++this.steps > this.limits.steps) throw new Undecided();
  }

  /** Every way to read the ORs of an expression, each as what is wanted; lazily, since there may be many. */
  private* plans(expression: Expression, observations: readonly Observation[], matching: Map<Condition, readonly number[]>): Generator<Plan> {
    this.step();
    switch (expression.is) {
      case 'observation': {
        const known = matching.get(expression.of) ?? observations.flatMap((o, i) => (this.observed(expression.of, o) ? [i] : []));
        matching.set(expression.of, known);
        if (known.length) yield { slots: [{ candidates: known, twin: null }], bounds: [] };
        return;
      }
      case 'either':
        for (const inner of expression.of) yield* this.plans(inner, observations, matching);
        return;
      case 'all': case 'then':
        return yield* this.together(expression.of, expression.is === 'then', observations, matching);
      case 'qualified': return yield* this.qualified(expression, observations, matching);
    }
  }

  private* together(
    parts: readonly Expression[], ordered: boolean, observations: readonly Observation[], matching: Map<Condition, readonly number[]>,
  ): Generator<Plan> {
    const [first, ...rest] = parts;
    if (!first) return;
    for (const head of this.plans(first, observations, matching)) {
      if (rest.length === 0) yield head;
      else for (const tail of this.together(rest, ordered, observations, matching)) yield this.joined(head, tail, ordered);
    }
  }

  private joined(a: Plan, b: Plan, ordered: boolean): Plan {
    this.step();
    const by = a.slots.length;
    if (by + b.slots.length > this.limits.slots) throw new Undecided();
    const moved = (slot: number | null): number | null => (slot === null ? null : slot + by);
    const bounds = [...a.bounds, ...b.bounds.map((x) => ({ ...x, earlier: moved(x.earlier), later: moved(x.later) }))];
    if (ordered) for (const [i] of a.slots.entries()) for (const [j] of b.slots.entries()) bounds.push({ earlier: i, later: j + by, least: 0n });
    return { slots: [...a.slots, ...b.slots.map((slot) => ({ ...slot, twin: moved(slot.twin) }))], bounds };
  }

  private* qualified(
    { of, by }: Extract<Expression, { is: 'qualified' }>, observations: readonly Observation[], matching: Map<Condition, readonly number[]>,
  ): Generator<Plan> {
    if (by.is === 'repeats') {
      // More than there are observations nothing can repeat, and no plan of that size is made.
      if (by.times > observations.reduce((sum, o) => sum + o.count, 0)) return;
      if (by.times > this.limits.slots) throw new Undecided();
      if (of.is !== 'observation') return yield* this.together(Array<Expression>(by.times).fill(of), false, observations, matching);
      for (const plan of this.plans(of, observations, matching)) {
        yield { slots: Array.from({ length: by.times }, (_, i) => ({ candidates: plan.slots[0]?.candidates ?? [], twin: i ? i - 1 : null })), bounds: [] };
      }
      return;
    }
    for (const plan of this.plans(of, observations, matching)) {
      const bounds = [...plan.bounds];
      const all = [...plan.slots.keys()];
      if (by.is === 'within') {
        // Strictly less than the window: at most a microsecond less than it, rounded up.
        // (To the nanosecond, since 0.000007 times a million is a little more than 7.)
        const most = BigInt(Math.ceil(Number((by.seconds * 1_000_000).toFixed(3)))) - 1n;
        for (const i of all) for (const j of all) if (i !== j) bounds.push({ earlier: i, later: j, least: -most });
      } else {
        const [start, stop] = [parseTime(by.start)?.us ?? 0n, parseTime(by.stop)?.us ?? 0n];
        for (const i of all) bounds.push({ earlier: null, later: i, least: start }, { earlier: i, later: null, least: 1n - stop });
      }
      yield { slots: plan.slots, bounds };
    }
  }

  /** Observations for all slots, or null. */
  private fill({ slots, bounds }: Plan, observations: readonly Observation[]): readonly number[] | null {
    const left = observations.map((o) => o.count);
    const used: number[] = [];
    const search = (at: number): boolean => {
      this.step();
      const slot = slots[at];
      if (!slot) return true;
      const from = slot.twin === null ? -1 : used[slot.twin] ?? -1;
      for (const i of slot.candidates) {
        if (i < from || (left[i] ?? 0) < 1) continue;
        used.push(i);
        left[i] = (left[i] ?? 0) - 1;
        if (this.possible(used, bounds, observations) && search(at + 1)) return true;
        left[i] = (left[i] ?? 0) + 1;
        used.pop();
      }
      return false;
    };
    return search(0) ? used : null;
  }

  /** Whether there are times for these observations that keep all bounds among them: a system of differences, relaxed until it rests. */
  private possible(used: readonly number[], bounds: readonly Bound[], observations: readonly Observation[]): boolean {
    const earliest = used.map((i) => observations[i]?.first ?? 0n);
    for (let round = 0; ; round++) {
      this.step();
      let changed = false;
      for (const { earlier, later, least } of bounds) {
        if ((earlier ?? 0) >= used.length || (later ?? 0) >= used.length) continue;
        const floor = (earlier === null ? 0n : earliest[earlier] ?? 0n) + least;
        if (later === null) {
          if (floor > 0n) return false;
        } else if (floor > (earliest[later] ?? 0n)) {
          earliest[later] = floor;
          if (floor > (observations[used[later] ?? 0]?.last ?? 0n)) return false;
          changed = true;
        }
      }
      if (!changed) return true;
      if (round > used.length + 1) return false;
    }
  }

  /** Whether one object of an observation has all that is said of it. */
  private observed(condition: Condition, observation: Observation): boolean {
    for (const root of observation.objects.values()) if (this.holds(condition, observation, root)) return true;
    return false;
  }

  private holds(condition: Condition, observation: Observation, root: StixObject): boolean {
    this.step();
    if (condition.is === 'and') return condition.of.every((inner) => this.holds(inner, observation, root));
    if (condition.is === 'or') return condition.of.some((inner) => this.holds(inner, observation, root));
    return this.compared(condition, observation, root);
  }

  private compared(condition: Comparison | Existence, observation: Observation, root: StixObject): boolean {
    if (own(root, 'type') !== condition.path.type) return false;
    const values = reach(observation, root, condition.path);
    if (condition.is === 'exists') return (values.length > 0) !== condition.not;
    // What is not there is neither this nor not this (9.6).
    if (values.length === 0) return false;
    const test = this.tests.get(condition) ?? new Test(condition);
    this.tests.set(condition, test);
    return values.some(({ name, value }) => test.holds(name, value)) !== condition.not;
  }
}
