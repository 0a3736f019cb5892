/** What in a pattern that can be read can match nothing, or is likely not meant: conditions of two types, types and properties nobody knows. */
import type { Condition, Expression, ObjectPath } from './ast.ts';
import { comparisonsOf } from './ast.ts';
import { printPath } from './print.ts';
import { expressionOf } from './values.ts';
import { kindOf } from '../types/names.ts';
import { extensionTables, structures } from '../types/structures.ts';
import { propertyOf } from '../types/tables.ts';
import type { Property, Shape } from '../types/shape.ts';

export interface PatternProblem {
  readonly level: 'must' | 'should';
  readonly clause: string;
  readonly text: string;
}

/** Types of objects that could make a condition true. */
function rootsOf(condition: Condition): ReadonlySet<string> {
  if (condition.is === 'compare' || condition.is === 'exists') return new Set([condition.path.type]);
  const all = condition.of.map(rootsOf);
  if (condition.is === 'or') return new Set(all.flatMap((types) => [...types]));
  return new Set([...all[0] ?? []].filter((type) => all.every((types) => types.has(type))));
}

function* observationsOf(expression: Expression): Generator<Condition> {
  if (expression.is === 'observation') yield expression.of;
  else for (const inner of expression.is === 'qualified' ? [expression.of] : expression.of) yield* observationsOf(inner);
}

/** The first step of a path that the standard does not know; null where all are, or where it cannot say. */
function unknownIn(path: ObjectPath): string | null {
  let [type, shape]: [string, Shape | null] = [path.type, null];
  for (const [i, step] of path.steps.entries()) {
    if (step.is !== 'key') {
      if (shape?.is !== 'list') return shape === null ? null : '[…]';
      shape = shape.of;
      continue;
    }
    if (i > 0 && shape?.is === 'structure') {
      const inner: Property | undefined = structures[shape.name]?.properties.get(step.name);
      if (!inner) return step.name;
      shape = inner.shape;
      continue;
    }
    if (i > 0 && shape?.is !== 'reference') return null;
    if (shape?.is === 'reference') {
      const [only] = shape.to;
      if (shape.to.length !== 1 || only === undefined || kindOf(only) === 'custom') return shape.to.some((t) => propertyOf(t, step.name))
        ? null : step.name;
      type = only;
    }
    const property = propertyOf(type, step.name);
    if (!property) return step.name.startsWith('x_') ? null : step.name;
    if (step.name === 'extensions') {
      const next = path.steps[i + 1];
      return next?.is === 'key' && next.name.endsWith('-ext') && !next.name.startsWith('x-') && !Object.hasOwn(extensionTables, next.name)
        ? next.name : null;
    }
    shape = property.shape;
  }
  return null;
}

/** Problems of a pattern that was read. */
export function patternProblems(pattern: Expression): readonly PatternProblem[] {
  const problems = new Map<string, PatternProblem>();
  const tell = (level: PatternProblem['level'], clause: string, text: string): void => void problems.set(text, { level, clause, text });
  for (const condition of observationsOf(pattern)) {
    if (rootsOf(condition).size === 0) tell('must', '9.5', 'what is joined by AND has to be said of one type of object');
  }
  for (const comparison of comparisonsOf(pattern)) {
    const { path } = comparison;
    const kind = kindOf(path.type);
    if (kind !== 'sco' && kind !== 'custom') tell('must', '9.7', `${path.type} is no observable`);
    else if (kind === 'custom' && !path.type.startsWith('x-')) tell('should', '9.7', `the standard knows no ${path.type}`);
    else if (kind === 'sco') {
      const unknown = unknownIn(path);
      if (unknown !== null) tell('should', '9.7', `${printPath(path)}: the standard knows no ${unknown} there`);
    }
    if (comparison.is !== 'compare') continue;
    const [value] = comparison.values;
    if (comparison.operator === 'MATCHES' && value?.is === 'text' && !expressionOf(value.value)) tell('should', '9.6.1',
      'this expression cannot be run here: it is not one of RE2');
    if (/^ISSU/.test(comparison.operator) && !['ipv4-addr', 'ipv6-addr'].includes(path.type) && !/_ref\.?.*value$/.test(printPath(path))) {
      tell('must', '9.6.1', `${comparison.operator} is for addresses`);
    }
    if (comparison.operator === 'IN' && new Set(comparison.values.map((v) => (v.is === 'float' ? 'integer' : v.is))).size > 1) tell('must', '9.6.1',
      'constants of IN are of one kind');
  }
  return [...problems.values()];
}
