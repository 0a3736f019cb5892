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

/** A key that the engine would move before the others, whatever order it was given in. */
const likeIndex = /^(0|[1-9]\d*)$/;

class NotJson extends TypeError {}

/** The same value with all keys in the order of their UTF-16 code units; undefined where the engine keeps no order. Throws NotJson. */
function ordered(value: unknown, depth: number): CanonicalValue | undefined {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') {
    if (!isWellFormed(value)) throw new NotJson('a string has a lone surrogate');
    return value;
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new NotJson('a number is not finite');
    return value;
  }
  if (typeof value !== 'object') throw new NotJson(`${typeof value} is not JSON`);
  if (depth >= maxDepth) throw new NotJson(`more than ${maxDepth} levels deep`);
  return Array.isArray(value) ? orderedItems(value, depth) : orderedFields(value, depth);
}

function orderedItems(items: readonly unknown[], depth: number): CanonicalValue | undefined {
  const out: CanonicalValue[] = [];
  let fits = true;
  for (let i = 0; i < items.length; i++) {
    const item = ordered(items[i], depth + 1);
    if (item === undefined) fits = false;
    else out.push(item);
  }
  return fits ? out : undefined;
}

function orderedFields(value: object, depth: number): CanonicalValue | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw new NotJson('an object is not a plain one');
  if (Object.getOwnPropertySymbols(value).length) throw new NotJson('a key is a symbol');
  const out: Record<string, CanonicalValue> = {};
  let fits = true;
  for (const key of Object.keys(value).sort()) {
    if (!isWellFormed(key)) throw new NotJson('a key has a lone surrogate');
    const item = ordered((value as Record<string, unknown>)[key], depth + 1);
    // A `__proto__` would be set, not kept.
    if (item === undefined || likeIndex.test(key) || key === '__proto__') fits = false;
    else out[key] = item;
  }
  return fits ? out : undefined;
}

/**
 * The RFC 8785 text of a JSON value. Throws a TypeError for anything that is not one. JSON.stringify spells numbers and
 * strings as the RFC does, so that in order of keys it is all there is to do, four times as quick as the package, which
 * writes what the engine would reorder.
 */
export function canonicalText(value: unknown): string {
  try {
    const inOrder = ordered(value, 0);
    if (inOrder !== undefined) return JSON.stringify(inOrder);
  } catch (error) {
    if (error instanceof NotJson) throw new TypeError(`no canonical JSON: ${error.message}`);
    throw error;
  }
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
