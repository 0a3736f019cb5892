/**
 * Finds shapes, and counts lines, with 128-bit registers: the two rarest places of a shape are looked at for 64 places of the text at a time,
 * and then the others; what a shape does not tell is told by the automaton, whose table lies in the same memory. Without such registers
 * `finder.ts` does the same.
 */
import { compiled } from '#kit/hash/wasm';
import { notThere, noMore, type Automaton } from '../regex/automaton.ts';
import type { Matching } from '../regex/matching.ts';
import { bytesIn, hasByte, lineFeed, type ByteSet } from '../regex/syntax.ts';
import { PlainFinder, type Counter, type Finder } from './finder.ts';
import {
  addressAt, bytesAt, classesAt, firstPlaceAt, foundAt, kernelBytes, kernelProgram, lineStateAt, mostPlaces, mostSets, placesAt, secondPlaceAt,
  setsAt, stateAt, stepsAt, stoppedAt, tableAt, tablesAt, textAt,
} from './kernel-program.ts';
import { rarestOf, type Shape } from './shape.ts';

/** A byte, or a letter in either case; null where the set is anything else. */
function single(set: ByteSet): { readonly byte: number; readonly fold: number } | null {
  const bytes = bytesIn(set);
  const [upper = 0, lower = 0] = bytes;
  if (bytes.length === 1) return { byte: upper, fold: 0 };
  return bytes.length === 2 && upper >= 65 && upper <= 90 && lower === upper + 32 ? { byte: lower, fold: 32 } : null;
}

/**
 * Two tables of which a byte's low half and its high half have a bit in common where it is of the set: one bit for each different row of the
 * 16 by 16 square that the bytes are. Null where there are more rows than bits.
 */
function halvesOf(set: ByteSet): { low: Uint8Array; high: Uint8Array } | null {
  const [low, high] = [new Uint8Array(16), new Uint8Array(16)];
  const rows = new Map<number, number>();
  for (let upper = 0; upper < 16; upper++) {
    let row = 0;
    for (let lower = 0; lower < 16; lower++) if (hasByte(set, upper * 16 + lower)) row |= 1 << lower;
    if (row === 0) continue;
    const bit = rows.get(row) ?? 1 << rows.size;
    if (bit > 128) return null;
    rows.set(row, bit);
    high[upper] = bit;
    for (let lower = 0; lower < 16; lower++) if (row >> lower & 1) low[lower] = (low[lower] as number) | bit;
  }
  return { low, high };
}

/** For memory, and whether its two places are told as sets. */
interface Settings { readonly bytes: Uint8Array; readonly sets: boolean }

/** What is put into memory for a shape; null where it does not fit. */
function settingsOf(shape: Shape): Settings | null {
  const all = [...shape.before ? [{ set: shape.before, place: -1 }] : [], ...shape.after ? [{ set: shape.after, place: shape.sets.length }] : [],
    ...shape.sets.map((set, place) => ({ set, place })).reverse()];
  const tables = new Map<string, { readonly at: number; readonly set: ByteSet }>();
  for (const { set } of all) if (!tables.has(set.join())) tables.set(set.join(), { at: setsAt + tables.size * 256, set });
  if (all.length > mostPlaces || tables.size > mostSets) return null;
  const bytes = new Uint8Array(setsAt + tables.size * 256);
  const words = new DataView(bytes.buffer);
  for (const { at, set } of tables.values()) for (const byte of bytesIn(set)) bytes[at + byte] = 1;
  const rare = rarestOf(all.map(({ set }) => set)).map((i) => all[i] as (typeof all)[number]);
  const singles = rare.map(({ set }) => single(set));
  const sets = singles.some((one) => one === null);
  for (const [i, { set, place }] of rare.entries()) {
    words.setInt32(i === 0 ? firstPlaceAt : secondPlaceAt, place, true);
    const one = singles[i];
    if (!sets && one) bytes.set([one.byte, one.fold], bytesAt + i * 2);
    const halves = sets && halvesOf(set);
    if (halves === null) return null;
    if (halves) {
      bytes.set(halves.low, tablesAt + i * 32);
      bytes.set(halves.high, tablesAt + i * 32 + 16);
    }
  }
  // What the two tests have told is not asked again.
  const left = all.filter((one) => !rare.includes(one));
  words.setInt32(stepsAt, left.length * 8, true);
  for (const [i, { set, place }] of left.entries()) {
    words.setInt32(placesAt + i * 8, place, true);
    words.setInt32(placesAt + i * 8 + 4, tables.get(set.join())?.at ?? 0, true);
  }
  return { bytes, sets };
}

type Run = (from: number, last: number) => void;
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly findBytes: Run;
  readonly countBytes: Run;
  readonly walkBytes: Run;
  readonly findSets: Run;
  readonly countSets: Run;
  readonly walkSets: Run;
  readonly walkAll: Run;
}

/** One serves any number of searches in turn. */
export class Kernel {
  private readonly run: Exports;
  private readonly memory: Uint8Array;
  private readonly words: Int32Array;
  /** Whose settings and whose table are in memory, and how much of the table. */
  private shape: Shape | null = null;
  private automaton: Automaton | null = null;
  private emptied = 0;
  private copied = 0;
  private length = 0;
  private readonly known = new WeakMap<Shape, Settings | null>();

