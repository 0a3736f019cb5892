/**
 * Tiles of C2SP tlog-tiles: coordinates, paths, entry bundles, and growing a tree tile by tile. A tile holds up to 256
 * hashes of one level; hash i of level L is the head over the leaves [i * 256^L, (i + 1) * 256^L).
 */
import type { TreeHash } from '#kit/hash/port';
import { concatBytes } from '#kit/encoding';
import { hashBytes, rootOf } from './tree.ts';

export const tileWidth = 256;
const tileBytes = tileWidth * hashBytes;
/** An entry has a 16-bit length. */
export const maxEntryBytes = 65_535;

export interface TileId {
  /** 0 holds leaf hashes. `entries` is the bundle of the entries under a level 0 tile. */
  readonly level: number | 'entries';
  readonly index: number;
  /** 1 to 256; 256 is a full tile. */
  readonly width: number;
}

/** `tile/<L>/<N>[.p/<W>]`, N in groups of three digits, all but the last with an x. */
export function tilePath({ level, index, width }: TileId): string {
  let path = String(index % 1000).padStart(3, '0');
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    path = `x${String(rest % 1000).padStart(3, '0')}/${path}`;
  }
  return `tile/${level}/${path}${width === tileWidth ? '' : `.p/${width}`}`;
}

/** The tile of a path, or null unless the path is spelt exactly as `tilePath` does. */
export function parseTilePath(path: string): TileId | null {
  const match = /^tile\/(entries|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/.exec(path);
  if (!match) return null;
  const [, levelText = '', indexText = '', widthText] = match;
  const level = levelText === 'entries' ? 'entries' as const : Number(levelText);
  const tile = { level, index: Number(indexText.replaceAll(/[x/]/g, '')), width: Number(widthText ?? tileWidth) };
  if (level !== 'entries' && level > 63) return null;
  if (widthText !== undefined && tile.width >= tileWidth) return null;
  return Number.isSafeInteger(tile.index) && tilePath(tile) === path ? tile : null;
}

/** Hashes that a tree has at a level: floor(size / 256^level). */
export function hashesAtLevel(size: number, level: number): number {
  let count = size;
  for (let i = 0; i < level && count > 0; i++) count = Math.floor(count / tileWidth);
  return count;
}

/** Levels with at least one hash. */
export function levelsOf(size: number): number {
  let levels = 0;
  while (hashesAtLevel(size, levels) > 0) levels++;
  return levels;
}

/** Width that a tree of that size gives a tile; 0 where it has none. */
export function widthIn(size: number, level: number, index: number): number {
  return Math.max(0, Math.min(tileWidth, hashesAtLevel(size, level) - index * tileWidth));
}

/** Whether a tree of that size has this very tile, full or partial. */
export function impliedBy(size: number, tile: TileId): boolean {
  return widthIn(size, tile.level === 'entries' ? 0 : tile.level, tile.index) === tile.width;
}

/** The right edge: each level's partial tile, level 0 first; a level whose last tile is full has width 0. */
export function edgeWidths(size: number): number[] {
  return Array.from({ length: levelsOf(size) }, (_, level) => hashesAtLevel(size, level) % tileWidth);
}

export interface BuiltTile {
  readonly level: number;
  readonly index: number;
  readonly hashes: Uint8Array;
}

/**
 * Grows a tree tile by tile. `edge` is the partial tiles so far (level 0 first, empty where none), as read back from
 * storage; memory is one tile a level.
 */
export class TileGrower {
  readonly #tree: TreeHash;
  #size: number;
  readonly #edge: { hashes: Uint8Array; width: number }[];

  constructor(tree: TreeHash, size = 0, edge: readonly Uint8Array[] = []) {
    const widths = edgeWidths(size);
    this.#tree = tree;
    this.#size = size;
    this.#edge = widths.map((width, level) => {
      const hashes = new Uint8Array(tileBytes);
      const given = edge[level] ?? new Uint8Array(0);
      if (given.length !== width * hashBytes) throw new Error(`edge of level ${level} has not ${width} hashes`);
      hashes.set(given);
      return { hashes, width };
    });
  }

  get size(): number {
    return this.#size;
  }

  /** Adds leaf hashes; calls back with each tile that became full, a lower level before a higher, each level in order. */
  append(leafHashes: Uint8Array, full: (tile: BuiltTile) => void): void {
    this.#push(0, leafHashes, full);
    this.#size += leafHashes.length / hashBytes;
  }

  /** Fills the level's tile, then makes as many full ones as there are at once, and hands their heads up. */
  #push(level: number, hashes: Uint8Array, full: (tile: BuiltTile) => void): void {
    const edge = this.#edge[level] ?? { hashes: new Uint8Array(tileBytes), width: 0 };
    this.#edge[level] = edge;
    let index = Math.floor(hashesAtLevel(this.#size, level) / tileWidth);
    const room = edge.width === 0 ? 0 : Math.min(hashes.length, tileBytes - edge.width * hashBytes);
    edge.hashes.set(hashes.subarray(0, room), edge.width * hashBytes);
    edge.width += room / hashBytes;
    const heads: Uint8Array[] = [];
    if (edge.width === tileWidth) {
      const tile = edge.hashes.slice();
      edge.width = 0;
      full({ level, index: index++, hashes: tile });
      heads.push(rootOf(this.#tree, tile));
    }
    const whole = room + Math.floor((hashes.length - room) / tileBytes) * tileBytes;
    for (let at = room; at < whole; at += tileBytes) full({ level, index: index++, hashes: hashes.slice(at, at + tileBytes) });
    if (whole > room) heads.push(this.#tree.fold(hashes.subarray(room, whole), 8));
    edge.hashes.set(hashes.subarray(whole), edge.width * hashBytes);
    edge.width += (hashes.length - whole) / hashBytes;
    if (heads.length) this.#push(level + 1, concatBytes(...heads), full);
  }

  /** The partial tiles of the tree as it stands, level 0 first; levels without one are left out. */
  partials(): BuiltTile[] {
    return this.#edge.flatMap(({ hashes, width }, level) => width === 0 ? [] : [{
      level,
      index: Math.floor(hashesAtLevel(this.#size, level) / tileWidth),
      hashes: hashes.slice(0, width * hashBytes),
    }]);
  }
}

/** Root of a tree from its right edge: `edge` as for `TileGrower`, from a size of 1. */
export function rootOfEdge(tree: TreeHash, edge: readonly Uint8Array[]): Uint8Array {
  let root: Uint8Array = new Uint8Array(0);
  for (const hashes of edge) {
    // What lies right of a level's hashes is one incomplete subtree; it is the last, unpaired hash of this level.
    const row = new Uint8Array(hashes.length + root.length);
    row.set(hashes);
    row.set(root, hashes.length);
    if (row.length) root = rootOf(tree, row);
  }
  return root;
}

/** Entries as an entry bundle: a big-endian 16-bit length before each. */
export function encodeEntries(entries: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(entries.reduce((sum, entry) => sum + 2 + entry.length, 0));
  let at = 0;
  for (const entry of entries) {
    if (entry.length > maxEntryBytes) throw new Error(`an entry has ${entry.length} bytes, over ${maxEntryBytes}`);
    out[at] = entry.length >> 8;
    out[at + 1] = entry.length & 255;
    out.set(entry, at + 2);
    at += 2 + entry.length;
  }
  return out;
}

/** The entries of a bundle, or null where lengths and bytes do not agree to the last byte. */
export function decodeEntries(bytes: Uint8Array): Uint8Array[] | null {
  const entries: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    if (at + 2 > bytes.length) return null;
    const end = at + 2 + (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0));
    if (end > bytes.length) return null;
    entries.push(new Uint8Array(bytes.subarray(at + 2, end)));
    at = end;
  }
  return entries;
}
