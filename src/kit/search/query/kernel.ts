/**
 * Finds an anchor by a small WebAssembly program that compares its two rarest bytes with 64 places at a time. It is written here and
 * compiled when it is started, so there is no binary to trust; without 128-bit registers the plain finder does the same.
 */
import { and, get, i32, load, minus, moduleOf, num, or, plus, v128, type Code } from '#kit/hash/wasm';
import { Assembler, below, bits16, equal16, i64, left64, long, lowest64, narrow64, or64, putWord, wide64, wordOf } from '#kit/match/assembler';
import type { Anchor } from './anchor.ts';
import { byRarity, PlainFinder, standsAt, type Finder } from './finder.ts';

/** What is used of the global, which the types of Node 20 leave out. */
declare const WebAssembly: {
  validate(bytes: Uint8Array<ArrayBuffer>): boolean;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object) => { readonly exports: object };
};

// Memory, in bytes: first byte, its fold, second byte, its fold; where in the anchor they stand; what was found; and the text.
const [firstAt, firstFoldAt, secondAt, secondFoldAt, firstPlaceAt, secondPlaceAt, foundAt] = [0, 1, 2, 3, 4, 8, 12] as const;
const textAt = 64;
/** Text that is loaded at once. What is read behind it is memory, and not looked at. */
export const kernelBytes = 256 * 1024;
/** Places of an anchor that it looks at: what is read lies behind the text by no more than that. */
const mostPlaces = 4096;
const stride = 64;
const pages = Math.ceil((textAt + kernelBytes + mostPlaces + stride) / 65_536);

const everywhereOf = (at: number): Code => [...num(at), 0xfd, 7, 0, 0];
const isAny = (value: Code): Code => [...value, 0xfd, 83];

/** `find(from, last)`: the first address from `from` to `last` at which both bytes stand, or -1, at `foundAt`. */
function program(): Uint8Array<ArrayBuffer> {
  const asm = new Assembler(2);
  const [from, last] = [0, 1];
  const [one, two] = [asm.local(i32), asm.local(i32)];
  const [first, firstFold, second, secondFold] = [asm.local(v128), asm.local(v128), asm.local(v128), asm.local(v128)];
  const hits = [asm.local(v128), asm.local(v128), asm.local(v128), asm.local(v128)] as const;
  const bits = asm.local(i64);
  asm.put(putWord(num(foundAt), num(-1)));
  for (const [local, at] of [[first, firstAt], [firstFold, firstFoldAt], [second, secondAt], [secondFold, secondFoldAt]] as const) {
    asm.set(local, everywhereOf(at));
  }
  asm.set(one, wordOf(num(firstPlaceAt)));
  asm.set(two, wordOf(num(secondPlaceAt)));
  const stands = (place: number, fold: number, byte: number, quarter: number): Code =>
    equal16(or(load(plus(get(from), get(place)), quarter * 16), get(fold)), get(byte));
  asm.block('end', () => asm.loop('step', () => {
    asm.leaveIf('end', below(get(last), get(from)));
    hits.forEach((hit, quarter) => asm.set(hit, and(stands(one, firstFold, first, quarter), stands(two, secondFold, second, quarter))));
    asm.when(isAny(or(or(get(hits[0]), get(hits[1])), or(get(hits[2]), get(hits[3])))), () => {
      asm.set(bits, hits.map((hit, quarter) => left64(wide64(bits16(get(hit))), long(BigInt(quarter * 16)))).reduce((a, b) => or64(a, b)));
      asm.set(from, plus(get(from), narrow64(lowest64(get(bits)))));
      asm.leaveIf('end', below(get(last), get(from)));
      asm.put(putWord(num(foundAt), minus(get(from), num(textAt))));
      asm.leave('end');
    });
    asm.add(from, stride);
    asm.leave('step');
  }));
  return moduleOf([{ name: 'find', takes: 2, locals: asm.types, body: asm.code }], pages);
}

export interface Kernel {
  finder(anchor: Anchor): Finder;
}

/** Null where the engine has no 128-bit registers. One serves any number of searches in turn. */
export function startKernel(): Kernel | null {
  const bytes = program();
  if (!WebAssembly.validate(bytes)) return null;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  const { memory: { buffer }, find } = exports as { readonly memory: { readonly buffer: ArrayBuffer }; find(from: number, last: number): void };
  const memory = new Uint8Array(buffer);
  const words = new Int32Array(buffer);
  return {
    finder(anchor) {
      if (anchor.bytes.length > mostPlaces) return new PlainFinder(anchor);
      const [first, second = first] = byRarity(anchor) as [number, number?];
      let length = 0;
      return {
        anchor,
        load(text) {
          if (text.length > kernelBytes) throw new Error('more text than fits');
          memory.set(text, textAt);
          length = text.length;
          for (const [at, foldAt, place] of [[firstAt, firstFoldAt, first], [secondAt, secondFoldAt, second]] as const) {
            memory[at] = anchor.bytes[place] as number;
            memory[foldAt] = anchor.folds[place] as number;
          }
          words[firstPlaceAt / 4] = first;
          words[secondPlaceAt / 4] = second;
        },
        next(from) {
          const last = textAt + length - anchor.bytes.length;
          for (let at = textAt + from; at <= last; at++) {
            find(at, last);
            const place = words[foundAt / 4] as number;
            if (place < 0) return -1;
            at = textAt + place;
            if (standsAt(anchor, memory, at)) return place;
          }
          return -1;
        },
      };
    },
  };
}
