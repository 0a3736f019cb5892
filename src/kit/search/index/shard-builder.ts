/**
 * Writes one shard: text goes out as it comes, and of each block the trigrams are kept until the shard ends; then they are sorted by
 * trigram and written as lists of blocks. Memory is bounded by the shard, never by the files.
 */
import type { TreeHash } from '#kit/hash/port';
import { concatBytes, toHex } from '#kit/encoding';
import { encodings, type FileEncoding } from './encodings.ts';
import { hashBytes, pageBytes, sectionNames, shardMagic, type SectionName, type SectionRecord, type ShardRecord } from './layout.ts';
import { mostBlocks, postingBytes, writePostings } from './postings.ts';
import { trigramCount } from './trigram.ts';
import { chunkBytes, mostPairs, type TrigramLists } from './trigram-lists.ts';
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
  private readonly lists: TrigramLists;
  private readonly pages: Pages;
  private readonly limits: Limits;
  private readonly sink: Sink;
  private blocks = 0;
  private readonly blockTable = new VarintWriter();
  private readonly fileTable = new VarintWriter();
  private part: OpenPart | null = null;
  /** Line feeds in the closed blocks of the open part. */
  private partLines = 0;

  constructor(name: string, sink: Sink, sha256: TreeHash['sha256'], lists: TrigramLists, limits: Limits) {
    this.name = name;
    this.lists = lists;
    this.limits = limits;
    this.sink = sink;
    this.pages = new Pages(sink, sha256);
    this.pages.raw(shardMagic);
    lists.begin(limits.blockBytes);
  }

  beginPart(path: string, encoding: FileEncoding, digest: Uint8Array, fromByte: number, fromLine: number): void {
    if (digest.length !== hashBytes) throw new Error('a digest has 32 bytes');
    this.part = { path, encoding, digest, fromByte, fromLine, firstBlock: this.blocks };
  }

  /** Takes bytes of the part up to where the shard is full, and says how many. */
  push(bytes: Uint8Array): number {
    const { lists } = this;
    let taken = 0;
    while (taken < bytes.length) {
      const chunk = bytes.subarray(taken, taken + chunkBytes);
      lists.load(chunk);
      let at = 0;
      let full = false;
      while (at < chunk.length && !full) {
        at = lists.scan(at);
        if (lists.length < this.limits.blockBytes || lists.inLine > 0) break;
        this.closeBlock();
        full = this.isFull(taken + at);
      }
      taken += at;
      if (full) break;
    }
    this.pages.write(bytes.subarray(0, taken));
    this.textBytes += taken;
    return taken;
  }

  /** The part's last line is ended by the file, whether or not it has a line feed. Gives back how many line feeds the part has. */
  endPart(binary: boolean): number {
    if (this.lists.length > 0) this.closeBlock();
    const { path, encoding, digest, fromByte, fromLine, firstBlock } = this.part as OpenPart;
    this.fileTable.text(path);
    this.fileTable.raw(digest);
    for (const value of [encodings.indexOf(encoding) * 2 + (binary ? 1 : 0), fromByte, fromLine, this.blocks - firstBlock]) this.fileTable.number(value);
    this.part = null;
    const lines = this.partLines;
    this.partLines = 0;
    return lines;
  }

  /** Between two blocks. */
  isFull(more = 0): boolean {
    return this.textBytes + more >= this.limits.shardBytes || this.blocks >= mostBlocks - 1 || this.lists.pairs >= mostPairs;
  }

  get isEmpty(): boolean {
    return this.blocks === 0;
  }

  finish(): ShardRecord {
    const { pages } = this;
    pages.endSection('text');
    pages.write(this.fileTable.written());
    pages.endSection('files');
    pages.write(this.blockTable.written());
    pages.endSection('blocks');
    const { directory, postings } = this.written();
    pages.write(directory);
    pages.endSection('directory');
    pages.write(postings);
    pages.endSection('postings');
    for (const hash of pages.hashes) pages.raw(hash);
    this.sink.end();
    if (pages.sections.length !== sectionNames.length) throw new Error('a section was left out');
    return { name: this.name, bytes: pages.written, blocks: this.blocks, dropped: [], sections: pages.sections };
  }

  private closeBlock(): void {
    const { lists } = this;
    this.blocks++;
    this.blockTable.number(lists.length);
    this.blockTable.number(lists.lines);
    this.partLines += lists.lines;
    lists.closeBlock();
  }

  private written(): { directory: Uint8Array; postings: Uint8Array } {
    const { places, blocks } = this.lists.sorted();
    const listOf = (key: number): Uint16Array => blocks.subarray(places[key], places[key + 1]);
    const directory = new VarintWriter();
    const lengths = new Uint32Array(trigramCount);
    let total = 0;
    let before = -1;
    for (let key = 0; key < trigramCount; key++) {
      if (places[key] === places[key + 1]) continue;
      const bytes = postingBytes(listOf(key), this.blocks);
      directory.number(key - before - 1);
      directory.number(bytes);
      lengths[key] = bytes;
      before = key;
      total += bytes;
    }
    const postings = new Uint8Array(total);
    let at = 0;
    for (let key = 0; key < trigramCount; key++) if (lengths[key]) at = writePostings(listOf(key), this.blocks, lengths[key] as number, postings, at);
    return { directory: directory.written(), postings };
  }
}
