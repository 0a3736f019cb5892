/** Where values begin and end among bytes: escapes, marks of defanged text, addresses, letters beyond ASCII. Pure functions over a window. */
import { readIp } from '#kit/ip/ip';
import { classes, hexOf, word } from './bytes.ts';

const at = (bytes: Uint8Array, i: number): number => bytes[i] as number;
export const isWord = (byte: number): boolean => byte < 128 && (classes[byte] as number) >= word;
const isBorder = (code: number): boolean => code >= 0 && code < 128 && (classes[code] as number) < word;

function hexAt(bytes: Uint8Array, from: number, digits: number): number {
  let value = 0;
  for (let i = from; i < from + digits; i++) {
    const digit = hexOf[at(bytes, i)] as number;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

/** Where a word begins if an escape before it stands for a border: `%2F`, `%252F`, `\n`, `\x2f`, `\u002f`. -1 where there is none. */
export function afterEscape(bytes: Uint8Array, start: number): number {
  const before = at(bytes, start - 1);
  if (before === 0x25) {
    let p = start;
    while (hexAt(bytes, p, 2) === 0x25) p += 2;
    if (isBorder(hexAt(bytes, p, 2))) p += 2;
    return p === start ? -1 : p;
  }
  if (before !== 0x5c) return -1;
  const letter = String.fromCharCode(at(bytes, start));
  if (letter === 'u') return isBorder(hexAt(bytes, start + 1, 4)) ? start + 5 : -1;
  if (letter === 'x') return isBorder(hexAt(bytes, start + 1, 2)) ? start + 3 : -1;
  return 'abfnrtv0'.includes(letter) ? start + 1 : -1;
}

const inner = /^(?:\[(?:\.|dot|@|at|:\/?\/?|\/\/?)\]|\((?:\.|dot|@|at|:)\)|\{(?:\.|dot|@|at)\})/i;
const innerEnd = /(?:\[(?:\.|dot|@|at|:\/?\/?|\/\/?)\]|\((?:\.|dot|@|at|:)\)|\{(?:\.|dot|@|at)\})$/i;
const longestMark = 5;

export function latin1(bytes: Uint8Array, from: number, to: number): string {
  let out = '';
  for (let i = from; i < to; i++) out += String.fromCharCode(at(bytes, i));
  return out;
}

/** Whether a mark that stands for a piece of a value begins here, behind a word. */
export function beginsMark(bytes: Uint8Array, i: number): boolean {
  const byte = at(bytes, i);
  if (byte === 0x5c) return at(bytes, i + 1) === 0x2e && isWord(at(bytes, i + 2)) && at(bytes, i + 2) !== 0x2e;
  // The second byte tells nearly all brackets from marks: . @ : / d a
  const next = at(bytes, i + 1) | 32;
  if (next !== 0x2e && next !== 0x60 && next !== 0x3a && next !== 0x2f && next !== 0x64 && next !== 0x61) return false;
  return inner.test(latin1(bytes, i, i + longestMark));
}

/** Whether a mark ends here, before a word. */
export function endsMark(bytes: Uint8Array, start: number): boolean {
  const byte = at(bytes, start - 1);
  if (byte === 0x5c) return at(bytes, start) === 0x2e && isWord(at(bytes, start + 1)) && at(bytes, start + 1) !== 0x2e
    && (classes[at(bytes, start - 2)] as number) >= word;
  return (byte === 0x5d || byte === 0x29 || byte === 0x7d) && innerEnd.test(latin1(bytes, Math.max(0, start - longestMark), start));
}

/** Whether `://` follows a scheme that was made unusable, or `:\/\/` one that JSON escaped. */
export function isMarkedScheme(bytes: Uint8Array, end: number): boolean {
  if (at(bytes, end + 1) === 0x5c) return at(bytes, end + 2) === 0x2f && at(bytes, end + 3) === 0x5c && at(bytes, end + 4) === 0x2f;
  if (at(bytes, end + 1) !== 0x2f || at(bytes, end + 2) !== 0x2f) return false;
  let start = end;
  while (end - start < 6 && isWord(at(bytes, start - 1))) start--;
  const first = at(bytes, start) | 32;
  return (first === 0x68 || first === 0x6d) && end - start < 6
    && /^(?:hxxp|hxtp|htxp|meow)s?$/i.test(latin1(bytes, start, end));
}

/** An IPv4 address that is all of these bytes, as a number; -1 where it is none. */
export function quadAt(bytes: Uint8Array, from: number, to: number): number {
  if (to - from < 7 || to - from > 15) return -1;
  let value = 0;
  let part = 0;
  let digits = 0;
  let dots = 0;
  for (let i = from; i < to; i++) {
    const byte = at(bytes, i);
    if (byte === 0x2e) {
      if (digits === 0) return -1;
      value = value * 256 + part;
      part = digits = 0;
      dots++;
    } else {
      if (byte < 48 || byte > 57 || digits === 3 || (digits === 1 && part === 0)) return -1;
      part = part * 10 + byte - 48;
      if (part > 255) return -1;
      digits++;
    }
  }
  return dots === 3 && digits > 0 ? value * 256 + part : -1;
}

export interface Found {
  readonly from: number;
  readonly to: number;
}

/** An IPv6 address among bytes of colons, hex and names: names before it (`src:`), dots and one colon after it are not of it. */
export function ipv6Within(bytes: Uint8Array, from: number, to: number, out: Uint8Array): Found | null {
  let text = latin1(bytes, from, to);
  let start = from;
  for (let name = /^(?![0-9a-f]{1,4}:)[a-z_-]+[46]?:/i.exec(text); name; name = /^(?![0-9a-f]{1,4}:)[a-z_-]+[46]?:/i.exec(text)) {
    start += name[0].length;
    text = text.slice(name[0].length);
  }
  text = text.replace(/\.+$/, '').replace(/([^:]):$/, '$1');
  return text.includes(':') && text !== '::' && readIp(text, out) ? { from: start, to: start + text.length } : null;
}

/** The character at a byte and how many bytes it has; null where it is no UTF-8. */
function characterAt(bytes: Uint8Array, i: number, end: number): { readonly text: string; readonly size: number } | null {
  const lead = at(bytes, i);
  const size = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (size === 0 || i + size > end) return null;
  let code = lead & (0xff >> (size + 1));
  for (let k = 1; k < size; k++) {
    if ((at(bytes, i + k) & 0xc0) !== 0x80) return null;
    code = code * 64 + (at(bytes, i + k) & 0x3f);
  }
  if ((size === 3 && (code < 0x800 || (code >= 0xd800 && code < 0xe000))) || (size === 4 && (code < 0x1_0000 || code > 0x10_ffff))) return null;
  return { text: String.fromCodePoint(code), size };
}

export interface Piece extends Found {
  /** The text, where there are letters beyond ASCII. */
  readonly text: string | null;
}

/** The words of a run of bytes that holds some beyond ASCII: letters, marks and digits of any script are of words, the rest is between them. */
export function* piecesOf(bytes: Uint8Array, start: number, end: number): Generator<Piece> {
  let from = start;
  let text = '';
  let ascii = true;
  for (let i = start; i < end;) {
    if (at(bytes, i) < 128) {
      text += String.fromCharCode(at(bytes, i++));
      continue;
    }
    const character = characterAt(bytes, i, end);
    if (character && /[\p{L}\p{M}\p{N}]/u.test(character.text)) {
      text += character.text;
      ascii = false;
    } else {
      if (i > from) yield { from, to: i, text: ascii ? null : text };
      from = i + (character?.size ?? 1);
      text = '';
      ascii = true;
    }
    i += character?.size ?? 1;
  }
  if (end > from) yield { from, to: end, text: ascii ? null : text };
}
