/**
 * Where two stretches of bytes differ. Of equal length: byte by byte. Else what they have in common at both ends is left out, and
 * between that texts are compared line by line. Every differing byte is in exactly one run; where there are very many, the last
 * run takes all the rest.
 */
import type { Range, Run } from './model.ts';

/** Runs of one region that are told one by one. */
export const mostRuns = 256;
/** Lines of each side that are set against each other. */
const mostLines = 2000;

const buffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

/** The first place from `at` on where they differ, or `end`. */
function differsAt(a: Buffer, b: Buffer, at: number, end: number): number {
  let place = at;
  // Blocks first: comparing them is native.
  while (place + 4096 <= end && a.compare(b, place, place + 4096, place, place + 4096) === 0) place += 4096;
  while (place < end && a[place] === b[place]) place++;
  return place;
}

function sameLength(a: Buffer, b: Buffer): Run[] {
  const out: Run[] = [];
  const run = (from: number, to: number): Run => ({ shipped: { from, to }, rebuilt: { from, to } });
  for (let at = differsAt(a, b, 0, a.length); at < a.length;) {
    if (out.length === mostRuns - 1) {
      let end = a.length;
      while (end > at && a[end - 1] === b[end - 1]) end--;
      out.push(run(at, end));
      break;
    }
    let to = at;
    while (to < a.length && a[to] !== b[to]) to++;
    out.push(run(at, to));
    at = differsAt(a, b, to, a.length);
  }
  return out;
}

interface Lines { readonly texts: readonly string[]; readonly starts: readonly number[] }

function linesOf(bytes: Buffer, { from, to }: Range): Lines {
  const [texts, starts]: [string[], number[]] = [[], []];
  for (let at = from; at < to;) {
    const end = bytes.indexOf(10, at);
    const next = end < 0 || end >= to ? to : end + 1;
    texts.push(bytes.toString('latin1', at, next));
    starts.push(at);
    at = next;
  }
  starts.push(to);
  return { texts, starts };
}

/** Pairs of lines that stay, by the longest common subsequence (Hunt and Szymanski's table, kept small by the bound on lines). */
function kept(a: readonly string[], b: readonly string[]): [number, number][] {
  const width = b.length + 1;
  const table = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      table[i * width + j] = a[i] === b[j] ? (table[(i + 1) * width + j + 1] ?? 0) + 1
        : Math.max(table[(i + 1) * width + j] ?? 0, table[i * width + j + 1] ?? 0);
    }
  }
  const pairs: [number, number][] = [];
  for (let [i, j] = [0, 0]; i < a.length && j < b.length;) {
    if (a[i] === b[j]) pairs.push([i++, j++]);
    else if ((table[(i + 1) * width + j] ?? 0) >= (table[i * width + j + 1] ?? 0)) i++;
    else j++;
  }
  return pairs;
}

function byLines(a: Buffer, b: Buffer, x: Range, y: Range): Run[] | null {
  const [left, right] = [linesOf(a, x), linesOf(b, y)];
  if (left.texts.length > mostLines || right.texts.length > mostLines) return null;
  const out: Run[] = [];
  let [i, j] = [0, 0];
  for (const [p, q] of [...kept(left.texts, right.texts), [left.texts.length, right.texts.length] as const]) {
    if (p > i || q > j) {
      out.push({ shipped: { from: left.starts[i] ?? x.to, to: left.starts[p] ?? x.to }, rebuilt: { from: right.starts[j] ?? y.to,
        to: right.starts[q] ?? y.to } });
    }
    [i, j] = [p + 1, q + 1];
  }
  return out.length <= mostRuns ? out : null;
}

/** Runs with offsets from the beginnings of the two. */
export function runsOf(shipped: Uint8Array, rebuilt: Uint8Array, text: boolean): Run[] {
  const [a, b] = [buffer(shipped), buffer(rebuilt)];
  if (a.length === b.length) return sameLength(a, b);
  const short = Math.min(a.length, b.length);
  let from = differsAt(a, b, 0, short);
  let tail = 0;
  while (tail < short - from && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  if (text) {
    // Whole lines, as a person reads them.
    from = from === 0 ? 0 : a.lastIndexOf(10, from - 1) + 1;
    while (tail > 0 && a[a.length - tail - 1] !== 10) tail--;
  }
  const [x, y] = [{ from, to: a.length - tail }, { from, to: b.length - tail }];
  return (text ? byLines(a, b, x, y) : null) ?? [{ shipped: x, rebuilt: y }];
}

/** Differing bytes, of the longer side. */
export const bytesIn = (runs: readonly Run[]): number =>
  runs.reduce((sum, { shipped, rebuilt }) => sum + Math.max(shipped.to - shipped.from, rebuilt.to - rebuilt.from), 0);
