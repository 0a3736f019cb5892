/**
 * Keeps the keys that may be among those put in and drops those that surely are not: a Bloom filter that stays in memory, with all the
 * bits of a key in one line of 64 bytes, so that asking costs one look into memory. What is given away is `bloom.ts`'s.
 */

const wordsOfBlock = 16;
/** With eight bits set a key this is wrong about one key in a hundred or two. */
const bitsOfKey = 12;

export class Sieve {
  private readonly words: Uint32Array;
  private readonly blocks: number;
  private count = 0;
  /** Keys for which it was made; with more it is wrong more often. */
  readonly room: number;

  constructor(room: number) {
    if (!Number.isSafeInteger(room) || room < 1 || room > 2 ** 31) throw new RangeError('no sieve of this size');
    this.room = room;
    this.blocks = Math.ceil((room * bitsOfKey) / (wordsOfBlock * 32));
    this.words = new Uint32Array(this.blocks * wordsOfBlock);
  }

  get isFull(): boolean {
    return this.count > this.room;
  }

  /** A key is 32 hex digits, as `keyOf` gives them. The same key again counts again. */
  add(key: string): void {
    this.each(key, (at, bit) => {
      this.words[at] = (this.words[at] as number) | bit;
      return true;
    });
    this.count++;
  }

  /** False is certain. */
  mayHold(key: string): boolean {
    return this.each(key, (at, bit) => ((this.words[at] as number) & bit) !== 0);
  }

  /** The block by the first word, eight bits in it by nine bits each of the others. */
  private each(key: string, take: (at: number, bit: number) => boolean): boolean {
    const first = Number.parseInt(key.slice(0, 8), 16);
    const start = Math.floor((first / 2 ** 32) * this.blocks) * wordsOfBlock;
    for (let word = 1; word < 4; word++) {
      const bits = Number.parseInt(key.slice(word * 8, word * 8 + 8), 16);
      for (let turn = 0; turn < (word === 3 ? 2 : 3); turn++) {
        const nine = (bits >>> (turn * 9)) & 511;
        if (!take(start + (nine >>> 5), 1 << (nine & 31))) return false;
      }
    }
    return true;
  }
}
