/** What of an object goes into an export, and which release is too strange to be given by one person. Pure. */
import type { LeavingReason } from '#kit/export/export';
import { own, type StixObject } from '#kit/stix/object';
import { parseTime } from '#kit/stix/time';
import type { heldReasons } from '../model/exports.ts';

/** The end that an object states, in ISO 8601 to the millisecond; null for none. */
export function endOf(object: StixObject): string | null {
  const until = parseTime(own(object, 'valid_until'));
  const ms = until === null ? NaN : Number(until.us / 1000n);
  return Number.isSafeInteger(ms) && Math.abs(ms) < 8.64e15 ? new Date(ms).toISOString() : null;
}

export interface Weighed { readonly tlp: number; readonly revoked: boolean }

/** Why an object as a whole stays out; null where it does not. */
export function staysOut(object: StixObject, { tlp, revoked }: Weighed, ceiling: number, now: number): LeavingReason | null {
  if (tlp > ceiling) return 'above-label';
  if (revoked || own(object, 'revoked') === true) return 'revoked';
  const end = endOf(object);
  if (end !== null && Date.parse(end) <= now) return 'expired';
  const types = own(object, 'indicator_types');
  return Array.isArray(types) && types.includes('benign') ? 'benign' : null;
}

export interface Size { readonly count: number; readonly objs: ReadonlySet<string> }

/** Why a release is held. Without one before it, no change is too great. */
export function heldFor(
  next: Size, before: Size | null, { most, swing }: { readonly most: number; readonly swing: number },
): (typeof heldReasons)[number][] {
  const held: (typeof heldReasons)[number][] = [];
  if (next.count === 0) held.push('empty');
  if (next.count > most) held.push('too-many');
  if (before && before.count > 0) {
    const gone = [...before.objs].filter((o) => !next.objs.has(o)).length;
    const come = [...next.objs].filter((o) => !before.objs.has(o)).length;
    const objects = (gone + come) / Math.max(1, before.objs.size);
    if (Math.max(objects, Math.abs(next.count - before.count) / before.count) * 100 > swing) held.push('too-great-a-change');
  }
  return held;
}
