/**
 * Merkle trees of RFC 6962 section 2.1 over SHA-256, grown at the right end. A hash is 32 bytes; many are concatenated.
 * Tiles and proofs lie beside this file; where hashes are kept is the caller's business.
 */
import type { TreeHash } from '#kit/hash/port';

export const hashBytes = 32;

/** The i-th of concatenated hashes; a view, not a copy. */
export function hashAt(hashes: Uint8Array, i: number): Uint8Array {
  return hashes.subarray(i * hashBytes, (i + 1) * hashBytes);
}

/** Root of the empty tree: SHA-256 of nothing. */
export function emptyRoot(tree: TreeHash): Uint8Array {
  return tree.sha256(new Uint8Array(0));
}

/**
 * Tree head over n >= 1 hashes of one level. Pairing upwards and carrying an odd last hash unchanged gives the tree
 * that the RFC defines by splitting at the largest power of two.
 */
export function rootOf(tree: TreeHash, hashes: Uint8Array): Uint8Array {
  const levels = Math.log2(hashes.length / hashBytes);
  if (Number.isInteger(levels)) return new Uint8Array(tree.fold(hashes, levels));
  let level = hashes;
  while (level.length > hashBytes) {
    const even = level.length - (level.length % (hashBytes * 2));
    const up = tree.pairs(level.subarray(0, even));
    if (even === level.length) {
      level = up;
      continue;
    }
    const next = new Uint8Array(up.length + hashBytes);
    next.set(up);
    next.set(level.subarray(even), up.length);
    level = next;
  }
  return new Uint8Array(level);
}

export function nodeOf(tree: TreeHash, left: Uint8Array, right: Uint8Array): Uint8Array {
  const pair = new Uint8Array(hashBytes * 2);
  pair.set(left);
  pair.set(right, hashBytes);
  return tree.pairs(pair);
}

/** What one must keep of a tree to append to it: the roots of its complete subtrees, largest first. */
export interface Frontier {
  readonly size: number;
  /** One for each bit set in `size`. */
  readonly peaks: readonly Uint8Array[];
}

export const emptyFrontier: Frontier = { size: 0, peaks: [] };

/** The frontier after more leaves; costs one hash a leaf. */
export function append(tree: TreeHash, frontier: Frontier, leafHashes: Uint8Array): Frontier {
  const count = leafHashes.length / hashBytes;
  const peaks = [...frontier.peaks];
  let size = frontier.size;
  for (let at = 0; at < count;) {
    // The largest complete subtree that begins here and fits; its head is one more peak.
    let levels = 0;
    let span = 1;
    while (size % (span * 2) === 0 && at + span * 2 <= count) {
      span *= 2;
      levels++;
    }
    let peak: Uint8Array = new Uint8Array(tree.fold(leafHashes.subarray(at * hashBytes, (at + span) * hashBytes), levels));
    for (let below = Math.floor(size / span); below % 2 === 1; below = Math.floor(below / 2)) {
      const left = peaks.pop();
      if (!left) throw new Error(`a frontier of ${size} leaves lacks a peak`);
      peak = nodeOf(tree, left, peak);
    }
    peaks.push(peak);
    size += span;
    at += span;
  }
  return { size, peaks };
}

/** Root of the whole tree; of no leaves too. */
export function rootOfFrontier(tree: TreeHash, frontier: Frontier): Uint8Array {
  let root = frontier.peaks.at(-1);
  if (!root) return emptyRoot(tree);
  for (let i = frontier.peaks.length - 2; i >= 0; i--) root = nodeOf(tree, frontier.peaks[i] ?? root, root);
  return root;
}

/** Bits set in a safe integer: how many peaks a tree of that size has. */
export function peakCount(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}
