/**
 * Normal forms of patterns, so that two that mean the same are seen to, whatever the order and brackets they are written in. What this calls
 * equal matches equally; that two are not called equal proves nothing. Distribution stops at a bound, past which things stay as they are.
 */
import type { Comparison, Condition, Constant, Expression } from './ast.ts';
import { printCondition, printConstant, printPattern } from './print.ts';
import { parseTime, timeKey } from '../time.ts';

const mostTerms = 64;

function constantOf(value: Constant): Constant {
  if (value.is === 'float' && Number.isSafeInteger(value.value)) return { is: 'integer', value: value.value + 0 };
  if (value.is === 'bytes') return { ...value, base64: false };
  if (value.is !== 'timestamp') return value.is === 'integer' ? { is: 'integer', value: value.value + 0 } : value;
  const time = parseTime(value.value);
  const short = value.value.replace(/(\.\d*?)0+Z$/, '$1Z').replace('.Z', 'Z');
  return time && timeKey(time) === timeKey(parseTime(short) ?? time) ? { is: 'timestamp', value: short } : value;
}

const byText = <T>(list: readonly T[], text: (item: T) => string): T[] => {
  const texts = new Map(list.map((item) => [text(item), item]));
  return [...texts.keys()].sort().map((key) => texts.get(key) as T);
};

/** A comparison as a condition of plain ones: IN is many equals. */
function comparisonOf(comparison: Comparison): Condition {
  const values = comparison.values.map(constantOf);
  if (comparison.operator === 'IN') {
    const equals = values.map((value): Condition => comparisonOf({ ...comparison, operator: '=', values: [value] }));
    return equals.length === 1 ? equals[0] as Condition : { is: comparison.not ? 'and' : 'or', of: equals };
  }
  // With [*] the two differ: some value is another, or none is this.
  const single = !comparison.path.steps.some((step) => step.is === 'any');
  if (single && comparison.not && (comparison.operator === '=' || comparison.operator === '!=')) {
    return { ...comparison, values, not: false, operator: comparison.operator === '=' ? '!=' : '=' };
  }
  return { ...comparison, values };
}

/** Sets of comparisons, each set one way to be true; null past the bound. */
function terms(condition: Condition): readonly (readonly Condition[])[] | null {
  if (condition.is === 'compare') {
    const plain = comparisonOf(condition);
    return plain.is === 'compare' ? [[plain]] : terms(plain);
  }
  if (condition.is === 'exists') return [[condition]];
  if (condition.is === 'or') {
    const all = condition.of.map(terms);
    return all.includes(null) ? null : all.flatMap((t) => t ?? []);
  }
  let product: readonly (readonly Condition[])[] = [[]];
  for (const inner of condition.of) {
    const more = terms(inner);
    if (!more || more.length * product.length > mostTerms) return null;
    product = product.flatMap((a) => more.map((b) => [...a, ...b]));
  }
  return product;
}

const typesOf = (term: readonly Condition[]): number => new Set(term.map((c) => (c.is === 'compare' || c.is === 'exists' ? c.path.type : ''))).size;
const text = (condition: Condition): string => printCondition(condition);

/** Leaves out what another term says with less (absorption), and what no object can be: of two types. */
function reduced(all: readonly (readonly Condition[])[]): readonly (readonly Condition[])[] {
  const sorted = byText(all.map((term) => byText(term, text)), (term) => term.map(text).join(' AND '));
  const possible = sorted.filter((term) => typesOf(term) === 1);
  const kept = possible.length ? possible : sorted.slice(0, 1);
  const sets = kept.map((term) => new Set(term.map(text)));
  return kept.filter((_, i) => !sets.some((other, j) => j !== i && other.size < (sets[i]?.size ?? 0) && [...other].every((c) => sets[i]?.has(c))));
}

