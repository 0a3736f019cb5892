/**
 * A file as windows: the pieces that a reviewer is shown, one *view* each. The division is fixed by the bytes alone: at most 200 lines
 * and 16 KiB a window, whole lines where they fit; a longer line is cut between two characters of UTF-8. So the same piece of the same
 * bytes has the same number for everybody, and nobody gets more by asking otherwise. The format is docs/specs/review.md.
 */

export const windowLines = 200;
export const windowBytes = 16 * 1024;

const newline = 10;

export interface Window {
  /** From 0. */
  readonly number: number;
  /** Bytes, up to but not with `to`. */
  readonly from: number;
  readonly to: number;
  /** The line, from 1, that its first byte belongs to. */
  readonly line: number;
  /** Whether it begins within that line. */
  readonly within: boolean;
  /** Lines that end in it: over all windows of a file these add up to its lines. */
  readonly ends: number;
}

/** Where the windows of a file begin; a few bytes a window, whatever the file holds. */
export interface Layout {
  readonly bytes: number;
  readonly lines: number;
  readonly count: number;
  /** count + 1 offsets. */
  readonly starts: Uint32Array;
  /** count + 1 numbers: lines that ended before the window. */
  readonly ended: Uint32Array;
}

/** Where one that begins at `from` ends, and how many lines end in it. */
function endOf(bytes: Uint8Array, from: number): { to: number; ends: number } {
  const limit = Math.min(bytes.length, from + windowBytes);
  let [to, ends] = [from, 0];
  while (ends < windowLines && to < limit) {
    const end = bytes.subarray(to, limit).indexOf(newline);
    if (end < 0 && limit < bytes.length) break;
    const next = end < 0 ? bytes.length : to + end + 1;
    to = next;
    ends += 1;
  }
  if (to > from) return { to, ends };
  // One line that does not fit: cut before a character that would be torn, unless it is no UTF-8 anyway.
  to = limit;
  for (let back = 0; back < 3 && to < bytes.length && ((bytes[to] ?? 0) & 0xc0) === 0x80; back++) to -= 1;
  return ((bytes[to] ?? 0) & 0xc0) === 0x80 ? { to: limit, ends: 0 } : { to, ends: 0 };
}

export function layOut(bytes: Uint8Array): Layout {
  const starts: number[] = [0];
  const ended: number[] = [0];
  for (let from = 0, lines = 0; from < bytes.length;) {
    const { to, ends } = endOf(bytes, from);
    lines += ends;
    starts.push(to);
    ended.push(lines);
    from = to;
  }
  return {
    bytes: bytes.length, lines: ended.at(-1) ?? 0, count: starts.length - 1, starts: Uint32Array.from(starts), ended: Uint32Array.from(ended),
  };
}

/** A window by its number, or null. `bytes` tell whether it begins within a line. */
export function windowAt(layout: Layout, bytes: Uint8Array, number: number): Window | null {
  if (!Number.isInteger(number) || number < 0 || number >= layout.count) return null;
  const [from = 0, to = 0] = layout.starts.subarray(number, number + 2);
  const [before = 0, after = 0] = layout.ended.subarray(number, number + 2);
  return { number, from, to, line: before + 1, within: from > 0 && bytes[from - 1] !== newline, ends: after - before };
}

/** The window in which a line, from 1, begins; null where there is no such line. */
export function windowOfLine(layout: Layout, line: number): number | null {
  if (!Number.isInteger(line) || line < 1 || line > layout.lines) return null;
  // The line before ends in some window; this one begins in that, or in the next where that window ends with it.
  let [low, high] = [0, layout.count - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((layout.ended[middle + 1] ?? 0) >= line) high = middle;
    else low = middle + 1;
  }
  // A line cut in pieces begins in the first window that has ended as many lines before it.
  const before = line - 1;
  let first = low;
  while (first > 0 && (layout.ended[first] ?? 0) === before && (layout.ended[first - 1] ?? 0) === before) first -= 1;
  return first;
}

/** The window that holds a byte; null where there is none. */
export function windowOfByte(layout: Layout, at: number): number | null {
  if (!Number.isInteger(at) || at < 0 || at >= layout.bytes) return null;
  let [low, high] = [0, layout.count - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((layout.starts[middle] ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}
