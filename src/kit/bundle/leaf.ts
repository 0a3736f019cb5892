/**
 * The leaf and its opening. A leaf is canonical JSON without content; the opening is the fact's RFC 8785 text and the
 * salt that its commitment was made with. The format is docs/specs/ledger.md.
 */
import { fromCanonical } from '#kit/canonical/canonical';
import { concatBytes, fromUtf8, toHex } from '#kit/encoding';

export interface LeafText {
  readonly class: string;
  /** UTC to the minute, `2026-01-31T09:05Z`. */
  readonly time: string;
  /** 64 hex digits. */
  readonly commitment: string;
}

/** `noun.verb`. */
export const leafClass = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/;
/** The one spelling of a leaf: RFC 8785 keys in order, no escapes possible. */
const leafPattern = new RegExp(
  '^\\{"class":"([a-z0-9.-]{3,100})","commitment":"([0-9a-f]{64})",'
  + '"time":"(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\dZ)","v":1\\}$',
);

export function formatLeaf(leaf: LeafText): string {
  return `{"class":"${leaf.class}","commitment":"${leaf.commitment}","time":"${leaf.time}","v":1}`;
}

export function parseLeaf(text: string): LeafText | null {
  const match = leafPattern.exec(text);
  const [, name = '', commitment = '', time = ''] = match ?? [];
  return match && leafClass.test(name) ? { class: name, commitment, time } : null;
}

/** SHA-256(salt || text), hex. */
export function commitmentOf(sha256: (bytes: Uint8Array) => Uint8Array, salt: Uint8Array, text: Uint8Array): string {
  return toHex(sha256(concatBytes(salt, text)));
}

/** The minute of an RFC 3339 UTC time: `2026-01-31T09:05:59.123Z` is `2026-01-31T09:05Z`. Null for anything else. */
export function minuteOf(at: string): string | null {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(at) ? `${at.slice(0, 16)}Z` : null;
}

const factKeys = ['actor', 'at', 'body', 'class', 'clauses', 'org', 'readers', 'subject'].join();

/** Why these bytes are not the fact of this leaf, or null where they are. The commitment is checked by the caller. */
export function factMismatch(leaf: LeafText, bytes: Uint8Array): string | null {
  const text = fromUtf8(bytes);
  const value = text === null ? undefined : fromCanonical(text);
  if (value === undefined) return 'the fact is not canonical JSON';
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return 'the fact is not an object';
  const fact = value as { readonly [key: string]: unknown };
  if (Object.keys(fact).join() !== factKeys) return 'the fact has other fields than a fact has';
  if (fact['class'] !== leaf.class) return 'the fact is of another class than its leaf';
  const at = fact['at'];
  if (typeof at !== 'string' || minuteOf(at) !== leaf.time) return 'the fact is of another time than its leaf';
  return null;
}
