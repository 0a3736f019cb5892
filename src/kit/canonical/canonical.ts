/**
 * RFC 8785 (JSON canonicalization), by the package `canonicalize`, behind a gate: what JSON has no word for (undefined,
 * NaN, functions, dates, lone surrogates) is refused instead of being dropped or replaced.
 */
import canonicalize from 'canonicalize';
import { isWellFormed } from '#kit/encoding';

export type CanonicalValue =
  | null | boolean | number | string | readonly CanonicalValue[] | { readonly [key: string]: CanonicalValue };

/** Deeper than any fact; keeps a hostile text from exhausting the stack. */
const maxDepth = 64;

function refuse(value: unknown, depth: number): string | null {
  if (value === null || typeof value === 'boolean') return null;
  if (typeof value === 'string') return isWellFormed(value) ? null : 'a string has a lone surrogate';
  if (typeof value === 'number') return Number.isFinite(value) ? null : 'a number is not finite';
  if (typeof value !== 'object') return `${typeof value} is not JSON`;
  if (depth >= maxDepth) return `more than ${maxDepth} levels deep`;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const why = refuse(value[i], depth + 1);
      if (why !== null) return why;
    }
    return null;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return 'an object is not a plain one';
  if (Object.getOwnPropertySymbols(value).length) return 'a key is a symbol';
  for (const [key, item] of Object.entries(value)) {
    if (!isWellFormed(key)) return 'a key has a lone surrogate';
    const why = key === 'toJSON' && typeof item === 'function' ? 'function is not JSON' : refuse(item, depth + 1);
    if (why !== null) return why;
  }
  return null;
}

/** The RFC 8785 text of a JSON value. Throws a TypeError for anything that is not one. */
export function canonicalText(value: unknown): string {
  const why = refuse(value, 0);
  if (why !== null) throw new TypeError(`no canonical JSON: ${why}`);
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('no canonical JSON: nothing to write');
  return text;
}

/** Whether object keys stand in the order of their UTF-16 code units, all the way down. */
function keysInOrder(value: CanonicalValue, depth: number): boolean {
  if (value === null || typeof value !== 'object') return true;
  if (depth >= maxDepth) return false;
  if (Array.isArray(value)) {
    for (const item of value) if (!keysInOrder(item, depth + 1)) return false;
    return true;
  }
  let before: string | null = null;
  for (const [key, item] of Object.entries(value)) {
    if (before !== null && key <= before) return false;
    before = key;
    if (!keysInOrder(item, depth + 1)) return false;
  }
  return true;
}

/**
 * The value of a text that is RFC 8785 to the letter, or undefined. JSON.stringify spells numbers and strings as the
 * RFC does, so that equality with it and ordered keys are enough; it is eight times as quick as writing anew. Keys that
 * look like array indexes are reordered by the engine, so a text that fails is asked again the slow way.
 */
export function fromCanonical(text: string): CanonicalValue | undefined {
  let value: CanonicalValue;
  try {
    value = JSON.parse(text) as CanonicalValue;
  } catch {
    return undefined;
  }
  // Only a lone surrogate, or a backslash before a plain `ud`, is spelt so.
  if (!text.includes('\\ud') && JSON.stringify(value) === text && keysInOrder(value, 0)) return value;
  try {
    return canonicalText(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}
