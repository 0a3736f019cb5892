/**
 * Which blocks of a shard have to be read for a need: lists of blocks are intersected, the shortest first, for as long as looking at the
 * next list promises to cost less than reading the blocks that it rules out.
 */
import { inBoth } from '../index/postings.ts';
import type { Shard } from '../index/shard.ts';
import type { Need } from './needs.ts';

/** Numbers of blocks, ascending; null is all of them. */
type Blocks = Uint16Array | null;

/** Microseconds, about: reading a block, reading a list, and each of its bytes. */
const [blockCost, listCost, byteCost] = [5, 5, 0.002];

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
    case 'none': return new Uint16Array(0);
    case 'trigram': return shard.blocksWith(need.trigram);
    case 'and': return both(need.parts, shard);
    case 'or': return either(need.parts, shard);
  }
}

function both(parts: readonly Need[], shard: Shard): Blocks {
  const ordered = parts.map((part) => ({ part, cost: costOf(part, shard) })).sort((a, b) => a.cost - b.cost);
  let left: Blocks = null;
  // Which share of the blocks the next list may leave: half, and more where the last one left more.
  let share = 0.5;
  for (const { part, cost } of ordered) {
    if (left && listCost + cost * byteCost > left.length * blockCost * (1 - share)) break;
    if (left && part.kind === 'trigram') {
      const kept: Uint16Array = shard.amongThem(part.trigram, left);
      share = (0.5 + kept.length / (left.length || 1)) / 2;
      left = kept;
      continue;
    }
    const next = blocksOf(part, shard);
    left = left && next ? inBoth(left, next) : left ?? next;
  }
  return left;
}

function either(parts: readonly Need[], shard: Shard): Blocks {
  const marked = new Uint8Array(shard.record.blocks);
  for (const part of parts) {
    const next = blocksOf(part, shard);
    if (!next) return null;
    for (const block of next) marked[block] = 1;
  }
  return numbersOf(marked);
}

function numbersOf(marked: Uint8Array): Uint16Array {
  const out = new Uint16Array(marked.length);
  let count = 0;
  for (let block = 0; block < marked.length; block++) if (marked[block] === 1) out[count++] = block;
  return out.subarray(0, count);
}

/** The blocks that may hold a match, ascending. */
export const candidates = (need: Need, shard: Shard): Uint16Array => blocksOf(need, shard) ?? Uint16Array.from({ length: shard.record.blocks }, (_, i) => i);
