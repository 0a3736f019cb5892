/**
 * Makes the published log equal to the head in the records database: entry bundles, tiles, then the checkpoint, last.
 * Running normally, recovering from a crash, and rebuilding lost files are this one path.
 *
 * If we crash before the checkpoint is written, readers still see the old one, all of whose tiles are there; the next
 * run writes the same tiles again, byte for byte, since leaves never change. If we crash after it, only stale partial
 * tiles are left, which the next tile to fill up removes. Nothing is signed but a (size, root) that is committed.
 */
import { concatBytes, sameBytes, toBase64, toUtf8 } from '#kit/encoding';
import { nodeTreeHash } from '#kit/hash/node';
import { TileGrower, edgeWidths, encodeEntries, hashesAtLevel, rootOfEdge, tilePath, tileWidth } from '#kit/merkle/tiles';
import type { BuiltTile } from '#kit/merkle/tiles';
import { emptyRoot, hashBytes } from '#kit/merkle/tree';
import { formatCheckpoint } from '#kit/note/checkpoint';
import { formatNote, signNote } from '#kit/note/note';
import type { NoteSigner } from '#kit/note/note';
import type { Blobs } from '#world/blobs/port';
import type { Queryable } from '#world/db/port';
import { checkpointName, publishedLog, tileName } from './log.ts';
import { leavesFrom, readHead } from './store.ts';
import type { Head } from './store.ts';

/** Leaves read at once: sixteen entry bundles. */
const stride = tileWidth * 16;

export interface PublishParts {
  readonly db: Queryable;
  readonly blobs: Blobs;
  readonly signer: NoteSigner;
}

/** The partial tiles of a published size, level 0 first, or null where one is missing or of another width. */
async function edgeOf(blobs: Blobs, size: number): Promise<Uint8Array[] | null> {
  const edge: Uint8Array[] = [];
  for (const [level, width] of edgeWidths(size).entries()) {
    const index = Math.floor(hashesAtLevel(size, level) / tileWidth);
    const hashes = width === 0 ? new Uint8Array(0) : await blobs.read(tileName({ level, index, width }));
    if (hashes?.length !== width * hashBytes) return null;
    edge.push(hashes);
  }
  return edge;
}

const widthOf = (tile: BuiltTile): number => tile.hashes.length / hashBytes;
const nameOf = (tile: BuiltTile): string => tileName({ level: tile.level, index: tile.index, width: widthOf(tile) });

/** Writes everything that a tree of `head` has and one of `from` has not; answers the tiles that became full. */
async function grow(parts: PublishParts, head: Head, from: number, edge: readonly Uint8Array[]): Promise<BuiltTile[]> {
  const { db, blobs } = parts;
  const grower = new TileGrower(nodeTreeHash, from, edge);
  const filled: BuiltTile[] = [];
  // Bundles begin at a multiple of 256, so some leaves that are in the tree already are read again.
  for (let at = from - (from % tileWidth); at < head.size; at += stride) {
    const count = Math.min(stride, head.size - at);
    const leaves = await leavesFrom(db, at, count);
    for (let i = 0; i < count; i += tileWidth) {
      const bundle = leaves.slice(i, i + tileWidth).map(({ leaf }) => toUtf8(leaf));
      const index = (at + i) / tileWidth;
      await blobs.write(tileName({ level: 'entries', index, width: bundle.length }), encodeEntries(bundle));
    }
    const full: BuiltTile[] = [];
    const fresh = leaves.slice(Math.max(0, from - at)).map(({ leafHash }) => leafHash);
    grower.append(concatBytes(...fresh), (tile) => full.push(tile));
    for (const tile of full) await blobs.write(nameOf(tile), tile.hashes);
    filled.push(...full.map((tile) => ({ ...tile, hashes: new Uint8Array(0) })));
  }
  const partials = grower.partials();
  for (const tile of partials) await blobs.write(nameOf(tile), tile.hashes);
  const edges = edgeWidths(head.size)
    .map((_, level) => partials.find((tile) => tile.level === level)?.hashes ?? new Uint8Array(0));
  const root = head.size === 0 ? emptyRoot(nodeTreeHash) : rootOfEdge(nodeTreeHash, edges);
  if (!sameBytes(root, head.root)) throw new Error(`the tiles of ${head.size} leaves do not have the committed root`);
  return filled;
}

/** Removes the partial forms of tiles that are full now, which nobody needs any more. */
async function prune(blobs: Blobs, filled: readonly BuiltTile[]): Promise<void> {
  for (const { level, index } of filled) {
    for (const kind of level === 0 ? [level, 'entries' as const] : [level]) {
      const partials = `ledger/${tilePath({ level: kind, index, width: tileWidth })}.p/`;
      for (const name of await blobs.list(partials)) await blobs.remove(name);
    }
  }
}

/** Brings the published log up to the committed head. Only one at a time may run. */
export async function publish(parts: PublishParts): Promise<void> {
  const { db, blobs, signer } = parts;
  const head = await readHead(db);
  const published = await publishedLog(blobs, signer);
  if (published) {
    const { size, root } = published.checkpoint;
    // The records lost what was published (an older backup, a machine that died without fsync). Going on would sign a
    // second history; a person has to decide.
    if (size > head.size) throw new Error(`the published log has ${size} leaves, the records only ${head.size}`);
    if (size === head.size) {
      if (!sameBytes(root, head.root)) throw new Error(`the published root of ${size} is not ${toBase64(head.root)}`);
      return;
    }
  }
  const from = published?.checkpoint.size ?? 0;
  const edge = await edgeOf(blobs, from);
  // Tiles that were lost or damaged are made again from the first leaf.
  const filled = edge
    ? await grow(parts, head, from, edge).catch(() => grow(parts, head, 0, []))
    : await grow(parts, head, 0, []);
  const { name: origin } = signer.key;
  const note = await signNote(formatCheckpoint({ origin, size: head.size, root: head.root }), [signer]);
  await blobs.write(checkpointName, toUtf8(formatNote(note)));
  await prune(blobs, filled);
}
