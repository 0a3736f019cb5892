import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IndexDamage } from './damage.ts';
import { inPostings, postingBytes, readPostings, writePostings } from './postings.ts';
import { VarintReader, VarintWriter } from './varints.ts';

const list = fc.integer({ min: 1, max: 65_536 }).chain((blocks) => fc.record({
  blocks: fc.constant(blocks),
  ids: fc.oneof(
    fc.uniqueArray(fc.nat(blocks - 1), { maxLength: 200 }),
    fc.tuple(fc.nat(blocks - 1), fc.integer({ min: 1, max: 3 }))
      .map(([from, step]) => Array.from({ length: Math.ceil((blocks - from) / step) }, (_, i) => from + i * step)),
  ).map((ids) => Uint16Array.from(ids).sort()),
}));

test('a list of blocks comes back, and is never longer than one bit a block', () => {
  fc.assert(fc.property(list, fc.uniqueArray(fc.nat(65_535), { maxLength: 300 }).map((ids) => Uint16Array.from(ids)), ({ blocks, ids }, those) => {
    const length = postingBytes(ids, blocks);
    expect(length).toBeLessThanOrEqual(Math.ceil(blocks / 8));
    const bytes = new Uint8Array(length + 2).fill(0xee);
    expect(writePostings(ids, blocks, length, bytes, 1)).toBe(length + 1);
    expect([bytes[0], bytes[length + 1]]).toEqual([0xee, 0xee]);
    const written = bytes.subarray(1, length + 1);
    expect(readPostings(written, blocks).join()).toBe(ids.join());
    const asked = those.filter((id) => id < blocks).sort();
    const held = new Set(ids);
    expect([...inPostings(written, blocks, asked)]).toEqual([...asked].filter((id) => held.has(id)));
  }), { numRuns: 400 });
}, 60_000);

test('any bytes are a list or damage', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 400 }), (bytes, blocks) => {
    let ids: Uint16Array;
    try {
      ids = readPostings(bytes, blocks);
    } catch (error) {
      expect(error).toBeInstanceOf(IndexDamage);
      return;
    }
    expect(ids.every((id, i) => id < blocks && (i === 0 || id > (ids[i - 1] as number)))).toBe(true);
  }), { numRuns: 3000 });
}, 60_000);

test('numbers and texts come back, and what breaks off is damage', () => {
  fc.assert(fc.property(fc.array(fc.oneof(fc.maxSafeNat(), fc.string({ unit: 'grapheme' }))), fc.nat(), (values, cut) => {
    const writer = new VarintWriter();
    for (const value of values) if (typeof value === 'number') writer.number(value); else writer.text(value);
    const bytes = writer.written();
    const read = (from: Uint8Array): unknown[] => {
      const reader = new VarintReader(from);
      const out = values.map((value) => (typeof value === 'number' ? reader.number() : reader.text()));
      expect(reader.ended).toBe(true);
      return out;
    };
    expect(read(bytes)).toEqual(values);
    if (bytes.length > 0) expect(() => read(bytes.subarray(0, cut % bytes.length))).toThrow(IndexDamage);
  }), { numRuns: 2000 });
}, 60_000);
