/**
 * Machine code around a difference as instructions. A tool is given bare code, never the file: from where a function or section begins, so
 * that decoding is in step, up to a little behind what is shown. Shown are the instructions that lie in the bytes that are shown anyway
 * (kit/compare/excerpt), so that whoever sees them sees no more of the file than its bytes.
 */
import { excerptOf } from '../compare/excerpt.ts';
import type { Range, Run } from '../compare/model.ts';
import type { Piece } from '../compare/piece.ts';
import type { PartWithin } from '../compare/within.ts';
import { aligned } from './align.ts';
import { instructionsIn } from './answer.ts';
import { isMachineCode, programOf } from './machine.ts';
import type { Code, Decode, Disassembled, Instruction, Machine, Row, Unread } from './model.ts';

/** Bytes before what is shown from which decoding may begin, and behind it, so that no instruction is cut that is shown whole. */
const reach = 16 * 1024;
const behind = 16;

interface Window { readonly code: Code; /** Of its first byte, in the part. */ readonly from: number; readonly inStep: boolean; readonly shown: Range }

const meet = (a: Range, b: Range): Range => ({ from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) });

function windowOf({ format, bytes, pieces }: PartWithin, piece: Piece, shown: Range): Window | null {
  const program = programOf(format, bytes, pieces);
  if (program === null) return null;
  const start = program.startBefore(piece, shown.from - piece.from);
  const near = start !== null && shown.from - piece.from - start.offset <= reach ? start : null;
  // Without a beginning at hand: a round place some way before, from where decoding falls in step by itself.
  const offset = near?.offset ?? Math.max(0, Math.floor((shown.from - piece.from - 256) / 16) * 16);
  const from = piece.from + offset;
  const machine: Machine = program.machine.name === 'arm' && near?.thumb === true ? { ...program.machine, name: 'thumb' } : program.machine;
  return {
    from, shown, inStep: near !== null || program.stride !== null,
    code: { machine, address: (piece.address ?? 0n) + BigInt(offset), bytes: bytes.subarray(from, Math.min(piece.to, shown.to + behind)) },
  };
}

interface Side { readonly part: PartWithin; readonly piece: Piece; readonly differs: Range; readonly shown: Range }

function sideOf(part: PartWithin | null, region: string, differs: Range, there: boolean): Side | null {
  const piece = part?.pieces.find((p) => p.key === region);
  if (!part || !piece || !there) return null;
  return { part, piece, differs, shown: meet(excerptOf(part.bytes.length, differs), piece) };
}

/** As many bytes before and behind the difference on both sides, so that neither shows what the other has too and leaves out. */
function even(sides: readonly Side[]): Side[] {
  const before = Math.min(...sides.map(({ shown, differs }) => differs.from - shown.from));
  const after = Math.min(...sides.map(({ shown, differs }) => Math.max(0, shown.to - differs.to)));
  return sides.map((side) => ({ ...side, shown: meet(side.shown, { from: side.differs.from - before, to: side.differs.to + after }) }));
}

const within = ({ at, bytes }: Instruction, { from, to }: Range): boolean => at >= from && at + bytes.length / 2 <= to;

async function readSide({ part, piece, shown }: Side, decode: Decode): Promise<{ list: Instruction[]; window: Window } | Unread> {
  const window = windowOf(part, piece, shown);
  if (window === null) return 'unknown-machine';
  const said = await decode(window.code);
  if (!said.ok) return said.why;
  const all = instructionsIn(said.text, window.code, window.from);
  return all === null ? 'unreadable' : { list: all.filter((i) => within(i, shown)), window };
}

/** Rows at either end that stand on one side alone and do not touch the difference: what the other side has there is not shown. */
function trimmed(rows: Row[], run: Run): Row[] {
  const loose = ({ shipped, rebuilt }: Row): boolean => {
    const [one, there] = shipped ? [shipped, run.shipped] : [rebuilt, run.rebuilt];
    return (shipped === null || rebuilt === null) && one !== null && (one.at >= there.to || one.at + one.bytes.length / 2 <= there.from);
  };
  let [from, to] = [0, rows.length];
  while (from < to && loose(rows[from] as Row)) from++;
  while (to > from && loose(rows[to - 1] as Row)) to--;
  return rows.slice(from, to);
}

export interface Asked {
  /** The region that differs and where it stands on each side; null where it does not. */
  readonly region: string;
  readonly executable: boolean;
  readonly shipped: Range | null;
  readonly rebuilt: Range | null;
}

/** Null where the region is no machine code, so that there is nothing to say. Throws an ArchiveFault where a program is broken. */
export async function disassembled(
  shipped: PartWithin | null, rebuilt: PartWithin | null, asked: Asked, run: Run, decode: Decode,
): Promise<Disassembled | null> {
  if (!asked.executable || ![shipped, rebuilt].some((part) => part && isMachineCode(part.format))) return null;
  const [a, b] = [sideOf(shipped, asked.region, run.shipped, asked.shipped !== null), sideOf(rebuilt, asked.region, run.rebuilt, asked.rebuilt !== null)];
  const both = even([a, b].filter((side) => side !== null));
  if (both.length === 0) return null;
  const reads = await Promise.all(both.map((side) => readSide(side, decode)));
  const why = reads.find((r) => typeof r === 'string');
  if (why !== undefined) return { ok: false, why };
  const read = reads.filter((r) => typeof r !== 'string');
  const [one, other] = read;
  if (!one) return null;
  const [left, right] = a ? [one.list, other?.list ?? []] : [[], one.list];
  const rows = trimmed(aligned(left, right, run.rebuilt.from - run.shipped.from), run);
  return { ok: true, machine: one.window.code.machine.name, inStep: read.every((r) => r.window.inStep), rows };
}

