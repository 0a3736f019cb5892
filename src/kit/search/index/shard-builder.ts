/**
 * Writes one shard: text goes out as it comes, and of each block the trigrams are kept until the shard ends; then they are sorted by
 * trigram and written as lists of blocks. Memory is bounded by the shard, never by the files.
 */
import type { TreeHash } from '#kit/hash/port';
import { concatBytes, toHex } from '#kit/encoding';
import { encodings, type FileEncoding } from './encodings.ts';
import { hashBytes, pageBytes, sectionNames, shardMagic, type SectionName, type SectionRecord, type ShardRecord } from './layout.ts';
import { mostBlocks, postingBytes, writePostings } from './postings.ts';
import { glyphOf, trigramCount } from './trigram.ts';
import { VarintWriter } from './varints.ts';

/** Where a shard's bytes go, in order. */
export interface Sink {
  write(bytes: Uint8Array): void;
  end(): void;
}

export interface Limits {
  readonly blockBytes: number;
  readonly shardBytes: number;
}

/** Pairs of trigram and block that are held: four bytes each, and two more while they are sorted. */
const mostPairs = 24 * 2 ** 20;

/** What is used again by one shard after the other. */
export class Workspace {
  pairs: Uint32Array = new Uint32Array(2 ** 16);
  blocks: Uint16Array = new Uint16Array(0);
  /** Of one byte each, so that they stay in the processor's cache; cleared when the stamps are used up. */
  readonly stamps = new Uint8Array(trigramCount);
  stamp = 0;

  /** Room for one block more, whose trigrams are at most all that there are. */
  room(used: number): void {
    if (used + trigramCount <= this.pairs.length) return;
    const larger = new Uint32Array(Math.max(this.pairs.length * 2, used + trigramCount));
    larger.set(this.pairs.subarray(0, used));
    this.pairs = larger;
  }
}

/** Cuts what is written in pages and hashes them. */
class Pages {
  readonly sections: SectionRecord[] = [];
  readonly hashes: Uint8Array[] = [];
  written = 0;
  private own: Uint8Array[] = [];
  private readonly page = new Uint8Array(pageBytes);
  private filled = 0;
  private bytes = 0;
  private readonly sink: Sink;
  private readonly sha256: TreeHash['sha256'];

  constructor(sink: Sink, sha256: TreeHash['sha256']) {
    this.sink = sink;
    this.sha256 = sha256;
  }

  raw(bytes: Uint8Array): void {
    this.sink.write(bytes);
    this.written += bytes.length;
  }

  write(bytes: Uint8Array): void {
    this.raw(bytes);
    this.bytes += bytes.length;
    for (let at = 0; at < bytes.length;) {
      if (this.filled === 0 && bytes.length - at >= pageBytes) {
        this.own.push(this.sha256(bytes.subarray(at, at + pageBytes)));
        at += pageBytes;
        continue;
      }
      const part = bytes.subarray(at, at + pageBytes - this.filled);
      this.page.set(part, this.filled);
      this.filled += part.length;
      at += part.length;
      if (this.filled === pageBytes) this.close();
    }
  }

  private close(): void {
    if (this.filled > 0) this.own.push(this.sha256(this.page.subarray(0, this.filled)));
    this.filled = 0;
  }

  endSection(name: SectionName): void {
    this.close();
    this.sections.push({ name, bytes: this.bytes, sha256: toHex(this.sha256(concatBytes(...this.own))) });
    this.hashes.push(...this.own);
    this.own = [];
    this.bytes = 0;
  }
}

interface OpenPart {
  readonly path: string;
  readonly encoding: FileEncoding;
  readonly digest: Uint8Array;
  readonly fromByte: number;
  readonly fromLine: number;
  readonly firstBlock: number;
}

export class ShardBuilder {
  /** Of the text so far. */
  textBytes = 0;
  private readonly name: string;
  private readonly work: Workspace;
  private readonly pages: Pages;
  private readonly limits: Limits;
  private readonly sink: Sink;
  private used = 0;
  /** Where the pairs of each block end. */
  private readonly ends: number[] = [];
  private readonly blockTable = new VarintWriter();
  private readonly fileTable = new VarintWriter();
  private part: OpenPart | null = null;
  /** Of the open block. */
  private length = 0;
  private lines = 0;
  /** Line feeds in the closed blocks of the open part. */
  private partLines = 0;
  private key = 0;
  private inLine = 0;

  constructor(name: string, sink: Sink, sha256: TreeHash['sha256'], work: Workspace, limits: Limits) {
    this.name = name;
    this.work = work;
    this.limits = limits;
    this.sink = sink;
    this.pages = new Pages(sink, sha256);
    this.pages.raw(shardMagic);
    this.openBlock();
  }

  beginPart(path: string, encoding: FileEncoding, digest: Uint8Array, fromByte: number, fromLine: number): void {
    if (digest.length !== hashBytes) throw new Error('a digest has 32 bytes');
    this.part = { path, encoding, digest, fromByte, fromLine, firstBlock: this.ends.length };
  }

