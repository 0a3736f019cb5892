/** Files of a source as they are laid out in windows. What is not the bytes of its digest is never shown, nor judged by. */
import { toHex } from '#kit/encoding';
import { nodeDigest } from '#kit/hash/node';
import { check, Refusal } from '#kit/refusal';
import { layOut, type Layout } from '#kit/review/windows';
import type { Entry } from '#kit/tree/entry';
import { bytesIn } from '#modules/catalogue/index';
import type { CentreParts } from './parts.ts';

/** A larger file is not laid out here. */
const fileBytesMax = 64 * 2 ** 20;
/** Files kept laid out, in bytes: whoever scrolls asks for the next window of the same one. */
const keptBytes = 48 * 2 ** 20;

export interface Laid { readonly bytes: Uint8Array; readonly layout: Layout }
export interface Shelf { take(entry: Entry): Promise<Laid> }

export async function verifiedBytes(blobs: CentreParts['blobs'], { digest, size }: Pick<Entry, 'digest' | 'size'>): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  const hash = nodeDigest();
  let at = 0;
  for await (const chunk of await bytesIn(blobs, { digest })) {
    check(at + chunk.length <= size, `the file ${digest} is longer than its entry says`);
    bytes.set(chunk, at);
    hash.update(chunk);
    at += chunk.length;
  }
  check(at === size && toHex(hash.digest()) === digest, `the file ${digest} is not the bytes of its digest`);
  return bytes;
}

export function shelfOver({ blobs }: Pick<CentreParts, 'blobs'>): Shelf {
  const kept = new Map<string, Laid>();
  const held = { bytes: 0 };
  return {
    async take(entry) {
      const { digest, size } = entry;
      const known = kept.get(digest);
      if (known) return known;
      if (size > fileBytesMax) throw new Refusal('too-large', 'review.file-too-large', 'This file is too large to be laid out in windows.');
      const bytes = await verifiedBytes(blobs, entry);
      const laid = { bytes, layout: layOut(bytes) };
      kept.set(digest, laid);
      held.bytes += size;
      for (const [other, { bytes: old }] of kept) {
        if (held.bytes <= keptBytes || other === digest) break;
        kept.delete(other);
        held.bytes -= old.length;
      }
      return laid;
    },
  };
}
