/**
 * Entry bundles and tiles of a log, made from its leaves: by the hub from its records, by a mirror from another's entries,
 * by an import from a bundle. The same leaves give the same objects, byte for byte, so doing it twice is doing it once.
 */
import { concatBytes, sameBytes } from '#kit/encoding';
import { nodeTreeHash } from '#kit/hash/node';
import { TileGrower, edgeWidths, encodeEntries, hashesAtLevel, rootOfEdge, tilePath, tileWidth } from '#kit/merkle/tiles';
import type { BuiltTile } from '#kit/merkle/tiles';
import { emptyRoot, hashBytes } from '#kit/merkle/tree';
import type { Blobs } from '#world/blobs/port';
import { tileName } from './log.ts';

/** Leaves read at once: sixteen entry bundles. */
export const stride = tileWidth * 16;

export interface Leaf {
  readonly bytes: Uint8Array;
  readonly hash: Uint8Array;
}

/** Leaves [at, at + count), all of them or a fault. */
export type LeafSource = (at: number, count: number) => Promise<readonly Leaf[]>;

/** The leaves do not give the root that they should. */
export class RootMismatch extends Error {
  override readonly name = 'RootMismatch';
  constructor(size: number) {
    super(`the tiles of ${size} leaves do not have the committed root`);
  }
}

/** The partial tiles of a published size, level 0 first, or null where one is missing or of another width. */
export async function edgeOf(blobs: Blobs, size: number): Promise<Uint8Array[] | null> {
  const edge: Uint8Array[] = [];
  for (const [level, width] of edgeWidths(size).entries()) {
    const index = Math.floor(hashesAtLevel(size, level) / tileWidth);
    const hashes = width === 0 ? new Uint8Array(0) : await blobs.read(tileName({ level, index, width }));
    if (hashes?.length !== width * hashBytes) return null;
    edge.push(hashes);
  }
  return edge;
}

/** The root that the partial tiles of a tree give. */
export function rootOfPartials(size: number, partials: readonly BuiltTile[]): Uint8Array {
  if (size === 0) return emptyRoot(nodeTreeHash);
  const edges = edgeWidths(size).map((_, level) => partials.find((tile) => tile.level === level)?.hashes ?? new Uint8Array(0));
  return rootOfEdge(nodeTreeHash, edges);
}

const nameOf = ({ level, index, hashes }: BuiltTile): string => tileName({ level, index, width: hashes.length / hashBytes });
type Objects = [name: string, bytes: Uint8Array][];

export interface Growth {
  readonly blobs: Blobs;
  readonly leaves: LeafSource;
  /** What is there already, and its partial tiles. */
  readonly from: number;
  readonly edge: readonly Uint8Array[];
  readonly to: { readonly size: number; readonly root: Uint8Array };
  /** Before each stretch of leaves is read. */
  readonly before?: () => Promise<void>;
  /** After each stretch but the last was written: so far the tree has this size and these partial tiles. */
  readonly after?: (size: number, partials: readonly BuiltTile[]) => Promise<void>;
}

/**
 * Writes everything that the larger tree has and the smaller has not; answers the tiles that became full, without hashes.
 * The last objects are written only when all leaves have given the root: until then nothing points to what was written.
 */
export async function growTiles(growth: Growth): Promise<BuiltTile[]> {
  const { blobs, from, to } = growth;
  const grower = new TileGrower(nodeTreeHash, from, growth.edge);
  const filled: BuiltTile[] = [];
  let objects: Objects = [];
  // Bundles begin at a multiple of 256, so some leaves that are in the tree already are read again.
  for (let at = from - (from % tileWidth); at < to.size; at += stride) {
    await growth.before?.();
    const count = Math.min(stride, to.size - at);
    const leaves = await growth.leaves(at, count);
    for (let i = 0; i < count; i += tileWidth) {
      const bundle = leaves.slice(i, i + tileWidth).map(({ bytes }) => bytes);
      objects.push([tileName({ level: 'entries', index: (at + i) / tileWidth, width: bundle.length }), encodeEntries(bundle)]);
    }
    grower.append(concatBytes(...leaves.slice(Math.max(0, from - at)).map(({ hash }) => hash)), (tile) => {
      objects.push([nameOf(tile), tile.hashes]);
      filled.push({ ...tile, hashes: new Uint8Array(0) });
    });
    if (at + stride >= to.size) break;
    await blobs.writeAll(objects);
    objects = [];
    await growth.after?.(at + count, grower.partials());
  }
  const partials = grower.partials();
  if (!sameBytes(rootOfPartials(to.size, partials), to.root)) throw new RootMismatch(to.size);
  await blobs.writeAll([...objects, ...partials.map((tile) => [nameOf(tile), tile.hashes] as const)]);
  return filled;
}

/** Removes the partial forms of tiles that are full now, which nobody needs any more. */
export async function prune(blobs: Blobs, filled: readonly BuiltTile[]): Promise<void> {
  for (const { level, index } of filled) {
    for (const kind of level === 0 ? [level, 'entries' as const] : [level]) {
      const partials = `ledger/${tilePath({ level: kind, index, width: tileWidth })}.p/`;
      for (const name of await blobs.list(partials)) await blobs.remove(name);
    }
  }
}
