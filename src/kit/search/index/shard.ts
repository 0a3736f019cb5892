/**
 * Reads a shard a piece at a time. A page is checked against its hash when it is first read; from then on its file is trusted, since no
 * file of an index is written twice. Tables are held in memory, text and lists of blocks are not.
 */
import type { TreeHash } from '#kit/hash/port';
import { sameBytes, toHex } from '#kit/encoding';
import { damage } from './damage.ts';
import { encodings } from './encodings.ts';
import { hashBytes, pageBytes, pagesOf, sectionNames, shardMagic, type FilePart, type SectionName, type ShardRecord } from './layout.ts';
import { inPostings, readPostings } from './postings.ts';
import { trigramCount } from './trigram.ts';
import { VarintReader } from './varints.ts';

/** Bytes of a file at a place, as many as there are of those asked for. They may be overwritten by the next reading, unless they go `into` one's own. */
export type ReadAt = (offset: number, bytes: number, into?: Uint8Array) => Uint8Array;

/** Whether a file of this release begins with this part: not what another shard began, nor its text once more. */
export const beginsFile = ({ fromByte, encoding, dropped }: FilePart): boolean => fromByte === 0 && encoding === 'bytes' && !dropped;

/** One section, checked page by page. */
class Section {
  readonly bytes: number;
  private readonly name: string;
  private readonly offset: number;
  private readonly hashes: Uint8Array;
  private readonly checked: Uint8Array;
  private readonly read: ReadAt;
  private readonly sha256: TreeHash['sha256'];

  constructor(name: string, offset: number, bytes: number, hashes: Uint8Array, read: ReadAt, sha256: TreeHash['sha256']) {
    this.name = name;
    this.offset = offset;
    this.bytes = bytes;
    this.hashes = hashes;
    this.checked = new Uint8Array(pagesOf(bytes));
    this.read = read;
    this.sha256 = sha256;
  }

  slice(from: number, to: number): Uint8Array {
    if (from < 0 || to > this.bytes || from > to) throw damage(`${this.name} has no bytes ${from} to ${to}`);
    if (from === to) return new Uint8Array(0);
    if (this.isChecked(from, to)) return this.exactly(from, to);
    const first = Math.floor(from / pageBytes);
    const last = Math.floor((to - 1) / pageBytes);
    const start = first * pageBytes;
    const pages = this.exactly(start, Math.min(this.bytes, (last + 1) * pageBytes));
    for (let page = first; page <= last; page++) {
      const own = pages.subarray(page * pageBytes - start, (page + 1) * pageBytes - start);
      if (!this.checked[page] && !sameBytes(this.sha256(own), this.hashes.subarray(page * hashBytes, (page + 1) * hashBytes))) {
        throw damage(`${this.name}, page ${page}, is not what the manifest says`);
      }
      this.checked[page] = 1;
    }
    return pages.subarray(from - start, to - start);
  }

  /** The same, without a copy of what was checked before. */
  into(from: number, room: Uint8Array): void {
    const to = from + room.length;
    if (from < 0 || to > this.bytes || from === to || !this.isChecked(from, to)) room.set(this.slice(from, to));
    else this.exactly(from, to, room);
  }

  private isChecked(from: number, to: number): boolean {
    for (let page = Math.floor(from / pageBytes); page * pageBytes < to; page++) if (!this.checked[page]) return false;
    return true;
  }

  private exactly(from: number, to: number, into?: Uint8Array): Uint8Array {
    const bytes = this.read(this.offset + from, to - from, into);
    if (bytes.length !== to - from) throw damage(`${this.name} breaks off`);
    return bytes;
  }
}

export class Shard {
  readonly record: ShardRecord;
  readonly parts: readonly FilePart[];
  /** Where each block begins in the text, and where the last one ends. */
  readonly starts: Uint32Array;
  /** Line feeds of its file part before each block. */
  readonly linesBefore: Uint32Array;
  /** Which of the parts each block belongs to. */
  readonly partOf: Uint32Array;
  private readonly filesBefore = [0];
  private readonly sections: Readonly<Record<SectionName, Section>>;
  /** Where each trigram's list begins. */
  private readonly lists = new Uint32Array(trigramCount + 1);

  constructor(record: ShardRecord, read: ReadAt, sha256: TreeHash['sha256']) {
    this.record = record;
    this.sections = sectionsOf(record, read, sha256);
    this.starts = new Uint32Array(record.blocks + 1);
    this.linesBefore = new Uint32Array(record.blocks);
    this.partOf = new Uint32Array(record.blocks);
    this.parts = this.readFiles(this.readBlocks());
    this.readDirectory();
  }

  /** About what its tables take in memory. */
  get tableBytes(): number {
    return this.lists.byteLength + this.record.blocks * 12 + this.parts.length * 300;
  }

  /** How many files begin among the first parts. */
  filesIn(parts: number): number {
    return this.filesBefore[parts] as number;
  }

  /** Text of the shard. */
  text(from: number, to: number): Uint8Array {
    return this.sections.text.slice(from, to);
  }

