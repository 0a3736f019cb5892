/**
 * Xz as a stream. Unpacking itself is xz-decompress's (WebAssembly), which refuses what would take more memory than it has; sums of SHA-256, which it
 * does not know, are held here.
 */
import { ReadableStream } from 'node:stream/web';
import xz from 'xz-decompress';
import { ArchiveError } from './refused.ts';
import { BlockSums, hasSha256Sums, withoutSums } from './xz-sums.ts';

/** The first eight bytes in one piece, so that they can be looked at; then the rest as it comes. */
async function begun(source: AsyncIterable<Uint8Array>): Promise<{ head: Uint8Array; whole: AsyncGenerator<Uint8Array> }> {
  const chunks = source[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array();
  for (let next = await chunks.next(); !next.done; next = head.length < 8 ? await chunks.next() : { done: true, value: undefined }) {
    head = Uint8Array.from(Buffer.concat([head, next.value]));
  }
  const whole = async function* whole(): AsyncGenerator<Uint8Array> {
    try {
      yield head;
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
    } finally {
      await chunks.return?.();
    }
  };
  return { head, whole: whole() };
}

/** What an xz unpacks to. Throws an ArchiveError where it is broken, and what reading it throws. */
export async function* unxzed(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const failed: { source?: { error: unknown } } = {};
  const { head, whole } = await begun(source);
  const sums = hasSha256Sums(head) ? new BlockSums() : null;
  const chunks = sums ? withoutSums(whole, sums) : whole;
  const packed = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const next = await chunks.next();
        if (next.done) controller.close();
        // Node's own buffers share memory: what the decoder keeps is its own.
        else controller.enqueue(Uint8Array.from(next.value));
      } catch (error) {
        failed.source = { error };
        controller.error(error);
      }
    },
  }, { highWaterMark: 0 });
  const reader = new xz.XzReadableStream(packed as never).getReader();
  const decoded = async (): Promise<Uint8Array | null> => {
    try {
      const step = await reader.read();
      return step.done ? null : Uint8Array.from(step.value as Uint8Array);
    } catch (error) {
      if (failed.source) throw failed.source.error;
      throw new ArchiveError('The packed archive is broken.', 'xz', { cause: error });
    }
  };
  try {
    for (let bytes = await decoded(); bytes !== null; bytes = await decoded()) {
      sums?.took(bytes);
      yield bytes;
    }
    sums?.end();
  } finally {
    await reader.cancel().catch(() => undefined);
    await chunks.return(undefined);
  }
}
