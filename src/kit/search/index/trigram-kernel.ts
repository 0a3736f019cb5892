/**
 * The trigrams of the blocks, met and sorted by a small WebAssembly program. It is written here and compiled when it is started, so there is
 * no binary to trust; where there is no WebAssembly, `trigram-lists.ts` does the same.
 */
import { compiled, get, i32, minus, moduleOf, num, plus, type Code } from '#kit/hash/wasm';
import { Assembler, atLeast, below, both, byteOf, either, eq, left32, ne, putByte, putHalf, putWord, wordOf } from '#kit/match/assembler';
import { mostBlocks } from './postings.ts';
import { glyphOf, trigramCount } from './trigram.ts';
import { chunkBytes, mostPairs, PlainTrigramLists, type SortedPairs, type TrigramLists } from './trigram-lists.ts';

// Memory, in bytes: what is kept between two calls, and the tables. The pairs lie behind all else, and the sorted blocks behind the pairs.
const [keyAt, inLineAt, nextPairAt, linesAt, lengthAt, stampAt, blockBytesAt, readAt] = [0, 4, 8, 12, 16, 20, 24, 28] as const;
const glyphsAt = 64;
const stampsAt = glyphsAt + 256;
const placesAt = stampsAt + trigramCount;
const nextAt = placesAt + (trigramCount + 1) * 4;
const endsAt = nextAt + (trigramCount + 1) * 4;
const textAt = endsAt + mostBlocks * 4;
const pairsAt = Math.ceil((textAt + chunkBytes) / 64) * 64;
const pageBytes = 65_536;
const firstPages = Math.ceil((pairsAt + (trigramCount + 1) * 4) / pageBytes);
/** A shard's pairs, those of one block more, and what they are sorted into. */
const mostPages = Math.ceil((pairsAt + (mostPairs + trigramCount + 1) * 6) / pageBytes) + 64;

/** `scan(from, to)`: reads bytes at addresses, and leaves at `readAt` how far it came. */
function scanning(): Assembler {
  const asm = new Assembler(2);
  const [from, to] = [0, 1];
  const local = (): number => asm.local(i32);
  const [key, inLine, pair, lines, start, stamp, byte] = [local(), local(), local(), local(), local(), local(), local()];
  const kept = [[key, keyAt], [inLine, inLineAt], [pair, nextPairAt], [lines, linesAt], [stamp, stampAt]] as const;
  for (const [own, at] of kept) asm.set(own, wordOf(num(at)));
  // From there on the block would begin here, were it all in one piece.
  asm.set(start, minus(get(from), wordOf(num(lengthAt))));
  asm.block('end', () => asm.loop('byte', () => {
    asm.leaveIf('end', atLeast(get(from), get(to)));
    asm.set(byte, byteOf(get(from)));
    asm.add(from, 1);
    asm.when(eq(get(byte), num(10)), () => {
      asm.set(inLine, num(0));
      asm.add(lines, 1);
      asm.leaveIf('end', atLeast(minus(get(from), get(start)), wordOf(num(blockBytesAt))));
      asm.leave('byte');
    });
    asm.set(key, both(either(left32(get(key), num(6)), byteOf(get(byte), glyphsAt)), num(trigramCount - 1)));
    asm.add(inLine, 1);
    asm.leaveIf('byte', below(get(inLine), num(3)));
    // Whether a trigram is new cannot be foretold: it is written without asking, and written over by the next where it is not.
    asm.put(putWord(get(pair), get(key)));
    asm.set(pair, plus(get(pair), left32(ne(byteOf(get(key), stampsAt), get(stamp)), num(2))));
    asm.put(putByte(get(key), get(stamp), stampsAt));
    asm.leave('byte');
  }));
  for (const [own, at] of kept) asm.put(putWord(num(at), get(own)));
  asm.put(putWord(num(lengthAt), minus(get(from), get(start))), putWord(num(readAt), get(from)));
  return asm;
}

