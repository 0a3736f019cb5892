/**
 * Finds a shape by a small WebAssembly program that looks at the two rarest of its places, for 64 places of the text at a time, and then at
 * the others. It is written here and compiled when it is started, so there is no binary to trust; without 128-bit registers the plain finder
 * does the same.
 */
import { and, get, i32, load, minus, moduleOf, num, or, plus, set as put, v128, type Code } from '#kit/hash/wasm';
import {
  and64, Assembler, below, bits16, byteOf, differ16, down16, equal16, everywhere, i64, isZero64, left64, long, lookUp16, lowest32, lowest64, minus64,
  narrow64, not, or64, putWord, wide64, wordOf,
} from '#kit/match/assembler';
import { bytesIn, hasByte, lineFeed, type ByteSet } from '../regex/syntax.ts';
import { PlainFinder, type Finder } from './finder.ts';
import { rarestOf, type Shape } from './shape.ts';

/** What is used of the global, which the types of Node 20 leave out. */
declare const WebAssembly: {
  validate(bytes: Uint8Array<ArrayBuffer>): boolean;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object) => { readonly exports: object };
};

// Memory, in bytes. Where the two places stand, what was found, and how many places there are to look at then.
const [firstPlaceAt, secondPlaceAt, foundAt, stepsAt] = [0, 4, 8, 12] as const;
/** Of each of the two: as a byte and its fold, and as two tables of 16 bytes. */
const [bytesAt, tablesAt] = [16, 32] as const;
/** Each further place: where it stands, and where its table of 256 bytes lies. */
const placesAt = 128;
/** Places and different sets of a shape that it looks at. */
const [mostPlaces, mostSets] = [260, 64];
const setsAt = placesAt + mostPlaces * 8;
/** A line feed stands before the text. */
const textAt = Math.ceil((setsAt + mostSets * 256 + 1) / 64) * 64 + 64;
/** Text that is loaded at once. What is read behind it is memory, and not looked at. */
export const kernelBytes = 256 * 1024;
const stride = 64;
const pages = Math.ceil((textAt + kernelBytes + mostPlaces + stride * 2) / 65_536);

const everywhereOf = (at: number): Code => [...num(at), 0xfd, 7, 0, 0];
const isAny = (value: Code): Code => [...value, 0xfd, 83];

/** Whether each of 16 bytes may stand at one of the two places. */
type Test = (text: Code) => Code;

/** A byte, or a letter in either case. */
function byteTest(asm: Assembler, number: number): Test {
  const [byte, fold] = [asm.local(v128), asm.local(v128)];
  asm.set(byte, everywhereOf(bytesAt + number * 2));
  asm.set(fold, everywhereOf(bytesAt + number * 2 + 1));
  return (text) => equal16(or(text, get(fold)), get(byte));
}

/** A set, told by the two halves of a byte: what its high half has in common with its low half. */
function setTest(asm: Assembler, number: number): Test {
  const [low, high, bytes] = [asm.local(v128), asm.local(v128), asm.local(v128)];
  asm.set(low, load(num(tablesAt + number * 32)));
  asm.set(high, load(num(tablesAt + number * 32 + 16)));
  const halves = (): Code => and(lookUp16(get(low), and(get(bytes), everywhere(15))), lookUp16(get(high), down16(get(bytes), 4)));
  return (text) => [...put(bytes, text), ...differ16(halves(), everywhere(0))];
}

/**
 * `find(from, last)`: the first address from `from` to `last` at which the shape stands, or -1, at `foundAt`. `count(from, last)`: how many lines
 * hold it, there.
 */
