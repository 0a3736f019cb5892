/**
 * Says which words of a window are worth reading, by a small WebAssembly program (`program.ts`). It asks the same filter by the same hashes
 * as `scan.ts`, and may say too much, never too little: what it names is read by `scan.ts`, which alone decides.
 */
import { compiled } from '#kit/hash/wasm';
import { classes, dot, hardBorder, lower, wide, word } from './bytes.ts';
import {
  classAt, coversAt, doneAt, filterAt, foundAt, hostAt, lengthAt, letterAt, linesAt, lowerAt, nextAt, odd, outAt, programOf, special, stops,
} from './program.ts';
import { kindCode, type MatchIndex } from './table.ts';

export interface Kernel {
  /** Memory in which a window lies. */
  readonly memory: Uint8Array;
  /** Tells places between two borders of words, in order, and the line each is in; gives back the line at `limit`. */
  scan(from: number, limit: number, line: number, told: (at: number, line: number) => void): number;
}

/** Null where the engine has no 128-bit registers. The index is sealed. */
export function startKernel(index: MatchIndex): Kernel | null {
  index.compiled ??= compiled(programOf(index));
  if (!index.compiled) return null;
  const { memory: { buffer }, scan } = index.compiled() as { readonly memory: { readonly buffer: ArrayBuffer }; scan(from: number, limit: number): void };
  const memory = new Uint8Array(buffer);
  const words = new Int32Array(buffer);
  memory.set(classes, classAt);
  memory.set(lower, lowerAt);
  for (let code = 0; code < 256; code++) {
    const stop = '/?#'.includes(String.fromCharCode(code)) || hardBorder[code] === 1;
    const kind = classes[code] as number;
    memory[letterAt + code] = kind < word ? special.border : kind & wide ? special.wide : kind & dot ? special.dot : (lower[code] as number);
    memory[hostAt + code] = stop ? stops : '@%['.includes(String.fromCharCode(code)) || code >= 128 ? odd : 0;
  }
  for (const [length, kind] of [[32, 'md5'], [40, 'sha1'], [64, 'sha256'], [128, 'sha512']] as const) memory[lengthAt + length] = kindCode[kind];
  memory.set(index.v4Covers, coversAt);
  words.set(index.filter, filterAt / 4);
  return {
    memory,
    scan(from, limit, line, told) {
      words[linesAt / 4] = line;
      words[doneAt / 4] = 0;
      for (let at = from; at < limit;) {
        scan(at, limit);
        const found = words[foundAt / 4] as number;
        for (let i = 0; i < found; i++) told(words[outAt / 4 + i * 2] as number, words[outAt / 4 + i * 2 + 1] as number);
        at = words[nextAt / 4] as number;
      }
      return words[linesAt / 4] as number;
    },
  };
}
