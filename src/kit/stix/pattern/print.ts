/** A pattern as text again: what `parse.ts` reads back as the same tree, with the fewest brackets. */
import { fromHex, toBase64 } from '#kit/encoding';
import type { Condition, Constant, Expression, ObjectPath, Qualifier } from './ast.ts';

const quoted = (text: string): string => `'${text.replaceAll(/['\\]/g, '\\$&')}'`;

export function printConstant(value: Constant): string {
  switch (value.is) {
    case 'text': return quoted(value.value);
    case 'integer': case 'truth': return String(value.value);
    case 'float': return Number.isInteger(value.value) && !/e/.test(String(value.value))
      ? `${Object.is(value.value, -0) ? '-0' : value.value}.0` : String(value.value).replace(/^(-?\d+)(e)/, '$1.0$2');
    case 'timestamp': return `t${quoted(value.value)}`;
    case 'bytes': return value.base64 ? `b'${toBase64(fromHex(value.hex) ?? new Uint8Array())}'` : `h'${value.hex}'`;
  }
}

export function printPath({ type, steps }: ObjectPath): string {
  return `${type}:${steps.map((step, i) => {
    if (step.is === 'any') return '[*]';
    if (step.is === 'index') return `[${step.at}]`;
    return (i ? '.' : '') + (/^[A-Za-z_][A-Za-z0-9_]*$/.test(step.name) ? step.name : quoted(step.name));
  }).join('')}`;
}

export function printCondition(condition: Condition, within: 'and' | 'or' | null = null): string {
  if (condition.is === 'exists') return `${condition.not ? 'NOT ' : ''}EXISTS ${printPath(condition.path)}`;
  if (condition.is === 'compare') {
    const values = condition.values.map(printConstant).join(', ');
    return `${printPath(condition.path)}${condition.not ? ' NOT' : ''} ${condition.operator} ${condition.operator === 'IN' ? `(${values})` : values}`;
  }
  const text = condition.of.map((inner) => printCondition(inner, condition.is)).join(condition.is === 'and' ? ' AND ' : ' OR ');
  // An AND within an OR needs none; the same within the same would be read as one.
  return within === null || (within === 'or' && condition.is === 'and') ? text : `(${text})`;
}

function printQualifier(by: Qualifier): string {
  if (by.is === 'within') return `WITHIN ${by.seconds} SECONDS`;
  return by.is === 'repeats' ? `REPEATS ${by.times} TIMES` : `START t${quoted(by.start)} STOP t${quoted(by.stop)}`;
}
const words = { all: ' AND ', either: ' OR ', then: ' FOLLOWEDBY ' } as const;
const strength = { then: 0, either: 1, all: 2 } as const;

export function printPattern(expression: Expression, within: keyof typeof strength | 'qualified' | null = null): string {
  if (expression.is === 'observation') return `[${printCondition(expression.of)}]`;
  if (expression.is === 'qualified') {
    // One of a kind stands at most once behind an expression: a second one wants brackets around the first.
    const kinds = new Set([expression.by.is]);
    let inner = expression.of;
    while (inner.is === 'qualified' && !kinds.has(inner.by.is)) {
      kinds.add(inner.by.is);
      inner = inner.of;
    }
    const clash = inner.is === 'qualified';
    const text = printPattern(expression.of, clash ? null : 'qualified');
    return `${clash ? `(${text})` : text} ${printQualifier(expression.by)}`;
  }
  const text = expression.of.map((inner) => printPattern(inner, expression.is)).join(words[expression.is]);
  const bare = within === null || (within !== 'qualified' && strength[expression.is] > strength[within]);
  return bare ? text : `(${text})`;
}
