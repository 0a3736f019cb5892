/**
 * In which blocks of a shard a trigram stands: gaps as varints, or one bit a block where that is not longer. The length alone tells
 * which, so no flag is stored.
 */
import { damage } from './damage.ts';

export const mostBlocks = 65_536;
/** Words of a set of blocks. */
export const wordsFor = (blocks: number): number => (blocks + 31) >> 5;
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
export const postingBytes = (ids: Uint16Array, blocks: number): number => Math.min(gapBytes(ids), bitBytes(blocks));

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

/** Adds the blocks of a list to a set of blocks. */
export function readPostings(list: Uint8Array, blocks: number, into: Uint32Array): void {
  if (list.length === bitBytes(blocks)) return readBits(list, blocks, into);
  if (list.length > bitBytes(blocks)) throw damage('a list of blocks is too long');
  let id = -1;
  for (let at = 0; at < list.length;) {
    let gap = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = list[at++];
      if (byte === undefined || shift > 14) throw damage('a list of blocks breaks off');
      gap |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    id += gap + 1;
    if (id >= blocks) throw damage('a list names a block that is not there');
    into[id >> 5] = (into[id >> 5] as number) | (1 << (id & 31));
  }
}

function readBits(list: Uint8Array, blocks: number, into: Uint32Array): void {
  for (let i = 0; i < list.length; i++) into[i >> 2] = (into[i >> 2] as number) | ((list[i] as number) << ((i & 3) * 8));
  if (blocks & 31 && (into[blocks >> 5] as number) >>> (blocks & 31)) throw damage('a list names a block that is not there');
}
