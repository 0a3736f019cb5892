/**
 * Zip (APPNOTE 6.3 with zip64) that lies somewhere and is read from any place: its list stands at the end, and only there does it say
 * what runs and what is a link. Stored or deflated; sizes and checksums must be the ones stated, and no two files lie over one another.
 */
import { Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { fromUtf8 } from '#kit/encoding';
import { nothing, type Member, type OpenRange } from './member.ts';
import { ArchiveError } from './refused.ts';

const [localSign, centralSign, endSign, end64Sign, locator64Sign] = [0x04034b50, 0x02014b50, 0x06054b50, 0x06064b50, 0x07064b50];
const [endBytes, locatorBytes, end64Bytes, centralBytes, localBytes] = [22, 20, 56, 46, 30];
/** Of a list: a million entries of ordinary names. */
const listMax = 256 * 1_048_576;
const targetMax = 4_096;

interface Entry {
  readonly path: string; readonly method: number; readonly crc: number; readonly packed: number; readonly size: number; readonly from: number;
  readonly mode: number;
}

async function read(open: OpenRange, from: number, to: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of await open(from, to)) parts.push(part);
  return Buffer.concat(parts);
}

/** Where the list begins and ends. */
async function listOf(open: OpenRange, size: number): Promise<{ from: number; to: number }> {
  const start = Math.max(0, size - endBytes - 65_535 - locatorBytes);
  const tail = await read(open, start, size);
  let at = tail.length - endBytes;
  while (at >= 0 && !(tail.readUInt32LE(at) === endSign && tail.readUInt16LE(at + 20) === tail.length - at - endBytes)) at--;
  if (at < 0) throw new ArchiveError('The zip has no end, or breaks off.', `byte ${size}`);
  let [length, from] = [tail.readUInt32LE(at + 12), tail.readUInt32LE(at + 16)];
  let end = start + at;
  if (at >= locatorBytes && tail.readUInt32LE(at - locatorBytes) === locator64Sign) {
    end = Number(tail.readBigUInt64LE(at - locatorBytes + 8));
    const wide = end + end64Bytes <= size ? await read(open, end, end + end64Bytes) : Buffer.alloc(0);
    if (wide.length < end64Bytes || wide.readUInt32LE(0) !== end64Sign) throw new ArchiveError('The zip’s list is not where it says.', `byte ${end}`);
    [length, from] = [Number(wide.readBigUInt64LE(40)), Number(wide.readBigUInt64LE(48))];
  }
  if (length > listMax || from + length > end) throw new ArchiveError('The zip’s list is not where it says.', `byte ${from}`);
  return { from, to: from + length };
}

/** Sizes and place that do not fit 32 bits stand in an extra field of kind 1, in this order, those alone that do not fit. */
function wideOf(extra: Buffer, told: readonly number[]): number[] {
  const found = [...told];
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    let place = at + 4;
    for (const [i, value] of told.entries()) {
      if (value !== 0xffff_ffff || place + 8 > extra.length) continue;
      found[i] = Number(extra.readBigUInt64LE(place));
      place += 8;
    }
  }
  return found;
}

function entriesOf(list: Buffer, most: number): Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; at < list.length;) {
    const broken = (): ArchiveError => new ArchiveError('The list of the zip’s files is broken.', `entry ${entries.length}`);
    if (at + centralBytes > list.length || list.readUInt32LE(at) !== centralSign) throw broken();
    const [nameLength, extraLength, comment] = [list.readUInt16LE(at + 28), list.readUInt16LE(at + 30), list.readUInt16LE(at + 32)];
    const next = at + centralBytes + nameLength + extraLength + comment;
    if (next > list.length) throw broken();
    const path = fromUtf8(list.subarray(at + centralBytes, at + centralBytes + nameLength));
    if (path === null) throw new ArchiveError('A path in the archive is no text in UTF-8.', `entry ${entries.length}`);
    const extra = list.subarray(at + centralBytes + nameLength, next - comment);
    const [size = 0, packed = 0, from = 0] = wideOf(extra, [list.readUInt32LE(at + 24), list.readUInt32LE(at + 20), list.readUInt32LE(at + 42)]);
    // Only who made it on Unix says anything of modes.
    const mode = list[at + 5] === 3 ? list.readUInt32LE(at + 38) >>> 16 : 0;
    const method = list.readUInt16LE(at + 10);
    if ((list.readUInt16LE(at + 8) & 1) !== 0) throw new ArchiveError('The zip is encrypted.', path);
    if (method !== 0 && method !== 8) throw new ArchiveError(`The zip packs by method ${method}, which is not read.`, path);
    if (method === 0 && packed !== size) throw new ArchiveError('A file of the zip is not what it states.', path);
    entries.push({ path, method, crc: list.readUInt32LE(at + 16), packed, size, from, mode });
    if (entries.length > most) throw new ArchiveError(`The archive holds more than ${most} entries.`, path);
    at = next;
  }
  return entries;
}

