/**
 * Which lines of a file changed since an older one: places and counts alone, never text. Lines end with 0x0A and are compared byte for
 * byte, as docs/specs/review.md counts them.
 */
import { diffArrays } from 'diff';

/** At line `at` of the newer file (from 1) stand `added` lines in the place of `removed` older ones; with none added they stood before it. */
export interface LineChange { readonly at: number; readonly added: number; readonly removed: number }

/** Further apart than this, a file was written anew; to find that out takes the square of it. */
const editsMax = 2_000;

/** Lines as strings of one character a byte: equal where the bytes are. A last line without an end differs from one with it. */
function linesOf(bytes: Uint8Array): string[] {
  const lines: string[] = [];
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let from = 0; from < text.length;) {
    const end = text.indexOf(10, from);
    const to = end < 0 ? text.length : end + 1;
    lines.push(text.toString('latin1', from, to));
    from = to;
  }
  return lines;
}

/** In the order of the newer file; null where the two are too far apart to say. */
export function lineChanges(before: Uint8Array, after: Uint8Array): LineChange[] | null {
  const [a, b] = [linesOf(before), linesOf(after)];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const parts = diffArrays(a.slice(head, a.length - tail), b.slice(head, b.length - tail), { maxEditLength: editsMax });
  if (!parts) return null;
  const changes: { at: number; added: number; removed: number }[] = [];
  let at = head + 1;
  let open: { at: number; added: number; removed: number } | null = null;
  for (const { added, removed, count = 0 } of parts) {
    if (!added && !removed) {
      at += count;
      open = null;
      continue;
    }
    if (!open) changes.push(open = { at, added: 0, removed: 0 });
    if (added) [open.added, at] = [open.added + count, at + count];
    else open.removed += count;
  }
  return changes;
}