function program(name: string, testOf: (asm: Assembler, number: number) => Test, counts: boolean): { name: string; asm: Assembler } {
  const asm = new Assembler(2);
  const [from, last] = [0, 1];
  const [one, two, at, step, steps, lines] = [asm.local(i32), asm.local(i32), asm.local(i32), asm.local(i32), asm.local(i32), asm.local(i32)];
  const hits = [asm.local(v128), asm.local(v128), asm.local(v128), asm.local(v128)] as const;
  const [bits, mask] = [asm.local(i64), asm.local(i32)];
  const tests = [testOf(asm, 0), testOf(asm, 1)] as const;
  if (!counts) asm.put(putWord(num(foundAt), num(-1)));
  asm.set(one, wordOf(num(firstPlaceAt)));
  asm.set(two, wordOf(num(secondPlaceAt)));
  asm.set(steps, wordOf(num(stepsAt)));
  const stands = (place: number, test: Test, quarter: number): Code => test(load(plus(get(from), get(place)), quarter * 16));
  const found = (): void => {
    if (!counts) {
      asm.put(putWord(num(foundAt), minus(get(at), num(textAt))));
      asm.leave('end');
      return;
    }
    asm.add(lines, 1);
    asm.set(from, get(at));
    asm.block('fed', () => asm.loop('feed', () => {
      asm.set(mask, bits16(equal16(load(get(from)), everywhere(lineFeed))));
      asm.when(get(mask), () => {
        asm.set(from, plus(get(from), lowest32(get(mask))));
        asm.leave('fed');
      });
      asm.add(from, 16);
      asm.leave('feed');
    }));
    asm.leave('step');
  };
  asm.block('end', () => asm.loop('step', () => {
    asm.leaveIf('end', below(get(last), get(from)));
    hits.forEach((hit, quarter) => asm.set(hit, and(stands(one, tests[0], quarter), stands(two, tests[1], quarter))));
    asm.when(isAny(or(or(get(hits[0]), get(hits[1])), or(get(hits[2]), get(hits[3])))), () => {
      asm.set(bits, hits.map((hit, quarter) => left64(wide64(bits16(get(hit))), long(BigInt(quarter * 16)))).reduce((a, b) => or64(a, b)));
      asm.loop('bit', () => {
        asm.set(at, plus(get(from), narrow64(lowest64(get(bits)))));
        asm.leaveIf('end', below(get(last), get(at)));
        asm.set(step, num(0));
        asm.block('no', () => {
          asm.while(below(get(step), get(steps)), () => {
            const byte = byteOf(plus(get(at), wordOf(get(step), placesAt)));
            asm.leaveIf('no', not(byteOf(plus(byte, wordOf(get(step), placesAt + 4)))));
            asm.add(step, 8);
          });
          found();
        });
        asm.set(bits, and64(get(bits), minus64(get(bits), long(1n))));
        asm.leaveIf('bit', not(isZero64(get(bits))));
      });
    });
    asm.add(from, stride);
    asm.leave('step');
  }));
  if (counts) asm.put(putWord(num(foundAt), get(lines)));
  return { name, asm };
}

function compiled(): Uint8Array<ArrayBuffer> {
  const functions = [
    program('findBytes', byteTest, false), program('countBytes', byteTest, true), program('findSets', setTest, false), program('countSets', setTest, true),
  ];
  return moduleOf(functions.map(({ name, asm }) => ({ name, takes: 2, locals: asm.types, body: asm.code })), pages);
}

/** A byte, or a letter in either case; null where the set is anything else. */
export function single(set: ByteSet): { readonly byte: number; readonly fold: number } | null {
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

/** What is put into memory for a shape; null where it does not fit. */
function settingsOf(shape: Shape): { readonly bytes: Uint8Array; readonly sets: boolean } | null {
  const all = [...shape.before ? [{ set: shape.before, place: -1 }] : [], ...shape.after ? [{ set: shape.after, place: shape.sets.length }] : [],
    ...shape.sets.map((set, place) => ({ set, place })).reverse()];
  const tables = new Map<string, { readonly at: number; readonly set: ByteSet }>();
  for (const { set } of all) if (!tables.has(set.join())) tables.set(set.join(), { at: setsAt + tables.size * 256, set });
  if (all.length > mostPlaces || tables.size > mostSets) return null;
  const bytes = new Uint8Array(textAt);
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

export interface Kernel {
  finder(shape: Shape): Finder;
}

type Run = (from: number, last: number) => void;
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly findBytes: Run;
  readonly countBytes: Run;
  readonly findSets: Run;
  readonly countSets: Run;
}

/** Null where the engine has no 128-bit registers. One serves any number of searches in turn. */
export function startKernel(): Kernel | null {
  const code = compiled();
  if (!WebAssembly.validate(code)) return null;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code));
  const { memory: { buffer }, findBytes, findSets, countBytes, countSets } = exports as Exports;
  const memory = new Uint8Array(buffer);
  const words = new Int32Array(buffer);
  const turn: { of: Shape | null } = { of: null };
  return {
    finder(shape) {
      const settings = settingsOf(shape);
      if (!settings) return new PlainFinder(shape);
      const [find, count] = settings.sets ? [findSets, countSets] : [findBytes, countBytes];
      let length = 0;
      const last = (): number => textAt + length - shape.sets.length;
      return {
        shape,
        room(bytes) {
          if (bytes > kernelBytes) throw new Error('more text than fits');
          if (turn.of !== shape) memory.set(settings.bytes, 0);
          turn.of = shape;
          length = bytes;
          memory[textAt - 1] = lineFeed;
          memory[textAt + bytes] = lineFeed;
          return memory.subarray(textAt, textAt + bytes);
        },
        next(from) {
          if (textAt + from > last()) return -1;
          find(textAt + from, last());
          return words[foundAt / 4] as number;
        },
        count() {
          if (last() < textAt) return 0;
          count(textAt, last());
          return words[foundAt / 4] as number;
        },
      };
    },
  };
}
