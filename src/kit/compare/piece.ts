/**
 * What readers of formats give: a file cut into pieces that lie edge to edge from its first byte to its last, each with a key by
 * which the other side's piece is found. What a reader cannot vouch for it throws as an ArchiveFault; the file is then compared
 * as bytes. Nothing here writes anywhere, so that a name in an archive is a name and no place.
 */
import { isUtf8 } from 'node:buffer';
import type { RuleId } from './model.ts';

export type FaultCode = 'bomb' | 'depth' | 'members' | 'path' | 'link' | 'truncated' | 'broken' | 'unsupported' | 'disagrees' | 'overlap';

/** Why a file is not looked into, in one sentence. */
export class ArchiveFault extends Error {
  override readonly name = 'ArchiveFault';
  readonly code: FaultCode;
  constructor(code: FaultCode, sentence: string) {
    super(sentence);
    this.code = code;
  }
}

export interface Inner {
  readonly name: string;
  /** True where the piece's bytes are not the content itself but a packed form of it. */
  readonly packed: boolean;
  bytes(): Promise<Uint8Array>;
}

export interface Piece {
  readonly key: string;
  readonly from: number;
  readonly to: number;
  /** By which the piece may differ, if the other side's piece says so too. */
  readonly rule?: RuleId;
  readonly executable?: boolean;
  /** Where its first byte is loaded, as its file states it. */
  readonly address?: bigint;
  readonly inner?: Inner;
}

export interface Limits {
  /** Bytes that one thing may unpack to, and all together. */
  readonly one: number;
  readonly all: number;
  /** Containers within containers. */
  readonly depth: number;
  /** Members of one archive. */
  readonly members: number;
}
export const usualLimits: Limits = { one: 512 * 1024 * 1024, all: 4 * 1024 * 1024 * 1024, depth: 8, members: 100_000 };

/** What unpacking may still cost. Both sides of a comparison share one. */
export class Budget {
  readonly limits: Limits;
  private left: number;
  constructor(limits: Limits = usualLimits) {
    this.limits = limits;
    this.left = limits.all;
  }
  /** At most so many bytes may come out now. */
  get room(): number {
    return Math.min(this.limits.one, this.left);
  }
  spend(bytes: number): void {
    if (bytes > this.room) this.bomb();
    this.left -= bytes;
  }
  bomb(): never {
    throw new ArchiveFault('bomb', `It unpacks to more than the ${this.room} bytes that are left for it.`);
  }
  members(count: number): void {
    if (count > this.limits.members) throw new ArchiveFault('members', `It has more than ${this.limits.members} members.`);
  }
}

/** Makes keys unique: the second of a name is `name #2`. */
export class Keys {
  private readonly seen = new Map<string, number>();
  of(name: string): string {
    const count = (this.seen.get(name) ?? 0) + 1;
    this.seen.set(name, count);
    return count === 1 ? name : `${name} #${count}`;
  }
}

/** Pieces by place, with what lies between them as pieces of its own. Throws where two lie over one another, or outside. */
export function tiled(pieces: readonly Piece[], size: number, gap = 'between'): Piece[] {
  const sorted = pieces.filter((p) => p.to > p.from).sort((x, y) => x.from - y.from);
  const out: Piece[] = [];
  let at = 0;
  for (const piece of sorted) {
    if (piece.from < at) throw new ArchiveFault('overlap', `Its parts ${out.at(-1)?.key} and ${piece.key} lie over one another.`);
    if (piece.to > size) throw new ArchiveFault('truncated', `Its part ${piece.key} ends behind the end of the file.`);
    if (piece.from > at) out.push({ key: `${gap} before ${piece.key}`, from: at, to: piece.from });
    out.push(piece);
    at = piece.to;
  }
  if (at < size) out.push({ key: 'after the end', from: at, to: size });
  return out;
}

/** A member's name as written; one that climbs or begins at the root, or that two systems would read as two names, is refused. */
export function memberName(name: string): string {
  const shown = JSON.stringify(name.slice(0, 80));
  if (name === '' || name.includes('\0')) throw new ArchiveFault('path', 'A member has no name, or one with a zero byte.');
  if (name.startsWith('/') || name.includes('\\') || /^[A-Za-z]:/.test(name)) {
    throw new ArchiveFault('path', `The member ${shown} names a place outside the archive.`);
  }
  if (name.split('/').includes('..')) throw new ArchiveFault('path', `The member ${shown} climbs out of the archive.`);
  return name;
}

export const latin1 = (bytes: Uint8Array, from: number, to: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + from, Math.max(0, Math.min(to, bytes.length) - from)).toString('latin1');

export const utf8 = (bytes: Uint8Array, from: number, to: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + from, Math.max(0, Math.min(to, bytes.length) - from)).toString('utf8');

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/** Whether it is text: UTF-8 without a zero byte. */
export function fromText(bytes: Uint8Array): boolean {
  return bytes.indexOf(0) < 0 && isUtf8(bytes);
}
