/** Patterns and observations for tests: small worlds in which much matches, and a slow reference that tries everything. */
import fc from 'fast-check';
import { own, type StixObject } from '../object.ts';
import type { Comparison, Condition, Constant, Expression, Operator } from './ast.ts';
import type { Observation } from './observe.ts';

const names = ['a', 'b', "it's \\ so"];
const text = (value: string): Constant => ({ is: 'text', value });
const path = (type: string, ...keys: string[]): Comparison['path'] => ({ type, steps: keys.map((name) => ({ is: 'key', name })) });
const pick = <T>(...of: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...of);

const comparison: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({ is: pick('compare' as const), path: pick(path('file', 'name'), path('url', 'value')), not: fc.boolean(), operator: pick<Operator>('=',
    '!=', '>'),
    values: pick(...names).map((n) => [text(n)]) }),
  fc.record({ is: pick('compare' as const), path: pick(path('file', 'size')), not: fc.boolean(), operator: pick<Operator>('=', '!=', '<', '<=', '>', '>='),
    values: fc.oneof(fc.nat({ max: 3 }).map((value): Constant => ({ is: 'integer', value })), pick<Constant>({ is: 'float', value: 1.5 }, { is: 'float',
      value: 2 })).map((v) => [v]) }),
  fc.record({ is: pick('compare' as const), path: pick(path('file', 'name')), not: fc.boolean(), operator: pick<Operator>('IN'),
    values: fc.subarray(names, { minLength: 1 }).map((list) => list.map(text)) }),
  fc.record({ is: pick('exists' as const), path: pick(path('file', 'size'), path('file', 'hashes', 'SHA-256')), not: fc.boolean() }),
);
const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof({ maxDepth: 3, withCrossShrink: true }, { weight: 3, arbitrary: comparison },
    { weight: 1, arbitrary: fc.record({ is: pick('and' as const, 'or' as const), of: fc.array(tie('condition'), { minLength: 2, maxLength: 3 }) }) }),
}));
/** A moment of the small world: some microseconds after 1970. */
export const momentText = (us: number): string => `1970-01-01T00:00:00.${String(us).padStart(6, '0')}Z`;
const window = fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 6 })).map(([start, stop]) => ({ is: 'window' as const, start: momentText(start),
  stop: momentText(stop) }));
const qualifier = fc.oneof(
  fc.integer({ min: 1, max: 4 }).map((n) => ({ is: 'within' as const, seconds: n / 1e6 })), fc.integer({ min: 1,
    max: 3 }).map((times) => ({ is: 'repeats' as const, times })), window,
);
export const anyCondition: fc.Arbitrary<Condition> = condition;
export const anyPattern: fc.Arbitrary<Expression> = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof({ maxDepth: 3, withCrossShrink: true },
    { weight: 3, arbitrary: condition.map((of): Expression => ({ is: 'observation', of })) },
    { weight: 1, arbitrary: fc.record({ is: pick('all' as const, 'either' as const, 'then' as const), of: fc.array(tie('expression'), { minLength: 2,
      maxLength: 2 }) }) },
    { weight: 1, arbitrary: fc.record({ is: pick('qualified' as const), of: tie('expression'), by: qualifier }) }),
})).expression;

const observedObject: fc.Arbitrary<StixObject> = fc.oneof(
  fc.record({ type: pick('file'), name: pick(...names), size: fc.nat({ max: 3 }) }, { requiredKeys: ['type'] }), fc.record({ type: pick('url'),
    value: pick(...names) }),
);
export const anyObservation: fc.Arbitrary<Observation> = fc.record({
  first: fc.nat({ max: 4 }), span: fc.nat({ max: 2 }), count: fc.integer({ min: 1, max: 2 }), objects: fc.array(observedObject, { minLength: 1,
    maxLength: 2 }),
}).map(({ first, span, count, objects }) => ({ first: BigInt(first), last: BigInt(first + span), count, objects: new Map(objects.map((o,
  i) => [String(i), o])) }));

function plainly(condition: Condition, object: StixObject): boolean {
  if (condition.is === 'and') return condition.of.every((inner) => plainly(inner, object));
  if (condition.is === 'or') return condition.of.some((inner) => plainly(inner, object));
  const { path: { type, steps }, not } = condition;
  if (own(object, 'type') !== type) return false;
  const value = steps.length === 1 && steps[0]?.is === 'key' ? own(object, steps[0].name) : undefined;
  if (condition.is === 'exists') return (value !== undefined) !== not;
  if (value === undefined) return false;
  const constants = condition.values.map((c) => (c as { value: string | number }).value);
  const [constant] = constants as [string | number];
  const holds = {
    '=': value === constant, '!=': value !== constant, '<': (value as number) < (constant as number), '<=': (value as number) <= (constant as number),
    '>': (value as string) > (constant as string), '>=': (value as number) >= (constant as number), IN: constants.includes(value as string),
  }[condition.operator as 'IN'];
  return holds !== not;
}

type Taken = readonly (readonly [observation: number, time: number])[];

/** Every way in which an expression can be made true, as what was taken and when, without regard to what is left. Small worlds only. */
function ways(expression: Expression, observations: readonly Observation[]): readonly Taken[] {
  if (expression.is === 'observation') {
    return observations.flatMap((o, i) => ([...o.objects.values()].some((object) => plainly(expression.of, object))
      ? Array.from({ length: Number(o.last - o.first) + 1 }, (_, k) => [[i, Number(o.first) + k] as const]) : []));
  }
  if (expression.is === 'either') return expression.of.flatMap((inner) => ways(inner, observations));
  const fits = (taken: Taken): boolean => observations.every((o, i) => taken.filter(([at]) => at === i).length <= o.count);
  const product = (parts: readonly (readonly Taken[])[], ordered: boolean): readonly Taken[] => parts.reduce((all, part) => all.flatMap((a) => part
    .filter((b) => !ordered || a.every(([, s]) => b.every(([, t]) => s <= t))).map((b) => [...a, ...b]).filter(fits)));
  if (expression.is !== 'qualified') return product(expression.of.map((inner) => ways(inner, observations)), expression.is === 'then');
  const inner = ways(expression.of, observations);
  const { by } = expression;
  if (by.is === 'repeats') return product(Array<readonly Taken[]>(by.times).fill(inner), false);
  const us = (moment: string): number => Number(moment.slice(20, 26));
  return inner.filter((taken) => {
    const times = taken.map(([, time]) => time);
    if (by.is === 'window') return times.every((t) => t >= us(by.start) && t < us(by.stop));
    return Math.max(...times) < Math.min(...times) + Math.round(by.seconds * 1e6);
  });
}
/** Whether a pattern matches, by trying everything; null where that would be too much. */
export function bruteForce(expression: Expression, observations: readonly Observation[]): boolean | null {
  const size = (e: Expression): number => (e.is === 'observation' ? 1 : e.is === 'qualified' ? size(e.of) * (e.by.is === 'repeats'
    ? e.by.times : 1) : e.of.reduce((n, x) => n + size(x), 0));
  return size(expression) > 5 ? null : ways(expression, observations).length > 0;
}
