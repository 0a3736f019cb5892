/**
 * The files of a zip as it comes in, for zips that nobody wants to hold: hundreds of thousands of records of vulnerabilities are
 * published so. Sizes and checksums are those of each file's own head or of what follows it (APPNOTE 4.3); what cannot be told
 * without the list at the end (a stored file of unknown length) is refused.
 */
import { crc32, createInflateRaw, inflateRawSync } from 'node:zlib';
import { ZipError } from './unzip.ts';

export interface StreamedMember {
  readonly name: string;
  /** Has to be read before the next one is asked for; what is left is skipped. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

const [localSign, centralSign, endSign, followSign] = [0x04034b50, 0x02014b50, 0x06054b50, 0x08074b50];
/** Packed and unpacked, up to which a file is unpacked at once. */
const [smallPacked, smallWhole] = [4 * 1_048_576, 32 * 1_048_576];
const chunkSize = 262_144;

/** Bytes of a source, as many as are asked for; what was taken too much is given back. */
class Supply {
  private readonly chunks: AsyncIterator<Uint8Array>;
  private rest: Buffer = Buffer.alloc(0);
  constructor(source: AsyncIterable<Uint8Array>) {
    this.chunks = source[Symbol.asyncIterator]();
  }
  /** Whatever is there; null at the end. */
  async some(): Promise<Buffer | null> {
    if (this.rest.length > 0) {
      const all = this.rest;
      this.rest = Buffer.alloc(0);
      return all;
    }
    for (let next = await this.chunks.next(); !next.done; next = await this.chunks.next()) if (next.value.length > 0) return Buffer.from(next.value);
    return null;
  }
  async take(n: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    let have = 0;
    while (have < n) {
      const next = await this.some();
      if (next === null) throw new ZipError('The zip breaks off.');
      parts.push(next);
      have += next.length;
    }
    const all = parts.length === 1 ? parts[0] as Buffer : Buffer.concat(parts);
    this.giveBack(all.subarray(n));
    return all.subarray(0, n);
  }
  giveBack(bytes: Buffer): void {
    if (bytes.length > 0) this.rest = this.rest.length === 0 ? bytes : Buffer.concat([bytes, this.rest]);
  }
  async close(): Promise<void> {
    await this.chunks.return?.();
  }
}

interface Head {
  readonly name: string;
  readonly method: number;
  /** Whether the sizes stand behind the file. */
  readonly follows: boolean;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
}

async function headOf(supply: Supply): Promise<Head> {
  const fixed = await supply.take(26);
  const [flags, method] = [fixed.readUInt16LE(2), fixed.readUInt16LE(4)];
  const name = (await supply.take(fixed.readUInt16LE(22))).toString('utf8');
  const extra = await supply.take(fixed.readUInt16LE(24));
  if ((flags & 1) !== 0) throw new ZipError('The zip is encrypted.');
  if (method !== 0 && method !== 8) throw new ZipError(`The zip packs by method ${method}, which is not read.`);
  let [packed, size] = [fixed.readUInt32LE(14), fixed.readUInt32LE(18)];
  // Zip64: the sizes stand in an extra field of kind 1, the unpacked one first.
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1 || at + 20 > extra.length) continue;
    if (size === 0xffff_ffff) size = Number(extra.readBigUInt64LE(at + 4));
    if (packed === 0xffff_ffff) packed = Number(extra.readBigUInt64LE(at + 12));
  }
  const follows = (flags & 8) !== 0;
  if (follows && method === 0) throw new ZipError('A stored file of the zip does not say how long it is.');
  return { name, method, follows, crc: fixed.readUInt32LE(10), packed, size };
}

/** Bytes that are fed at once: what they unpack to is held until it is read, at most a thousand times as much. */
const fedAtOnce = 16_384;

