/**
 * What a pattern means, as a tree over bytes. One line without its line feed is what it is tried on, so no set holds the line feed. The
 * dialect is written down in docs/specs/search.md.
 */

/** Which of the 256 bytes: one bit each. */
export type ByteSet = Uint32Array;

/** Places between two bytes. The halves say what does not stand on one side: `whole word` is a half on either side. */
export type Place = 'line-start' | 'line-end' | 'word-border' | 'no-word-border' | 'word-start' | 'word-end' | 'no-word-before' | 'no-word-after';

export type Pattern =
  | { readonly kind: 'set'; readonly bytes: ByteSet }
  | { readonly kind: 'place'; readonly place: Place }
  /** One after the other; none is the empty text. */
  | { readonly kind: 'row'; readonly parts: readonly Pattern[] }
  /** The first that fits. */
  | { readonly kind: 'choice'; readonly parts: readonly Pattern[] }
  | { readonly kind: 'repeat'; readonly part: Pattern; readonly least: number; readonly most: number; readonly greedy: boolean };

export const lineFeed = 10;
export const nothing: Pattern = { kind: 'row', parts: [] };

export const emptySet = (): ByteSet => new Uint32Array(8);
export const hasByte = (set: ByteSet, byte: number): boolean => ((set[byte >> 5] as number) >>> (byte & 31) & 1) === 1;
export function addByte(set: ByteSet, byte: number): void {
  set[byte >> 5] = (set[byte >> 5] as number) | (1 << (byte & 31));
}
export function addRange(set: ByteSet, from: number, to: number): void {
  for (let byte = from; byte <= to; byte++) addByte(set, byte);
}
export function addAll(set: ByteSet, other: ByteSet): void {
  for (let i = 0; i < 8; i++) set[i] = (set[i] as number) | (other[i] as number);
}
export const negated = (set: ByteSet): ByteSet => set.map((bits) => ~bits);
export function bytesIn(set: ByteSet): number[] {
  const out: number[] = [];
  for (let byte = 0; byte < 256; byte++) if (hasByte(set, byte)) out.push(byte);
  return out;
}

export function setOf(...ranges: readonly (readonly [number, number])[]): ByteSet {
  const set = emptySet();
  for (const [from, to] of ranges) addRange(set, from, to);
  return set;
}

/** The ASCII letters of a set in both cases. */
export function bothCases(set: ByteSet): ByteSet {
  const out = set.slice();
  for (let upper = 65; upper <= 90; upper++) {
    if (hasByte(set, upper)) addByte(out, upper + 32);
    if (hasByte(set, upper + 32)) addByte(out, upper);
  }
  return out;
}

/** As a pattern. The line feed is in no line, so it goes. */
export function anyOf(set: ByteSet): Pattern {
  const bytes = set.slice();
  bytes[0] = (bytes[0] as number) & ~(1 << lineFeed);
  return { kind: 'set', bytes };
}

export const digits = setOf([48, 57]);
export const spaces = setOf([9, 13], [32, 32]);
export const wordBytes = setOf([48, 57], [65, 90], [95, 95], [97, 122]);
export const everyByte = setOf([0, 255]);

/** The bytes in this order, each in either case if asked so. */
export function textPattern(bytes: Uint8Array, anyCase: boolean): Pattern {
  const parts = Array.from(bytes, (byte) => {
    const set = setOf([byte, byte]);
    return anyOf(anyCase ? bothCases(set) : set);
  });
  return parts.length === 1 ? parts[0] as Pattern : { kind: 'row', parts };
}

/** The pattern where no word byte touches it. */
export const wholeWord = (pattern: Pattern): Pattern => ({
  kind: 'row', parts: [{ kind: 'place', place: 'no-word-before' }, pattern, { kind: 'place', place: 'no-word-after' }],
});
