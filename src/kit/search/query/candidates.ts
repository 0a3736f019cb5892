/**
 * Which blocks of a shard have to be read for a need: lists of blocks are intersected, the shortest first, for as long as decoding the
 * next list is cheaper than reading the blocks that are left.
 */
import { blockBytes } from '../index/layout.ts';
import { wordsFor } from '../index/postings.ts';
import type { Shard } from '../index/shard.ts';
import type { Need } from './needs.ts';

/** A set of blocks, one bit each; null is all of them. */
type Blocks = Uint32Array | null;

export function countBits(words: Uint32Array): number {
  let count = 0;
  for (const word of words) {
    let bits = word - ((word >>> 1) & 0x55555555);
    bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
    count += Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }
  return count;
}

/** About how many bytes of lists answer it at least: what the order goes by. */
function costOf(need: Need, shard: Shard): number {
  switch (need.kind) {
    case 'any': return Infinity;
    case 'none': return 0;
    case 'trigram': return shard.listBytes(need.trigram);
    case 'and': return need.parts.reduce((least, part) => Math.min(least, costOf(part, shard)), Infinity);
    case 'or': return need.parts.reduce((sum, part) => sum + costOf(part, shard), 0);
  }
}

function blocksOf(need: Need, shard: Shard): Blocks {
  switch (need.kind) {
    case 'any': return null;
    case 'none': return new Uint32Array(wordsFor(shard.record.blocks));
    case 'trigram': return shard.blocksWith(need.trigram);
    case 'and': return both(need.parts, shard);
    case 'or': return either(need.parts, shard);
  }
}

function both(parts: readonly Need[], shard: Shard): Blocks {
  const ordered = parts.map((part) => ({ part, cost: costOf(part, shard) })).sort((a, b) => a.cost - b.cost);
  let left: Blocks = null;
  for (const { part, cost } of ordered) {
    if (left && cost > countBits(left) * blockBytes) break;
    const next = blocksOf(part, shard);
    if (!left || !next) left ??= next;
    else for (let i = 0; i < left.length; i++) left[i] = (left[i] as number) & (next[i] as number);
  }
  return left;
}

function either(parts: readonly Need[], shard: Shard): Blocks {
  const out = new Uint32Array(wordsFor(shard.record.blocks));
  for (const part of parts) {
    const next = blocksOf(part, shard);
    if (!next) return null;
    for (let i = 0; i < out.length; i++) out[i] = (out[i] as number) | (next[i] as number);
  }
  return out;
}

/** The blocks that may hold a match, one bit each. */
export function candidates(need: Need, shard: Shard): Uint32Array {
  const { blocks } = shard.record;
  const found = blocksOf(need, shard);
  if (found) return found;
  const all = new Uint32Array(wordsFor(blocks)).fill(0xffffffff);
  if (blocks & 31) all[all.length - 1] = 2 ** (blocks & 31) - 1;
  return all;
}

/** The first block of the set from this one on, or -1. */
export function nextBlock(set: Uint32Array, from: number): number {
  for (let word = from >> 5; word < set.length; word++) {
    const bits = (set[word] as number) & (word === from >> 5 ? -1 << (from & 31) : -1);
    if (bits !== 0) return word * 32 + 31 - Math.clz32(bits & -bits);
  }
  return -1;
}
