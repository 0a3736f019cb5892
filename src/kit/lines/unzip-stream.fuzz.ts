/** Zips read as they come in: what the reader of whole zips gives out, in pieces of any size; broken ones are refused, never misread. */
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { crc32, deflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { zipOf } from './testing.ts';
import { streamedMembers } from './unzip-stream.ts';
import { ZipError } from './unzip.ts';

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function readAll(zip: Uint8Array, size = 1000): Promise<[string, string][]> {
  const found: [string, string][] = [];
  for await (const { name, bytes } of streamedMembers(inPieces(zip, size))) {
    const parts: Uint8Array[] = [];
    for await (const part of bytes) parts.push(part);
    found.push([name, Buffer.concat(parts).toString('utf8')]);
  }
  return found;
}

/** A file whose sizes follow it, as programs write it that do not know them before. */
function following(files: readonly (readonly [string, string])[], { sign, wide }: { sign: boolean; wide: boolean }): Buffer {
  const parts = files.flatMap(([name, text]) => {
    const [whole, title] = [Buffer.from(text), Buffer.from(name)];
    const packed = deflateRawSync(whole);
    const head = Buffer.alloc(30);
    head.writeUInt32LE(0x04034b50, 0);
    head.writeUInt16LE(8, 6);
    head.writeUInt16LE(8, 8);
    head.writeUInt16LE(title.length, 26);
    const tail = Buffer.alloc(wide ? 24 : 16);
    tail.writeUInt32LE(0x08074b50, 0);
    tail.writeUInt32LE(crc32(whole), 4);
    if (wide) tail.writeBigUInt64LE(BigInt(packed.length), 8);
    else tail.writeUInt32LE(packed.length, 8);
    if (wide) tail.writeBigUInt64LE(BigInt(whole.length), 16);
    else tail.writeUInt32LE(whole.length, 12);
    return [head, title, packed, sign ? tail : tail.subarray(4)];
  });
  const end = Buffer.alloc(46);
  end.writeUInt32LE(0x02014b50, 0);
  return Buffer.concat([...parts, end]);
}

const files = fc.array(fc.tuple(fc.stringMatching(/^[a-z]{1,12}\.json$/), fc.oneof(fc.string({ maxLength: 3_000 }), fc.nat(40_000).map((n) =>
  'ab'.repeat(n)))), { maxLength: 6 });

test('files are what they were, in pieces of any size', async () => {
  await fc.assert(fc.asyncProperty(files, fc.integer({ min: 1, max: 5_000 }), fc.boolean(), async (list, size, stored) => {
    const zip = zipOf(list.map(([name, text]) => ({ name, text, stored })));
    expect(await readAll(zip, size)).toEqual(list);
  }), { numRuns: 60 });
});
test('files whose sizes follow them too', async () => {
  await fc.assert(fc.asyncProperty(files, fc.integer({ min: 1, max: 5_000 }), fc.boolean(), fc.boolean(), async (list, size, sign, wide) => {
    expect(await readAll(following(list, { sign, wide }), size)).toEqual(list);
  }), { numRuns: 60 });
});
test('a zip that breaks off or is changed is refused or read as it was', async () => {
  const list: [string, string][] = [['a.json', 'x'.repeat(500)], ['b.json', '{"y":2}']];
  const zip = zipOf(list.map(([name, text]) => ({ name, text })));
  await fc.assert(fc.asyncProperty(fc.nat(zip.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean(), async (at, turn, cut) => {
    const broken = cut ? zip.subarray(0, at) : Buffer.from(zip);
    if (!cut) broken[at] = (broken[at] ?? 0) ^ turn;
    const texts = new Set(list.map(([, text]) => text));
    try {
      for (const [, text] of await readAll(broken)) expect(texts.has(text)).toBe(true);
    } catch (error) {
      expect(error).toBeInstanceOf(ZipError);
    }
  }), { numRuns: 300 });
});
test('a bomb is unpacked piece by piece, and one that lies about its size is refused', async () => {
  const whole = Buffer.alloc(64 * 1_048_576, 0x20);
  let longest = 0;
  for await (const { bytes } of streamedMembers(Readable.from([following([['bomb.json', whole.toString('latin1')]], { sign: true, wide: false })]))) {
    for await (const piece of bytes) longest = Math.max(longest, piece.length);
  }
  expect(longest).toBeLessThanOrEqual(262_144);
  const zip = zipOf([{ name: 'a', text: 'x'.repeat(1_000_000) }]);
  zip.writeUInt32LE(10, 22);
  await expect(readAll(zip)).rejects.toThrow(ZipError);
});
