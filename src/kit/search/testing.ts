/** An index in memory, and what searching it has to give, by splitting and by JavaScript's own engine: for the tests of search. */
import { createHash } from 'node:crypto';
import { concatBytes } from '#kit/encoding';
import { IndexBuilder } from './index/builder.ts';
import type { Manifest } from './index/layout.ts';
import type { Kept } from './index/reuse.ts';
import type { Limits } from './index/shard-builder.ts';
import { Shard, type ReadAt } from './index/shard.ts';
import { trigramLists } from './index/trigram-kernel.ts';
import type { Question } from './query/search.ts';

export const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

export interface TestFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** One for all: only one index is made at a time. */
const lists = trigramLists();

export interface Built {
  readonly manifest: Manifest;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export function build(corpus: readonly TestFile[], limits?: Limits, chunk = 1 << 16, kept?: Kept, files = new Map<string, Uint8Array>()): Built {
  const builder = new IndexBuilder({
    sha256, lists, ...(limits ? { limits } : {}), ...(kept ? { kept } : {}),
    open: (name) => {
      const parts: Uint8Array[] = [];
      return { write: (bytes) => parts.push(bytes.slice()), end: () => files.set(name, concatBytes(...parts)) };
    },
  });
  const push = (bytes: Uint8Array): void => {
    for (let at = 0; at < bytes.length; at += chunk) builder.push(bytes.subarray(at, at + chunk));
  };
  for (const { path, bytes } of corpus) {
    if (!builder.begin(path, bytes.length, sha256(bytes))) continue;
    push(bytes);
    const { encoding } = builder.end();
    if (encoding === 'bytes') continue;
    builder.beginText(path, sha256(bytes), encoding);
    push(bytes);
    builder.end();
  }
  return { manifest: builder.finish(), files };
}

/** Reads into one of node's buffers over and over, as a file's reader may. */
export function readerOf(bytes: Uint8Array): ReadAt {
  const buffer = Buffer.alloc(bytes.length);
  let used = 0;
  return (offset, length, into) => {
    if (into) {
      const own = bytes.subarray(offset, offset + length);
      into.set(own);
      return into.subarray(0, own.length);
    }
    buffer.fill(0xa5, 0, used);
    used = length;
    buffer.set(bytes.subarray(offset, offset + length));
    return buffer.subarray(0, Math.min(length, Math.max(0, bytes.length - offset)));
  };
}

export const open = ({ manifest, files }: Built): Shard[] =>
  manifest.shards.map((record) => new Shard(record, readerOf(files.get(record.name) as Uint8Array), sha256));

/** Lines as text of one byte a character; the empty one behind a last line feed is none. */
export function linesOf(bytes: Uint8Array): string[] {
  const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1').split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

const escapeOf = (byte: number): string => (byte < 33 || byte > 126 || !/[\w]/.test(String.fromCharCode(byte))
  ? `\\x${byte.toString(16).padStart(2, '0')}` : String.fromCharCode(byte));

/** A pattern that the bytes match, or nearly: some of them as classes, choices, repetitions. `sparse` leaves no three bytes in a row. */
function patternLike(bytes: Uint8Array, roll: () => number, sparse: boolean): string {
  const one = (byte: number): string => {
    const char = String.fromCharCode(byte);
    const kind = /[a-z]/i.test(char) ? '[a-zA-Z]' : /[0-9]/.test(char) ? '[0-9]' : '[^0-9a-zA-Z]';
    const own = escapeOf(byte);
    return [kind, '.', `(?:${own}|zz)`, `${own}+`, `${kind}{1,3}`, `${own}?.?`, `[${own}\\x7f]`][Math.floor(roll() * 7)] as string;
  };
  const parts = Array.from(bytes, (byte, i) => ((sparse ? i % 3 === 2 : roll() < 0.15) ? one(byte) : escapeOf(byte)));
  if (!sparse && roll() < 0.3) parts.splice(Math.floor(parts.length / 2), 2, '.*');
  return `${roll() < 0.1 ? '\\b' : ''}${parts.join('')}${roll() < 0.1 ? '\\b' : ''}`;
}

/** Questions drawn from what is there: 30 in 100 in either case, 20 without three bytes in a row that must stand there, 5 that find nothing. */
export function drawQuestions(corpus: readonly TestFile[], roll: () => number, literals: number, regexes: number): Omit<Question, 'most'>[] {
  const filled = corpus.filter(({ bytes }) => bytes.length > 64);
  return Array.from({ length: literals + regexes }, (_, i) => {
    const { bytes } = filled[Math.floor(roll() * filled.length)] as TestFile;
    const sparse = roll() < 0.2;
    const from = Math.floor(roll() * (bytes.length - 40));
    const piece = bytes.subarray(from, from + (sparse && i < literals ? 1 + Math.floor(roll() * 2) : 3 + Math.floor(roll() * 20)));
    const feed = piece.indexOf(10);
    const own = feed < 0 ? piece : feed > 0 ? piece.subarray(0, feed) : Uint8Array.of(97, 98);
    const [anyCase, absent] = [roll() < 0.3, roll() < 0.05 ? 'zzqxjv' : ''];
    if (i >= literals) return { kind: 'regex', text: patternLike(own, roll, sparse) + absent, anyCase };
    // A plain text is UTF-8; what is none can be asked for as a pattern only.
    return own.every((byte) => byte < 128) ? { kind: 'text', text: String.fromCharCode(...own) + absent, anyCase }
      : { kind: 'regex', text: Array.from(own, escapeOf).join('') + absent, anyCase };
  });
}
