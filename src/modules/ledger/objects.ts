/**
 * A log's published objects wherever they stand: among the hub's own blobs, in a mirror's folder, or behind an address.
 * Reading them is all that checking a log takes (C2SP tlog-tiles).
 */
import { nodeTreeHash } from '#kit/hash/node';
import type { ReadTile } from '#kit/merkle/proofs';
import { decodeEntries, tilePath, tileWidth, widthIn } from '#kit/merkle/tiles';
import type { TileId } from '#kit/merkle/tiles';
import { hashBytes } from '#kit/merkle/tree';
import { readCheckpoint } from '#kit/note/checkpoint';
import type { Checkpoint } from '#kit/note/checkpoint';
import { maxNoteBytes, parseNote } from '#kit/note/note';
import type { Note } from '#kit/note/note';
import type { Blobs } from '#world/blobs/port';
import { OutboundError, type Outbound } from '#world/http/port';
import type { Leaf, LeafSource } from './growth.ts';

/** `checkpoint` or a tile's path; null where there is none. */
export type ReadObject = (path: string) => Promise<Uint8Array | null>;

/** What is wrong with a log, and where: `checkpoint`, `tile/0/003`, `entry 812`. */
export class LogFault extends Error {
  override readonly name = 'LogFault';
  readonly place: string;
  readonly why: string;
  constructor(place: string, why: string) {
    super(`${place}: ${why}`);
    this.place = place;
    this.why = why;
  }
}

export function objectsAmong(blobs: Blobs): ReadObject {
  return (path) => blobs.read(`ledger/${path}`);
}

/** The largest entry bundle: 256 entries of 65,535 bytes with their lengths. */
const maxObjectBytes = tileWidth * 65_537;

/** `url` is the log's prefix: `https://hub.example/ledger`. Throws an OutboundError where nobody answers. */
export function objectsAt(outbound: Outbound, url: string): ReadObject {
  const prefix = url.replace(/\/+$/, '');
  return async (path) => {
    const bytesMax = path === 'checkpoint' ? maxNoteBytes : maxObjectBytes;
    const answer = await outbound.ask({ url: `${prefix}/${path}`, bytesMax, patienceMs: 30_000 });
    if (answer.status === 404) return null;
    if (answer.status !== 200) throw new OutboundError('unreachable', `The log answered ${answer.status} for ${path}.`);
    return answer.body;
  };
}

export interface ReadLog {
  readonly bytes: Uint8Array;
  readonly note: Note;
  readonly checkpoint: Checkpoint;
}

export async function readLog(read: ReadObject): Promise<ReadLog> {
  const bytes = await read('checkpoint');
  if (!bytes) throw new LogFault('checkpoint', 'there is none');
  const note = parseNote(bytes);
  if (!note) throw new LogFault('checkpoint', 'it is not a signed note');
  const checkpoint = readCheckpoint(note.text);
  if (typeof checkpoint === 'string') throw new LogFault('checkpoint', checkpoint);
  return { bytes, note, checkpoint };
}

/** An object, or the beginning of the full one that took its place. */
async function partOf(read: ReadObject, id: TileId): Promise<{ readonly bytes: Uint8Array; readonly full: boolean } | null> {
  const own = await read(tilePath(id));
  if (own) return { bytes: own, full: id.width === tileWidth };
  const full = id.width < tileWidth ? await read(tilePath({ ...id, width: tileWidth })) : null;
  return full && { bytes: full, full: true };
}

export function tilesOf(read: ReadObject): ReadTile {
  return async (id) => {
    const part = await partOf(read, id);
    if (!part) throw new LogFault(tilePath(id), 'there is none');
    const bytes = part.bytes.subarray(0, id.width * hashBytes);
    if (bytes.length !== id.width * hashBytes) throw new LogFault(tilePath(id), `it has not ${id.width} hashes`);
    return bytes;
  };
}

/** One bundle of entries of a tree of this size. */
export async function entriesOf(read: ReadObject, size: number, index: number): Promise<Uint8Array[]> {
  const id: TileId = { level: 'entries', index, width: widthIn(size, 0, index) };
  const part = await partOf(read, id);
  if (!part) throw new LogFault(tilePath(id), 'there is none');
  const entries = decodeEntries(part.bytes);
  if (!entries) throw new LogFault(tilePath(id), 'it is not a bundle of entries');
  if (entries.length < id.width || (!part.full && entries.length > id.width)) {
    throw new LogFault(tilePath(id), `it has ${entries.length} entries, not ${id.width}`);
  }
  return entries.slice(0, id.width);
}

/** The leaves of a tree of this size, from its entry bundles; `at` is a multiple of 256. */
export function leavesOf(read: ReadObject, size: number): LeafSource {
  return async (at, count) => {
    const bundles = await Promise.all(Array.from({ length: Math.ceil(count / tileWidth) }, (_, i) =>
      entriesOf(read, size, at / tileWidth + i)));
    return bundles.flat().slice(0, count).map((bytes): Leaf => ({ bytes, hash: nodeTreeHash.leaf(bytes) }));
  };
}
