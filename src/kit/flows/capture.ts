/**
 * Captured packets, as tcpdump and Wireshark write them: pcap (draft-ietf-opsawg-pcap) and pcapng (draft-ietf-opsawg-pcapng), in either byte order,
 * read as a stream. A capture that breaks off, as one does whose program was ended, is read up to there, and says so.
 */
import { ArchiveError } from '#kit/archive/refused';
import { Supply } from '#kit/archive/supply';
import { FlowError } from './refused.ts';

export interface Packet {
  /** Kind of the link, by its number in the registry of link types. */
  readonly link: number;
  /** Microseconds since 1970; 0 where none is said. */
  readonly at: number;
  readonly bytes: Buffer;
  /** Bytes that it had on the wire. */
  readonly size: number;
}
export interface CaptureEnd { brokenOff: boolean }

/** A packet, or any other block, of more is no capture. */
const blockMax = 16 * 1_048_576;

/** Exactly so many bytes; null where the capture ends before. */
async function take(supply: Supply, n: number): Promise<Buffer | null> {
  if (n > blockMax) throw new FlowError(`A packet of the capture is larger than ${blockMax} bytes.`, `byte ${supply.taken}`);
  try {
    return await supply.take(n);
  } catch (error) {
    if (error instanceof ArchiveError) return null;
    throw error;
  }
}

/** Packets of a capture. Throws a FlowError with the byte. */
export async function* packetsIn(bytes: AsyncIterable<Uint8Array>, end: CaptureEnd): AsyncGenerator<Packet> {
  const source = new Supply(bytes);
  try {
    const magic = await take(source, 4);
    if (magic === null) throw new FlowError('This is no capture: pcap or pcapng.', 'byte 0');
    if (magic.readUInt32BE(0) === 0x0a0d0d0a) yield* blocks(source, end);
    else yield* records(source, magic, end);
  } finally {
    await source.close();
  }
}

async function* records(source: Supply, magic: Buffer, end: CaptureEnd): AsyncGenerator<Packet> {
  const kind = magic.readUInt32BE(0);
  const isBig = kind === 0xa1b2c3d4 || kind === 0xa1b23c4d;
  const order = isBig ? kind : magic.readUInt32LE(0);
  if (order !== 0xa1b2c3d4 && order !== 0xa1b23c4d) throw new FlowError('This is no capture: pcap or pcapng.', 'byte 0');
  const perMicro = order === 0xa1b23c4d ? 1000 : 1;
  const u32 = (b: Buffer, at: number): number => (isBig ? b.readUInt32BE(at) : b.readUInt32LE(at));
  const head = await take(source, 20);
  if (head === null) throw new FlowError('The head of the capture breaks off.', 'byte 4');
  const link = u32(head, 16) & 0xffff;
  for (;;) {
    const record = await take(source, 16);
    const bytes = record === null ? null : await take(source, u32(record, 8));
    if (record === null || bytes === null) {
      end.brokenOff = record !== null;
      return;
    }
    yield { link, at: u32(record, 0) * 1e6 + Math.floor(u32(record, 4) / perMicro), bytes, size: u32(record, 12) };
  }
}

interface Interface { readonly link: number; readonly perSecond: number }

/** Options of a block by code (pcapng, 3.5). */
function option(bytes: Buffer, from: number, code: number, u16: Numbers['u16']): Buffer | null {
  for (let at = from; at + 4 <= bytes.length;) {
    const [found, length] = [u16(bytes, at), u16(bytes, at + 2)];
    if (found === 0) return null;
    if (found === code) return bytes.subarray(at + 4, at + 4 + length);
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return null;
}

async function* blocks(source: Supply, end: CaptureEnd): AsyncGenerator<Packet> {
  let isBig = false;
  let interfaces: Interface[] = [];
  const u32 = (b: Buffer, at: number): number => (at + 4 > b.length ? 0 : isBig ? b.readUInt32BE(at) : b.readUInt32LE(at));
  const u16 = (b: Buffer, at: number): number => (at + 2 > b.length ? 0 : isBig ? b.readUInt16BE(at) : b.readUInt16LE(at));
  let type: Buffer | null = Buffer.from([0x0a, 0x0d, 0x0d, 0x0a]);
  for (; type !== null; type = await take(source, 4)) {
    const place = source.taken - 4;
    const isSection = type.readUInt32BE(0) === 0x0a0d0d0a;
    const length = await take(source, isSection ? 8 : 4);
    if (isSection && length !== null) {
      const order = length.readUInt32BE(4);
      if (order !== 0x1a2b3c4d && order !== 0x4d3c2b1a) throw new FlowError('A section of the capture is broken.', `byte ${place}`);
      isBig = order === 0x1a2b3c4d;
      interfaces = [];
    }
    const size = length === null ? 0 : u32(length, 0);
    if (length !== null && (size < 12 || size % 4 !== 0)) throw new FlowError('A block of the capture is broken.', `byte ${place}`);
    const body = length === null ? null : await take(source, size - 4 - length.length);
    if (body === null) {
      end.brokenOff = true;
      return;
    }
    if (u32(body, body.length - 4) !== size) throw new FlowError('A block of the capture is broken.', `byte ${place}`);
    const inner = body.subarray(0, -4);
    const kind = isSection ? 0 : u32(type, 0);
    if (kind === 1) interfaces.push(interfaceOf(inner, u16));
    const packet = packetOf(kind, inner, interfaces, { u32, u16 }, place);
    if (packet !== null) yield packet;
  }
}

function interfaceOf(body: Buffer, u16: Numbers['u16']): Interface {
  const resolution = option(body, 8, 9, u16)?.[0] ?? 6;
  return { link: u16(body, 0), perSecond: (resolution & 0x80) === 0 ? 10 ** resolution : 2 ** (resolution & 0x7f) };
}

interface Numbers { readonly u32: (b: Buffer, at: number) => number; readonly u16: (b: Buffer, at: number) => number }

/** Of a block that holds one: an enhanced one (6), the obsolete one (2), a simple one (3). */
function packetOf(kind: number, body: Buffer, interfaces: readonly Interface[], { u32, u16 }: Numbers, place: number): Packet | null {
  if (kind === 3) {
    const size = u32(body, 0);
    return interfaces[0] ? { link: interfaces[0].link, at: 0, bytes: body.subarray(4, 4 + size), size } : null;
  }
  if (kind !== 6 && kind !== 2) return null;
  const from = interfaces[kind === 6 ? u32(body, 0) : u16(body, 0)];
  if (!from) throw new FlowError('A packet of the capture is of an interface that was not described.', `byte ${place}`);
  const [held, size] = [u32(body, 12), u32(body, 16)];
  if (held > body.length - 20) throw new FlowError('A packet of the capture is broken.', `byte ${place}`);
  const at = Math.floor(((u32(body, 4) * 2 ** 32 + u32(body, 8)) / from.perSecond) * 1e6);
  return { link: from.link, at, bytes: body.subarray(20, 20 + held), size };
}
