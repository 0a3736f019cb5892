/**
 * Inclusion and consistency proofs: made from tiles (RFC 6962 sections 2.1.1 and 2.1.2), verified as RFC 9162
 * sections 2.1.3.2 and 2.1.4.2 say, which reads no tile. Verifying is strict: a proof of another length is refused.
 */
import type { Awaitable, TreeHash } from '#kit/hash/port';
import { concatBytes, sameBytes } from '#kit/encoding';
import { tileWidth, widthIn } from './tiles.ts';
import type { TileId } from './tiles.ts';
import { hashBytes, nodeOf, rootOf } from './tree.ts';

/** The hashes of a tile of the tree at hand; throws where there is none. */
export type ReadTile = (tile: TileId & { readonly level: number }) => Promise<Uint8Array>;

/** Reads heads of ranges of one tree from its tiles, each tile once. */
export function rangeReader(
  tree: TreeHash, size: number, readTile: ReadTile,
): (lo: number, hi: number) => Promise<Uint8Array> {
  const seen = new Map<string, Promise<Uint8Array>>();
  const tile = (level: number, index: number): Promise<Uint8Array> => {
    const key = `${level}/${index}`;
    const width = widthIn(size, level, index);
    const hashes = seen.get(key) ?? readTile({ level, index, width }).then((bytes) => {
      if (bytes.length !== width * hashBytes) throw new Error(`tile ${key} has not ${width} hashes`);
      return bytes;
    });
    seen.set(key, hashes);
    return hashes;
  };
  return async function range(lo: number, hi: number): Promise<Uint8Array> {
    const count = hi - lo;
    const split = largestPowerBelow(count);
    if (count !== 1 && count !== split * 2) {
      return nodeOf(tree, await range(lo, lo + split), await range(lo + split, hi));
    }
    let level = 0;
    let unit = 1;
    while (unit * tileWidth <= count) {
      unit *= tileWidth;
      level++;
    }
    const first = lo / unit;
    const hashes = await tile(level, Math.floor(first / tileWidth));
    const at = (first % tileWidth) * hashBytes;
    return rootOf(tree, hashes.subarray(at, at + (count / unit) * hashBytes));
  };
}

/** Largest power of two below n; 1 for n = 1 (unused). */
export function largestPowerBelow(n: number): number {
  let power = 1;
  while (power * 2 < n) power *= 2;
  return power;
}

/** From the leaf's sibling up to the root's child. `index` must be below `size`. */
export async function inclusionProof(
  tree: TreeHash, index: number, size: number, readTile: ReadTile,
): Promise<Uint8Array[]> {
  if (!(index >= 0 && index < size)) throw new Error(`leaf ${index} is not in a tree of ${size}`);
  const range = rangeReader(tree, size, readTile);
  const proof: Uint8Array[] = [];
  let lo = 0;
  let hi = size;
  while (hi - lo > 1) {
    const split = lo + largestPowerBelow(hi - lo);
    if (index < split) {
      proof.push(await range(split, hi));
      hi = split;
    } else {
      proof.push(await range(lo, split));
      lo = split;
    }
  }
  return proof.reverse();
}

/** Proof that the first `from` leaves of the tree of `to` are the tree of `from`. 0 and equal sizes need no hashes. */
export async function consistencyProof(
  tree: TreeHash, from: number, to: number, readTile: ReadTile,
): Promise<Uint8Array[]> {
  if (!(from >= 0 && from <= to)) throw new Error(`no tree of ${from} leaves is within one of ${to}`);
  if (from === 0 || from === to) return [];
  const range = rangeReader(tree, to, readTile);
  const proof: Uint8Array[] = [];
  let lo = 0;
  let hi = to;
  let whole = true;
  while (from !== hi) {
    const split = lo + largestPowerBelow(hi - lo);
    if (from <= split) {
      proof.push(await range(split, hi));
      hi = split;
    } else {
      proof.push(await range(lo, split));
      lo = split;
      whole = false;
    }
  }
  if (!whole) proof.push(await range(lo, hi));
  return proof.reverse();
}

type Sha256 = (bytes: Uint8Array) => Awaitable<Uint8Array>;
const nodePrefix = new Uint8Array([1]);
const half = (n: number): number => Math.floor(n / 2);
const allHashes = (hashes: readonly Uint8Array[]): boolean => hashes.every((hash) => hash.length === hashBytes);

/** Whether `leafHash` is leaf `index` of the tree with this size and root. */
export async function verifyInclusion(
  sha256: Sha256,
  claim: { readonly index: number; readonly size: number; readonly leafHash: Uint8Array; readonly root: Uint8Array },
  proof: readonly Uint8Array[],
): Promise<boolean> {
  const { index, size, leafHash, root } = claim;
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false;
  if (!allHashes([leafHash, root, ...proof])) return false;
  let fn = index;
  let sn = size - 1;
  let hash = leafHash;
  for (const sibling of proof) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      hash = await sha256(concatBytes(nodePrefix, sibling, hash));
      while (fn % 2 === 0 && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    } else {
      hash = await sha256(concatBytes(nodePrefix, hash, sibling));
    }
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0 && sameBytes(hash, root);
}

/** Whether the tree (`to`, `toRoot`) begins with the tree (`from`, `fromRoot`). */
export async function verifyConsistency(
  sha256: Sha256,
  claim: { readonly from: number; readonly fromRoot: Uint8Array; readonly to: number; readonly toRoot: Uint8Array },
  proof: readonly Uint8Array[],
): Promise<boolean> {
  const { from, to, fromRoot, toRoot } = claim;
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 0 || from > to) return false;
  if (!allHashes([fromRoot, toRoot, ...proof])) return false;
  if (from === to) return proof.length === 0 && sameBytes(fromRoot, toRoot);
  if (from === 0) return proof.length === 0 && sameBytes(fromRoot, await sha256(new Uint8Array(0)));
  let fn = from - 1;
  let sn = to - 1;
  while (fn % 2 === 1) {
    fn = half(fn);
    sn = half(sn);
  }
  // Where `from` is a power of two its root is a node of the larger tree and is left out of the proof.
  const path = fn === 0 ? [fromRoot, ...proof] : proof;
  const [first, ...rest] = path;
  if (!first) return false;
  let fr = first;
  let sr = first;
  for (const hash of rest) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      fr = await sha256(concatBytes(nodePrefix, hash, fr));
      sr = await sha256(concatBytes(nodePrefix, hash, sr));
      while (fn % 2 === 0 && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    } else {
      sr = await sha256(concatBytes(nodePrefix, sr, hash));
    }
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0 && sameBytes(fr, fromRoot) && sameBytes(sr, toRoot);
}
