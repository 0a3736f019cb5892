/**
 * Makes an index out of files, one shard after the other, and says of each file what became of it: none is left out in silence. What a
 * shard cannot hold any more goes on in the next, at a line's end.
 */
import type { TreeHash } from '#kit/hash/port';
import { concatBytes } from '#kit/encoding';
import { decodingOf, encodingOf, type Decoding, type FileEncoding } from './encodings.ts';
import {
  blockBytes, formatName, mostFileBytes, pageBytes, shardBytes, type FileClass, type Manifest, type RefusedFile, type ShardRecord,
  type Sums,
} from './layout.ts';
import { noSums, type Kept } from './reuse.ts';
import { ShardBuilder, type Limits, type Sink } from './shard-builder.ts';
import { trigramLists } from './trigram-kernel.ts';
import type { TrigramLists } from './trigram-lists.ts';

export interface BuilderOptions {
  readonly sha256: TreeHash['sha256'];
  /** Opens the file of a shard; what is written and not in the manifest is no part of the index. */
  readonly open: (name: string) => Sink;
  readonly limits?: Limits;
  /** What is taken over from the index of another release (`reuse.ts`). */
  readonly kept?: Kept;
  /** Where trigrams are gathered, for one builder at a time. */
  readonly lists?: TrigramLists;
}

/** A file that is being read. */
interface OpenFile {
  readonly path: string;
  readonly digest: Uint8Array;
  readonly encoding: FileEncoding;
  readonly decoding: Decoding | null;
  bytes: number;
  lines: number;
  binary: boolean;
  /** Up to four of its first bytes. */
  first: Uint8Array;
  /** Whether its last byte is a line feed, or it has none. */
  closed: boolean;
}

export class IndexBuilder {
  private readonly options: BuilderOptions;
  private readonly limits: Limits;
  private readonly lists: TrigramLists;
  private readonly shards: ShardRecord[];
  private number: number;
  private readonly refused: RefusedFile[] = [];
  private shard: ShardBuilder | null = null;
  private file: OpenFile | null = null;
  private readonly sums: { -readonly [key in keyof Sums]: Sums[key] };

  constructor(options: BuilderOptions) {
    this.options = options;
    this.lists = options.lists ?? trigramLists();
    const { kept } = options;
    this.shards = [...kept?.shards ?? []];
    this.number = kept?.nextNumber ?? 0;
    this.sums = { ...kept?.sums ?? noSums };
    this.limits = options.limits ?? { blockBytes, shardBytes };
  }

  /** Begins a file of so many bytes; one that is too large is refused, and its bytes are not wanted. */
  begin(path: string, bytes: number, digest: Uint8Array): boolean {
    if (bytes >= mostFileBytes) {
      this.refuse(path, bytes, 'larger than 2 GiB');
      return false;
    }
    this.beginAs(path, digest, 'bytes');
    return true;
  }

  /** Right after a file that is so encoded: its bytes are wanted once more, and are searched as text. */
  beginText(path: string, digest: Uint8Array, encoding: Exclude<FileEncoding, 'bytes'>): void {
    this.beginAs(path, digest, encoding);
  }

  push(chunk: Uint8Array): void {
    const file = this.file as OpenFile;
    if (file.first.length < 4) file.first = concatBytes(file.first, chunk.subarray(0, 4 - file.first.length));
    this.take(file, file.decoding ? file.decoding.push(chunk) : chunk);
  }

  /** What the file was; where it is UTF-16 or UTF-32 by its mark, `beginText` is to follow. */
  end(): { readonly kind: Exclude<FileClass, 'refused'>; readonly encoding: FileEncoding } {
    const file = this.file as OpenFile;
    if (file.decoding) this.take(file, file.decoding.end());
    file.lines += this.open().endPart(file.binary);
    this.file = null;
    const kind = file.binary ? 'binary' : 'text';
    if (file.decoding) {
      this.sums.decoded++;
      this.sums.decodedBytes += file.bytes;
      return { kind, encoding: file.encoding };
    }
    this.sums[kind]++;
    this.sums.bytes += file.bytes;
    this.sums.lines += file.lines + (file.closed ? 0 : 1);
    return { kind, encoding: encodingOf(file.first) };
  }

  /** A file whose bytes are not to be had, or not to be searched: the statement of coverage names it with the reason. */
  refuse(path: string, bytes: number, reason: string): void {
    this.refused.push({ path, bytes, reason });
  }

  finish(): Manifest {
    if (this.file) throw new Error('a file is still open');
    if (this.shard) this.closeShard();
    return { format: formatName, blockBytes: this.limits.blockBytes, pageBytes, ...this.sums, refused: this.refused, shards: this.shards };
  }

  private beginAs(path: string, digest: Uint8Array, encoding: FileEncoding): void {
    if (this.file) throw new Error('a file is still open');
    if (this.shard?.isFull()) this.closeShard();
    const decoding = encoding === 'bytes' ? null : decodingOf(encoding);
    this.file = { path, digest, encoding, decoding, bytes: 0, lines: 0, binary: false, first: new Uint8Array(0), closed: true };
    this.open().beginPart(path, encoding, digest, 0, 0);
  }

  private take(file: OpenFile, bytes: Uint8Array): void {
    if (file.bytes + bytes.length >= mostFileBytes * 2) throw new Error('the file is larger than was said');
    if (bytes.length > 0) file.closed = bytes[bytes.length - 1] === 10;
    file.binary ||= bytes.includes(0);
    for (let rest = bytes; rest.length > 0;) {
      const taken = this.open().push(rest);
      file.bytes += taken;
      rest = rest.subarray(taken);
      if (rest.length === 0) break;
      file.lines += this.open().endPart(file.binary);
      this.closeShard();
      this.open().beginPart(file.path, file.encoding, file.digest, file.bytes, file.lines);
    }
  }

  private open(): ShardBuilder {
    if (this.shard) return this.shard;
    const name = `${String(this.number++).padStart(4, '0')}.shard`;
    this.shard = new ShardBuilder(name, this.options.open(name), this.options.sha256, this.lists, this.limits);
    return this.shard;
  }

  private closeShard(): void {
    this.shards.push(this.open().finish());
    this.shard = null;
  }
}
