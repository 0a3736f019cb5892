import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toHex } from '#kit/encoding';
import { bloomShape, BloomWriter, readBloom, type Bloom } from './bloom.ts';
import { keyOf } from './key.ts';

const keysOf = (from: number, count: number): string[] => Array.from({ length: count }, (_, i) => keyOf('domain', `h${from + i}.example`));
const filled = (keys: readonly string[], count = keys.length): Uint8Array => {
  const writer = new BloomWriter(count);
  for (const key of keys) writer.add(key);
  return writer.bytes();
};

test('is wrong about one key in a hundred, and never about one it holds', () => {
  const held = keysOf(0, 50_000);
  const bloom = readBloom(filled(held)) as Bloom;
  expect(bloom).toMatchObject({ bits: 479_253, hashes: 7, keys: 50_000, keyed: false });
  expect(held.every((key) => bloom.has(key))).toBe(true);
  const wrong = keysOf(50_000, 50_000).filter((key) => bloom.has(key)).length;
  expect(wrong).toBeGreaterThan(350);
  expect(wrong).toBeLessThan(650);
});

test('the vector of the document', () => {
  const writer = new BloomWriter(3, { keyed: true });
  for (const name of ['evil.example', 'bad.example', 'a.b.example']) expect(writer.add(keyOf('domain', name))).toBe(true);
  const bytes = writer.bytes();
  expect(toHex(bytes)).toBe(
    '454e54424c4f4f4d010f01000000000040000000000000000300000000000000ea339976774d64b8',
  );
  // The same by the document's words, without the code.
  const bits = new Set(['evil.example', 'bad.example', 'a.b.example'].flatMap((name) => {
    const hash = createHash('sha256').update(`domain\0${name}`).digest();
    return Array.from({ length: 15 }, (_, i) => (hash.readUIntLE(0, 6) + i * hash.readUIntLE(6, 6)) % 64);
  }));
  const expected = Buffer.alloc(8);
  for (const bit of bits) expected[bit >> 3] = (expected[bit >> 3] ?? 0) | (1 << (bit & 7));
  expect(toHex(bytes.subarray(32))).toBe(expected.toString('hex'));
});

test('takes no bytes that are not a filter to the last bit', () => {
  const good = filled(keysOf(0, 100));
  expect(readBloom(good)).not.toBeNull();
  expect(readBloom(good.subarray(1))).toBeNull();
  expect(readBloom(Buffer.concat([good, Buffer.of(0)]))).toBeNull();
  for (const at of [0, 8, 10, 11, 12, 16, 23]) {
    const bad = Uint8Array.from(good);
    bad[at] = (bad[at] as number) ^ 0x82;
    expect(readBloom(bad), `byte ${at}`).toBeNull();
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => { expect(readBloom(bytes)).toBeNull(); }));
  expect(readBloom(good)?.has('x')).toBe(false);
  expect(new BloomWriter(1).add('ABCDEFABCDEFABCDEFABCDEFABCDEFAB')).toBe(false);
  expect(() => bloomShape(1e12)).toThrow(RangeError);
  expect(() => bloomShape(1, 1)).toThrow(RangeError);
  expect(bloomShape(100_000_000).bits / 8 / 1e6).toBeCloseTo(119.8, 1);
});
