/**
 * An xz stream whose blocks are summed with SHA-256 (the .xz file format 1.2.1, section 3.4), made into one without sums as it goes by, since the
 * decoder knows none of that kind; what comes out of the decoder is held against the sums here. Nothing is trusted less than before: header,
 * index and footer are checked as the format says.
 */
import { createHash, type Hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { ArchiveError } from './refused.ts';
import { Supply } from './supply.ts';

const magic = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]);
const sumBytes = 32;
const blocksMost = 1_000_000;

const broken = (supply: Supply): ArchiveError => new ArchiveError('The packed archive is broken.', `byte ${supply.taken}`);

function withCrc(bytes: Buffer): Buffer {
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(crc32(bytes));
  return Buffer.concat([bytes, sum]);
}
const holds = (bytes: Buffer, sum: Buffer): boolean => crc32(bytes) === sum.readUInt32LE(0);

function numbersOf(...values: readonly number[]): Buffer {
  const bytes: number[] = [];
  for (let value of values) {
    for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80);
    bytes.push(value);
  }
  return Buffer.from(bytes);
}
/** Padded to four bytes and summed, as index and headers end. */
const index = (blocks: readonly Block[], ofSum: number): Buffer => {
  const bytes = Buffer.concat([Buffer.from([0]), numbersOf(blocks.length), ...blocks.map((b) => numbersOf(b.packed + ofSum, b.unpacked))]);
  return withCrc(Buffer.concat([bytes, Buffer.alloc((4 - bytes.length % 4) % 4)]));
};
function footer(flags: number, indexBytes: number): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeUInt32LE(indexBytes / 4 - 1);
  bytes[5] = flags;
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(crc32(bytes));
  return Buffer.concat([sum, bytes, Buffer.from('YZ')]);
}

interface Block { readonly packed: number; readonly unpacked: number; readonly sum: Buffer }

/** Holds what the decoder gives out against the sums of the blocks, in their order. */
export class BlockSums {
  readonly #ended: Block[] = [];
  #hash: Hash = createHash('sha256');
  #count = 0;
  ended(block: Block): void {
    this.#ended.push(block);
  }
  took(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const [block] = this.#ended;
      const part = bytes.subarray(at, block ? at + block.unpacked - this.#count : undefined);
      this.#hash.update(part);
      this.#count += part.length;
      at += part.length;
      this.#close();
    }
  }
  /** After the last of it. */
  end(): void {
    this.#close();
    if (this.#ended.length > 0 || this.#count > 0) throw new ArchiveError('The packed archive unpacks to another length than it states.', 'xz');
  }
  #close(): void {
    for (let [block] = this.#ended; block && this.#count === block.unpacked; [block] = this.#ended) {
      if (!this.#hash.digest().equals(block.sum)) throw new ArchiveError('A sum in the packed archive does not hold.', 'xz');
      this.#ended.shift();
      this.#hash = createHash('sha256');
      this.#count = 0;
    }
    const [block] = this.#ended;
    if (block && this.#count > block.unpacked) throw new ArchiveError('The packed archive unpacks to another length than it states.', 'xz');
  }
}

/** Whether an xz begins so that it has to go through here: summed with SHA-256. */
export const hasSha256Sums = (head: Uint8Array): boolean => head.length > 7 && magic.every((byte, i) => head[i] === byte) && head[6] === 0 && head[7] === 0x0a;

async function need(supply: Supply, bytes: number): Promise<Buffer> {
  const found = await supply.take(bytes);
  if (found === null) throw broken(supply);
  return found;
}

/** One block's packed data (LZMA2, as every xz ends its filters): its pieces as they are, and how long it was and is. */
async function* chunksOf(supply: Supply, lengths: { packed: number; unpacked: number }): AsyncGenerator<Buffer> {
  for (;;) {
    const head = await need(supply, 1);
    const act = head[0] as number;
    lengths.packed += 1;
    yield head;
    if (act === 0) return;
    if (act > 2 && act < 0x80) throw broken(supply);
    const sizes = await need(supply, act < 0x80 ? 2 : act < 0xc0 ? 4 : 5);
    const low = sizes.readUInt16BE(0) + 1;
    const body = act < 0x80 ? low : sizes.readUInt16BE(2) + 1;
    lengths.unpacked += act < 0x80 ? low : (act & 0x1f) * 65_536 + low;
    lengths.packed += sizes.length + body;
    yield sizes;
    yield await need(supply, body);
  }
}

/** The same xz without sums; each block's is told to `sums` once it is known, before anything of the next goes on. Throws an ArchiveError. */
export async function* withoutSums(source: AsyncIterable<Uint8Array>, sums: BlockSums): AsyncGenerator<Uint8Array> {
  const supply = new Supply(source);
  try {
    const head = await need(supply, 12);
    if (!hasSha256Sums(head) || !holds(head.subarray(6, 8), head.subarray(8))) throw broken(supply);
    yield Buffer.concat([magic, withCrc(Buffer.from([0, 0]))]);
    const blocks: Block[] = [];
    for (;;) {
      const first = await need(supply, 1);
      if (first[0] === 0) break;
      if (blocks.length >= blocksMost) throw new ArchiveError(`The packed archive holds more than ${blocksMost} blocks.`, `byte ${supply.taken}`);
      const rest = await need(supply, ((first[0] as number) + 1) * 4 - 1);
      yield first;
      yield rest;
      const lengths = { packed: 1 + rest.length, unpacked: 0 };
      yield* chunksOf(supply, lengths);
      const padding = (4 - lengths.packed % 4) % 4;
      if (padding > 0) yield await need(supply, padding);
      const block = { ...lengths, sum: Buffer.from(await need(supply, sumBytes)) };
      blocks.push(block);
      sums.ended(block);
    }
    const stated = index(blocks, sumBytes);
    const found = Buffer.concat([Buffer.from([0]), await need(supply, stated.length - 1)]);
    const foot = await need(supply, 12);
    if (!found.equals(stated) || !foot.equals(footer(0x0a, stated.length))) throw broken(supply);
    const made = index(blocks, 0);
    yield made;
    yield footer(0, made.length);
    for (let more = await supply.some(4096); more !== null; more = await supply.some(4096)) {
      if (more.some((byte) => byte !== 0)) throw new ArchiveError('Something stands behind the packed archive.', `byte ${supply.taken}`);
    }
  } finally {
    await supply.close();
  }
}