/** A deflated file of any length. What lies behind it in the last piece is given back. */
async function* inflating(supply: Supply, packed: number | null): AsyncGenerator<Uint8Array> {
  const inflate = createInflateRaw({ chunkSize });
  const pieces: Uint8Array[] = [];
  inflate.on('data', (piece: Uint8Array) => pieces.push(piece));
  let fed = 0;
  try {
    for (;;) {
      const chunk = packed === null ? await supply.some() : fed === packed ? null : await supply.take(Math.min(fedAtOnce, packed - fed));
      if (chunk === null && packed === null) throw new ZipError('The zip breaks off.');
      const part = (chunk ?? Buffer.alloc(0)).subarray(0, fedAtOnce);
      if (chunk) supply.giveBack(chunk.subarray(part.length));
      fed += part.length;
      const ended = await new Promise<boolean>((resolve, reject) => {
        inflate.once('end', () => resolve(true)).once('error', (cause) => reject(new ZipError('A file of the zip does not unpack.', { cause })));
        // Behind the end of what was packed nothing is taken any more, and nobody is called: the end comes instead.
        if (chunk === null) inflate.end();
        else inflate.write(part, () => resolve(false));
      });
      yield* pieces.splice(0);
      if (!ended) {
        inflate.removeAllListeners('end').removeAllListeners('error');
        continue;
      }
      const over = fed - inflate.bytesWritten;
      if (packed === null) supply.giveBack(part.subarray(part.length - over));
      else if (over > 0 || fed < packed) throw new ZipError('A file of the zip is not what it states.');
      return;
    }
  } finally {
    inflate.on('error', () => undefined).destroy();
  }
}

/** Checks what a file states of itself, before it or behind it. */
async function* checked(supply: Supply, head: Head): AsyncGenerator<Uint8Array> {
  let [length, sum] = [0, 0];
  for await (const piece of contentOf(supply, head)) {
    length += piece.length;
    if (!head.follows && length > head.size) throw new ZipError('A file of the zip is longer than it states.');
    sum = crc32(piece, sum);
    yield piece;
  }
  let { crc, size } = head;
  if (head.follows) {
    const first = await supply.take(4);
    const signed = first.readUInt32LE(0) === followSign;
    crc = signed ? (await supply.take(4)).readUInt32LE(0) : first.readUInt32LE(0);
    // The sizes are of eight bytes in zip64, which nothing here says: the next sign tells.
    const sizes = await supply.take(20);
    const wide = sizes.readUInt32LE(8) !== localSign && sizes.readUInt32LE(8) !== centralSign;
    size = wide ? Number(sizes.readBigUInt64LE(8)) : sizes.readUInt32LE(4);
    supply.giveBack(Buffer.from(sizes.subarray(wide ? 16 : 8)));
  }
  if (length !== size || sum !== crc) throw new ZipError('A file of the zip is not what it states.');
}

async function* contentOf(supply: Supply, head: Head): AsyncGenerator<Uint8Array> {
  if (head.method === 8 && (head.follows || head.packed > smallPacked || head.size > smallWhole)) {
    yield* inflating(supply, head.follows ? null : head.packed);
  } else if (head.method === 8) {
    const packed = await supply.take(head.packed);
    try {
      yield inflateRawSync(packed, { maxOutputLength: Math.max(1, head.size) });
    } catch (cause) {
      throw new ZipError('A file of the zip does not unpack.', { cause });
    }
  } else {
    for (let left = head.packed; left > 0;) {
      const piece = await supply.take(Math.min(chunkSize, left));
      left -= piece.length;
      yield piece;
    }
  }
}

/** The files in the order in which they stand, folders left out. Throws a ZipError, and what the source throws. */
export async function* streamedMembers(source: AsyncIterable<Uint8Array>): AsyncGenerator<StreamedMember> {
  const supply = new Supply(source);
  try {
    for (;;) {
      const sign = (await supply.take(4)).readUInt32LE(0);
      if (sign === centralSign || sign === endSign) return;
      if (sign !== localSign) throw new ZipError('A file of the zip is not where it should be.');
      const head = await headOf(supply);
      const bytes = checked(supply, head);
      if (!head.name.endsWith('/')) yield { name: head.name, bytes: { [Symbol.asyncIterator]: () => ({ next: () => bytes.next() }) } };
      // Whatever nobody read is passed over; it is checked all the same.
      for await (const _ of bytes);
    }
  } finally {
    await supply.close();
  }
}
