/**
 * Subtrees and their consistency proofs (IETF draft-ietf-plants-merkle-tree-certs sections 4.1 and 4.4), as cosignatures of
 * subtrees and mirrors of a log use them: that the leaves [start, end) are those of the whole tree. With start 0 this is the
 * consistency proof of RFC 6962, with end = start + 1 the inclusion proof of a leaf.
 */
import type { Awaitable, TreeHash } from '#kit/hash/port';
import { concatBytes, sameBytes } from '#kit/encoding';
import { largestPowerBelow, rangeReader } from './proofs.ts';
import type { ReadTile } from './proofs.ts';
import { emptyRoot } from './tree.ts';

/** Whether leaves [start, end) form a subtree: it begins at a multiple of the power of two that holds it. */
export function isSubtree(start: number, end: number): boolean {
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end < start) return false;
  let span = 1;
  while (span < end - start) span *= 2;
  return start === end || start % span === 0;
}

function assertWithin(start: number, end: number, size: number): void {
  if (!isSubtree(start, end)) throw new Error(`leaves ${start} to ${end} are not a subtree`);
  if (end > size) throw new Error(`leaves ${start} to ${end} are not in a tree of ${size}`);
}

/** Head over the leaves [start, end) of a tree of that size. */
export async function subtreeHash(
  tree: TreeHash, start: number, end: number, size: number, readTile: ReadTile,
): Promise<Uint8Array> {
  assertWithin(start, end, size);
  return start === end ? emptyRoot(tree) : rangeReader(tree, size, readTile)(start, end);
}

/** Proof that the subtree [start, end) is part of the tree of that size. */
export async function subtreeProof(
  tree: TreeHash, start: number, end: number, size: number, readTile: ReadTile,
): Promise<Uint8Array[]> {
  assertWithin(start, end, size);
  if (start === end) return [];
  const range = rangeReader(tree, size, readTile);
  const proof: Uint8Array[] = [];
  let [lo, hi, from, known] = [0, size, start, true];
  while (from !== lo || end !== hi) {
    const split = lo + largestPowerBelow(hi - lo);
    if (end <= split) {
      proof.push(await range(split, hi));
      hi = split;
    } else {
      proof.push(await range(lo, split));
      // Where the subtree lies on both sides its left part is this very hash, and the rest is proved on the right.
      if (from < split) [from, known] = [split, false];
      lo = split;
    }
  }
  if (!known) proof.push(await range(lo, hi));
  return proof.reverse();
}

export interface SubtreeClaim {
  readonly start: number;
  readonly end: number;
  readonly hash: Uint8Array;
  readonly size: number;
  readonly root: Uint8Array;
}

const nodePrefix = new Uint8Array([1]);
const half = (n: number): number => Math.floor(n / 2);

/** Whether the subtree is part of the tree. A proof that is too long or too short is refused. */
export async function verifySubtreeProof(
  sha256: (bytes: Uint8Array) => Awaitable<Uint8Array>, claim: SubtreeClaim, proof: readonly Uint8Array[],
): Promise<boolean> {
  const { start, end, hash, size, root } = claim;
  if (!isSubtree(start, end) || !Number.isSafeInteger(size) || end > size) return false;
  if (![hash, root, ...proof].every(({ length }) => length === 32)) return false;
  if (start === end) return proof.length === 0 && sameBytes(hash, await sha256(new Uint8Array(0)));
  let [fn, sn, tn] = [start, end - 1, size - 1];
  const up = (): void => { [fn, sn, tn] = [half(fn), half(sn), half(tn)]; };
  while (fn !== sn && (sn === tn || sn % 2 === 1)) up();
  const [first, ...others] = proof;
  if (fn !== sn && !first) return false;
  let fr = fn === sn ? hash : first ?? hash;
  let sr = fr;
  for (const sibling of fn === sn ? proof : others) {
    if (tn === 0) return false;
    if (sn % 2 === 1 || sn === tn) {
      if (fn < sn) fr = await sha256(concatBytes(nodePrefix, sibling, fr));
      sr = await sha256(concatBytes(nodePrefix, sibling, sr));
      while (sn % 2 === 0 && sn !== 0) up();
    } else {
      sr = await sha256(concatBytes(nodePrefix, sr, sibling));
    }
    up();
  }
  return tn === 0 && sameBytes(fr, hash) && sameBytes(sr, root);
}
