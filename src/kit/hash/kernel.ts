/**
 * SHA-256 (FIPS 180-4) of four nodes of a Merkle tree at once, SHA-256(0x01 || left || right): a small WebAssembly program
 * that this file writes, one node in each lane of a 128-bit register. It exists because a call into the platform's own
 * hashing costs several times what hashing 65 bytes does.
 *
 * The second block of a node is one byte of the right hash, the padding and the length: of its 64 schedule words there are
 * 256 versions in all, kept as a table.
 */
import {
  add, and, byteAt, call, compiled, get, i32, isAbove, left, load, loop, minus, moduleOf, num, or, plus, right, set, shiftLeft, shuffle,
  splat, store, v128, xor,
} from './wasm.ts';
import type { Code, Fn } from './wasm.ts';

/** First 32 bits of the fractional parts of cube and square roots of the first primes. */
function rootsOfPrimes(count: number, root: (n: number) => number): Int32Array {
  const words = new Int32Array(count);
  let found = 0;
  for (let n = 2; found < count; n++) {
    let prime = true;
    for (let d = 2; d * d <= n && prime; d++) prime = n % d !== 0;
    if (prime) words[found++] = Math.floor((root(n) % 1) * 2 ** 32);
  }
  return words;
}

export const roundWords = rootsOfPrimes(64, Math.cbrt);
export const startWords = rootsOfPrimes(8, Math.sqrt);

// Memory, in bytes. Each word of state, schedule and constants stands there four times, once a lane.
const stateAt = 0;
const startAt = 128;
const scheduleAt = 256;
const readyAt = scheduleAt + 1024;
const constantsAt = readyAt + 1024;
const tableAt = constantsAt + 1024;
/** Where messages lie from; the byte before is read, and ignored. */
export const inputAt = tableAt + 256 * 256 + 64;
export const inputBytes = 512 * 1024;
/** Lanes that are not used are hashed all the same: three messages more than asked for are read and written. */
const slack = 4096;
export const outputAt = inputAt + inputBytes + slack;
const pages = Math.ceil((outputAt + inputBytes / 2 + slack) / 65_536);

const zero = num(0);
const turn = (x: Code, bits: number): Code => or(right(x, bits), left(x, 32 - bits));
const words = (...order: number[]): number[] => order.flatMap((word) => [0, 1, 2, 3].map((byte) => word * 4 + byte));
const swap = (x: Code): Code => shuffle(x, x, [3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12]);

/** Four registers as rows become four as columns; `rows` and `spare` are locals, `put` says what happens to column i. */
function transposed(rows: readonly Code[], spare: number, put: (column: number, value: Code) => Code): Code {
  const [r0 = [], r1 = [], r2 = [], r3 = []] = rows;
  const [low = words(0, 4, 1, 5), high = words(2, 6, 3, 7)] = [];
  const [t0, t1, t2, t3] = [0, 1, 2, 3].map((i) => spare + i) as [number, number, number, number];
  const firstHalves = words(0, 1, 4, 5);
  const secondHalves = words(2, 3, 6, 7);
  return [
    ...set(t0, shuffle(r0, r1, low)), ...set(t1, shuffle(r2, r3, low)),
    ...set(t2, shuffle(r0, r1, high)), ...set(t3, shuffle(r2, r3, high)),
    ...put(0, shuffle(get(t0), get(t1), firstHalves)), ...put(1, shuffle(get(t0), get(t1), secondHalves)),
    ...put(2, shuffle(get(t2), get(t3), firstHalves)), ...put(3, shuffle(get(t2), get(t3), secondHalves)),
  ];
}

/** The 64 rounds over the words at `readyAt`, onto the state. Eight are written out: then the registers are where they were. */
function rounds(): Fn {
  const [i, first, ab, bc, t] = [0, 1, 9, 10, 11];
  const names = Array.from({ length: 8 }, (_, k) => first + k);
  const body: number[] = [...set(bc, xor(get(first + 1), get(first + 2)))];
  for (let r = 0; r < 8; r++) {
    const [a = 0, b = 0, , d = 0, e = 0, f = 0, g = 0, h = 0] = names;
    const big1 = xor(turn(get(e), 6), turn(get(e), 11), turn(get(e), 25));
    const big0 = xor(turn(get(a), 2), turn(get(a), 13), turn(get(a), 22));
    const choice = xor(get(g), and(get(e), xor(get(f), get(g))));
    body.push(
      ...set(t, add(get(h), load(get(i), readyAt + r * 16), choice, big1)),
      ...set(d, add(get(d), get(t))),
      // Majority of a, b and c from a^b, which is b^c of the next round.
      ...set(ab, xor(get(a), get(b))),
      ...set(h, add(get(t), big0, xor(get(b), and(get(ab), get(bc))))),
      ...set(bc, get(ab)),
    );
    names.unshift(names.pop() ?? 0);
  }
  body.push(...set(i, plus(get(i), num(128))));
  const state = Array.from({ length: 8 }, (_, k) => k);
  return {
    name: 'rounds', takes: 0, locals: [i32, ...Array.from({ length: 11 }, () => v128)],
    body: [
      ...state.flatMap((k) => set(first + k, load(zero, stateAt + k * 16))),
      ...loop(body, isAbove(num(1024), get(i))),
      ...state.flatMap((k) => store(zero, add(get(first + k), load(zero, stateAt + k * 16)), stateAt + k * 16)),
    ],
  };
}