/** `sort(end, blocks)`: the pairs up to an address, as lists of blocks from another address on. */
function sorting(): Assembler {
  const asm = new Assembler(2);
  const [end, blocks] = [0, 1];
  const [at, word, sum, block, until] = [asm.local(i32), asm.local(i32), asm.local(i32), asm.local(i32), asm.local(i32)];
  const slot = (address: Code, table: number): Code => wordOf(address, table);
  asm.set(at, num(pairsAt));
  asm.while(below(get(at), get(end)), () => {
    asm.set(word, left32(wordOf(get(at)), num(2)));
    asm.put(putWord(get(word), plus(slot(get(word), placesAt + 4), num(1)), placesAt + 4));
    asm.add(at, 4);
  });
  asm.set(at, num(0));
  asm.while(below(get(at), num((trigramCount + 1) * 4)), () => {
    asm.set(sum, plus(get(sum), slot(get(at), placesAt)));
    asm.put(putWord(get(at), get(sum), placesAt), putWord(get(at), get(sum), nextAt));
    asm.add(at, 4);
  });
  asm.set(at, num(pairsAt));
  asm.while(below(get(at), get(end)), () => {
    asm.set(until, wordOf(left32(get(block), num(2)), endsAt));
    asm.while(below(get(at), get(until)), () => {
      asm.set(word, left32(wordOf(get(at)), num(2)));
      asm.set(sum, slot(get(word), nextAt));
      asm.put(putHalf(plus(get(blocks), left32(get(sum), num(1))), get(block)), putWord(get(word), plus(get(sum), num(1)), nextAt));
      asm.add(at, 4);
    });
    asm.add(block, 1);
  });
  return asm;
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  scan(from: number, to: number): void;
  sort(end: number, blocks: number): void;
}

class KernelTrigramLists implements TrigramLists {
  private readonly run: Exports;
  private bytes: Uint8Array;
  private words: Uint32Array;
  private blocks = 0;
  private loaded = 0;

  constructor(run: Exports) {
    this.run = run;
    this.bytes = new Uint8Array(run.memory.buffer);
    this.words = new Uint32Array(run.memory.buffer);
    this.bytes.set(glyphOf, glyphsAt);
  }

  private word(at: number): number {
    return this.words[at / 4] as number;
  }

  get pairs(): number {
    return (this.word(nextPairAt) - pairsAt) / 4;
  }
  get length(): number {
    return this.word(lengthAt);
  }
  get lines(): number {
    return this.word(linesAt);
  }
  get inLine(): number {
    return this.word(inLineAt);
  }

  begin(blockBytes: number): void {
    this.words[blockBytesAt / 4] = blockBytes;
    this.words[nextPairAt / 4] = pairsAt;
    this.blocks = 0;
    this.open();
  }

  load(bytes: Uint8Array): void {
    this.bytes.set(bytes, textAt);
    this.loaded = bytes.length;
  }

  scan(from: number): number {
    this.run.scan(textAt + from, textAt + this.loaded);
    return this.word(readAt) - textAt;
  }

  closeBlock(): void {
    this.words[endsAt / 4 + this.blocks++] = this.word(nextPairAt);
    this.open();
  }

  private open(): void {
    this.words[lengthAt / 4] = 0;
    this.words[linesAt / 4] = 0;
    this.words[inLineAt / 4] = 0;
    this.room(this.word(nextPairAt) + (trigramCount + 1) * 4);
    const stamp = this.word(stampAt) + 1;
    if (stamp === 256) this.bytes.fill(0, stampsAt, stampsAt + trigramCount);
    this.words[stampAt / 4] = stamp === 256 ? 1 : stamp;
  }

  /** Memory up to an address. It grows where it lies, by steps, so that it need not grow for each block. */
  private room(until: number): void {
    if (until <= this.bytes.length) return;
    const { memory } = this.run;
    memory.grow(Math.ceil((until - this.bytes.length) / pageBytes) + 64);
    this.bytes = new Uint8Array(memory.buffer);
    this.words = new Uint32Array(memory.buffer);
  }

  sorted(): SortedPairs {
    const { pairs } = this;
    const end = this.word(nextPairAt);
    this.room(end + pairs * 2);
    this.bytes.fill(0, placesAt, nextAt);
    this.run.sort(end, end);
    const { buffer } = this.run.memory;
    return { places: new Uint32Array(buffer, placesAt, trigramCount + 1), blocks: new Uint16Array(buffer, end, pairs) };
  }
}

/** Where there is WebAssembly its program, else the plain way: the lists are the same. */
export function trigramLists(): TrigramLists {
  const code = moduleOf([['scan', scanning()] as const, ['sort', sorting()] as const]
    .map(([name, asm]) => ({ name, takes: 2, locals: asm.types, body: asm.code })), firstPages, mostPages);
  const start = compiled(code);
  return start ? new KernelTrigramLists(start() as Exports) : new PlainTrigramLists();
}
