/**
 * Which files of a shard define a name: made when an index is built, so that a name is found without reading every file that uses it. It
 * holds hashes only and is never an answer: whoever asks scans the files that it names, out of checked text. Four names in a hundred
 * thousand share a hash, which costs a file read in vain.
 */
import { scannedLanguageOf, definitionsIn, mostScannedBytes } from './scan.ts';
import { damage } from '../index/damage.ts';
import type { FilePart } from '../index/layout.ts';
import type { Shard } from '../index/shard.ts';
import { VarintReader, VarintWriter } from '../index/varints.ts';

/** FNV-1a over one character a byte. */
export function nameHash(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

const partRange = (shard: Shard, { firstBlock, blocks }: FilePart): readonly [number, number] =>
  [shard.starts[firstBlock] as number, shard.starts[firstBlock + blocks] as number];

/**
 * Scans a shard: pairs of hash and part, ascending, as gaps; then the parts that are too long to be scanned. Numbers are varints, a list
 * stands behind its length.
 */
export function namesOf(shard: Shard): Uint8Array {
  const pairs: number[] = [];
  const tooLong: number[] = [];
  shard.parts.forEach((part, number) => {
    const language = part.encoding === 'bytes' && !part.dropped ? scannedLanguageOf(part.path) : null;
    const [from, to] = partRange(shard, part);
    if (!language) return;
    if (to - from > mostScannedBytes) return void tooLong.push(number);
    // What is read may be overwritten by the next reading; the scan is over by then.
    const hashes = new Set(definitionsIn(language, shard.text(from, to)).map(({ name }) => nameHash(name)));
    for (const hash of hashes) pairs.push(hash * partsAtMost + number);
  });
  const table = new VarintWriter();
  table.number(pairs.length);
  let before = 0;
  for (const pair of Float64Array.from(pairs).sort()) {
    const hash = Math.floor(pair / partsAtMost);
    table.number(hash - before);
    table.number(pair % partsAtMost);
    before = hash;
  }
  table.number(tooLong.length);
  for (const number of tooLong) table.number(number);
  return table.written();
}
/** A shard has no more blocks, so no more parts; with a hash of 32 bits in front a pair is exact as a number. */
const partsAtMost = 2 ** 17;

export class Names {
  readonly tooLong: readonly number[];
  private readonly hashes: Uint32Array;
  private readonly parts: Uint32Array;

  constructor(bytes: Uint8Array, shard: Shard) {
    const table = new VarintReader(bytes);
    const count = table.number();
    if (count > bytes.length) throw damage('a list of names is longer than its file');
    this.hashes = new Uint32Array(count);
    this.parts = new Uint32Array(count);
    let hash = 0;
    const part = (): number => {
      const number = table.number();
      if (number >= shard.parts.length) throw damage('a list of names tells of a file that is not there');
      return number;
    };
    for (let i = 0; i < count; i++) {
      hash += table.number();
      if (hash >= 2 ** 32) throw damage('a list of names is no list');
      this.hashes[i] = hash;
      this.parts[i] = part();
    }
    const long = table.number();
    if (long > bytes.length) throw damage('a list of names is longer than its file');
    this.tooLong = Array.from({ length: long }, part);
    if (!table.ended) throw damage('something stands behind a list of names');
  }

  /** Parts that may define it. */
  partsWith(name: string): number[] {
    const wanted = nameHash(name);
    let [low, high] = [0, this.hashes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.hashes[middle] as number) < wanted) low = middle + 1;
      else high = middle;
    }
    const out: number[] = [];
    for (; low < this.hashes.length && this.hashes[low] === wanted; low++) out.push(this.parts[low] as number);
    return out;
  }
}
