/** A blob in memory, for what is known to be small. */
import type { Blobs } from './port.ts';

/** Null where there is no such blob. */
export async function blobBytes(blobs: Pick<Blobs, 'open'>, sha256: string): Promise<Uint8Array | null> {
  const stream = await blobs.open(sha256);
  if (!stream) return null;
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}
