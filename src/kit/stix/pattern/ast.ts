/** A STIX pattern as a tree (STIX 2.1, section 9). */

export type Constant =
  | { readonly is: 'text'; readonly value: string }
  | { readonly is: 'integer' | 'float'; readonly value: number }
  | { readonly is: 'truth'; readonly value: boolean }
  /** As it was written; it is a good one. */
  | { readonly is: 'timestamp'; readonly value: string }
  /** Bytes, in lower-case hex; `base64` says how they were written. */
  | { readonly is: 'bytes'; readonly hex: string; readonly base64: boolean };

export type Step = { readonly is: 'key'; readonly name: string } | { readonly is: 'index'; readonly at: number } | { readonly is: 'any' };
export interface ObjectPath {
  readonly type: string;
  readonly steps: readonly Step[];
}
export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'IN' | 'LIKE' | 'MATCHES' | 'ISSUBSET' | 'ISSUPERSET';
export interface Comparison {
  readonly is: 'compare';
  readonly path: ObjectPath;
  readonly not: boolean;
  readonly operator: Operator;
  /** One, but for IN. */
  readonly values: readonly Constant[];
}
export interface Existence {
  readonly is: 'exists';
  readonly path: ObjectPath;
  readonly not: boolean;
}
/** What is said of one object. */
export type Condition =
  | Comparison | Existence | { readonly is: 'and'; readonly of: readonly Condition[] } | { readonly is: 'or'; readonly of: readonly Condition[] };

export type Qualifier =
  | { readonly is: 'within'; readonly seconds: number }
  | { readonly is: 'repeats'; readonly times: number }
  | { readonly is: 'window'; readonly start: string; readonly stop: string };
/** What is said of observations: one of them, several different ones, either, or some after others. */
export type Expression =
  | { readonly is: 'observation'; readonly of: Condition }
  | { readonly is: 'all'; readonly of: readonly Expression[] }
  | { readonly is: 'either'; readonly of: readonly Expression[] }
  | { readonly is: 'then'; readonly of: readonly Expression[] }
  | { readonly is: 'qualified'; readonly of: Expression; readonly by: Qualifier };

export interface PatternFault {
  /** UTF-16 units from the beginning; line and column from 1. */
  readonly offset: number;
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

export const patternLimits = { characters: 65_536, depth: 64, comparisons: 5000 } as const;

/** All comparisons of a pattern, with what they stand in. */
export function* comparisonsOf(expression: Expression): Generator<Comparison | Existence> {
  if (expression.is === 'observation') yield* conditionsOf(expression.of);
  else for (const inner of expression.is === 'qualified' ? [expression.of] : expression.of) yield* comparisonsOf(inner);
}
function* conditionsOf(condition: Condition): Generator<Comparison | Existence> {
  if (condition.is === 'and' || condition.is === 'or') for (const inner of condition.of) yield* conditionsOf(inner);
  else yield condition;
}

/** All windows of time that a pattern names. */
export function* windowsOf(expression: Expression): Generator<Extract<Qualifier, { is: 'window' }>> {
  if (expression.is === 'qualified' && expression.by.is === 'window') yield expression.by;
  if (expression.is === 'qualified') yield* windowsOf(expression.of);
  else if (expression.is !== 'observation') for (const inner of expression.of) yield* windowsOf(inner);
}
