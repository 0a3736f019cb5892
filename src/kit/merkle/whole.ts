/**
 * A whole tree in memory, every node of it (64 bytes a leaf): for who makes many proofs of one tree, as receipts for all
 * entries of a day. Grown at the right end. Proofs come as one run of hashes, from the leaf's side up.
 */
import type { TreeHash } from '#kit/hash/port';
import { hashBytes, nodeOf } from './tree.ts';

const hashWords = hashBytes / 4;
/** So that node numbers stay whole 32-bit numbers; such a tree would take 64 GiB. */
const maxLeaves = 2 ** 30;

/** Nodes a block: a level is blocks that stay where they are, so that growing copies nothing. */
const blockBits = 14;
const blockNodes = 2 ** blockBits;

/** The nodes of one level, as words. */
class Level {
  readonly blocks: Int32Array[] = [];
  count = 0;

  add(hashes: Uint8Array): void {
    for (let at = 0; at < hashes.length;) {
      const within = this.count % blockNodes;
      if (within === 0) this.blocks.push(new Int32Array(blockNodes * hashWords));
      const length = Math.min(hashes.length - at, (blockNodes - within) * hashBytes);
      const block = this.blocks.at(-1);
      if (block) new Uint8Array(block.buffer).set(hashes.subarray(at, at + length), within * hashBytes);
      this.count += length / hashBytes;
      at += length;
    }
  }

  /** Nodes from `from` on, up to `to` or the end of the block. */
  some(from: number, to: number): Uint8Array {
    const within = from % blockNodes;
    const block = this.blocks[from >> blockBits];
    if (!block) throw new Error(`node ${from} is missing`);
    return new Uint8Array(block.buffer, within * hashBytes, Math.min(to - from, blockNodes - within) * hashBytes);
  }
}

export class WholeTree {
  readonly #tree: TreeHash;
  readonly #levels: Level[] = [new Level()];
  /** Heads of what is left of a tree of `#edgeOf` leaves at its right end, by level; null where that is a node or nothing. */
  #edge: readonly (Int32Array | null)[] = [];
  #edgeOf = -1;

  constructor(tree: TreeHash) {
    this.#tree = tree;
  }

  get size(): number {
    return this.#levels[0]?.count ?? 0;
  }

  append(leafHashes: Uint8Array): void {
    if (this.size + leafHashes.length / hashBytes > maxLeaves) throw new Error(`a tree of more than ${maxLeaves} leaves`);
    this.#levels[0]?.add(leafHashes);
    for (let k = 0; (this.#levels[k]?.count ?? 0) > 1; k++) {
      const below = this.#levels[k];
      const level = this.#levels[k + 1] ?? new Level();
      this.#levels[k + 1] = level;
      const pairs = Math.floor((below?.count ?? 0) / 2);
      while (below && pairs > level.count) level.add(this.#tree.pairs(below.some(level.count * 2, pairs * 2)));
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
      const words = head ?? this.#levels[k]?.blocks[node >> blockBits];
      if (!words) throw new Error(`level ${k} is missing`);
      const from = head ? 0 : (node & (blockNodes - 1)) * hashWords;
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
      const level = this.#levels[k];
      const index = (end >> k) - 1;
      if (!level) throw new Error(`level ${k} is missing`);
      const node = level.some(index, index + 1);
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
