/**
 * A whole tree in memory, every node of it (68 bytes a leaf): for who makes many proofs of one tree, as receipts for all
 * entries of a day. Grown at the right end. Proofs come as one run of hashes, from the leaf's side up.
 */
import type { TreeHash } from '#kit/hash/port';
import { concatBytes } from '#kit/encoding';
import { hashBytes, nodeOf } from './tree.ts';

const hashWords = hashBytes / 4;
/** So that node numbers stay whole 32-bit numbers; such a tree would take 64 GiB. */
const maxLeaves = 2 ** 30;

/** Groups a block: blocks stay where they are, so that growing copies nothing. */
const groupBits = 9;
const blockWords = 2 ** groupBits * 32 * hashWords;
/** Where each of a group's four levels begins; two of its 32 places stay empty. */
const levelStarts = [0, 16, 24, 28] as const;

/**
 * Nodes as words. Four levels at a time are kept in groups of 16, 8, 4 and 2 nodes that lie together in one KiB, so that
 * the way up from a leaf touches few places of memory: what a proof costs is mostly waiting for those.
 */
class Nodes {
  readonly #bands: Int32Array[][] = [];

  block(level: number, node: number): Int32Array {
    const block = this.#bands[level >> 2]?.[node >> (4 - (level & 3) + groupBits)];
    if (!block) throw new Error(`node ${node} of level ${level} is missing`);
    return block;
  }

  /** Where the node begins in its block, in words. */
  place(level: number, node: number): number {
    const within = level & 3;
    const group = (node >> (4 - within)) & (2 ** groupBits - 1);
    return (group * 32 + (levelStarts[within] as number) + (node & ((16 >> within) - 1))) * hashWords;
  }

  bytes(level: number, node: number): Uint8Array {
    return new Uint8Array(this.block(level, node).buffer, this.place(level, node) * 4, hashBytes);
  }

  /** Puts nodes of a level from `first` on. */
  put(level: number, first: number, hashes: Uint8Array): void {
    const band = this.#bands[level >> 2] ?? [];
    this.#bands[level >> 2] = band;
    const words = new Int32Array(new Uint8Array(hashes).buffer);
    for (let i = 0; i < words.length / hashWords; i++) {
      const node = first + i;
      const index = node >> (4 - (level & 3) + groupBits);
      const block = band[index] ?? new Int32Array(blockWords);
      band[index] = block;
      const to = this.place(level, node);
      for (let j = 0; j < hashWords; j++) block[to + j] = words[i * hashWords + j] as number;
    }
  }
}

export class WholeTree {
  readonly #tree: TreeHash;
  readonly #nodes = new Nodes();
  /** How many nodes each level has. */
  readonly #counts: number[] = [0];
  /** Heads of what is left of a tree of `#edgeOf` leaves at its right end, by level; null where that is a node or nothing. */
  #edge: readonly (Int32Array | null)[] = [];
  #edgeOf = -1;

  constructor(tree: TreeHash) {
    this.#tree = tree;
  }

  get size(): number {
    return this.#counts[0] ?? 0;
  }

  append(leafHashes: Uint8Array): void {
    if (this.size + leafHashes.length / hashBytes > maxLeaves) throw new Error(`a tree of more than ${maxLeaves} leaves`);
    let fresh = leafHashes;
    for (let k = 0; fresh.length; k++) {
      const had = this.#counts[k] ?? 0;
      this.#nodes.put(k, had, fresh);
      this.#counts[k] = had + fresh.length / hashBytes;
      // A node that waited for its sibling goes first.
      const row = had % 2 ? concatBytes(this.#nodes.bytes(k, had - 1), fresh) : fresh;
      fresh = this.#tree.pairs(row.subarray(0, row.length - (row.length % (2 * hashBytes))));
    }
  }

  /** Root of the first `size` leaves, from 1 on. */
  root(size = this.size): Uint8Array {
    this.#assertSize(size);
    return this.#head(0, size);
  }

  inclusionProof(index: number, size = this.size): Uint8Array {
    this.#assertSize(size);
    if (!(index >= 0 && index < size)) throw new Error(`leaf ${index} is not in a tree of ${size}`);
    return this.#climb(0, index, null, size);
  }

  /** Proof that the tree of `from` leaves is the beginning of the tree of `to`; empty from 0 and between equal sizes. */
  consistencyProof(from: number, to = this.size): Uint8Array {
    this.#assertSize(to);
    if (!(from >= 0 && from <= to)) throw new Error(`no tree of ${from} leaves is within one of ${to}`);
    if (from === 0 || from === to) return new Uint8Array(0);
    // From the largest complete subtree that ends where the old tree ends. Where the old tree is no more than that, its
    // root is known to the verifier and left out.
    let k = 0;
    let index = from - 1;
    for (; index % 2 === 1; k++) index >>= 1;
    return this.#climb(k, index, index > 0 ? index : null, to);
  }

  /** The siblings on the way up from a node to the root of a tree of that size; before them the node `first` of that level. */
  #climb(level: number, index: number, first: number | null, size: number): Uint8Array {
    const edge = this.#edgeFor(size);
    const last = size - 1;
    let length = first === null ? 0 : 1;
    for (let k = level; last >> k > 0; k++) if (((index >> (k - level)) ^ 1) <= last >> k) length++;
    const proof = new Int32Array(length * hashWords);
    let at = 0;
    const put = (k: number, node: number): void => {
      // The last of a level may be incomplete; its head was made once for this size.
      const head = node === last >> k ? edge[k] : null;
      const words = head ?? this.#nodes.block(k, node);
      const from = head ? 0 : this.#nodes.place(k, node);
      for (let i = 0; i < hashWords; i++) proof[at + i] = words[from + i] as number;
      at += hashWords;
    };
    if (first !== null) put(level, first);
    for (let k = level; last >> k > 0; k++) {
      const sibling = (index >> (k - level)) ^ 1;
      if (sibling <= last >> k) put(k, sibling);
    }
    return new Uint8Array(proof.buffer);
  }

  #assertSize(size: number): void {
    if (!Number.isSafeInteger(size) || size < 1 || size > this.size) throw new Error(`this tree has no ${size} leaves`);
  }

  /** Head over [lo, hi), lo a multiple of the power of two that holds it. */
  #head(lo: number, hi: number): Uint8Array {
    let right: Uint8Array | null = null;
    let end = hi;
    // From the smallest complete subtree at the right end to the largest.
    for (let k = 0; end > lo; k++) {
      if ((end >> k) % 2 === 0 && end - lo > 2 ** k) continue;
      const node = this.#nodes.bytes(k, (end >> k) - 1);
      right = right ? nodeOf(this.#tree, node, right) : new Uint8Array(node);
      end -= 2 ** k;
    }
    if (!right) throw new Error('no head over no leaves');
    return right;
  }

  #edgeFor(size: number): readonly (Int32Array | null)[] {
    if (this.#edgeOf === size) return this.#edge;
    const edge: (Int32Array | null)[] = [];
    for (let k = 0; (size - 1) >> k > 0; k++) {
      const from = ((size - 1) >> k) * 2 ** k;
      const complete = size - from === 2 ** k;
      edge.push(complete ? null : new Int32Array(new Uint8Array(this.#head(from, size)).buffer));
    }
    this.#edge = edge;
    this.#edgeOf = size;
    return edge;
  }
}
