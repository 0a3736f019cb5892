/**
 * Reads ELF (32 and 64 bits, both byte orders) into its headers, sections and what lies between. What may differ is narrow: the digest
 * of a Build-ID note outside every executable segment, and debug links outside every loaded one. A section’s header is a claim; where
 * the segments say otherwise, they are believed, since only they are loaded.
 */
import { ArchiveFault, Keys, latin1, tiled, viewOf, type Budget, type Piece } from '../piece.ts';
import type { RuleId } from '../model.ts';

export const isElf = (bytes: Uint8Array): boolean => bytes.length >= 52 && latin1(bytes, 0, 4) === '\u007fELF';

export interface Section {
  readonly index: number; readonly name: string; readonly nameAt: number; readonly type: number; readonly flags: number;
    readonly from: number; readonly to: number;
  readonly link: number; readonly info: number; readonly entry: number; readonly size: number;
  /** Where it is loaded; of an object, 0. */
  readonly address: bigint;
}
interface Segment { readonly type: number; readonly flags: number; readonly from: number; readonly to: number; readonly address: bigint }
export interface Elf {
  readonly wide: boolean; readonly little: boolean; readonly type: number; readonly machine: number;
  readonly sections: readonly Section[]; readonly segments: readonly Segment[];
  readonly headerSize: number; readonly programs: { readonly from: number; readonly to: number }; readonly heads: { readonly from: number;
    readonly to: number };
}

const noBits = 8;
const alloc = 2n;
const executable = 4;

class Fields {
  readonly view: DataView;
  readonly wide: boolean;
  readonly little: boolean;
  constructor(bytes: Uint8Array) {
    this.view = viewOf(bytes);
    this.wide = bytes[4] === 2;
    this.little = bytes[5] === 1;
    if ((bytes[4] !== 1 && bytes[4] !== 2) || (bytes[5] !== 1 && bytes[5] !== 2)) throw new ArchiveFault('broken', 'The ELF header is broken.');
  }
  private within(at: number, size: number): void {
    if (at < 0 || at + size > this.view.byteLength) throw new ArchiveFault('truncated', 'The ELF file breaks off.');
  }
  u16(at: number): number {
    this.within(at, 2);
    return this.view.getUint16(at, this.little);
  }
  u32(at: number): number {
    this.within(at, 4);
    return this.view.getUint32(at, this.little);
  }
  address(at: number): bigint {
    if (!this.wide) return BigInt(this.u32(at));
    this.within(at, 8);
    return this.view.getBigUint64(at, this.little);
  }
  /** A place or length: 4 or 8 bytes. Greater than can be told exactly it is none; it is bounded where it is used. */
  word(at: number): number {
    return Number(this.address(at));
  }
}

function sectionsOf(bytes: Uint8Array, f: Fields, start: number, count: number, size: number, names: number): Section[] {
  const w = f.wide;
  const raw = Array.from({ length: count }, (_, index) => {
    const at = start + index * size;
    const [type, from, length] = [f.u32(at + 4), f.word(at + (w ? 24 : 16)), f.word(at + (w ? 32 : 20))];
    return { index, nameAt: f.u32(at), type, flags: f.word(at + 8), from, size: length, to: type === noBits || type === 0 ? from : from + length,
      link: f.u32(at + (w ? 40 : 24)), info: f.u32(at + (w ? 44 : 28)), entry: f.word(at + (w ? 56 : 36)),
      address: f.address(at + (w ? 16 : 12)) };
  });
  const table = raw[names];
  return raw.map((section) => {
    if (section.to > bytes.length) throw new ArchiveFault('truncated', 'A section of the ELF file ends behind its end.');
    const at = (table?.from ?? 0) + section.nameAt;
    const end = table === undefined || at >= table.to ? -1 : bytes.indexOf(0, at);
    return { ...section, name: end < 0 ? `section ${section.index}` : latin1(bytes, at, Math.min(end, at + 200)) };
  });
}