/** A condition without knowing more: sides in order, each once. Used past the bound. */
function sorted(condition: Condition): Condition {
  if (condition.is === 'compare') return comparisonOf(condition);
  if (condition.is === 'exists') return condition;
  const { is } = condition;
  const of = byText(condition.of.map(sorted).flatMap((c) => (c.is === is ? c.of : [c])), text);
  return of.length === 1 ? of[0] as Condition : { is, of };
}

function observationOf(condition: Condition): Expression {
  // Sides that are there twice must not count against the bound: what is said once would be within it.
  const once = sorted(condition);
  const all = terms(once);
  if (!all || all.length > mostTerms) return { is: 'observation', of: once };
  const each = reduced(all).map((of): Expression => ({ is: 'observation', of: of.length === 1 ? of[0] as Condition : { is: 'and', of } }));
  // In the one order that alternatives have: what orders conditions by their text does not see the bracket that ends an observation.
  return either(each);
}

const alternatives = (expression: Expression): readonly Expression[] => (expression.is === 'either' ? expression.of : [expression]);

/** One of these; what wants another one and more besides is left out. */
function either(list: readonly Expression[]): Expression {
  const each = byText(list.flatMap(alternatives), (e) => printPattern(e));
  const texts = new Set(each.map((e) => printPattern(e)));
  const kept = each.filter((e) => !((e.is === 'all' || e.is === 'then') && e.of.some((part) => texts.has(printPattern(part)))));
  return kept.length === 1 ? kept[0] as Expression : { is: 'either', of: kept };
}

function joined(is: 'all' | 'then', parts: readonly Expression[]): Expression {
  const flat = (list: readonly Expression[]): Expression => {
    const of = list.flatMap((e) => (e.is === is ? e.of : [e]));
    // Two of one kind are two observations, and stay two.
    return { is, of: is === 'all' ? of.map((e) => [printPattern(e), e] as const).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, e]) => e) : of };
  };
  const count = parts.reduce((product, part) => product * alternatives(part).length, 1);
  if (count === 1 || count > mostTerms) return flat(parts);
  const ways = parts.reduce<readonly (readonly Expression[])[]>((all, part) => all.flatMap((way) => alternatives(part).map((e) => [...way, e])), [[]]);
  return either(ways.map(flat));
}

function qualified({ of, by }: Extract<Expression, { is: 'qualified' }>): Expression {
  const inner = normalForm(of);
  if (by.is === 'repeats') return by.times === 1 ? inner : { is: 'qualified', of: inner, by };
  const each = alternatives(inner).map((expression): Expression => {
    // One observation is within any time of itself.
    if (by.is === 'within' && expression.is === 'observation') return expression;
    const window = by.is === 'window' ? { is: by.is, start: timeText(by.start), stop: timeText(by.stop) } : by;
    // A window and a WITHIN choose among the same sets: the window stands first.
    if (window.is === 'window' && expression.is === 'qualified' && expression.by.is === 'within') {
      return { ...expression, of: { is: 'qualified', of: expression.of, by: window } };
    }
    return { is: 'qualified', of: expression, by: window };
  });
  return each.length === 1 ? each[0] as Expression : either(each);
}

function timeText(time: string): string {
  const value = constantOf({ is: 'timestamp', value: time });
  return value.is === 'timestamp' ? value.value : time;
}

export function normalForm(expression: Expression): Expression {
  switch (expression.is) {
    case 'observation': return observationOf(expression.of);
    case 'either': return either(expression.of.map(normalForm));
    case 'all': case 'then': return joined(expression.is, expression.of.map(normalForm));
    case 'qualified': return qualified(expression);
  }
}

/** Whether two patterns are seen to mean the same. */
export function areEquivalent(a: Expression, b: Expression): boolean {
  return printPattern(normalForm(a)) === printPattern(normalForm(b));
}

/** Constants as they stand in normal forms: for those that look indicators up by what they compare. */
export function constantKey(value: Constant): string {
  return printConstant(constantOf(value));
}
