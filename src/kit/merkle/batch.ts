/**
 * Verifies many inclusion proofs of one tree at once, with the verdict that verifying each alone gives.
 *
 * Proofs of one tree meet on their way up, and from there on do the same work. All climb level by level, each with the hash
 * that it came with and the siblings that it claims. Where a proof comes to the same node as its neighbour, the 64 bytes
 * that both would hash there are compared, and so is every byte of the siblings that both have still before them. Only if
 * all are equal does one stop: what is left to do for it is, byte for byte, what the other does, so the other's verdict is
 * its own. If any byte differs, both climb on by themselves. So nothing is taken on trust, no byte of any proof goes
 * unlooked at, and no property of the hash is relied upon. Whoever sends proofs that never meet makes this as slow as one
 * by one, and no slower.
 */
import type { TreeHash } from '#kit/hash/port';
import { sameBytes } from '#kit/encoding';
import { hashBytes } from './tree.ts';

export interface InclusionClaim {
  readonly index: number;
  readonly leafHash: Uint8Array;
  /** The hashes of the proof, one behind the other, from the leaf's sibling up. */
  readonly proof: Uint8Array;
}

const hashWords = hashBytes / 4;
/** Proofs that climb together: neighbours, so that they meet; so few that what they need stays in the processor's cache. */
const together = 2048;
/** So that leaf and place fit one exact number. */
const sortedAtOnce = 2 ** 20;
const placeIn = (key: number): number => key - Math.floor(key / sortedAtOnce) * sortedAtOnce;
/** Node numbers stay whole 32-bit numbers below; beyond, proofs are verified one by one. */
const maxTogether = 2 ** 31;
/** No proof of such a tree has more hashes. */
const maxWords = 31 * hashWords;

/** Whether this leaf is in the tree of this size and root. The steps of RFC 9162 section 2.1.3.2, without waiting. */
export function verifyInclusionNow(
  tree: TreeHash, size: number, root: Uint8Array, { index, leafHash, proof }: InclusionClaim,
): boolean {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false;
  if (leafHash.length !== hashBytes || root.length !== hashBytes || proof.length % hashBytes) return false;
  const pair = new Uint8Array(2 * hashBytes);
  let node = index;
  let last = size - 1;
  let hash = leafHash;
  let at = 0;
  for (; last > 0; node = Math.floor(node / 2), last = Math.floor(last / 2)) {
    const odd = node % 2 === 1;
    // The last node of a level that has no sibling goes up as it is.
    if (!odd && node === last) continue;
    if (at === proof.length) return false;
    const sibling = proof.subarray(at, at + hashBytes);
    pair.set(hash, odd ? hashBytes : 0);
    pair.set(sibling, odd ? 0 : hashBytes);
    hash = tree.pairs(pair);
    at += hashBytes;
  }
  return at === proof.length && sameBytes(hash, root);
}

/** Proofs that climb, in the order of their leaves. Used for one lot after another, so that its memory stays near. */
class Climb {
  /** Those that still climb: which proof, at which node, with which hash. */
  #active = 0;
  readonly #who: Int32Array;
  readonly #nodes: Int32Array;
  #hashes: Int32Array;
  #risen: Int32Array;
  /** All proofs' hashes as words; by proof where its unused ones begin and where they end. */
  readonly #words: Int32Array;
  readonly #next: Int32Array;
  readonly #end: Int32Array;
  /** A proof that stopped, and the one whose verdict it shares, in the order of stopping. */
  #stopped: number[] = [];
  /** What is hashed on a level. */
  readonly #pairs: Int32Array;
  #count = 0;

  /** For lots of at most so many proofs. */
  constructor(most: number) {
    this.#who = new Int32Array(most);
    this.#nodes = new Int32Array(most);
    this.#hashes = new Int32Array(most * hashWords);
    this.#risen = new Int32Array(most * hashWords);
    this.#next = new Int32Array(most);
    this.#end = new Int32Array(most);
    this.#pairs = new Int32Array(most * 2 * hashWords);
    this.#words = new Int32Array(most * maxWords);
  }

