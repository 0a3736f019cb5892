/**
 * The leaf and its opening. A leaf is canonical JSON without content; the opening is the fact's RFC 8785 text and the
 * salt that its commitment was made with. The format is docs/specs/ledger.md.
 */
import { fromCanonical } from '#kit/canonical/canonical';
import { pass, passString, passValue } from '#kit/canonical/scan';
import type { Cursor } from '#kit/canonical/scan';
import { concatBytes, fromUtf8, hexDigit, toHex } from '#kit/encoding';

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

/** Where a leaf's parts lie in its bytes. */
export interface LeafSpans {
  readonly classFrom: number;
  readonly classTo: number;
  /** The 64 hex digits begin here. */
  readonly commitment: number;
  /** The 17 characters of the time begin here. */
  readonly time: number;
}

const leafParts = ['{"class":"', '","commitment":"', '","time":"', '","v":1}'] as const;
const fixedBytes = leafParts.join('').length + 64 + 17;

/** The same judgement as `parseLeaf`, over the bytes from `from` on; makes a string of the class and time only. */
export function leafSpans(bytes: Uint8Array, from: number): LeafSpans | null {
  const classTo = bytes.length - fixedBytes + leafParts[0].length;
  const cursor = { bytes, at: from, wide: false };
  if (!pass(cursor, leafParts[0])) return null;
  const classFrom = cursor.at;
  const commitment = classTo + leafParts[1].length;
  const time = commitment + 64 + leafParts[2].length;
  const length = classTo - classFrom;
  if (length < 3 || length > 100) return null;
  cursor.at = classTo;
  if (!pass(cursor, leafParts[1])) return null;
  for (let i = commitment; i < commitment + 64; i++) if (hexDigit(bytes[i] ?? 0) < 0) return null;
  cursor.at = commitment + 64;
  if (!pass(cursor, leafParts[2])) return null;
  cursor.at = time + 17;
  if (!pass(cursor, leafParts[3])) return null;
  if (!isClass(bytes, classFrom, classTo) || !isMinute(bytes, time)) return null;
  return { classFrom, classTo, commitment, time };
}

/** `noun.verb`: labels of lower-case letters, digits and dashes, at least two, with dots between. */
function isClass(bytes: Uint8Array, from: number, to: number): boolean {
  let dots = 0;
  let label = 0;
  for (let i = from; i < to; i++) {
    const byte = bytes[i] ?? 0;
    if (byte === 0x2e) {
      if (label === 0) return false;
      dots++;
      label = 0;
    } else if ((byte >= 0x61 && byte <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte === 0x2d) {
      label++;
    } else {
      return false;
    }
  }
  return dots > 0 && label > 0;
}

const minuteShape = '0000-00-00T00:00Z';

function isMinute(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < minuteShape.length; i++) {
    const shape = minuteShape.charCodeAt(i);
    const byte = bytes[at + i] ?? 0;
    if (shape === 0x30 ? byte < 0x30 || byte > 0x39 : byte !== shape) return false;
  }
  return true;
}

/** Seconds, an optional fraction, and Z: what follows the minute in a fact's time. */
function passSeconds(cursor: Cursor): boolean {
  const { bytes } = cursor;
  const digits = (): number => {
    let count = 0;
    for (; (bytes[cursor.at] ?? 0) >= 0x30 && (bytes[cursor.at] ?? 0) <= 0x39; cursor.at++) count++;
    return count;
  };
  if (!pass(cursor, ':') || digits() !== 2) return false;
  if (pass(cursor, '.') && digits() === 0) return false;
  return pass(cursor, 'Z"');
}

function passSame(cursor: Cursor, bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++, cursor.at++) if (cursor.bytes[cursor.at] !== bytes[i]) return false;
  return true;
}

/**
 * Whether these bytes are for sure the canonical fact of this leaf. What it does not say yes to, `factMismatch` decides
 * and words; ten times as slow.
 */
export function isFactOf(leaf: Uint8Array, spans: LeafSpans, bytes: Uint8Array): boolean {
  const cursor: Cursor = { bytes, at: 0, wide: false };
  const sure = pass(cursor, '{"actor":') && passString(cursor)
    && pass(cursor, ',"at":"') && passSame(cursor, leaf, spans.time, spans.time + 16) && passSeconds(cursor)
    && pass(cursor, ',"body":') && passValue(cursor)
    && pass(cursor, ',"class":"') && passSame(cursor, leaf, spans.classFrom, spans.classTo)
    && pass(cursor, '","clauses":') && passValue(cursor)
    && pass(cursor, ',"org":') && passString(cursor)
    && pass(cursor, ',"readers":') && passValue(cursor)
    && pass(cursor, ',"subject":') && passString(cursor)
    && pass(cursor, '}') && cursor.at === bytes.length;
  return sure && (!cursor.wide || fromUtf8(bytes) !== null);
}

const factKeys = ['actor', 'at', 'body', 'class', 'clauses', 'org', 'readers', 'subject'].join();

/** Why these bytes are not the fact of this leaf, or null where they are. The commitment is checked by the caller. */
export function factMismatch(leaf: Uint8Array, spans: LeafSpans, bytes: Uint8Array): string | null {
  const text = fromUtf8(bytes);
  const value = text === null ? undefined : fromCanonical(text);
  if (value === undefined) return 'the fact is not canonical JSON';
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return 'the fact is not an object';
  const fact = value as { readonly [key: string]: unknown };
  if (Object.keys(fact).join() !== factKeys) return 'the fact has other fields than a fact has';
  const leafText = (from: number, to: number) => fromUtf8(leaf.subarray(from, to));
  if (fact['class'] !== leafText(spans.classFrom, spans.classTo)) return 'the fact is of another class than its leaf';
  const at = fact['at'];
  const minute = leafText(spans.time, spans.time + 17);
  if (typeof at !== 'string' || minuteOf(at) !== minute) return 'the fact is of another time than its leaf';
  return null;
}
