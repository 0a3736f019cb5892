/** Content written into an open file, with its digest: what is stored by its digest is known by it at its end. */
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { Stored } from './port.ts';

/** Until the caller has synced it, it may be lost. */
export async function writeContent(handle: FileHandle, content: AsyncIterable<Uint8Array> | Uint8Array): Promise<Stored> {
  const digest = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of content instanceof Uint8Array ? [content] : content) {
    digest.update(chunk);
    sizeBytes += chunk.length;
    for (let at = 0; at < chunk.length;) at += (await handle.write(chunk, at)).bytesWritten;
  }
  return { sha256: digest.digest('hex'), sizeBytes };
}
