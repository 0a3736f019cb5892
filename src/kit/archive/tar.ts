/**
 * Tar as a stream: ustar, pax (POSIX.1-2001) and what GNU adds for long names and sizes. Reading is strict: each header's checksum must
 * hold, nothing but files, links and folders is taken, and a sparse file is refused, since what it stands for is not what is in it.
 */
import { fromUtf8 } from '#kit/encoding';
import { nothing, type Member } from './member.ts';
import { ArchiveError } from './refused.ts';
import { Supply } from './supply.ts';

const block = 512;
/** Of a header that carries names: paths are at most 4096 bytes. */
const extraMax = 65_536;

const padded = (size: number): number => Math.ceil(size / block) * block;

/** A number: octal digits, or big-endian binary with the first bit set, as GNU writes what does not fit. */
function numberIn(header: Buffer, at: number, length: number): number | null {
  const field = header.subarray(at, at + length);
  if (((field[0] ?? 0) & 0x80) !== 0) {
    let value = (field[0] ?? 0) & 0x7f;
    for (const byte of field.subarray(1)) value = value * 256 + byte;
    return Number.isSafeInteger(value) ? value : null;
  }
  const text = field.toString('latin1').replace(/^[ \0]+|[ \0].*$/gs, '');
  return /^[0-7]*$/.test(text) ? Number.parseInt(text === '' ? '0' : text, 8) : null;
}

function textIn(header: Buffer, at: number, length: number): Buffer {
  const field = header.subarray(at, at + length);
  const end = field.indexOf(0);
  return end < 0 ? field : field.subarray(0, end);
}

function sumHolds(header: Buffer): boolean {
  const told = numberIn(header, 148, 8);
  let [sum, signed] = [0, 0];
  for (const [i, byte] of header.entries()) {
    const value = i >= 148 && i < 156 ? 32 : byte;
    sum += value;
    signed += value > 127 ? value - 256 : value;
  }
  // Old programs added bytes with their sign.
  return told === sum || told === signed;
}

/** The records of a pax header: `<length> <key>=<value>\n`, over and over. */
function paxOf(bytes: Buffer, at: string): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (let from = 0; from < bytes.length;) {
    const space = bytes.indexOf(32, from);
    const length = space < 0 || space - from > 10 ? Number.NaN : Number(bytes.toString('latin1', from, space));
    const equal = bytes.indexOf(61, space);
    if (!Number.isInteger(length) || length < 5 || from + length > bytes.length || bytes[from + length - 1] !== 10 || equal < 0 || equal >= from + length) {
      throw new ArchiveError('An extended header of the archive is broken.', at);
    }
    found.set(bytes.toString('latin1', space + 1, equal), bytes.subarray(equal + 1, from + length - 1));
    from += length;
  }
  return found;
}

interface Extra { path?: Buffer; link?: Buffer; size?: number }

function applyPax(extra: Extra, pax: ReadonlyMap<string, Buffer>, at: string): void {
  const [path, link, size] = [pax.get('path'), pax.get('linkpath'), pax.get('size')];
  if (path) extra.path = path;
  if (link) extra.link = link;
  if (size) {
    const told = Number(size.toString('latin1'));
    if (!Number.isSafeInteger(told) || told < 0) throw new ArchiveError('A size in the archive is no number.', at);
    extra.size = told;
  }
  if ([...pax.keys()].some((key) => key.startsWith('GNU.sparse.'))) throw new ArchiveError('The archive holds a sparse file, which is not read.', at);
}

function textOf(bytes: Buffer, at: string): string {
  const text = fromUtf8(bytes);
  if (text === null) throw new ArchiveError('A path in the archive is no text in UTF-8.', at);
  return text;
}

/** Without what many begin with and folders end with. */
const cleaned = (path: string): string => path.replace(/^(?:\.\/+)+/, '').replace(/\/+$/, '');

class Reader {
  readonly #supply: Supply;
  #extra: Extra = {};
  constructor(supply: Supply) {
    this.#supply = supply;
  }

