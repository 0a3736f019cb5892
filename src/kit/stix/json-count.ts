/** Quick looks at a JSON value and its bytes, that say whether the slow look of `json-fault.ts` is worth it. */
import { isWellFormed } from '#kit/encoding';

/** How many members the objects of a value have, itself and all within; or how many colons stand outside of strings in its text. */
export function keysIn(of: unknown): number {
  return of instanceof Uint8Array ? colonsIn(of) : membersIn(of);
}

function membersIn(value: unknown): number {
  if (value === null || typeof value !== 'object') return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object') count += membersIn(item);
    return count;
  }
  for (const name in value as object) {
    const inner = (value as Record<string, unknown>)[name];
    count += typeof inner === 'object' ? 1 + membersIn(inner) : 1;
  }
  return count;
}

function colonsIn(bytes: Uint8Array): number {
  let count = 0;
  let quoted = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === 0x22) quoted = !quoted;
    else if (quoted) {
      if (byte === 0x5c) i++;
    } else if (byte === 0x3a) count++;
  }
  return count;
}

/** Whether no string and no key of a value has half a surrogate pair. */
export function isWellFormedDeep(value: unknown): boolean {
  if (typeof value === 'string') return isWellFormed(value);
  if (value === null || typeof value !== 'object') return true;
  if (Array.isArray(value)) return value.every(isWellFormedDeep);
  return Object.entries(value).every(([name, inner]) => isWellFormed(name) && isWellFormedDeep(inner));
}
