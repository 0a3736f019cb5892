/**
 * One key space for indicators, warninglists and look-ups: the first sixteen bytes of a SHA-256 over kind and value, or of an HMAC where a
 * list is matched by somebody who must not read it. Apart from `value.ts`, since it needs a hash.
 */
import { createHmac, hash } from 'node:crypto';
import type { ValueKind } from './value.ts';

/** 32 hex digits. The value is one that `readValue` gave. */
export function keyOf(kind: ValueKind, value: string): string {
  return hash('sha256', `${kind}\0${value}`, 'hex').slice(0, 32);
}

/** The same under a secret that only those who may ask hold. */
export function blindKeyOf(secret: Uint8Array, kind: ValueKind, value: string): string {
  return createHmac('sha256', secret).update(`${kind}\0${value}`).digest('hex').slice(0, 32);
}
