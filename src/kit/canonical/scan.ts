/**
 * A quick look at UTF-8 bytes that says "canonical for sure" (RFC 8785) or nothing. It never says so of a text that is
 * not canonical; of some that are (keys beyond ASCII, deep nesting) it does not know, and `fromCanonical` decides.
 */

export interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
  /** Whether a byte beyond ASCII was passed: the caller checks that the bytes are UTF-8. */
  wide: boolean;
}

const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
const maxDepth = 32;
/** Escapes of one letter that RFC 8785 uses: " \ b f n r t. */
const shortEscapes: ReadonlySet<number> = new Set([0x22, 0x5c, 0x62, 0x66, 0x6e, 0x72, 0x74]);
/** `\u00` and two digits, for control characters that have no short escape. */
const longEscapes: ReadonlySet<string> = new Set(
  Array.from({ length: 32 }, (_, code) => JSON.stringify(String.fromCharCode(code)).slice(2, -1))
    .filter((escape) => escape.startsWith('u')),
);

function ascii(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let i = from; i < to; i++) text += String.fromCharCode(bytes[i] ?? 0);
  return text;
}

/** Passes these ASCII characters; false where they do not stand here. */
export function pass(cursor: Cursor, expected: string): boolean {
  const { bytes, at } = cursor;
  for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected.charCodeAt(i)) return false;
  cursor.at = at + expected.length;
  return true;
}

/** Passes a string with its quotes. */
export function passString(cursor: Cursor): boolean {
  const { bytes } = cursor;
  if (bytes[cursor.at] !== quote) return false;
  for (let i = cursor.at + 1; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    if (byte === quote) {
      cursor.at = i + 1;
      return true;
    }
    if (byte < 0x20) return false;
    if (byte >= 0x80) cursor.wide = true;
    if (byte !== backslash) continue;
    i++;
    if (shortEscapes.has(bytes[i] ?? 0)) continue;
    if (!longEscapes.has(ascii(bytes, i, i + 5))) return false;
    i += 4;
  }
  return false;
}

function passNumber(cursor: Cursor): boolean {
  const { bytes, at } = cursor;
  let end = at;
  for (; end < bytes.length; end++) {
    const byte = bytes[end] ?? 0;
    // Digits, plus, minus, point, e.
    if (!((byte >= 0x30 && byte <= 0x39) || byte === 0x2b || byte === 0x2d || byte === 0x2e || byte === 0x65)) break;
  }
  const text = ascii(bytes, at, end);
  if (text === '' || String(Number(text)) !== text) return false;
  cursor.at = end;
  return true;
}

function passArray(cursor: Cursor, depth: number): boolean {
  cursor.at++;
  if (pass(cursor, ']')) return true;
  do {
    if (!passValue(cursor, depth + 1)) return false;
  } while (pass(cursor, ','));
  return pass(cursor, ']');
}

/** Whether the key of ASCII at [a, aEnd) comes before that at [b, bEnd). */
function before(bytes: Uint8Array, a: number, aEnd: number, b: number, bEnd: number): boolean {
  for (let i = 0; a + i < aEnd && b + i < bEnd; i++) {
    const difference = (bytes[a + i] ?? 0) - (bytes[b + i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return aEnd - a < bEnd - b;
}

function passObject(cursor: Cursor, depth: number): boolean {
  const { bytes } = cursor;
  cursor.at++;
  if (pass(cursor, '}')) return true;
  let last = -1;
  let lastEnd = -1;
  for (;;) {
    const key = cursor.at + 1;
    if (!passString(cursor)) return false;
    const keyEnd = cursor.at - 1;
    // An escape or a byte beyond ASCII sorts otherwise than its bytes do.
    for (let i = key; i < keyEnd; i++) if ((bytes[i] ?? 0) >= 0x80 || bytes[i] === backslash) return false;
    if (last >= 0 && !before(bytes, last, lastEnd, key, keyEnd)) return false;
    last = key;
    lastEnd = keyEnd;
    if (!pass(cursor, ':') || !passValue(cursor, depth + 1)) return false;
    if (bytes[cursor.at] !== comma) return pass(cursor, '}');
    cursor.at++;
  }
}

/** Passes one value; false where it is not canonical for sure. */
export function passValue(cursor: Cursor, depth = 0): boolean {
  if (depth > maxDepth) return false;
  switch (cursor.bytes[cursor.at]) {
    case quote: return passString(cursor);
    case 0x7b: return passObject(cursor, depth);
    case 0x5b: return passArray(cursor, depth);
    case 0x74: return pass(cursor, 'true');
    case 0x66: return pass(cursor, 'false');
    case 0x6e: return pass(cursor, 'null');
    default: return passNumber(cursor);
  }
}