/** Words 16 to 63 of the schedule from the first 16, then each with its constant added to `readyAt`. */
function schedule(): Fn {
  const [i, x, y] = [0, 1, 2];
  const word = (back: number): Code => load(get(i), scheduleAt + (16 - back) * 16);
  const small0 = xor(turn(get(x), 7), turn(get(x), 18), right(get(x), 3));
  const small1 = xor(turn(get(y), 17), turn(get(y), 19), right(get(y), 10));
  const ready = (value: Code): Code => store(get(i), add(value, load(get(i), constantsAt)), readyAt);
  const step = set(i, plus(get(i), num(16)));
  return {
    name: 'schedule', takes: 0, locals: [i32, v128, v128],
    body: [
      ...loop([
        ...set(x, word(15)), ...set(y, word(2)),
        ...store(get(i), add(word(16), small0, word(7), small1), scheduleAt + 256),
        ...ready(word(16)), ...step,
      ], isAbove(num(48 * 16), get(i))),
      ...loop([...ready(word(16)), ...step], isAbove(num(64 * 16), get(i))),
    ],
  };
}

const begin: Code = Array.from({ length: 8 }, (_, k) => store(zero, load(zero, startAt + k * 16), stateAt + k * 16)).flat();

/** The state as four hashes of 32 bytes, from `dst` on. */
function finish(dst: Code, spare: number): Code {
  return [0, 4].flatMap((half) => transposed(
    [0, 1, 2, 3].map((k) => load(zero, stateAt + (half + k) * 16)), spare,
    (lane, value) => store(dst, swap(value), lane * 32 + half * 4),
  ));
}

/** `nodes(src, count, dst)`: count pairs of hashes into count hashes. dst may be src: a pair is read before it is overwritten. */
function nodes(): Fn {
  const [src, count, dst, row, spare] = [0, 1, 2, 3, 7];
  const lanes = [0, 1, 2, 3];
  // Word j of the message is the bytes from 4j - 1 on: the prefix 0x01 shifts the hashes by one.
  const firstBlock = [0, 1, 2, 3].flatMap((quarter) => transposed(
    lanes.map((lane) => plus(get(src), num(lane * 64 + quarter * 16 - 1))).map((address) => swap(load(address))), spare,
    (column, value) => store(zero, quarter || column ? value : or(and(value, splat(0xffffff)), splat(0x1000000)),
      scheduleAt + (quarter * 4 + column) * 16),
  ));
  const secondBlock = [
    ...lanes.flatMap((lane) => set(row + lane, shiftLeft(byteAt(get(src), lane * 64 + 63), 8))),
    ...Array.from({ length: 16 }, (_, quarter) => transposed(
      lanes.map((lane) => load(get(row + lane), tableAt + quarter * 16)), spare,
      (column, value) => store(zero, value, readyAt + (quarter * 4 + column) * 16),
    )).flat(),
  ];
  return {
    name: 'nodes', takes: 3, locals: [i32, i32, i32, i32, v128, v128, v128, v128],
    body: loop([
      ...firstBlock, ...begin, ...call(1), ...call(0), ...secondBlock, ...call(0), ...finish(get(dst), spare),
      ...set(src, plus(get(src), num(256))), ...set(dst, plus(get(dst), num(128))), ...set(count, minus(get(count), num(4))),
    ], isAbove(get(count), zero)),
  };
}

/** The program, byte for byte the same wherever it is written. */
export const kernelProgram = (): Uint8Array<ArrayBuffer> => moduleOf([rounds(), schedule(), nodes()], pages);

export interface Kernel {
  readonly memory: Uint8Array;
  /** `count` pairs of hashes from `src` on become `count` hashes from `dst` on, which may be `src`. */
  nodes(src: number, count: number, dst: number): void;
}

/** The words of a schedule that begins with these, each with its constant added. */
function scheduleOf(first: readonly number[]): Int32Array {
  const w = new Int32Array(64);
  w.set(first);
  const rotated = (x: number, bits: number): number => (x >>> bits) | (x << (32 - bits));
  for (let i = 16; i < 64; i++) {
    const [a = 0, b = 0, c = 0, d = 0] = [w[i - 15], w[i - 2], w[i - 16], w[i - 7]];
    const s0 = rotated(a, 7) ^ rotated(a, 18) ^ (a >>> 3);
    const s1 = rotated(b, 17) ^ rotated(b, 19) ^ (b >>> 10);
    w[i] = c + s0 + d + s1;
  }
  return w.map((word, i) => word + (roundWords[i] ?? 0));
}

/** A kernel with a memory of its own, or null where the engine has no 128-bit registers. */
export function startKernel(): Kernel | null {
  const start = compiled(kernelProgram());
  if (!start) return null;
  const { memory, nodes: hashNodes } = start() as Pick<Kernel, 'nodes'> & {
    readonly memory: { readonly buffer: ArrayBuffer };
  };
  // WebAssembly is little endian on every machine; so is each that V8 runs on with such registers.
  const ints = new Int32Array(memory.buffer);
  const lanes = (address: number, values: Int32Array): void => {
    values.forEach((value, i) => ints.fill(value, address / 4 + i * 4, address / 4 + i * 4 + 4));
  };
  lanes(startAt, startWords);
  lanes(constantsAt, roundWords);
  for (let byte = 0; byte < 256; byte++) {
    const first = [(byte << 24) | 0x800000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 65 * 8];
    ints.set(scheduleOf(first), (tableAt + byte * 256) / 4);
  }
  return { memory: new Uint8Array(memory.buffer), nodes: hashNodes };
}
