/**
 * Values as a Bloom filter over their keys (docs/specs/match.md), for whoever asks millions of times and is mostly told no. It holds no
 * remarks: label, end and number go beside it.
 */
import { BloomWriter } from '#kit/match/bloom';
import { keyOf } from '#kit/match/key';
import type { Value } from '#kit/match/value';

export function bloomFilter(values: readonly Value[]): Uint8Array {
  const writer = new BloomWriter(values.length);
  for (const { kind, value } of values) writer.add(keyOf(kind, value));
  return writer.bytes();
}