  /** Takes the well-formed claims that these keys, in their order, stand for: the remainder is the place from `first` on. */
  start(claims: readonly InclusionClaim[], first: number, keys: Float64Array): void {
    const [who, nodes, next, end] = [this.#who, this.#nodes, this.#next, this.#end];
    const bytes = new Uint8Array(this.#words.buffer);
    const hashes = new Uint8Array(this.#hashes.buffer);
    let at = 0;
    for (let p = 0; p < keys.length; p++) {
      const { proof, leafHash, index } = claims[first + placeIn(keys[p] as number)] as InclusionClaim;
      bytes.set(proof, at * 4);
      next[p] = at;
      at += proof.length >> 2;
      end[p] = at;
      for (let i = 0; i < hashBytes; i++) hashes[p * hashBytes + i] = leafHash[i] as number;
      nodes[p] = index;
      who[p] = p;
    }
    this.#active = keys.length;
    this.#count = keys.length;
    this.#stopped = [];
  }

  /** One level up in a tree whose last node on this level is `last`. */
  up(tree: TreeHash, last: number): void {
    const [who, nodes, hashes, words, next, end, pairs, active] =
      [this.#who, this.#nodes, this.#hashes, this.#words, this.#next, this.#end, this.#pairs, this.#active];
    let made = 0;
    let slot = 0;
    for (; slot < active; slot++) {
      const p = who[slot] as number;
      const node = nodes[slot] as number;
      // The last node of a level goes up as it is where it has no sibling. Those at it are the last to climb.
      if (node === last && (node & 1) === 0) break;
      const sibling = next[p] as number;
      if (sibling === end[p]) continue; // Too short: it ends here, and did not arrive.
      next[p] = sibling + hashWords;
      const to = made * 2 * hashWords;
      const own = to + (node & 1) * hashWords;
      const other = to + (1 - (node & 1)) * hashWords;
      for (let i = 0; i < hashWords; i++) {
        pairs[own + i] = hashes[slot * hashWords + i] as number;
        pairs[other + i] = words[sibling + i] as number;
      }
      if (made > 0 && nodes[made - 1] === node >> 1 && sameWords(pairs, to, pairs, to - 2 * hashWords, 2 * hashWords)
        && this.#sameRest(p, who[made - 1] as number)) {
        this.#stopped.push(p, who[made - 1] as number);
        continue;
      }
      // Slots are filled behind the one that is read, so nothing is overwritten that is still wanted.
      who[made] = p;
      nodes[made++] = node >> 1;
    }
    const risen = this.#risen;
    new Uint8Array(risen.buffer).set(tree.pairs(new Uint8Array(pairs.buffer, 0, made * 2 * hashBytes)));
    risen.set(hashes.subarray(slot * hashWords, active * hashWords), made * hashWords);
    for (; slot < active; slot++) {
      who[made] = who[slot] as number;
      nodes[made++] = (nodes[slot] as number) >> 1;
    }
    this.#active = made;
    [this.#hashes, this.#risen] = [risen, hashes];
  }

  /** Whether two proofs claim the same siblings from here on. */
  #sameRest(p: number, q: number): boolean {
    const [from, other] = [this.#next[p] ?? 0, this.#next[q] ?? 0];
    const length = (this.#end[p] ?? 0) - from;
    return length === (this.#end[q] ?? 0) - other && sameWords(this.#words, from, this.#words, other, length);
  }

  /** For each proof whether it used all its hashes and arrived with the root. */
  arrived(root: Uint8Array): boolean[] {
    const verdicts = new Array<boolean>(this.#count).fill(false);
    const bytes = new Uint8Array(this.#hashes.buffer);
    for (let slot = 0; slot < this.#active; slot++) {
      const p = this.#who[slot] ?? 0;
      verdicts[p] = this.#next[p] === this.#end[p] && sameBytes(bytes.subarray(slot * hashBytes, (slot + 1) * hashBytes), root);
    }
    // Whoever stopped last shares a verdict that is known by now; the earlier ones follow.
    for (let i = this.#stopped.length - 2; i >= 0; i -= 2) {
      verdicts[this.#stopped[i] ?? 0] = verdicts[this.#stopped[i + 1] ?? 0] === true;
    }
    return verdicts;
  }
}

function isWellFormed({ index, leafHash, proof }: InclusionClaim, size: number): boolean {
  return Number.isInteger(index) && index >= 0 && index < size && leafHash.length === hashBytes
    && proof.length % hashBytes === 0 && proof.length >> 2 <= maxWords;
}

function sameWords(a: Int32Array, from: number, b: Int32Array, other: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[from + i] !== b[other + i]) return false;
  return true;
}

/** The verdict for each claim, in their order. */
export function verifyInclusions(
  tree: TreeHash, size: number, root: Uint8Array, claims: readonly InclusionClaim[],
): boolean[] {
  if (!Number.isSafeInteger(size) || size < 1 || root.length !== hashBytes) return claims.map(() => false);
  if (size >= maxTogether || claims.length < 2) return claims.map((claim) => verifyInclusionNow(tree, size, root, claim));
  const verdicts = new Array<boolean>(claims.length).fill(false);
  const climb = new Climb(Math.min(together, claims.length));
  for (let first = 0; first < claims.length; first += sortedAtOnce) {
    // Leaf and place in one number, which sorts by itself and stays exact; what is no leaf of this tree is false already.
    const all = new Float64Array(Math.min(sortedAtOnce, claims.length - first));
    let fit = 0;
    for (let i = 0; i < all.length; i++) {
      const claim = claims[first + i] as InclusionClaim;
      if (isWellFormed(claim, size)) all[fit++] = claim.index * sortedAtOnce + i;
    }
    const keys = all.subarray(0, fit).sort();
    for (let from = 0; from < keys.length; from += together) {
      const lot = keys.subarray(from, from + together);
      climb.start(claims, first, lot);
      for (let last = size - 1; last > 0; last >>= 1) climb.up(tree, last);
      const arrived = climb.arrived(root);
      for (let p = 0; p < arrived.length; p++) verdicts[first + placeIn(lot[p] as number)] = arrived[p] === true;
    }
  }
  return verdicts;
}

/** Whether the tree (`to`, `toRoot`) begins with the tree (`from`, `fromRoot`); RFC 9162 section 2.1.4.2, without waiting. */
export function verifyConsistencyNow(
  tree: TreeHash, claim: { readonly from: number; readonly fromRoot: Uint8Array; readonly to: number; readonly toRoot: Uint8Array },
  proof: Uint8Array,
): boolean {
  const { from, fromRoot, to, toRoot } = claim;
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 0 || from > to) return false;
  if (fromRoot.length !== hashBytes || toRoot.length !== hashBytes || proof.length % hashBytes) return false;
  if (from === to) return proof.length === 0 && sameBytes(fromRoot, toRoot);
  if (from === 0) return proof.length === 0 && sameBytes(fromRoot, tree.sha256(new Uint8Array(0)));
  let [node, last] = [from - 1, to - 1];
  while (node % 2 === 1) [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  // Where `from` is a power of two its root is a node of the larger tree and is left out of the proof.
  const isNode = node === 0;
  if (!isNode && proof.length === 0) return false;
  let older = isNode ? fromRoot : proof.subarray(0, hashBytes);
  let newer = older;
  let at = isNode ? 0 : hashBytes;
  const pair = new Uint8Array(2 * hashBytes);
  const over = (left: Uint8Array, right: Uint8Array): Uint8Array => {
    pair.set(left);
    pair.set(right, hashBytes);
    return tree.pairs(pair);
  };
  for (; last > 0; node = Math.floor(node / 2), last = Math.floor(last / 2)) {
    if (node % 2 === 0 && node === last) continue;
    if (at === proof.length) return false;
    const sibling = proof.subarray(at, at + hashBytes);
    at += hashBytes;
    if (node % 2 === 1) {
      const same = older === newer;
      older = over(sibling, older);
      newer = same ? older : over(sibling, newer);
    } else {
      newer = over(newer, sibling);
    }
  }
  return at === proof.length && sameBytes(older, fromRoot) && sameBytes(newer, toRoot);
}
