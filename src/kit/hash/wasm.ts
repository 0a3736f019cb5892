/**
 * Just enough WebAssembly to write a small program as bytes: expressions are arrays of bytes that concatenate, a module is
 * functions over one memory of its own. The engine checks every module it is given, so a mistake here cannot go unseen.
 * Format: https://webassembly.github.io/spec/core/binary/
 */

export type Code = readonly number[];

/** Unsigned LEB128. */
function u(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
  bytes.push(rest);
  return bytes;
}

/** Signed LEB128 of 32 bits. */
function s(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest < -64 || rest > 63; rest >>= 7) bytes.push((rest & 127) | 128);
  bytes.push(rest & 127);
  return bytes;
}

const vector = (number: number): number[] => [0xfd, ...u(number)];
const joined = (...codes: readonly Code[]): number[] => codes.flat();
/** Addresses are not promised to be aligned: half of what is read here is not. */
const at = (offset: number): number[] => [0, ...u(offset)];

export const i32 = 0x7f;
export const v128 = 0x7b;

export const get = (local: number): Code => [0x20, ...u(local)];
export const set = (local: number, value: Code): Code => [...value, 0x21, ...u(local)];
export const call = (fn: number, ...values: readonly Code[]): Code => [...joined(...values), 0x10, ...u(fn)];
/** Runs the body again as long as `again` is not 0; at least once. */
export const loop = (body: Code, again: Code): Code => [0x03, 0x40, ...body, ...again, 0x0d, 0, 0x0b];

export const num = (value: number): Code => [0x41, ...s(value)];
export const plus = (a: Code, b: Code): Code => [...a, ...b, 0x6a];
export const minus = (a: Code, b: Code): Code => [...a, ...b, 0x6b];
export const shiftLeft = (a: Code, bits: number): Code => [...a, ...num(bits), 0x74];
/** Signed. */
export const isAbove = (a: Code, b: Code): Code => [...a, ...b, 0x4a];
export const byteAt = (address: Code, offset: number): Code => [...address, 0x2d, ...at(offset)];

/** Four 32-bit words at once, lane by lane. */
export const load = (address: Code, offset = 0): Code => [...address, ...vector(0), ...at(offset)];
export const store = (address: Code, value: Code, offset = 0): Code => [...address, ...value, ...vector(11), ...at(offset)];
export const splat = (value: number): Code => [...num(value), ...vector(17)];
export const and = (a: Code, b: Code): Code => [...a, ...b, ...vector(78)];
export const or = (a: Code, b: Code): Code => [...a, ...b, ...vector(80)];
export const xor = (...values: readonly Code[]): Code =>
  values.reduce((left, right) => left.length ? [...left, ...right, ...vector(81)] : right, []);
export const add = (...values: readonly Code[]): Code =>
  values.reduce((left, right) => left.length ? [...left, ...right, ...vector(174)] : right, []);
export const left = (a: Code, bits: number): Code => [...a, ...num(bits), ...vector(171)];
export const right = (a: Code, bits: number): Code => [...a, ...num(bits), ...vector(173)];
/** Bytes of a (0 to 15) and b (16 to 31) in a new order. */
export const shuffle = (a: Code, b: Code, order: readonly number[]): Code => [...a, ...b, ...vector(13), ...order];

export interface Fn {
  readonly name: string;
  /** How many i32 it takes; they are its first locals. It gives nothing back. */
  readonly takes: number;
  /** Types of its further locals, in order. */
  readonly locals: readonly number[];
  readonly body: Code;
}

const section = (id: number, content: Code): Code => [id, ...u(content.length), ...content];
const list = (items: readonly Code[]): Code => [...u(items.length), ...joined(...items)];
const text = (words: string): Code => [...u(words.length), ...Array.from(words, (letter) => letter.charCodeAt(0))];

/** A module of these functions, all exported by name, with `memory` of so many pages of 64 KiB, which may grow. */
export function moduleOf(functions: readonly Fn[], pages: number, mostPages = pages): Uint8Array<ArrayBuffer> {
  const bodies = functions.map(({ locals, body }) => {
    const code = [...list(locals.map((type) => [1, type])), ...body, 0x0b];
    return [...u(code.length), ...code];
  });
  return new Uint8Array(joined(
    [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    section(1, list(functions.map(({ takes }) => [0x60, ...list(Array.from({ length: takes }, () => [i32])), 0]))),
    section(3, list(functions.map((_, i) => u(i)))),
    section(5, [1, 1, ...u(pages), ...u(mostPages)]),
    section(7, list([
      [...text('memory'), 2, 0], ...functions.map(({ name }, i) => [...text(name), 0, ...u(i)]),
    ])),
    section(10, list(bodies)),
  ));
}

/** What is used of the global, which the types of Node 20 leave out; an engine may be without it. */
declare const WebAssembly: {
  validate(bytes: Uint8Array<ArrayBuffer>): boolean;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object) => { readonly exports: object };
} | undefined;

/**
 * Compiles a module, and gives what starts it: each start has a memory of its own, and gives what the module exports. Null where the engine
 * cannot run it, as without 128-bit registers.
 */
export function compiled(code: Uint8Array<ArrayBuffer>): (() => object) | null {
  if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(code)) return null;
  const { Module, Instance } = WebAssembly;
  const module = new Module(code);
  return () => new Instance(module).exports;
}
