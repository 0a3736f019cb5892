/**
 * What a store asks of any STIX object, 2.0 or 2.1, before it knows more: what it is, which version, by whom, and whether two of
 * them say the same. Nothing here checks: `check.ts` does.
 */
import { canonicalText } from '#kit/canonical/canonical';
import { isTypeName, parseId, type StixId } from './id.ts';
import { parseTime, type StixTime } from './time.ts';
import { kindOf, type Kind } from './types/names.ts';

export type StixObject = Readonly<Record<string, unknown>>;
export type SpecVersion = '2.0' | '2.1';

export interface ObjectVersion {
  readonly id: string;
  readonly parsedId: StixId;
  readonly type: string;
  readonly kind: Kind;
  readonly specVersion: SpecVersion;
  /** `modified`, else `created` (a marking definition has no other); null for an object that has neither, as observables do. */
  readonly version: StixTime | null;
  readonly created: StixTime | null;
  readonly revoked: boolean;
  /** The creator's id as it was sent, or null for one who wishes to stay unnamed. */
  readonly createdBy: string | null;
}

export function isStixObject(value: unknown): value is StixObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** Own property of an object, so that `constructor` and the like are what was sent, or nothing. */
export function own(object: StixObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Whether an extension says of itself that the object is of a type it brings as an observable (7.3). */
function isNewSco(object: StixObject): boolean {
  const extensions = own(object, 'extensions');
  return isStixObject(extensions) && Object.values(extensions).some((e) => isStixObject(e) && own(e, 'extension_type') === 'new-sco');
}

/**
 * The version of the standard an object is of. Where it does not say: 2.1 for observables, which 2.0 has only within others, and
 * 2.0 for the rest (3.2).
 */
export function specVersionOf(object: StixObject): SpecVersion {
  const stated = own(object, 'spec_version');
  if (typeof stated === 'string') return stated === '2.0' ? '2.0' : '2.1';
  const type = own(object, 'type');
  return typeof type === 'string' && (kindOf(type) === 'sco' || isNewSco(object)) ? '2.1' : '2.0';
}

/** What identifies the object and its version; null where `type` or `id` is missing, is no such thing, or the two do not agree. */
export function versionOf(value: unknown): ObjectVersion | null {
  if (!isStixObject(value)) return null;
  const type = own(value, 'type');
  const id = own(value, 'id');
  const parsedId = parseId(id);
  if (typeof type !== 'string' || !isTypeName(type) || parsedId === null || parsedId.type !== type) return null;
  const created = parseTime(own(value, 'created'));
  const createdBy = own(value, 'created_by_ref');
  return {
    id: id as string, parsedId, type, kind: kindOf(type), specVersion: specVersionOf(value),
    version: parseTime(own(value, 'modified')) ?? created,
    created,
    revoked: own(value, 'revoked') === true,
    createdBy: typeof createdBy === 'string' ? createdBy : null,
  };
}

/** What may be left out where it has this value, without being another version (3.6). */
const defaults: readonly (readonly [name: string, value: unknown])[] = [['revoked', false], ['defanged', false]];

/**
 * The RFC 8785 text of what an object says: its defaults left out, nothing else changed. Hash this to tell a duplicate from a
 * conflict. Throws a TypeError where the value has no such text (lone surrogates, more than 64 levels).
 */
export function meaningText(object: StixObject): string {
  if (!defaults.some(([name, value]) => own(object, name) === value)) return canonicalText(object);
  return canonicalText(Object.fromEntries(Object.entries(object).filter(([name, value]) => !defaults.some(([n, v]) => n === name && v === value))));
}

/** Whether two objects say the same, to the last digit. Of what has no canonical text nothing is the same. */
export function sameMeaning(a: StixObject, b: StixObject): boolean {
  try {
    return meaningText(a) === meaningText(b);
  } catch {
    return false;
  }
}
