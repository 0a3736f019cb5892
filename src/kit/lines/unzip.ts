/**
 * The files of a zip (APPNOTE 6.3: stored or deflated, no encryption, no zip64) that is held whole: what mail carries and what
 * report servers send. Members unpack as streams, so that a small zip of a large file costs time but no memory; a member's length
 * and checksum must be the ones it states, and no two may lie over one another.
 */
import { Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';

export class ZipError extends Error {
  override readonly name = 'ZipError';
}

export interface ZipMember {
  readonly name: string;
  /** Fails with a ZipError where the member is not what it states. */
  readonly bytes: () => AsyncIterable<Uint8Array>;
}

/** Members of one zip. */
const most = 1000;
const endSign = 0x06054b50;
const centralSign = 0x02014b50;
const localSign = 0x04034b50;

export const isZip = (head: Uint8Array): boolean => head[0] === 0x50 && head[1] === 0x4b && (head[2] === 3 || head[2] === 5) && head[3] === head[2] + 1;

interface Entry { name: string; method: number; crc: number; packed: number; size: number; from: number }

/** Where the list of members begins, and how many there are. The comment at the end may hold anything. */
function endOf(zip: Buffer): { at: number; count: number } {
  for (let at = zip.length - 22; at >= Math.max(0, zip.length - 22 - 65_535); at--) {
    if (zip.readUInt32LE(at) === endSign && zip.readUInt16LE(at + 20) === zip.length - at - 22) {
      return { at: zip.readUInt32LE(at + 16), count: zip.readUInt16LE(at + 10) };
    }
  }
  throw new ZipError('The zip has no end, or breaks off.');
}

function entryAt(zip: Buffer, at: number): { entry: Entry; next: number } {
  if (at + 46 > zip.length || zip.readUInt32LE(at) !== centralSign) throw new ZipError('The list of the zip’s files is broken.');
  const [flags, method] = [zip.readUInt16LE(at + 8), zip.readUInt16LE(at + 10)];
  const [nameLength, extra, comment] = [zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30), zip.readUInt16LE(at + 32)];
  const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
  if ((flags & 1) !== 0) throw new ZipError('The zip is encrypted.');
  if (method !== 0 && method !== 8) throw new ZipError(`The zip packs by method ${method}, which is not read.`);
  const local = zip.readUInt32LE(at + 42);
  if (local + 30 > zip.length || zip.readUInt32LE(local) !== localSign) throw new ZipError('A file of the zip is not where its list says.');
  const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  const entry = { name, method, crc: zip.readUInt32LE(at + 16), packed: zip.readUInt32LE(at + 20), size: zip.readUInt32LE(at + 24), from };
  if (entry.packed === 0xffff_ffff || entry.size === 0xffff_ffff) throw new ZipError('The zip is larger than is read.');
  if (from + entry.packed > zip.length) throw new ZipError('A file of the zip is longer than the zip.');
  return { entry, next: at + 46 + nameLength + extra + comment };
}

async function* unpacked(zip: Buffer, { method, from, packed, size, crc }: Entry): AsyncGenerator<Uint8Array> {
  const raw = zip.subarray(from, from + packed);
  const source = Readable.from([raw]);
  const stream = method === 0 ? source : source.pipe(createInflateRaw({ chunkSize: 262_144 }));
  let [length, sum] = [0, 0];
  try {
    for await (const piece of stream as AsyncIterable<Uint8Array>) {
      length += piece.length;
      if (length > size) throw new ZipError('A file of the zip is longer than it states.');
      sum = crc32(piece, sum);
      yield piece;
    }
  } catch (error) {
    throw error instanceof ZipError ? error : new ZipError('A file of the zip does not unpack.', { cause: error });
  } finally {
    source.destroy();
    stream.destroy();
  }
  if (length !== size || sum !== crc) throw new ZipError('A file of the zip is not what it states.');
}

/** The files of a zip, folders left out, in the order of its list. Throws a ZipError. */
export function membersOf(bytes: Uint8Array): ZipMember[] {
  const zip = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (zip.length < 22) throw new ZipError('The zip has no end, or breaks off.');
  const end = endOf(zip);
  if (end.count > most) throw new ZipError(`The zip holds more than ${most} files.`);
  const entries: Entry[] = [];
  for (let i = 0, at = end.at; i < end.count; i++) {
    const { entry, next } = entryAt(zip, at);
    entries.push(entry);
    at = next;
  }
  const byPlace = [...entries].sort((a, b) => a.from - b.from);
  if (byPlace.some((entry, i) => i > 0 && entry.from < (byPlace[i - 1]?.from ?? 0) + (byPlace[i - 1]?.packed ?? 0))) {
    throw new ZipError('Files of the zip lie over one another.');
  }
  return entries.filter(({ name }) => !name.endsWith('/')).map((entry) => ({ name: entry.name, bytes: () => unpacked(zip, entry) }));
}
