/** The word under a pointer or a selection, as far as it can be a name; and pieces of code cut where what is looked for stands in them. */
import type { Piece } from './highlight.ts';

const nameOnly = /^[\p{L}_$][\p{L}\p{N}_$]{0,199}$/u;
const nameLetter = /[\p{L}\p{N}_$]/u;

export const asName = (text: string): string | null => (nameOnly.test(text.trim()) ? text.trim() : null);

/** The name that stands at a place of a text. */
export function nameAt(text: string, place: number): string | null {
  let [from, to] = [place, place];
  while (from > 0 && nameLetter.test(text.charAt(from - 1))) from--;
  while (to < text.length && nameLetter.test(text.charAt(to))) to++;
  return asName(text.slice(from, to));
}

interface Pointed { readonly offsetNode: Node; readonly offset: number }
interface Pointing { caretPositionFromPoint?(x: number, y: number): Pointed | null; caretRangeFromPoint?(x: number, y: number): Range | null }

/** The name under the pointer: by either of the two ways in which browsers tell. */
export function nameUnder(x: number, y: number): string | null {
  const pointing: Pointing = document;
  const position = pointing.caretPositionFromPoint?.(x, y);
  const range = position ? null : pointing.caretRangeFromPoint?.(x, y);
  const [node, offset] = position ? [position.offsetNode, position.offset] : [range?.startContainer, range?.startOffset ?? 0];
  return node?.nodeType === Node.TEXT_NODE ? nameAt(node.textContent ?? '', offset) : null;
}

export interface CutPiece extends Piece { readonly found: boolean }

/** Pieces of a line, cut where the text stands in it; case and words as they are asked. What is put together again is the line. */
export function cutAt(pieces: readonly Piece[], text: string, how: { readonly anyCase: boolean; readonly wholeWord: boolean }): CutPiece[] {
  if (text === '') return pieces.map((p) => ({ ...p, found: false }));
  const line = pieces.map((p) => p.text).join('');
  const [within, wanted] = how.anyCase && line.toLowerCase().length === line.length ? [line.toLowerCase(), text.toLowerCase()] : [line, text];
  const places: number[] = [];
  for (let at = within.indexOf(wanted); at >= 0 && places.length < 1_000; at = within.indexOf(wanted, at + wanted.length)) {
    const isWord = !nameLetter.test(within.charAt(at - 1)) && !nameLetter.test(within.charAt(at + wanted.length));
    if (isWord || !how.wholeWord) places.push(at, at + wanted.length);
  }
  const out: CutPiece[] = [];
  let [begin, next] = [0, 0];
  for (const piece of pieces) {
    let rest = piece.text;
    while (rest !== '') {
      while ((places[next] ?? Infinity) <= begin) next++;
      const length = Math.min(rest.length, (places[next] ?? Infinity) - begin);
      out.push({ shade: piece.shade, text: rest.slice(0, length), found: next % 2 === 1 });
      rest = rest.slice(length);
      begin += length;
    }
  }
  return out;
}