  /** The next header; null at the end: two blocks of zeros, or nothing more. */
  async header(): Promise<Buffer | null> {
    const header = await this.#supply.take(block);
    if (header === null || header.every((byte) => byte === 0)) return null;
    if (!sumHolds(header)) throw new ArchiveError('This is no tar, or it is broken: a header’s checksum does not hold.', this.#at());
    return header;
  }

  #at(): string {
    return `byte ${this.#supply.taken - block}`;
  }

  /** Takes what only says something of the next member; true where the header was such a one. */
  async takesExtra(header: Buffer, type: string): Promise<boolean> {
    if (!'xgLKV'.includes(type)) return false;
    const [at, size] = [this.#at(), numberIn(header, 124, 12)];
    if (size === null || size > extraMax) throw new ArchiveError('An extended header of the archive is too large.', at);
    const bytes = (await this.#supply.take(padded(size)) ?? Buffer.alloc(0)).subarray(0, size);
    if (bytes.length < size) throw new ArchiveError('The archive breaks off.', at);
    if (type === 'x') applyPax(this.#extra, paxOf(bytes, at), at);
    // What holds for all that follows may hold a comment (git's commit), and nothing that would change a file.
    if (type === 'g' && ['path', 'linkpath', 'size'].some((key) => paxOf(bytes, at).has(key))) {
      throw new ArchiveError('A header of the archive names many files at once.', at);
    }
    if (type === 'L') this.#extra.path = textIn(bytes, 0, size);
    if (type === 'K') this.#extra.link = textIn(bytes, 0, size);
    return true;
  }

  /** What a header says; the extra that went before is used up. */
  memberOf(header: Buffer, type: string): Omit<Member, 'bytes'> & { folder: boolean } {
    const at = this.#at();
    const extra = this.#extra;
    this.#extra = {};
    const prefix = header.toString('latin1', 257, 262) === 'ustar' && header[263] !== 32 ? textIn(header, 345, 155) : Buffer.alloc(0);
    const name = textIn(header, 0, 100);
    const raw = textOf(extra.path ?? (prefix.length > 0 ? Buffer.concat([prefix, Buffer.from('/'), name]) : name), at);
    const path = cleaned(raw);
    const size = extra.size ?? numberIn(header, 124, 12);
    const mode = numberIn(header, 100, 8);
    if (size === null || mode === null) throw new ArchiveError('A number in the archive cannot be read.', path);
    const target = textOf(extra.link ?? textIn(header, 157, 100), path);
    const common = { path, runs: (mode & 0o100) !== 0, size: 0, target: '' };
    if (type === '5' || ((type === '0' || type === '\0') && raw.endsWith('/'))) return { ...common, kind: 'file', folder: true };
    if (type === '0' || type === '\0' || type === '7') return { ...common, kind: 'file', size, folder: false };
    if (type === '2') return { ...common, kind: 'link', target, folder: false };
    if (type === '1') return { ...common, kind: 'same', target: cleaned(target), folder: false };
    throw new ArchiveError(type === 'S' ? 'The archive holds a sparse file, which is not read.'
      : 'The archive holds what is neither file, link nor folder: a device, a pipe or the like.', path);
  }
}

/** The members in the order in which they stand, folders left out. Throws an ArchiveError, and what the source throws. */
export async function* tarMembers(source: AsyncIterable<Uint8Array>): AsyncGenerator<Member> {
  const supply = new Supply(source);
  const reader = new Reader(supply);
  try {
    for (let header = await reader.header(); header !== null; header = await reader.header()) {
      const type = String.fromCharCode(header[156] ?? 0);
      if (await reader.takesExtra(header, type)) continue;
      const { folder, ...member } = reader.memberOf(header, type);
      const state = { left: member.kind === 'file' ? member.size : 0 };
      const whole = padded(state.left);
      const rest = whole - state.left;
      const bytes = async function* bytes(): AsyncGenerator<Uint8Array> {
        while (state.left > 0) {
          const part = await supply.some(Math.min(state.left, block * 512));
          if (part === null) throw new ArchiveError('The archive breaks off.', member.path);
          state.left -= part.length;
          yield part;
        }
      };
      if (!folder) yield { ...member, bytes: member.kind === 'file' ? { [Symbol.asyncIterator]: bytes } : nothing() };
      await supply.pass(state.left + rest);
      state.left = 0;
    }
  } finally {
    await supply.close();
  }
}
