/**
 * Which trigrams stand in which blocks of a shard: kept as they are met, and then sorted into lists of blocks. Nearly all the time that
 * indexing takes is spent here; `trigram-kernel.ts` does the same faster.
 */
import { glyphOf, trigramCount } from './trigram.ts';

/** Text that is loaded at once. */
export const chunkBytes = 65_536;
/** Pairs of a trigram and a block that a shard holds, about: four bytes each, and two more while they are sorted. */
export const mostPairs: number = 24 * 2 ** 20;

export interface SortedPairs {
  /** Where the blocks of each trigram begin, and where the last ones end. */
  readonly places: Uint32Array;
  readonly blocks: Uint16Array;
}

/** Used again by one shard after the other. */
export interface TrigramLists {
  /** Pairs so far. */
  readonly pairs: number;
  /** Of the open block: its bytes, its line feeds, and the bytes of the line that is open. */
  readonly length: number;
  readonly lines: number;
  readonly inLine: number;
  /** A new shard, with blocks of at least so many bytes. */
  begin(blockBytes: number): void;
  /** At most `chunkBytes`. */
  load(bytes: Uint8Array): void;
  /** Reads what was loaded from a place on, to the end of the block or of the bytes, and says where that is. */
  scan(from: number): number;
  closeBlock(): void;
  sorted(): SortedPairs;
}

export class PlainTrigramLists implements TrigramLists {
  pairs = 0;
  length = 0;
  lines = 0;
  inLine = 0;
  private keys: Uint32Array = new Uint32Array(2 ** 16);
  private blocks: Uint16Array = new Uint16Array(0);
  /** Of one byte each, so that they stay in the processor's cache; cleared when the stamps are used up. */
  private readonly stamps = new Uint8Array(trigramCount);
  private stamp = 0;
  /** Where the pairs of each block end. */
  private ends: number[] = [];
  private key = 0;
  private blockBytes = 0;
  private bytes: Uint8Array = new Uint8Array(0);

  begin(blockBytes: number): void {
    this.blockBytes = blockBytes;
    this.pairs = 0;
    this.ends = [];
    this.open();
  }

  load(bytes: Uint8Array): void {
    this.bytes = bytes;
  }

  scan(from: number): number {
    const { stamps, stamp, keys, bytes, blockBytes } = this;
    let { key, inLine, pairs, length } = this;
    let at = from;
    while (at < bytes.length) {
      const byte = bytes[at++] as number;
      length++;
      if (byte === 10) {
        inLine = 0;
        this.lines++;
        if (length >= blockBytes) break;
        continue;
      }
      key = ((key << 6) | (glyphOf[byte] as number)) & (trigramCount - 1);
      // A pattern lies within a line, so no trigram goes across its end.
      if (++inLine < 3) continue;
      // Whether a trigram is new cannot be foretold: it is written without asking, and written over by the next where it is not.
      keys[pairs] = key;
      pairs += stamps[key] === stamp ? 0 : 1;
      stamps[key] = stamp;
    }
    [this.key, this.inLine, this.pairs, this.length] = [key, inLine, pairs, length];
    return at;
  }

  closeBlock(): void {
    this.ends.push(this.pairs);
    this.open();
  }

  private open(): void {
    this.length = 0;
    this.lines = 0;
    this.inLine = 0;
    // Room for one block more, whose trigrams are at most all that there are, and for the one that is written over.
    if (this.pairs + trigramCount >= this.keys.length) {
      const larger = new Uint32Array(Math.max(this.keys.length * 2, this.pairs + trigramCount + 1));
      larger.set(this.keys.subarray(0, this.pairs));
      this.keys = larger;
    }
    if (++this.stamp === 256) {
      this.stamps.fill(0);
      this.stamp = 1;
    }
  }

  /** By trigram, keeping the order of their blocks. */
  sorted(): SortedPairs {
    const { keys, ends, pairs } = this;
    const places = new Uint32Array(trigramCount + 1);
    for (let i = 0; i < pairs; i++) places[(keys[i] as number) + 1] = (places[(keys[i] as number) + 1] as number) + 1;
    for (let i = 1; i <= trigramCount; i++) places[i] = (places[i] as number) + (places[i - 1] as number);
    if (this.blocks.length < pairs) this.blocks = new Uint16Array(Math.ceil(pairs * 1.1));
    const next = places.slice();
    for (let block = 0, i = 0; block < ends.length; block++) {
      for (const end = ends[block] as number; i < end; i++) {
        const key = keys[i] as number;
        this.blocks[next[key] as number] = block;
        next[key] = (next[key] as number) + 1;
      }
    }
    return { places, blocks: this.blocks };
  }
}
