import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { toHex } from '#kit/encoding';
import { inputAt, kernelProgram, outputAt, roundWords, startKernel, startWords } from './kernel.ts';
import { inLanes } from './lanes.ts';
import { nodeTreeHash, plainTreeHash } from './node.ts';
import { treeHashOf } from './port.ts';

/** Repeatable bytes. */
function bytes(length: number, seed: string): Uint8Array {
  const out = new Uint8Array(length);
  for (let at = 0; at < length; at += 32) {
    const hash = createHash('sha256').update(`${seed} ${at}`).digest();
    out.set(hash.subarray(0, Math.min(32, length - at)), at);
  }
  return out;
}

const hex = (words: Int32Array): string[] => Array.from(words, (word) => (word >>> 0).toString(16).padStart(8, '0'));
const slow = treeHashOf(plainTreeHash.sha256);
const lanes = inLanes(plainTreeHash, startKernel);
lanes.pairs(new Uint8Array(256 * 64)); // Starts the kernel, so that few pairs go through it too.

test('the constants are those of FIPS 180-4', () => {
  expect(hex(startWords)).toEqual([
    '6a09e667', 'bb67ae85', '3c6ef372', 'a54ff53a', '510e527f', '9b05688c', '1f83d9ab', '5be0cd19',
  ]);
  expect([hex(roundWords)[0], hex(roundWords)[31], hex(roundWords)[63]]).toEqual(['428a2f98', '14292967', 'c67178f2']);
  expect(createHash('sha256').update(hex(roundWords).join('')).digest('hex'))
    .toBe('bf1ed3b95a012f1e9aab67425b5b89ca97c6a5aba5edc502c5707618f063794b');
});

test('the program is the same bytes wherever it is written', () => {
  const program = kernelProgram();
  expect([program.length, createHash('sha256').update(program).digest('hex')])
    .toEqual([9029, '130e99c1ea1b8fb272b823a41e563f8b596899607515bc98d446de3b16bbd776']);
});

test('every number of nodes up to 70 hashes to what node:crypto says, in place too', () => {
  const kernel = startKernel();
  if (!kernel) throw new Error('this machine has no 128-bit registers');
  for (let count = 1; count <= 70; count++) {
    const input = bytes(count * 64, `nodes ${count}`);
    const expected = toHex(slow.pairs(input));
    for (const dst of [outputAt, inputAt]) {
      kernel.memory.set(input, inputAt);
      kernel.nodes(inputAt, count, dst);
      expect(toHex(kernel.memory.subarray(dst, dst + count * 32)), `${count} to ${dst}`).toBe(expected);
    }
  }
});

test('bytes of every value at every place change the hash as they should', () => {
  const input = new Uint8Array(256 * 64);
  for (let i = 0; i < 256; i++) {
    for (let j = 0; j < 64; j++) input[i * 64 + j] = (i * 31 + j * 7) & 255;
    input[i * 64 + 63] = i;
  }
  expect(toHex(lanes.pairs(input))).toBe(toHex(slow.pairs(input)));
  expect(toHex(plainTreeHash.pairs(input))).toBe(toHex(slow.pairs(input)));
});

test('the kernel, plain hashing and a plain SHA-256 give the same pairs and folds, also beyond what the kernel holds at once', () => {
  for (const [count, levels] of [[1, 1], [2, 1], [3, 2], [4, 8], [1, 8], [1, 14], [1, 15], [70, 8], [2, 14], [8193, 1], [3, 13]] as const) {
    const input = bytes(count * 32 * 2 ** levels, `fold ${count} ${levels}`);
    const folded = toHex(lanes.fold(input, levels));
    expect(folded, `${count} ${levels}`).toBe(toHex(plainTreeHash.fold(input, levels)));
    expect(toHex(lanes.pairs(input))).toBe(toHex(plainTreeHash.pairs(input)));
    if (input.length < 100_000) expect(folded).toBe(toHex(slow.fold(input, levels)));
  }
  expect(toHex(lanes.fold(bytes(64, 'x'), 0))).toBe(toHex(bytes(64, 'x')));
  expect(nodeTreeHash.pairs(new Uint8Array(0))).toHaveLength(0);
});

test('where there is no kernel plain hashing does it all', () => {
  let asked = 0;
  const without = inLanes(plainTreeHash, () => { asked++; return null; });
  const input = bytes(512 * 64, 'without');
  for (let i = 0; i < 2; i++) expect(toHex(without.fold(input, 8))).toBe(toHex(slow.fold(input, 8)));
  expect(asked).toBe(1);
});