async function* contentOf(open: OpenRange, entry: Entry, limit: number): AsyncGenerator<Uint8Array> {
  if (entry.from + localBytes > limit) throw new ArchiveError('Files of the zip lie over one another.', entry.path);
  const head = await read(open, entry.from, Math.min(entry.from + localBytes, limit));
  if (head.length < localBytes || head.readUInt32LE(0) !== localSign) throw new ArchiveError('A file of the zip is not where its list says.', entry.path);
  const start = entry.from + localBytes + head.readUInt16LE(26) + head.readUInt16LE(28);
  if (start + entry.packed > limit) throw new ArchiveError('Files of the zip lie over one another.', entry.path);
  const source = Readable.from(await open(start, start + entry.packed), { objectMode: false });
  const stream = entry.method === 0 ? source : source.pipe(createInflateRaw({ chunkSize: 262_144 }));
  const failed: { source?: Error } = {};
  source.on('error', (error) => {
    failed.source = error;
    stream.destroy(error);
  });
  let [length, sum] = [0, 0];
  try {
    for await (const piece of stream as AsyncIterable<Uint8Array>) {
      length += piece.length;
      if (length > entry.size) throw new ArchiveError('A file of the zip is longer than it states.', entry.path);
      sum = crc32(piece, sum);
      yield piece;
    }
  } catch (cause) {
    if (cause instanceof ArchiveError || failed.source) throw failed.source ?? cause;
    throw new ArchiveError('A file of the zip does not unpack.', entry.path, { cause });
  } finally {
    source.destroy();
    stream.destroy();
  }
  if (length !== entry.size || sum !== entry.crc) throw new ArchiveError('A file of the zip is not what it states.', entry.path);
}

async function targetOf(bytes: AsyncIterable<Uint8Array>, { path, size }: Entry): Promise<string> {
  if (size > targetMax) throw new ArchiveError('A link leads to more than can be a path.', path);
  const parts: Uint8Array[] = [];
  for await (const part of bytes) parts.push(part);
  const text = fromUtf8(Buffer.concat(parts));
  if (text === null) throw new ArchiveError('A path in the archive is no text in UTF-8.', path);
  return text;
}

const [kindBits, linkBits, folderBits, fileBits] = [0o170000, 0o120000, 0o040000, 0o100000];

/** The members in the order in which they lie, folders left out. */
export async function* zipMembers(open: OpenRange, size: number, most: number): AsyncGenerator<Member> {
  const list = await listOf(open, size);
  const entries = entriesOf(await read(open, list.from, list.to), most).sort((a, b) => a.from - b.from);
  for (const [i, entry] of entries.entries()) {
    const kind = entry.mode & kindBits;
    if (kind === folderBits || entry.path.endsWith('/')) continue;
    if (kind !== 0 && kind !== linkBits && kind !== fileBits) {
      throw new ArchiveError('The archive holds what is neither file, link nor folder: a device, a pipe or the like.', entry.path);
    }
    const bytes = contentOf(open, entry, entries[i + 1]?.from ?? list.from);
    const common = { path: entry.path.replace(/^(?:\.\/+)+/, ''), runs: (entry.mode & 0o100) !== 0 };
    if (kind === linkBits) yield { ...common, kind: 'link', size: 0, target: await targetOf(bytes, entry), bytes: nothing() };
    else yield { ...common, kind: 'file', size: entry.size, target: '', bytes };
    // What nobody read is checked all the same.
    for await (const _ of bytes);
  }
}
