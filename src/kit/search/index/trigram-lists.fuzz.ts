import fc from 'fast-check';
import { expect, test } from 'vitest';
import { trigramCount, trigramsOf } from './trigram.ts';
import { trigramLists } from './trigram-kernel.ts';
import { PlainTrigramLists, type TrigramLists } from './trigram-lists.ts';

const kernel = trigramLists();
test('the program runs here', () => expect(kernel).not.toBeInstanceOf(PlainTrigramLists));

/** What a shard of these chunks has: its blocks as they were closed, and for each trigram the blocks in which it stands. */
function made(lists: TrigramLists, chunks: readonly Uint8Array[], blockBytes: number): { blocks: unknown[]; of: Map<number, number[]> } {
  lists.begin(blockBytes);
  const blocks: unknown[] = [];
  const close = (): void => {
    blocks.push([lists.length, lists.lines]);
    lists.closeBlock();
  };
  for (const chunk of chunks) {
    lists.load(chunk);
    for (let at = 0; at < chunk.length;) {
      at = lists.scan(at);
      if (lists.length < blockBytes || lists.inLine > 0) break;
      close();
    }
  }
  if (lists.length > 0) close();
  const { places, blocks: ids } = lists.sorted();
  const of = new Map<number, number[]>();
  for (let key = 0; key < trigramCount; key++) {
    const [from, to] = [places[key] as number, places[key + 1] as number];
    if (from < to) of.set(key, [...ids.subarray(from, to)]);
  }
  expect(lists.pairs).toBe(places[trigramCount]);
  return { blocks, of };
}

const byte = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(97, 98, 99, 32, 10, 10) }, { weight: 1, arbitrary: fc.nat(255) });
const chunks = fc.array(fc.array(byte, { minLength: 1, maxLength: 200 }).map((bytes) => Uint8Array.from(bytes)), { maxLength: 6 });

test('both ways give the same blocks and lists, shard after shard', () => {
  const plain = new PlainTrigramLists();
  fc.assert(fc.property(chunks, fc.constantFrom(1, 16, 100), (text, blockBytes) => {
    const expected = made(plain, text, blockBytes);
    expect(made(kernel, text, blockBytes)).toEqual(expected);
    const all = new Set(Buffer.concat(text).toString('latin1').split('\n').flatMap((line) => [...trigramsOf(Buffer.from(line, 'latin1'))]));
    expect(new Set(expected.of.keys())).toEqual(all);
  }), { numRuns: 60 });
}, 120_000);

test('blocks of all trigrams there are, more than memory had room for at first', () => {
  // Every glyph's byte in a row of three, a line each: as many trigrams as a block can have.
  const roll = (from: number): Uint8Array => Uint8Array.from({ length: 60_000 }, (_, i) => 32 + (Math.imul(i + from, 2654435761) >>> 8) % 95);
  const text = Array.from({ length: 40 }, (_, i) => Buffer.concat([roll(i * 60_000), Buffer.from('\n')]));
  const [fast, slow] = [made(kernel, text, 50_000), made(new PlainTrigramLists(), text, 50_000)];
  expect(fast.blocks).toEqual(slow.blocks);
  expect(fast.of.size).toBe(slow.of.size);
  for (const [key, blocks] of slow.of) if (fast.of.get(key)?.join() !== blocks.join()) expect.fail(`the lists of ${key} differ`);
}, 120_000);
