/**
 * More of WebAssembly than `#kit/hash/wasm` has, for a program with branches: expressions in bytes, and an assembler that knows its blocks by
 * name, so that no depth is counted by hand.
 */
import { get, num, type Code } from '#kit/hash/wasm';

export const i64 = 0x7e;

const two = (op: number) => (a: Code, b: Code): Code => [...a, ...b, op];
const one = (op: number) => (a: Code): Code => [...a, op];
/** All unsigned where it matters. */
export const eq = two(0x46);
export const ne = two(0x47);
export const below = two(0x49);
export const atLeast = two(0x4f);
export const times = two(0x6c);
export const both = two(0x71);
export const either = two(0x72);
export const differ = two(0x73);
export const left32 = two(0x74);
export const right32 = two(0x76);
export const turned = two(0x77);
export const not = one(0x45);
export const lowest32 = one(0x68);
export const lowest64 = one(0x7a);
export const count64 = one(0x7b);
export const minus64 = two(0x7d);
export const and64 = two(0x83);
export const or64 = two(0x84);
export const left64 = two(0x86);
export const right64 = two(0x88);
export const isZero64 = one(0x50);
export const wide64 = one(0xad);
export const narrow64 = one(0xa7);

/** Signed LEB128, which 64 bits need more of than 32. */
export function long(value: bigint): Code {
  const out: number[] = [0x42];
  for (let rest = value; ;) {
    const bits = Number(rest & 127n);
    rest >>= 7n;
    if ((rest === 0n && bits < 64) || (rest === -1n && bits >= 64)) return [...out, bits];
    out.push(bits | 128);
  }
}
export const not64 = (a: Code): Code => [...a, ...long(-1n), 0x85];

function offset(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest & 127) | 128);
  }
}
export const byteOf = (address: Code, at = 0): Code => [...address, 0x2d, 0, ...offset(at)];
export const wordOf = (address: Code, at = 0): Code => [...address, 0x28, 0, ...offset(at)];
export const putWord = (address: Code, value: Code, at = 0): Code => [...address, ...value, 0x36, 0, ...offset(at)];

export const putHalf = (address: Code, value: Code, at = 0): Code => [...address, ...value, 0x3b, 0, ...offset(at)];
export const putByte = (address: Code, value: Code, at = 0): Code => [...address, ...value, 0x3a, 0, ...offset(at)];

const vector = (op: number): number[] => [0xfd, ...offset(op)];
/** Sixteen bytes at once. */
export const everywhere = (byte: number): Code => [...num(byte), ...vector(15)];
export const equal16 = (a: Code, b: Code): Code => [...a, ...b, ...vector(35)];
export const below16 = (a: Code, b: Code): Code => [...a, ...b, ...vector(38)];
export const differ16 = (a: Code, b: Code): Code => [...a, ...b, ...vector(36)];
/** Each byte shifted to the right. */
export const down16 = (a: Code, bits: number): Code => [...a, ...num(bits), ...vector(109)];
/** For each byte of `places` the byte of `table` at that place. */
export const lookUp16 = (table: Code, places: Code): Code => [...table, ...places, ...vector(14)];
export const minus16 = (a: Code, b: Code): Code => [...a, ...b, ...vector(113)];
/** The highest bit of each byte. */
export const bits16 = (a: Code): Code => [...a, ...vector(100)];

export class Assembler {
  readonly code: number[] = [];
  private readonly names: string[] = [];
  private readonly locals: number[] = [];
  private readonly taken: number;

  constructor(taken: number) {
    this.taken = taken;
  }
  /** A new local; its number and the types of all, in order. */
  local(type: number): number {
    this.locals.push(type);
    return this.taken + this.locals.length - 1;
  }
  get types(): readonly number[] {
    return this.locals;
  }
  put(...codes: readonly Code[]): void {
    for (const code of codes) for (const byte of code) this.code.push(byte);
  }
  set(local: number, value: Code): void {
    this.put(value, [0x21, ...offset(local)]);
  }
  private nest(opener: number, name: string, body: () => void): void {
    this.code.push(opener, 0x40);
    this.names.push(name);
    body();
    this.names.pop();
    this.code.push(0x0b);
  }
  /** `leave` goes behind it. */
  block(name: string, body: () => void): void {
    this.nest(0x02, name, body);
  }
  /** `leave` goes to its beginning; it ends where nothing does. */
  loop(name: string, body: () => void): void {
    this.nest(0x03, name, body);
  }
  when(condition: Code, body: () => void, otherwise?: () => void): void {
    this.put(condition);
    this.nest(0x04, '', () => {
      body();
      if (!otherwise) return;
      this.code.push(0x05);
      otherwise();
    });
  }
  private depth(name: string): number[] {
    const at = this.names.lastIndexOf(name);
    if (at < 0) throw new Error(`no block ${name}`);
    return offset(this.names.length - 1 - at);
  }
  leave(name: string): void {
    this.put([0x0c, ...this.depth(name)]);
  }
  leaveIf(name: string, condition: Code): void {
    this.put(condition, [0x0d, ...this.depth(name)]);
  }
  /** Moves a local on as long as the condition holds. */
  while(condition: Code, body: () => void): void {
    this.block('end of while', () => this.loop('while', () => {
      this.leaveIf('end of while', not(condition));
      body();
      this.leave('while');
    }));
  }
  add(local: number, by: number): void {
    this.set(local, [...get(local), ...num(by), 0x6a]);
  }
}
