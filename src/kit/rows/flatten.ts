/**
 * An object of JSON as a flat list of names and texts: `{"a":{"b":1},"c":[{"d":2}],"e":[3,4]}` is `a.b` = `1`, `c.0.d` = `2`,
 * `e` = `[3,4]`. Empty values (null, "", {} and []) are left out. For mappings, which name fields by such paths.
 */
import { canonicalJson, deepest } from './identity.ts';

/** Objects of one list that get names of their own; a longer list is one text, so that no row makes a million names. */
const longestList = 20;

/** Throws RangeError where nesting is too deep. The names stand in the order of the row. */
export function flatten(row: Readonly<Record<string, unknown>>): Map<string, string> {
  const out = new Map<string, string>();
  for (const key in row) put(out, key, row[key], 0);
  return out;
}

function put(out: Map<string, string>, name: string, value: unknown, depth: number): void {
  if (depth > deepest) throw new RangeError(`nested deeper than ${deepest}`);
  if (value === null || value === undefined || value === '') return;
  if (typeof value === 'string') out.set(name, value);
  else if (Array.isArray(value)) list(out, name, value, depth);
  else if (isPlain(value)) for (const key in value) put(out, `${name}.${key}`, value[key], depth + 1);
  else out.set(name, canonicalJson(value, 0));
}

function list(out: Map<string, string>, name: string, values: readonly unknown[], depth: number): void {
  if (values.length === 0) return;
  if (values.length <= longestList && values.every(isPlain)) values.forEach((value, i) => put(out, `${name}.${i}`, value, depth + 1));
  else out.set(name, canonicalJson(values, depth));
}

/** An object with names of its own, and no number kept as text (`LongNumber`). */
function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false;
  const made: unknown = Object.getPrototypeOf(value);
  return made === Object.prototype || made === null;
}
