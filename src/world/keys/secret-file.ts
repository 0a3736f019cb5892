/**
 * A file of 32 random bytes that nobody else may read, made once: written whole to a temporary, synced, and linked into place, which fails
 * where another start was first: then that one's bytes are the secret. If we crash before the link there is none; after it it is whole.
 */
import { link, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Random } from '../random.ts';

/** `random` must be the operating system's. */
export async function makeSecretFile(path: string, random: Random): Promise<void> {
  const temporary = `${path}.${Buffer.from(random.bytes(8)).toString('hex')}.tmp`;
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(random.bytes(32));
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await link(temporary, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    await unlink(temporary);
  }
  await syncFolder(dirname(path));
}

export async function syncFolder(folder: string): Promise<void> {
  const directory = await open(folder, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
