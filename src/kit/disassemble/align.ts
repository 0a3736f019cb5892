/** Sets the instructions of both sides against each other: what is the same stands in one row, and so does what took another’s place. */
import { lineChanges } from '../diff/lines.ts';
import type { Instruction, Row, RowKind } from './model.ts';

const linesOf = (all: readonly Instruction[]): Uint8Array => new TextEncoder().encode(all.map(({ text, bytes }) => `${text} ${bytes}\n`).join(''));

function kindOf(a: Instruction, b: Instruction): RowKind {
  if (a.bytes === b.bytes) return a.text === b.text ? 'same' : 'moved';
  return a.text === b.text ? 'encoded' : 'changed';
}

const paired = (shipped: Instruction | null, rebuilt: Instruction | null): Row =>
  ({ is: shipped && rebuilt ? kindOf(shipped, rebuilt) : shipped ? 'only-shipped' : 'only-rebuilt', shipped, rebuilt });

/** By what they say, wherever it stands: finds what came, went, and was pushed along. */
function bySense(shipped: readonly Instruction[], rebuilt: readonly Instruction[]): Row[] {
  const rows: Row[] = [];
  let [i, j] = [0, 0];
  const take = (left: number, right: number): void => {
    for (let n = 0; n < Math.max(left, right); n++) rows.push(paired(n < left ? shipped[i++] ?? null : null, n < right ? rebuilt[j++] ?? null : null));
  };
  // Too far apart to say: one in the place of another, in order.
  for (const { at, added, removed } of lineChanges(linesOf(shipped), linesOf(rebuilt)) ?? []) {
    take(at - 1 - j, at - 1 - j);
    take(removed, added);
  }
  take(shipped.length - i, rebuilt.length - j);
  return rows;
}

const endOf = ({ at, bytes }: Instruction): number => at + bytes.length / 2;

/** By place: what begins and ends at the same bytes stands in one row, and between such places what they say counts. */
function byPlace(shipped: readonly Instruction[], rebuilt: readonly Instruction[], shift: number): Row[] {
  const rows: Row[] = [];
  const ends = new Map(rebuilt.map((b, j) => [endOf(b) - shift, j + 1]));
  let [i, j] = [0, 0];
  for (const [n, a] of shipped.entries()) {
    const next = ends.get(endOf(a));
    if (next === undefined || next <= j) continue;
    rows.push(...bySense(shipped.slice(i, n + 1), rebuilt.slice(j, next)));
    [i, j] = [n + 1, next];
  }
  return [...rows, ...bySense(shipped.slice(i), rebuilt.slice(j))];
}

const marks = (rows: readonly Row[]): number => rows.filter((r) => r.is !== 'same').length;

/**
 * Rows in order; the left sides give the first list back, the right ones the second. Of the two ways of reading, by place and by sense, the
 * one with fewer marks, which is the smaller claim. `shift` is how far behind the shipped place the rebuilt one of the difference lies.
 */
export function aligned(shipped: readonly Instruction[], rebuilt: readonly Instruction[], shift = 0): Row[] {
  const [place, sense] = [byPlace(shipped, rebuilt, shift), bySense(shipped, rebuilt)];
  return marks(place) <= marks(sense) ? place : sense;
}
