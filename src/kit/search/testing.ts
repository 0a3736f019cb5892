/** An index in memory, and what searching it has to give, by splitting and by JavaScript's own engine: for the tests of search. */
import { createHash } from 'node:crypto';
import { concatBytes } from '#kit/encoding';
import { IndexBuilder } from './index/builder.ts';
import type { Manifest } from './index/layout.ts';
import type { Kept } from './index/reuse.ts';
import type { Limits } from './index/shard-builder.ts';
import { Shard, type ReadAt } from './index/shard.ts';

export const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

export interface TestFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface Built {
  readonly manifest: Manifest;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export function build(corpus: readonly TestFile[], limits?: Limits, chunk = 1 << 16, kept?: Kept, files = new Map<string, Uint8Array>()): Built {
  const builder = new IndexBuilder({
    sha256, ...(limits ? { limits } : {}), ...(kept ? { kept } : {}),
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
  return (offset, length) => {
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
