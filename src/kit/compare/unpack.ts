/**
 * Unpacking with a bound on what comes out: deflate by node:zlib, xz by kit/archive, Zstandard by fzstd. Each is
 * held to unpack to its end and to have nothing behind it that the packing does not account for; what does not fit is an ArchiveFault.
 */
import { crc32, inflateRawSync } from 'node:zlib';
import { Decompress } from 'fzstd';
import { ArchiveError } from '#kit/archive/refused';
import { unxzed } from '#kit/archive/xz';
import { once } from '#kit/once';
import { ArchiveFault, viewOf, type Budget } from './piece.ts';
import { xxh64 } from './xxhash.ts';

/** Inflates from an offset on; answers what came out and where the packed data ended. */
export function inflateAt(bytes: Uint8Array, from: number, to: number, budget: Budget): { out: Uint8Array; end: number } {
  const room = budget.room;
  try {
    // `info` is not in the types: the engine tells how much of the input it took.
    const answer: unknown = inflateRawSync(bytes.subarray(from, to), { maxOutputLength: Math.max(1, room), info: true });
    const { buffer, engine } = answer as { buffer: Uint8Array; engine: { bytesWritten: number } };
    budget.spend(buffer.length);
    return { out: buffer, end: from + engine.bytesWritten };
  } catch (error) {
    if (error instanceof ArchiveFault) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') budget.bomb();
    const cut = (error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR';
    throw new ArchiveFault(cut ? 'truncated' : 'broken', cut ? 'The packed data breaks off.' : 'The packed data does not unpack.');
  }
}

/** Dictionaries larger than Debian's greatest are not reserved for anybody. */
const mostDictionary = 128 * 1024 * 1024;

class Collected {
  private readonly chunks: Uint8Array[] = [];
  private size = 0;
  private readonly budget: Budget;
  private readonly room: number;
  constructor(budget: Budget) {
    this.budget = budget;
    this.room = budget.room;
  }
  add(chunk: Uint8Array): void {
    this.size += chunk.length;
    if (this.size > this.room) this.budget.bomb();
    if (chunk.length > 0) this.chunks.push(chunk);
  }
  all(): Uint8Array {
    this.budget.spend(this.size);
    return this.chunks.length === 1 ? this.chunks[0] as Uint8Array : new Uint8Array(Buffer.concat(this.chunks));
  }
}

/** The xz file format's variable-length numbers. */
function numberAt(bytes: Uint8Array, at: number, end: number): { value: number; next: number } {
  let value = 0;
  for (let i = 0; i < 8 && at + i < end; i++) {
    const byte = bytes[at + i] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if ((byte & 0x80) === 0) return { value, next: at + i + 1 };
  }
  throw new ArchiveFault('broken', 'A number in the xz index is broken.');
}

function checkDictionary(bytes: Uint8Array, at: number): void {
  const size = ((bytes[at] ?? 0) + 1) * 4;
  const flags = bytes[at + 1] ?? 0;
  let place = at + 2;
  for (const bit of [0x40, 0x80]) if ((flags & bit) !== 0) place = numberAt(bytes, place, at + size).next;
  for (let i = 0; i <= (flags & 3); i++) {
    const id = numberAt(bytes, place, at + size);
    const length = numberAt(bytes, id.next, at + size);
    if (id.value === 0x21) {
      const bits = bytes[length.next] ?? 0;
      const dictionary = bits === 40 ? 2 ** 32 - 1 : (2 | (bits & 1)) * 2 ** ((bits >> 1) + 11);
      if (bits > 40 || dictionary > mostDictionary) throw new ArchiveFault('bomb', `It wants ${dictionary} bytes of memory to unpack.`);
    }
    place = length.next + length.value;
  }
}

/** Checks that one xz stream fills the file: header, blocks as its index lists them, index, footer. Answers the bytes it states. */
function xzSize(bytes: Uint8Array): number {
  const view = viewOf(bytes);
  const end = bytes.length;
  if (end < 32 || end % 4 !== 0 || bytes[end - 2] !== 0x59 || bytes[end - 1] !== 0x5a) {
    throw new ArchiveFault('truncated', 'The xz data breaks off, or something stands behind it.');
  }
  const footer = end - 12;
  const index = footer - (view.getUint32(footer + 4, true) + 1) * 4;
  const sound = index >= 12 && bytes[index] === 0 && view.getUint32(footer, true) === crc32(bytes.subarray(footer + 4, footer + 10))
    && view.getUint32(footer - 4, true) === crc32(bytes.subarray(index, footer - 4));
  if (!sound) throw new ArchiveFault('broken', 'The index of the xz data is broken.');
  let [packed, unpacked] = [12, 0];
  let { value: count, next } = numberAt(bytes, index + 1, footer);
  for (; count > 0; count--) {
    const block = numberAt(bytes, next, footer);
    const content = numberAt(bytes, block.next, footer);
    if (packed + block.value > index) throw new ArchiveFault('broken', 'The index of the xz data is broken.');
    checkDictionary(bytes, packed);
    packed += Math.ceil(block.value / 4) * 4;
    unpacked += content.value;
    next = content.next;
  }
  if (packed !== index) throw new ArchiveFault('unsupported', 'The xz data is more than one stream.');
  return unpacked;
}

export async function unpackXz(bytes: Uint8Array, budget: Budget): Promise<Uint8Array> {
  const stated = xzSize(bytes);
  if (stated > budget.room) budget.bomb();
  const out = new Collected(budget);
  try {
    for await (const chunk of unxzed(once(bytes))) out.add(chunk);
  } catch (error) {
    throw error instanceof ArchiveError ? new ArchiveFault('broken', 'The xz data does not unpack.') : error;
  }
  const all = out.all();
  if (all.length !== stated) throw new ArchiveFault('disagrees', 'The xz data unpacks to another length than its index states.');
  return all;
}

export const isZst = (bytes: Uint8Array): boolean => bytes[0] === 0x28 && bytes[1] === 0xb5 && bytes[2] === 0x2f && bytes[3] === 0xfd;

/** Where a Zstandard frame (RFC 8878) ends, walked block by block, and its checksum's place, or null. */
function zstFrame(bytes: Uint8Array): { end: number; checksum: number | null } {
  const view = viewOf(bytes);
  const flags = bytes[4] ?? 0;
  const single = (flags & 0x20) !== 0;
  if ((flags & 3) !== 0) throw new ArchiveFault('unsupported', 'The zst data needs a dictionary.');
  if (!single) {
    const window = bytes[5] ?? 0;
    const size = 2 ** (10 + (window >> 3)) * (1 + (window & 7) / 8);
    if (size > mostDictionary) throw new ArchiveFault('bomb', `It wants ${size} bytes of memory to unpack.`);
  }
  const content = [single ? 1 : 0, 2, 4, 8][flags >> 6] ?? 0;
  let at = 5 + (single ? 0 : 1) + content;
  for (;;) {
    if (at + 3 > bytes.length) throw new ArchiveFault('truncated', 'The zst data breaks off.');
    const head = view.getUint16(at, true) | ((bytes[at + 2] ?? 0) << 16);
    const type = (head >> 1) & 3;
    if (type === 3) throw new ArchiveFault('broken', 'The zst data does not unpack.');
    at += 3 + (type === 1 ? 1 : head >>> 3);
    if ((head & 1) === 1) break;
  }
  const checksum = (flags & 4) !== 0 ? at : null;
  const end = checksum === null ? at : at + 4;
  if (end > bytes.length) throw new ArchiveFault('truncated', 'The zst data breaks off.');
  return { end, checksum };
}

/** One frame that fills the file. */
export function unpackZst(bytes: Uint8Array, budget: Budget): Uint8Array {
  const { end, checksum } = zstFrame(bytes);
  if (end !== bytes.length) throw new ArchiveFault('unsupported', 'Something stands behind the zst frame.');
  const out = new Collected(budget);
  try {
    const stream = new Decompress((chunk) => out.add(chunk.slice()));
    // In pieces, so that a bomb is met before all of it is there.
    for (let at = 0; at < end; at += 65_536) stream.push(bytes.subarray(at, Math.min(end, at + 65_536)), at + 65_536 >= end);
  } catch (error) {
    if (error instanceof ArchiveFault) throw error;
    throw new ArchiveFault('broken', 'The zst data does not unpack.');
  }
  const all = out.all();
  if (checksum !== null && xxh64(all) !== viewOf(bytes).getUint32(checksum, true)) {
    throw new ArchiveFault('disagrees', 'The zst data does not fit its checksum.');
  }
  return all;
}
