/**
 * Bzip2 as a stream, a block at a time (the format as bzip2 1.0.8 writes it; several streams behind one another, as pbzip2 does). Its own code,
 * since no library of it is looked after. Each block's sum and each stream's are held; what would come out of a block beside them is refused.
 */
import { ArchiveError } from './refused.ts';
import { nextTurn } from '#kit/turn';

const [blockMagic, endMagic] = [0x314159265359, 0x177245385090];
/** More than a packed block can be, with its tables. */
const packedMost = 2 * 1_048_576;
const [symbolsMax, lengthMax, perTable] = [258, 20, 50];
/** Bytes handed on at once. */
const pieceBytes = 262_144;

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24;
  for (let bit = 0; bit < 8; bit++) value = value & 0x80000000 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value;
});

const broken = (at: string): ArchiveError => new ArchiveError('The packed archive is broken.', at);

/** How codes of one table are read: by length, the first code, where its symbols stand, and how many there are. */
interface Table { readonly first: Int32Array; readonly from: Int32Array; readonly count: Int32Array; readonly symbols: Uint16Array }

/** Bits of a stream, the highest first. What it is asked for within a block was read before. */
class Bits {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #bytes: Uint8Array = new Uint8Array();
  #at = 0;
  #passed = 0;
  #held = 0;
  #count = 0;
  #ended = false;
  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  get where(): string {
    return `byte ${this.#passed + this.#at}`;
  }