/** The header tables of an ELF file. Throws an ArchiveFault. */
export function elfOf(bytes: Uint8Array): Elf {
  const f = new Fields(bytes);
  const w = f.wide;
  const [programs, heads] = [f.word(w ? 32 : 28), f.word(w ? 40 : 32)];
  const tail = w ? 52 : 40;
  const [headerSize, programSize, programCount, headSize, headCount, names] = [0, 2, 4, 6, 8, 10].map((o) => f.u16(tail + o)) as [number,
    number, number, number, number, number];
  if (headCount > 0 && headSize < (w ? 64 : 40)) throw new ArchiveFault('broken', 'The section headers of the ELF file are too short.');
  if (programCount > 0 && programSize < (w ? 56 : 32)) throw new ArchiveFault('broken', 'The program headers of the ELF file are too short.');
  if (heads > 0 && headCount === 0) throw new ArchiveFault('unsupported', 'The ELF file has more sections than are read.');
  const segments = Array.from({ length: programCount }, (_, i): Segment => {
    const at = programs + i * programSize;
    const from = f.word(at + (w ? 8 : 4));
    return { type: f.u32(at), flags: f.u32(at + (w ? 4 : 24)), from, to: from + f.word(at + (w ? 32 : 16)), address: f.address(at + (w ? 16 : 8)) };
  });
  return {
    wide: w, little: f.little, type: f.u16(16), machine: f.u16(18), segments, headerSize,
    sections: sectionsOf(bytes, f, heads, headCount, headSize, names),
    programs: { from: programs, to: programs + programCount * programSize }, heads: { from: heads, to: heads + headCount * headSize },
  };
}

const touches = (segment: Segment, from: number, to: number): boolean => segment.from < to && from < segment.to;

/** Where the digest of a Build-ID note lies, or null where the section is no such note or could be run. */
function buildId(bytes: Uint8Array, elf: Elf, { name, type, from, to }: Section): number | null {
  if (name !== '.note.gnu.build-id' || type !== 7 || to - from < 24) return null;
  const view = viewOf(bytes);
  const [nameSize, size, kind] = [0, 4, 8].map((o) => view.getUint32(from + o, elf.little)) as [number, number, number];
  const sound = nameSize === 4 && kind === 3 && latin1(bytes, from + 12, from + 16) === 'GNU\0' && size >= 8 && size <= 64 && from + 16 + size === to;
  const run = elf.segments.some((s) => s.type === 1 && (s.flags & 1) !== 0 && touches(s, from, to));
  return sound && !run ? from + 16 : null;
}

function linkRule(bytes: Uint8Array, elf: Elf, { name, flags, from, to }: Section): RuleId | null {
  if (name !== '.gnu_debuglink' && name !== '.gnu_debugaltlink') return null;
  if ((BigInt(flags) & alloc) !== 0n || elf.segments.some((s) => s.type === 1 && touches(s, from, to))) return null;
  const end = bytes.indexOf(0, from);
  const file = latin1(bytes, from, end);
  if (end < 0 || end >= to || !/^[\x21-\x7e]{1,255}$/.test(file)) return null;
  if (name === '.gnu_debugaltlink') return to - end - 1 === 20 ? 'debugaltlink' : null;
  const sum = from + Math.ceil((end + 1 - from) / 4) * 4;
  for (let at = end; at < sum; at++) if (bytes[at] !== 0) return null;
  return !file.includes('/') && sum + 4 === to ? 'debuglink' : null;
}

function sectionPieces(bytes: Uint8Array, elf: Elf, section: Section, keys: Keys): Piece[] {
  const { from, to } = section;
  const key = keys.of(section.name);
  const exec = (BigInt(section.flags) & BigInt(executable)) !== 0n || elf.segments.some((s) => s.type === 1 && (s.flags & 1) !== 0 && touches(s, from, to));
  const digest = buildId(bytes, elf, section);
  if (digest !== null) return [{ key: `${key}: head`, from, to: digest }, { key, from: digest, to, rule: 'build-id' }];
  const rule = linkRule(bytes, elf, section);
  return [{ key, from, to, ...(exec ? { executable: true, address: section.address } : {}), ...(rule === null ? {} : { rule }) }];
}

export function readElf(bytes: Uint8Array, budget: Budget): Piece[] {
  const elf = elfOf(bytes);
  budget.members(elf.sections.length);
  const keys = new Keys();
  const pieces: Piece[] = [
    { key: 'ELF header', from: 0, to: elf.headerSize }, { key: 'program headers', ...elf.programs }, { key: 'section headers', ...elf.heads },
    ...elf.sections.filter((s) => s.to > s.from).flatMap((s) => sectionPieces(bytes, elf, s, keys)),
  ];
  if (elf.sections.length === 0) {
    pieces.push(...elf.segments.filter((s) => s.type === 1).map((s, i): Piece => {
      const from = Math.max(s.from, elf.programs.to, elf.headerSize);
      const run = (s.flags & 1) !== 0 ? { executable: true, address: s.address + BigInt(Math.max(0, Math.min(from - s.from, bytes.length))) } : {};
      return { key: `segment ${i + 1}`, from, to: s.to, ...run };
    }));
  }
  return tiled(pieces, bytes.length);
}