  constructor(run: Exports) {
    this.run = run;
    this.memory = new Uint8Array(run.memory.buffer);
    this.words = new Int32Array(run.memory.buffer);
  }

  /** Finding and counting put the same there. */
  private settings(shape: Shape): Settings | null {
    const known = this.known.get(shape);
    if (known !== undefined) return known;
    const made = settingsOf(shape);
    this.known.set(shape, made);
    return made;
  }

  finder(shape: Shape): Finder {
    const settings = this.settings(shape);
    if (!settings) return new PlainFinder(shape);
    const { findBytes, findSets, countBytes, countSets } = this.run;
    const [find, count] = settings.sets ? [findSets, countSets] : [findBytes, countBytes];
    const last = (): number => textAt + this.length - shape.sets.length;
    const ran = (run: Run, from: number): number => {
      run(from, last());
      return this.words[foundAt / 4] as number;
    };
    return {
      shape,
      room: (bytes) => this.room(bytes, shape, settings.bytes),
      next: (from) => (textAt + from > last() ? -1 : ran(find, textAt + from)),
      count: () => (last() < textAt ? 0 : ran(count, textAt)),
    };
  }

  /** Of a shape that is not all that is asked for, or of every line. Null where it can not: the shape or the automaton does not fit. */
  counter(shape: Shape | null, matching: Matching): Counter | null {
    const settings = shape && this.settings(shape);
    if (shape && !settings) return null;
    if (matching.forward.classes.count > 256) return null;
    const { walkAll, walkBytes, walkSets } = this.run;
    const walk = settings ? settings.sets ? walkSets : walkBytes : walkAll;
    return {
      room: (bytes) => this.room(bytes, shape, settings?.bytes ?? null),
      count: (mostWork) => this.walked(matching, walk, (feed) => (shape ? feed : feed + 1), textAt + this.length - (shape?.sets.length ?? 1), mostWork),
    };
  }

  private room(bytes: number, shape: Shape | null, settings: Uint8Array | null): Uint8Array {
    if (bytes > kernelBytes) throw new Error('more text than fits');
    if (settings && this.shape !== shape) {
      this.memory.set(settings, 0);
      this.shape = shape;
    }
    this.length = bytes;
    this.memory[textAt - 1] = lineFeed;
    this.memory[textAt + bytes] = lineFeed;
    return this.memory.subarray(textAt, textAt + bytes);
  }

  /** Counts, and makes the entries of the table that are wanted on the way. */
  private walked(matching: Matching, walk: Run, after: (feed: number) => number, last: number, mostWork: number): number {
    const { words, memory } = this;
    const { forward } = matching;
    const { of } = forward.classes;
    words[foundAt / 4] = 0;
    words[stoppedAt / 4] = 0;
    for (let from = textAt; from <= last;) {
      this.copy(forward);
      walk(from, last);
      if (words[stoppedAt / 4] === 0 || matching.work > mostWork) break;
      const address = words[addressAt / 4] as number;
      const byte = memory[address] as number;
      // The state may be gone with the table then: what follows is not looked up again.
      const [state, symbol] = [words[stateAt / 4] as number, of[byte] as number];
      const entry = forward.next(state, symbol);
      if (forward.emptied === this.emptied) this.entry(forward, state + symbol);
      const isTold = entry === noMore || byte === lineFeed || (entry & 1) === 1;
      words[stoppedAt / 4] = isTold ? 0 : 1;
      if (!isTold) {
        words[stateAt / 4] = entry >> 1;
        words[addressAt / 4] = address + 1;
        continue;
      }
      if (entry !== noMore && (entry & 1) === 1) words[foundAt / 4] = (words[foundAt / 4] as number) + 1;
      from = after(memory.indexOf(lineFeed, address));
    }
    return words[foundAt / 4] as number;
  }

  /** The table as far as it is not here yet. */
  private copy(automaton: Automaton): void {
    const { words } = this;
    words[lineStateAt / 4] = automaton.startAfter(null);
    if (this.automaton !== automaton || this.emptied !== automaton.emptied) {
      this.memory.set(automaton.classes.of, classesAt);
      [this.automaton, this.emptied, this.copied] = [automaton, automaton.emptied, 0];
    }
    const { table, used, classes: { count } } = automaton;
    words.set(table.subarray(this.copied, used), tableAt / 4 + this.copied);
    for (let at = this.copied + count - 1; at < used; at += count) this.entry(automaton, at);
    this.copied = used;
  }

  /** One entry of it. Of a line that ends without a match nothing more is told. */
  private entry({ table, classes: { count } }: Automaton, at: number): void {
    const entry = table[at] as number;
    this.words[tableAt / 4 + at] = at % count === count - 1 && entry !== notThere && (entry & 1) === 0 ? noMore : entry;
  }
}

/** Null where the engine has no 128-bit registers. */
export function startKernel(): Kernel | null {
  const start = compiled(kernelProgram());
  return start && new Kernel(start() as Exports);
}