  /** Takes bytes of the part up to where the shard is full, and says how many. */
  push(bytes: Uint8Array): number {
    let at = 0;
    while (at < bytes.length) {
      at = this.scan(bytes, at);
      if (this.length < this.limits.blockBytes || this.inLine > 0) break;
      this.closeBlock();
      if (this.isFull(at)) break;
    }
    this.pages.write(bytes.subarray(0, at));
    this.textBytes += at;
    return at;
  }

  /** The part's last line is ended by the file, whether or not it has a line feed. Gives back how many line feeds the part has. */
  endPart(binary: boolean): number {
    if (this.length > 0) this.closeBlock();
    const { path, encoding, digest, fromByte, fromLine, firstBlock } = this.part as OpenPart;
    this.fileTable.text(path);
    this.fileTable.raw(digest);
    for (const value of [encodings.indexOf(encoding) * 2 + (binary ? 1 : 0), fromByte, fromLine, this.ends.length - firstBlock]) this.fileTable.number(value);
    this.part = null;
    const lines = this.partLines;
    this.partLines = 0;
    return lines;
  }

  /** Between two blocks. */
  isFull(more = 0): boolean {
    return this.textBytes + more >= this.limits.shardBytes || this.ends.length >= mostBlocks - 1 || this.used >= mostPairs;
  }

  get isEmpty(): boolean {
    return this.ends.length === 0;
  }

  finish(): ShardRecord {
    const { pages } = this;
    pages.endSection('text');
    pages.write(this.fileTable.written());
    pages.endSection('files');
    pages.write(this.blockTable.written());
    pages.endSection('blocks');
    const { directory, postings } = this.lists();
    pages.write(directory);
    pages.endSection('directory');
    pages.write(postings);
    pages.endSection('postings');
    for (const hash of pages.hashes) pages.raw(hash);
    this.sink.end();
    if (pages.sections.length !== sectionNames.length) throw new Error('a section was left out');
    return { name: this.name, bytes: pages.written, blocks: this.ends.length, dropped: [], sections: pages.sections };
  }

  private openBlock(): void {
    this.length = 0;
    this.lines = 0;
    this.inLine = 0;
    this.work.room(this.used);
    if (++this.work.stamp === 256) {
      this.work.stamps.fill(0);
      this.work.stamp = 1;
    }
  }

  private closeBlock(): void {
    this.ends.push(this.used);
    this.blockTable.number(this.length);
    this.blockTable.number(this.lines);
    this.partLines += this.lines;
    this.openBlock();
  }

  /** Reads to the end of the block, or of the bytes. */
  private scan(bytes: Uint8Array, from: number): number {
    const { stamps, stamp, pairs } = this.work;
    const { blockBytes } = this.limits;
    let { key, inLine, used, length } = this;
    let at = from;
    while (at < bytes.length) {
      const byte = bytes[at++] as number;
      length++;
      if (byte === 10) {
        inLine = 0;
        this.lines++;
        if (length >= blockBytes) break;
        continue;
      }
      key = ((key << 6) | (glyphOf[byte] as number)) & (trigramCount - 1);
      // A pattern lies within a line, so no trigram goes across its end.
      if (++inLine > 2 && stamps[key] !== stamp) {
        stamps[key] = stamp;
        pairs[used++] = key;
      }
    }
    [this.key, this.inLine, this.used, this.length] = [key, inLine, used, length];
    return at;
  }

  /** Sorts the pairs by trigram, keeping the order of their blocks. */
  private lists(): { directory: Uint8Array; postings: Uint8Array } {
    const { work, ends, used } = this;
    const places = new Uint32Array(trigramCount + 1);
    for (let i = 0; i < used; i++) places[(work.pairs[i] as number) + 1] = (places[(work.pairs[i] as number) + 1] as number) + 1;
    for (let i = 1; i <= trigramCount; i++) places[i] = (places[i] as number) + (places[i - 1] as number);
    if (work.blocks.length < used) work.blocks = new Uint16Array(Math.ceil(used * 1.1));
    const next = places.slice();
    for (let block = 0, i = 0; block < ends.length; block++) {
      for (const end = ends[block] as number; i < end; i++) {
        const key = work.pairs[i] as number;
        work.blocks[next[key] as number] = block;
        next[key] = (next[key] as number) + 1;
      }
    }
    const listOf = (key: number): Uint16Array => work.blocks.subarray(places[key], places[key + 1]);
    const directory = new VarintWriter();
    const lengths = new Uint32Array(trigramCount);
    let total = 0;
    let before = -1;
    for (let key = 0; key < trigramCount; key++) {
      if (places[key] === places[key + 1]) continue;
      const bytes = postingBytes(listOf(key), ends.length);
      directory.number(key - before - 1);
      directory.number(bytes);
      lengths[key] = bytes;
      before = key;
      total += bytes;
    }
    const postings = new Uint8Array(total);
    let at = 0;
    for (let key = 0; key < trigramCount; key++) if (lengths[key]) at = writePostings(listOf(key), ends.length, lengths[key] as number, postings, at);
    return { directory: directory.written(), postings };
  }
}
