/**
 * Hex, base64 (RFC 4648 section 4) and UTF-8, each with exactly one accepted spelling: what decodes here encodes back
 * to the same characters. Runs in the browser, so it knows no Buffer.
 */

const base64Alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** Value of a base64 letter by its character code; -1 for every other. */
const base64Values = Int8Array.from({ length: 128 }, (_, code) => base64Alphabet.indexOf(String.fromCharCode(code)));
const hexBytes = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'));

/** Lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  let out = '';
  for (const byte of bytes) out += hexBytes[byte];
  return out;
}

/** Value of a lower-case hex digit by its character code, or -1. */
export function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  return code >= 97 && code <= 102 ? code - 87 : -1;
}

/** Bytes of lower-case hex, or null. */
export function fromHex(text: string): Uint8Array | null {
  if (text.length % 2) return null;
  const out = new Uint8Array(text.length / 2);
  for (let i = 0; i < out.length; i++) {
    const high = hexDigit(text.charCodeAt(i * 2));
    const low = hexDigit(text.charCodeAt(i * 2 + 1));
    if (high < 0 || low < 0) return null;
    out[i] = high * 16 + low;
  }
  return out;
}

/** Base64 with padding. */
export function toBase64(bytes: Uint8Array): string {
  let out = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const have = bytes.length - i;
    const word = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    out += base64Alphabet.charAt(word >> 18) + base64Alphabet.charAt((word >> 12) & 63);
    out += have > 1 ? base64Alphabet.charAt((word >> 6) & 63) : '=';
    out += have > 2 ? base64Alphabet.charAt(word & 63) : '=';
  }
  return out;
}

/** Bytes of padded base64, or null; bits that no byte uses must be zero, so that each value has one spelling. */
export function fromBase64(text: string): Uint8Array | null {
  if (text.length % 4) return null;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const out = new Uint8Array((text.length / 4) * 3 - padding);
  const letters = text.length - padding;
  let word = 0;
  let bits = 0;
  let at = 0;
  for (let i = 0; i < letters; i++) {
    const value = base64Values[text.charCodeAt(i)] ?? -1;
    if (value < 0) return null;
    word = ((word << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out[at++] = (word >> bits) & 0xff;
    }
  }
  return (word & ((1 << bits) - 1)) === 0 ? out : null;
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const utf8 = new TextEncoder();

/** Text of valid UTF-8, or null. A byte order mark is kept as a character. */
export function fromUtf8(bytes: Uint8Array): string | null {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return null;
  }
}

export function toUtf8(text: string): Uint8Array {
  return utf8.encode(text);
}

/** Whether a string has no lone surrogate, so that UTF-8 can spell it. */
export function isWellFormed(text: string): boolean {
  // The engine's own is ten times as quick; browsers of before 2023 have none.
  return (text as { isWellFormed?: () => boolean }).isWellFormed?.() ?? !/\p{Surrogate}/u.test(text);
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Decodes lower-case hex that stands as ASCII in `source` from `at` on, until `target` is full; false where it is not. */
export function hexInto(target: Uint8Array, source: Uint8Array, at: number): boolean {
  for (let i = 0; i < target.length; i++) {
    const high = hexDigit(source[at + i * 2] ?? 0);
    const low = hexDigit(source[at + i * 2 + 1] ?? 0);
    if (high < 0 || low < 0) return false;
    target[i] = high * 16 + low;
  }
  return true;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** The number that a decimal without leading zeros or sign spells, or null where it is not one or is not safe. */
export function fromDecimal(text: string): number | null {
  if (!/^(0|[1-9][0-9]{0,15})$/.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}
