/**
 * In which blocks of a shard a trigram stands: gaps as varints, or one bit a block where that is not longer. The length alone tells
 * which, so no flag is stored.
 */
import { damage } from './damage.ts';

export const mostBlocks = 65_536;
const bitBytes = (blocks: number): number => (blocks + 7) >> 3;

/** Bytes that the gaps of these ascending numbers take. */
function gapBytes(ids: Uint16Array): number {
  let bytes = 0;
  let before = -1;
  for (const id of ids) {
    const gap = id - before - 1;
    bytes += gap < 128 ? 1 : gap < 16_384 ? 2 : 3;
    before = id;
  }
  return bytes;
}

/** How long the list will be. */
export const postingBytes = (ids: Uint16Array, blocks: number): number => {
  const most = bitBytes(blocks);
  // A gap takes a byte at least.
  return ids.length >= most ? most : Math.min(gapBytes(ids), most);
};

/** Writes a list of ascending numbers, of the length that was found for it, and says where it ends. */
export function writePostings(ids: Uint16Array, blocks: number, length: number, into: Uint8Array, from: number): number {
  if (length === bitBytes(blocks)) {
    into.fill(0, from, from + length);
    for (const id of ids) into[from + (id >> 3)] = (into[from + (id >> 3)] as number) | (1 << (id & 7));
    return from + length;
  }
  let at = from;
  let before = -1;
  for (const id of ids) {
    let gap = id - before - 1;
    for (; gap > 127; gap >>= 7) into[at++] = (gap & 127) | 128;
    into[at++] = gap;
    before = id;
  }
  return at;
}

/** The blocks of a list, ascending. */
export function readPostings(list: Uint8Array, blocks: number): Uint16Array {
  if (list.length > bitBytes(blocks)) throw damage('a list of blocks is too long');
  return list.length === bitBytes(blocks) ? readBits(list, blocks) : readGaps(list, blocks);
}

/** Those of some blocks, ascending, that are in the list. */
export function inPostings(list: Uint8Array, blocks: number, those: Uint16Array): Uint16Array {
  if (list.length !== bitBytes(blocks)) return inBoth(readPostings(list, blocks), those);
  const out = new Uint16Array(those.length);
  let count = 0;
  for (let i = 0; i < those.length; i++) {
    const id = those[i] as number;
    if ((list[id >> 3] as number) >> (id & 7) & 1) out[count++] = id;
  }
  return out.subarray(0, count);
}

/** What stands in both of two lists of ascending numbers. */
export function inBoth(a: Uint16Array, b: Uint16Array): Uint16Array {
  const out = new Uint16Array(Math.min(a.length, b.length));
  let count = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const x = a[i] as number;
    const y = b[j] as number;
    if (x === y) out[count++] = x;
    if (x <= y) i++;
    if (y <= x) j++;
  }
  return out.subarray(0, count);
}

function readGaps(list: Uint8Array, blocks: number): Uint16Array {
  const out = new Uint16Array(list.length);
  let count = 0;
  let id = -1;
  for (let at = 0; at < list.length;) {
    let gap = list[at++] as number;
    for (let shift = 7; gap >> shift !== 0; shift += 7) {
      // The bit that says that more follows is where the next seven begin.
      const byte = list[at++];
      if (byte === undefined || shift > 14) throw damage('a list of blocks breaks off');
      gap = (gap & ((1 << shift) - 1)) | (byte << shift);
    }
    id += gap + 1;
    if (id >= blocks) throw damage('a list names a block that is not there');
    out[count++] = id;
  }
  return out.subarray(0, count);
}

function readBits(list: Uint8Array, blocks: number): Uint16Array {
  if (blocks & 7 && (list[list.length - 1] as number) >>> (blocks & 7)) throw damage('a list names a block that is not there');
  const out = new Uint16Array(blocks);
  let count = 0;
  for (let i = 0; i < list.length; i++) {
    for (let bits = list[i] as number; bits !== 0; bits &= bits - 1) out[count++] = i * 8 + 31 - Math.clz32(bits & -bits);
  }
  return out.subarray(0, count);
}
