/**
 * Makes an index out of files, one shard after the other, and says of each file what became of it: none is left out in silence. What a
 * shard cannot hold any more goes on in the next, at a line's end.
 */
import type { TreeHash } from '#kit/hash/port';
import {
  blockBytes, formatName, mostFileBytes, pageBytes, shardBytes, type FileClass, type Manifest, type RefusedFile, type ShardRecord,
} from './layout.ts';
import { ShardBuilder, Workspace, type Limits, type Sink } from './shard-builder.ts';

export interface BuilderOptions {
  readonly sha256: TreeHash['sha256'];
  /** Opens the file of a shard; what is written and not in the manifest is no part of the index. */
  readonly open: (name: string) => Sink;
  readonly limits?: Limits;
}

/** A file that is being read. */
interface OpenFile {
  readonly path: string;
  bytes: number;
  lines: number;
  binary: boolean;
  /** Whether its last byte is a line feed, or it has none. */
  closed: boolean;
}

export class IndexBuilder {
  private readonly options: BuilderOptions;
  private readonly limits: Limits;
  private readonly work = new Workspace();
  private readonly shards: ShardRecord[] = [];
  private readonly refused: RefusedFile[] = [];
  private shard: ShardBuilder | null = null;
  private file: OpenFile | null = null;
  private readonly sums = { text: 0, binary: 0, bytes: 0, lines: 0 };

  constructor(options: BuilderOptions) {
    this.options = options;
    this.limits = options.limits ?? { blockBytes, shardBytes };
  }

  /** Begins a file of so many bytes; one that is too large is refused, and its bytes are not wanted. */
  begin(path: string, bytes: number): boolean {
    if (this.file) throw new Error('a file is still open');
    if (bytes >= mostFileBytes) {
      this.refuse(path, bytes, 'larger than 2 GiB');
      return false;
    }
    if (this.shard?.isFull()) this.closeShard();
    this.file = { path, bytes: 0, lines: 0, binary: false, closed: true };
    this.open().beginPart(path, 0, 0);
    return true;
  }

  push(chunk: Uint8Array): void {
    const file = this.file as OpenFile;
    if (file.bytes + chunk.length >= mostFileBytes) throw new Error('the file is larger than was said');
    if (chunk.length > 0) file.closed = chunk[chunk.length - 1] === 10;
    file.binary ||= chunk.includes(0);
    for (let rest = chunk; rest.length > 0;) {
      const taken = this.open().push(rest);
      file.bytes += taken;
      file.lines += lineFeeds(rest.subarray(0, taken));
      rest = rest.subarray(taken);
      if (rest.length === 0) break;
      this.open().endPart();
      this.closeShard();
      this.open().beginPart(file.path, file.bytes, file.lines);
    }
  }

  end(): FileClass {
    const file = this.file as OpenFile;
    this.open().endPart();
    this.file = null;
    const kind = file.binary ? 'binary' : 'text';
    this.sums[kind]++;
    this.sums.bytes += file.bytes;
    this.sums.lines += file.lines + (file.closed ? 0 : 1);
    return kind;
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

  private open(): ShardBuilder {
    const name = `${String(this.shards.length).padStart(4, '0')}.shard`;
    this.shard ??= new ShardBuilder(name, this.options.open(name), this.options.sha256, this.work, this.limits);
    return this.shard;
  }

  private closeShard(): void {
    this.shards.push(this.open().finish());
    this.shard = null;
  }
}

function lineFeeds(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}
