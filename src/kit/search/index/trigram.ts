/**
 * The alphabet of the index: 256 bytes are 64 glyphs, letters without their case, and three glyphs in a row are a trigram of 18 bits. One
 * index so serves either case, and its table of trigrams stays small. What shares a glyph is told apart when the text is read.
 */

/** Bytes of one glyph, in the order of their numbers; a letter stands for both of its cases. The rest follow by class. */
const own = [
  ...'abcdefghijklmnopqrstuvwxyz0123456789', '_', ' \t', '\r\n', '(', ')', '[]', '{', '}', '<', '>', '=', '+', '-', '*', '/', '&', '|', '!%', ';',
  ':', ',', '.', '"\'', '#\\',
] as const;
const glyph = { continuation: 60, lead: 61, control: 62, other: 63 } as const;

export const glyphCount = 64;
export const trigramCount = glyphCount ** 3;

export const glyphOf: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  const char = String.fromCharCode(byte).replace(/[A-Z]/, (upper) => upper.toLowerCase());
  const place = own.findIndex((chars) => chars.includes(char));
  if (place >= 0) return place;
  if (byte >= 192) return glyph.lead;
  if (byte >= 128) return glyph.continuation;
  return byte < 32 || byte === 127 ? glyph.control : glyph.other;
});

export const trigramOf = (a: number, b: number, c: number): number => (a << 12) | (b << 6) | c;

/** The trigrams of some bytes, each once. */
export function trigramsOf(bytes: Uint8Array): Set<number> {
  const out = new Set<number>();
  for (let i = 2; i < bytes.length; i++) {
    out.add(trigramOf(glyphOf[bytes[i - 2] as number] as number, glyphOf[bytes[i - 1] as number] as number, glyphOf[bytes[i] as number] as number));
  }
  return out;
}