  /** Reads on until so many bytes lie ready, or there are no more. */
  async fill(bytes: number): Promise<void> {
    if (this.#bytes.length - this.#at >= bytes || this.#ended) return;
    const parts = [this.#bytes.subarray(this.#at)];
    let length = this.#bytes.length - this.#at;
    while (length < bytes && !this.#ended) {
      const next = await this.#chunks.next();
      if (next.done) this.#ended = true;
      else {
        parts.push(Uint8Array.from(next.value));
        length += next.value.length;
      }
    }
    this.#passed += this.#at;
    this.#at = 0;
    this.#bytes = new Uint8Array(Buffer.concat(parts));
  }

  get isOver(): boolean {
    return this.#ended && this.#at >= this.#bytes.length;
  }

  bit(): number {
    if (this.#count === 0) {
      if (this.#at >= this.#bytes.length) throw new ArchiveError('The packed archive breaks off.', this.where);
      this.#held = this.#bytes[this.#at++] as number;
      this.#count = 8;
    }
    this.#count--;
    return (this.#held >> this.#count) & 1;
  }

  bits(n: number): number {
    let value = 0;
    for (let i = 0; i < n; i++) value = value * 2 + this.bit();
    return value;
  }

  /** The symbol of the next code. */
  symbol({ first, from, count, symbols }: Table): number {
    let [code, held, left] = [0, this.#held, this.#count];
    for (let length = 1; length <= lengthMax; length++) {
      if (left === 0) {
        if (this.#at >= this.#bytes.length) throw new ArchiveError('The packed archive breaks off.', this.where);
        held = this.#bytes[this.#at++] as number;
        left = 8;
      }
      left--;
      code = (code << 1) | ((held >> left) & 1);
      const place = code - (first[length] as number);
      if (place < 0 || place >= (count[length] as number)) continue;
      this.#held = held;
      this.#count = left;
      return symbols[(from[length] as number) + place] as number;
    }
    throw broken(this.where);
  }

  toByte(): void {
    this.#count = 0;
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}

function tableOf(lengths: Uint8Array): Table {
  const [first, from, count] = [new Int32Array(lengthMax + 1), new Int32Array(lengthMax + 1), new Int32Array(lengthMax + 1)];
  for (const length of lengths) count[length] = (count[length] as number) + 1;
  const symbols = new Uint16Array(lengths.length);
  let [code, at] = [0, 0];
  for (let length = 1; length <= lengthMax; length++) {
    first[length] = code;
    from[length] = at;
    for (const [symbol, of] of lengths.entries()) if (of === length) symbols[at++] = symbol;
    code = (code + (count[length] as number)) << 1;
  }
  return { first, from, count, symbols };
}

function tablesIn(bits: Bits, symbols: number): { selectors: Uint8Array; tables: Table[] } {
  const groups = bits.bits(3);
  const count = bits.bits(15);
  if (groups < 2 || groups > 6 || count < 1) throw broken(bits.where);
  const order = Array.from({ length: groups }, (_, i) => i);
  const selectors = Uint8Array.from({ length: count }, () => {
    let n = 0;
    while (bits.bit() === 1) if (++n >= groups) throw broken(bits.where);
    const [one = 0] = order.splice(n, 1);
    order.unshift(one);
    return one;
  });
  const tables = Array.from({ length: groups }, () => {
    let length = bits.bits(5);
    return tableOf(Uint8Array.from({ length: symbols }, () => {
      for (;;) {
        if (length < 1 || length > lengthMax) throw broken(bits.where);
        if (bits.bit() === 0) return length;
        length += bits.bit() === 0 ? 1 : -1;
      }
    }));
  });
  return { selectors, tables };
}

/** The bytes of a block in the order in which they were sorted, in `sorted`; how many there are, and where the first of all is. */
function sortedIn(bits: Bits, sorted: Uint32Array): { length: number; start: number } {
  if (bits.bit() === 1) throw new ArchiveError('The packed archive is of a kind that no program writes any more.', bits.where);
  const start = bits.bits(24);
  const used: number[] = [];
  const ranges = bits.bits(16);
  for (let range = 0; range < 16; range++) {
    if ((ranges & (0x8000 >> range)) === 0) continue;
    const within = bits.bits(16);
    for (let i = 0; i < 16; i++) if ((within & (0x8000 >> i)) !== 0) used.push(range * 16 + i);
  }
  const last = used.length + 1;
  if (used.length === 0 || last >= symbolsMax) throw broken(bits.where);
  const { selectors, tables } = tablesIn(bits, last + 1);
  const recent = Uint8Array.from(used);
  let [length, run, weight] = [0, 0, 1];
  const put = (byte: number, times: number): void => {
    if (length + times > sorted.length) throw broken(bits.where);
    sorted.fill(byte, length, length + times);
    length += times;
  };
  for (let n = 0; ; n++) {
    const table = tables[selectors[Math.floor(n / perTable)] ?? -1];
    if (!table) throw broken(bits.where);
    const symbol = bits.symbol(table);
    if (symbol <= 1) {
      // A run is a number in base two whose digits are one and two.
      run += weight * (symbol + 1);
      weight *= 2;
      if (run > sorted.length) throw broken(bits.where);
      continue;
    }
    if (run > 0) put(recent[0] as number, run);
    [run, weight] = [0, 1];
    if (symbol === last) break;
    const byte = recent[symbol - 1] as number;
    recent.copyWithin(1, 0, symbol - 1);
    recent[0] = byte;
    put(byte, 1);
  }
  if (start >= length) throw broken(bits.where);
  return { length, start };
}

/** What a block unpacks to, piece by piece; answers its sum. */
function* unsorted(sorted: Uint32Array, { length, start }: { length: number; start: number }, at: string): Generator<Uint8Array, number> {
  const places = new Uint32Array(256);
  for (let i = 0; i < length; i++) places[sorted[i] as number] = (places[sorted[i] as number] as number) + 1;
  for (let byte = 0, sum = 0; byte < 256; byte++) {
    const count = places[byte] as number;
    places[byte] = sum;
    sum += count;
  }
  // Above each byte stands which comes next.
  for (let i = 0; i < length; i++) {
    const byte = (sorted[i] as number) & 0xff;
    const place = places[byte] as number;
    places[byte] = place + 1;
    sorted[place] = ((sorted[place] as number) | (i << 8)) >>> 0;
  }
  let [next, crc, same, before, out] = [(sorted[start] as number) >>> 8, 0xffffffff, 0, -1, 0];
  let piece = new Uint8Array(pieceBytes);
  for (let i = 0; i < length; i++) {
    const entry = sorted[next] as number;
    const byte = entry & 0xff;
    next = entry >>> 8;
    let times = 1;
    let value = byte;
    // After four of a kind it is said how many more there are.
    if (same === 4) {
      [times, value, same] = [byte, before, 0];
    } else {
      same = byte === before ? same + 1 : 1;
      before = byte;
    }
    for (; times > 0; times--) {
      crc = (crc << 8) ^ (crcTable[((crc >>> 24) ^ value) & 0xff] as number);
      piece[out++] = value;
      if (out < pieceBytes) continue;
      yield piece;
      [piece, out] = [new Uint8Array(pieceBytes), 0];
    }
    if (same === 0) before = -1;
  }
  if (same === 4) throw broken(at);
  if (out > 0) yield piece.subarray(0, out);
  return ~crc >>> 0;
}

export const isBzip2 = (head: Uint8Array): boolean => head[0] === 0x42 && head[1] === 0x5a && head[2] === 0x68;

/** What a bzip2 unpacks to. Throws an ArchiveError where it is broken, and what reading it throws. */
export async function* bunzipped(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const bits = new Bits(source);
  try {
    await bits.fill(packedMost);
    do yield* oneStream(bits); while (!bits.isOver);
  } finally {
    await bits.close();
  }
}

async function* oneStream(bits: Bits): AsyncGenerator<Uint8Array> {
  const head = [bits.bits(8), bits.bits(8), bits.bits(8)];
  const level = bits.bits(8) - 0x30;
  if (!isBzip2(Uint8Array.from(head)) || level < 1 || level > 9) throw new ArchiveError('Something stands behind the packed archive.', bits.where);
  const sorted = new Uint32Array(level * 100_000);
  let whole = 0;
  for (;;) {
    await bits.fill(packedMost);
    const at = bits.where;
    const magic = bits.bits(48);
    const stated = bits.bits(32);
    if (magic === endMagic) {
      if (stated !== whole) throw new ArchiveError('A sum in the packed archive does not hold.', at);
      bits.toByte();
      await bits.fill(packedMost);
      return;
    }
    if (magic !== blockMagic) throw broken(at);
    const sum = yield* unsorted(sorted, sortedIn(bits, sorted), at);
    if (sum !== stated) throw new ArchiveError('A sum in the packed archive does not hold.', at);
    whole = (((whole << 1) | (whole >>> 31)) ^ sum) >>> 0;
    // A block is much work: others get their turn.
    await nextTurn();
  }
}