  /** Text from a place on, as much as there is room for. */
  textInto(from: number, room: Uint8Array): void {
    this.sections.text.into(from, room);
  }

  /** How many bytes the list of a trigram takes: about how often it stands there. */
  listBytes(trigram: number): number {
    return (this.lists[trigram + 1] as number) - (this.lists[trigram] as number);
  }

  /** The blocks in which a trigram stands, ascending. */
  blocksWith(trigram: number): Uint16Array {
    return readPostings(this.list(trigram), this.record.blocks);
  }

  /** Those of some blocks in which a trigram stands. */
  amongThem(trigram: number, those: Uint16Array): Uint16Array {
    return inPostings(this.list(trigram), this.record.blocks, those);
  }

  private list(trigram: number): Uint8Array {
    return this.sections.postings.slice(this.lists[trigram] as number, this.lists[trigram + 1] as number);
  }

  /** Reads it from end to end, so that every byte has been checked. */
  verify(): void {
    for (const name of sectionNames) {
      const section = this.sections[name];
      for (let at = 0; at < section.bytes; at += 64 * pageBytes) section.slice(at, Math.min(section.bytes, at + 64 * pageBytes));
    }
  }

  private all(name: SectionName): VarintReader {
    // A copy: what is read may be overwritten, and `slice` of node's own buffers copies nothing.
    return new VarintReader(new Uint8Array(this.sections[name].slice(0, this.sections[name].bytes)));
  }

  /** Line feeds of each block. */
  private readBlocks(): Uint32Array {
    const table = this.all('blocks');
    const lines = new Uint32Array(this.record.blocks);
    let at = 0;
    for (let block = 0; block < this.record.blocks; block++) {
      at += table.number();
      this.starts[block + 1] = at;
      lines[block] = table.number();
    }
    if (!table.ended || at !== this.sections.text.bytes) throw damage(`the blocks of ${this.record.name} do not fill its text`);
    return lines;
  }

  private readFiles(lines: Uint32Array): FilePart[] {
    const table = this.all('files');
    const parts: FilePart[] = [];
    const dropped = new Set(this.record.dropped);
    let block = 0;
    while (!table.ended) {
      const path = table.text();
      const digest = table.raw(hashBytes);
      const flags = table.number();
      const encoding = encodings[flags >> 1];
      if (!encoding) throw damage(`a file of ${this.record.name} is in an encoding that there is not`);
      const part: FilePart = {
        path, encoding, digest, binary: flags % 2 === 1, dropped: dropped.has(parts.length),
        fromByte: table.number(), fromLine: table.number(), firstBlock: block, blocks: table.number(),
      };
      const end = block + part.blocks;
      if (end > this.record.blocks) throw damage(`a file of ${this.record.name} has blocks that are not there`);
      for (let before = 0; block < end; block++) {
        this.linesBefore[block] = before;
        this.partOf[block] = parts.length;
        before += lines[block] as number;
      }
      parts.push(part);
      this.filesBefore.push((this.filesBefore.at(-1) as number) + (beginsFile(part) ? 1 : 0));
    }
    if ([...dropped].some((part) => part >= parts.length)) throw damage(`of ${this.record.name} a file is dropped that is not there`);
    if (block !== this.record.blocks) throw damage(`${this.record.name} has blocks of no file`);
    return parts;
  }

  private readDirectory(): void {
    const table = this.all('directory');
    let trigram = -1;
    let at = 0;
    while (!table.ended) {
      const next = trigram + 1 + table.number();
      if (next >= trigramCount) throw damage(`the directory of ${this.record.name} names a trigram that there is not`);
      this.lists.fill(at, trigram + 1, next + 1);
      at += table.number();
      trigram = next;
    }
    this.lists.fill(at, trigram + 1);
    if (at !== this.sections.postings.bytes) throw damage(`the directory of ${this.record.name} does not fill its lists`);
  }
}

function sectionsOf(record: ShardRecord, read: ReadAt, sha256: TreeHash['sha256']): Record<SectionName, Section> {
  const { sections, name } = record;
  if (sections.map((section) => section.name).join() !== sectionNames.join()) throw damage(`${name} has other sections`);
  const text = sections.reduce((sum, section) => sum + section.bytes, shardMagic.length);
  const hashed = sections.reduce((sum, section) => sum + pagesOf(section.bytes), 0) * hashBytes;
  if (text + hashed !== record.bytes) throw damage(`${name} has another length`);
  if (!sameBytes(read(0, shardMagic.length), shardMagic)) throw damage(`${name} is no shard`);
  const hashes = new Uint8Array(read(text, hashed));
  let offset = shardMagic.length;
  let from = 0;
  const made = sections.map((section) => {
    const own = hashes.subarray(from, from + pagesOf(section.bytes) * hashBytes);
    if (toHex(sha256(own)) !== section.sha256) throw damage(`${name}, ${section.name}: the hashes are not those of the manifest`);
    const out = new Section(`${name}, ${section.name}`, offset, section.bytes, own, read, sha256);
    offset += section.bytes;
    from += own.length;
    return [section.name, out] as const;
  });
  return Object.fromEntries(made) as Record<SectionName, Section>;
}
