/**
 * The members of an archive, told by how it begins: tar, tar packed by gzip, xz or bzip2, zip, a bundle of git's. Bounded in what it unpacks to.
 */
import { bundleMembers, isBundle } from '#kit/git/bundle';
import { inflated } from '#kit/lines/inflate';
import { bunzipped, isBzip2 } from './bzip2.ts';
import { Guard, type Bounds, type Member, type OpenRange } from './member.ts';
import { ArchiveError } from './refused.ts';
import { tarMembers } from './tar.ts';
import { unxzed } from './xz.ts';
import { zipMembers } from './zip.ts';

export const archiveKinds = ['tar', 'tar.gz', 'tar.xz', 'zip', 'git', 'tar.bz2'] as const;
export type ArchiveKind = typeof archiveKinds[number];

/** Null for what none of them begins with. */
export function archiveKind(head: Uint8Array): ArchiveKind | null {
  const [a, b, c, d] = head;
  if (isBundle(head)) return 'git';
  if (isBzip2(head)) return 'tar.bz2';
  if (a === 0x1f && b === 0x8b) return 'tar.gz';
  if (a === 0xfd && b === 0x37 && c === 0x7a && d === 0x58) return 'tar.xz';
  if (a === 0x50 && b === 0x4b && ((c === 3 && d === 4) || (c === 5 && d === 6))) return 'zip';
  return head.length >= 512 ? 'tar' : null;
}

async function* counted(source: AsyncIterable<Uint8Array>, count: { bytes: number }): AsyncGenerator<Uint8Array> {
  for await (const piece of source) {
    count.bytes += piece.length;
    yield piece;
  }
}

/** Unpacked, or the refusal of what breaks. */
async function* gunzipped(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const state: { broken: string | null } = { broken: null };
  yield* inflated(source, ({ detail }) => { state.broken = detail; });
  if (state.broken !== null) throw new ArchiveError('The packed archive is broken.', state.broken);
}

const unpacking = { 'tar.gz': gunzipped, 'tar.xz': unxzed, 'tar.bz2': bunzipped } as const;

async function* guarded(bytes: AsyncIterable<Uint8Array>, guard: Guard, path: string): AsyncGenerator<Uint8Array> {
  for await (const piece of bytes) {
    guard.bytes(piece.length, path);
    yield piece;
  }
}

async function headOf(open: OpenRange, size: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of await open(0, Math.min(512, size))) parts.push(part);
  return Buffer.concat(parts);
}

export const kindOf = async (open: OpenRange, size: number): Promise<ArchiveKind | null> => archiveKind(await headOf(open, size));

/** Throws an ArchiveError with its place, and what reading throws. */
export async function* membersOf(open: OpenRange, size: number, bounds: Bounds): AsyncGenerator<Member> {
  const kind = await kindOf(open, size);
  if (kind === null) throw new ArchiveError('This is no archive that is read here: tar, tar.gz, tar.xz, tar.bz2, zip or a bundle of git.', 'byte 0');
  const count = { bytes: 0 };
  const guard = new Guard(bounds, () => (kind in unpacking ? count.bytes : size));
  const members = kind === 'git' ? bundleMembers(open, size, bounds) : kind === 'zip' ? zipMembers(open, size, bounds.membersMax)
    : tarMembers(kind in unpacking ? unpacking[kind as keyof typeof unpacking](counted(await open(0, size), count)) : await open(0, size));
  for await (const member of members) {
    guard.member(member.path);
    yield { ...member, bytes: guarded(member.bytes, guard, member.path) };
  }
}
