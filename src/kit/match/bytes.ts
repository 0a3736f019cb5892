/** What each byte is to the matcher, as tables: a look-up a byte, and no branches. The classes are those of docs/specs/match.md. */

/** Bits of a class. All bytes of words are at least `word`; the others say what a word holds, or what to do between words. */
export const word = 128;
export const dot = 1;
export const letter = 2;
/** A letter beyond `f`. */
export const beyondHex = 4;
/** `-` and `_`. */
export const dash = 8;
export const wide = 16;
export const lineEnd = 32;
export const colon = 64;

const textOf = (code: number): string => String.fromCharCode(code);

function classOf(code: number): number {
  if (code >= 128) return word | wide;
  const text = textOf(code);
  if (text === '.') return word | dot;
  if (text === '-' || text === '_') return word | dash;
  if (/[0-9]/.test(text)) return word;
  if (/[a-f]/i.test(text)) return word | letter;
  if (/[a-z]/i.test(text)) return word | letter | beyondHex;
  return text === '\n' ? lineEnd : text === ':' ? colon : 0;
}

const table = (of: (code: number) => number): Uint8Array => Uint8Array.from({ length: 256 }, (_, code) => of(code));
const matching = (pattern: RegExp): Uint8Array => table((code) => (pattern.test(textOf(code)) ? 1 : 0));

export const classes = table(classOf);
/** ASCII letters in lower case, all other bytes as they are. */
export const lower = table((code) => (code >= 65 && code <= 90 ? code + 32 : code));
/** What ends a URL whatever follows. */
// eslint-disable-next-line no-control-regex
export const hardBorder = matching(/[\x00-\x20\x7f"<>`|\\^{}]/);
/** Before what a URL may end. */
export const softBorder = matching(/[,;')\]]/);
/** What may stand in the name of a mail address. */
export const mailName = matching(/[0-9a-z.!#$%&'*+/=?^_`{|}~-]/i);
/** What a defanged value and what stands around it are made of. */
export const spanByte = matching(/[!#-&(-+\--:=?-_a-{}~\x80-\xff]/);
export const schemeByte = matching(/[0-9a-z+.-]/i);
/** Bytes that an IPv6 address and what sticks to it are made of. */
export const colonByte = matching(/[0-9a-z:._-]/i);

/** Value of a hex digit in either case, or -1. */
export const hexOf = Int8Array.from({ length: 256 }, (_, code) => (/[0-9a-f]/i.test(textOf(code)) ? Number.parseInt(textOf(code), 16) : -1));
