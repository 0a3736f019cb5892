/**
 * Bytes as they are, or unpacked when they begin like gzip (RFC 1952; several members are one stream). Streaming, so a
 * file that unpacks to a thousand times its size costs time but no memory. A stream that breaks off or does not fit
 * its checksum ends with the rows so far and one located trouble.
 */
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** Why a packed stream ended early, and after how many unpacked bytes. */
export interface Broken {
  readonly reason: 'gzip.truncated' | 'gzip.corrupt';
  readonly offset: number;
  readonly detail: string;
}

const slice = 256 * 1024;

/** Unpacked chunks of at most 256 KiB. `broken` is told once where the packing broke; what came before is given out. */
export async function* inflated(
  source: AsyncIterable<Uint8Array>, broken: (b: Broken) => void,
): AsyncGenerator<Uint8Array> {
  const chunks = source[Symbol.asyncIterator]();
  const first = await firstBytes(chunks);
  if (first === null) return;
  if (first[0] !== 0x1f || first[1] !== 0x8b) {
    yield* sliced(first);
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield* sliced(next.value);
    return;
  }
  const failed: { source?: unknown } = {};
  const packed = Readable.from(rejoined(first, chunks, failed), { objectMode: false });
  const gunzip = createGunzip({ chunkSize: slice });
  packed.on('error', (error) => gunzip.destroy(error));
  let offset = 0;
  try {
    for await (const chunk of packed.pipe(gunzip)) {
      offset += (chunk as Uint8Array).length;
      yield chunk as Uint8Array;
    }
  } catch (error) {
    // The sender broke off, not the packing: that is not the file's fault and must fail the batch.
    if ('source' in failed) throw failed.source;
    const detail = error instanceof Error ? error.message : String(error);
    const reason = /unexpected end/.test(detail) ? 'gzip.truncated' : 'gzip.corrupt';
    broken({ reason, offset, detail: `${detail} after ${offset} unpacked bytes` });
  } finally {
    packed.destroy();
    gunzip.destroy();
  }
}

async function* rejoined(
  first: Uint8Array, rest: AsyncIterator<Uint8Array>, failed: { source?: unknown },
): AsyncGenerator<Uint8Array> {
  yield first;
  try {
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } catch (error) {
    failed.source = error;
    throw error;
  }
}

/** At least two bytes where there are two, so that the beginning can be told. */
async function firstBytes(chunks: AsyncIterator<Uint8Array>): Promise<Uint8Array | null> {
  let bytes: Uint8Array | null = null;
  while (bytes === null || bytes.length < 2) {
    const next = await chunks.next();
    if (next.done) return bytes;
    bytes = bytes === null ? next.value : Buffer.concat([bytes, next.value]);
  }
  return bytes;
}

function* sliced(chunk: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < chunk.length; at += slice) yield chunk.subarray(at, at + slice);
}
