/**
 * Which machine a program is for, and where its functions begin, as its own headers say: ELF (gABI; symbols, or the table of LSB’s
 * `.eh_frame_hdr` where it was stripped), PE (`.pdata` of x64) and Mach-O. A claim of the file, which decides from where code is
 * decoded and nothing else.
 */
import { elfOf, type Elf, type Section } from '../compare/formats/elf.ts';
import { latin1, viewOf, type Piece } from '../compare/piece.ts';
import type { Machine, MachineName } from './model.ts';

/** A place in the section where a function begins; `thumb` where the low bit of its address says so (ARM). */
export interface Start { readonly offset: number; readonly thumb: boolean }
export interface Program {
  readonly machine: Machine;
  /** The greatest beginning at or before a place in a piece of code; null where none is known. */
  startBefore(piece: Piece, offset: number): Start | null;
  /** Every instruction begins at a multiple of this, so that decoding is in step there; null where lengths vary too much to say. */
  readonly stride: 4 | null;
}

const [x8664, arm] = [62, 40];
/** `EF_ARM_BE8`: code is little-endian whatever the rest is. */
const armCodeLittle = 0x0080_0000;

function elfMachine(bytes: Uint8Array, { wide, little, machine }: Elf): Machine | null {
  const of = (name: MachineName, order = little): Machine => ({ name, little: order });
  switch (machine) {
    case 3: return of('i386');
    case x8664: return of('x86-64');
    case 183: return of('aarch64', true);
    case arm: return of('arm', little || (viewOf(bytes).getUint32(36, little) & armCodeLittle) !== 0);
    case 243: return of(wide ? 'riscv64' : 'riscv32', true);
    case 21: return of('ppc64');
    case 20: return of('ppc');
    case 22: return wide ? of('s390x') : null;
    case 8: return of(wide ? 'mips64' : 'mips');
    default: return null;
  }
}

/** The greatest offset at or before the one asked for, of those offered. */
class Nearest {
  found: Start = { offset: 0, thumb: false };
  private readonly asked: number;
  constructor(asked: number) {
    this.asked = asked;
  }
  offer(offset: number, thumb = false): void {
    if (offset <= this.asked && offset >= (this.found.offset)) this.found = { offset, thumb };
  }
}

const low32 = (address: bigint): number => Number(address & 0xffff_ffffn);

/** Functions of both tables of symbols. Offsets are told by the lower half of addresses: no section is larger. */
function offerSymbols(bytes: Uint8Array, elf: Elf, section: Section, isArm: boolean, nearest: Nearest): void {
  const view = viewOf(bytes);
  const size = elf.wide ? 24 : 16;
  const [kindAt, sectionAt, valueAt] = elf.wide ? [4, 6, elf.little ? 8 : 12] : [12, 14, 4];
  const start = low32(section.address);
  for (const { type, from, to } of elf.sections) {
    if (type !== 2 && type !== 11) continue;
    for (let at = from; at + size <= to; at += size) {
      const kind = (bytes[at + kindAt] ?? 0) & 15;
      if ((kind !== 2 && kind !== 10) || view.getUint16(at + sectionAt, elf.little) !== section.index) continue;
      const value = view.getUint32(at + valueAt, elf.little);
      const thumb = isArm && value % 2 === 1;
      nearest.offer(((thumb ? value - 1 : value) - start) >>> 0, thumb);
    }
  }
}

/** Functions that can be unwound: a table of pairs relative to the section, which stripping leaves. */
function offerFrames(bytes: Uint8Array, elf: Elf, section: Section, nearest: Nearest): void {
  const table = elf.sections.find((s) => s.name === '.eh_frame_hdr' && s.to - s.from >= 12);
  // Version 1; the count as four bytes, the table as signed four bytes relative to the section: what linkers write.
  if (!table || bytes[table.from] !== 1 || bytes[table.from + 2] !== 3 || bytes[table.from + 3] !== 0x3b) return;
  const view = viewOf(bytes);
  const [count, shift] = [view.getUint32(table.from + 8, elf.little), low32(table.address) - low32(section.address)];
  for (let i = 0; i < count && table.from + 20 + i * 8 <= table.to; i++) {
    nearest.offer((view.getInt32(table.from + 12 + i * 8, elf.little) + shift) >>> 0);
  }
}

function elfProgram(bytes: Uint8Array): Program | null {
  const elf = elfOf(bytes);
  const machine = elfMachine(bytes, elf);
  if (machine === null) return null;
  const isArm = machine.name === 'arm';
  return {
    machine, stride: machine.name === 'aarch64' || machine.name.startsWith('ppc') ? 4 : null,
    startBefore(piece, asked) {
      const section = elf.sections.find((s) => s.from === piece.from && s.to === piece.to);
      if (!section) return null;
      const nearest = new Nearest(asked);
      offerSymbols(bytes, elf, section, isArm, nearest);
      if (!isArm) offerFrames(bytes, elf, section, nearest);
      // Whether the beginning of a section is ARM or Thumb no header says; where a program begins is the best guess.
      const entry = isArm && nearest.found.offset === 0 && viewOf(bytes).getUint32(24, elf.little) % 2 === 1;
      return entry ? { offset: 0, thumb: true } : nearest.found;
    },
  };
}

const peMachines: Readonly<Record<number, MachineName>> = { 0x8664: 'x86-64', 0x14c: 'i386', 0xaa64: 'aarch64', 0x1c4: 'thumb', 0x5064: 'riscv64' };

function peProgram(bytes: Uint8Array, pieces: readonly Piece[]): Program | null {
  const view = viewOf(bytes);
  const pe = view.getUint32(60, true);
  const name = peMachines[view.getUint16(pe + 4, true)];
  if (name === undefined) return null;
  const table = name === 'x86-64' ? pieces.find((p) => p.key === '.pdata') : undefined;
  return {
    machine: { name, little: true }, stride: name === 'aarch64' ? 4 : null,
    startBefore(piece, asked) {
      const nearest = new Nearest(asked);
      const start = low32((piece.address ?? 0n) - view.getBigUint64(pe + 48, true));
      for (let at = table?.from ?? 0; at + 12 <= (table?.to ?? 0); at += 12) nearest.offer((view.getUint32(at, true) - start) >>> 0);
      return nearest.found;
    },
  };
}

const machOMachines: Readonly<Record<number, MachineName>> = { 0x0100_0007: 'x86-64', 7: 'i386', 0x0100_000c: 'aarch64', 12: 'arm' };

function machOProgram(bytes: Uint8Array): Program | null {
  const little = latin1(bytes, 1, 4) === '\u00fa\u00ed\u00fe';
  const name = machOMachines[viewOf(bytes).getUint32(4, little)];
  if (name === undefined) return null;
  return { machine: { name, little: true }, stride: name === 'aarch64' ? 4 : null, startBefore: (_, asked) => new Nearest(asked).found };
}

/** Null where the file is a program for a machine that is not known here. Throws an ArchiveFault where it is broken. */
export function programOf(format: string, bytes: Uint8Array, pieces: readonly Piece[]): Program | null {
  if (format === 'ELF') return elfProgram(bytes);
  if (format === 'PE') return peProgram(bytes, pieces);
  return format === 'Mach-O' ? machOProgram(bytes) : null;
}

/** Formats whose executable regions are machine code; a Java class is none. */
export const isMachineCode = (format: string): boolean => ['ELF', 'PE', 'Mach-O'].includes(format);
