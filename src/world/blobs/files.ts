/**
 * Blobs as files in one folder: content under `blobs/ab/cd/<sha256>`, named objects under `objects/`. Everything is
 * written to `tmp/`, synced, renamed into place, and its directory synced. If we crash before the rename there is a
 * temporary that the next start removes; after it the object is whole, and if its directory was not synced yet, the old
 * one or the new one is there, never a part.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Random } from '../random.ts';
import { checkObjectName, isSha256 } from './names.ts';
import type { Blobs, Stored } from './port.ts';

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a folder below `root` and syncs every folder that got a new entry. */
async function makeFolder(root: string, folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true });
  if (made === undefined) return;
  for (let at = folder; at.length >= dirname(made).length; at = dirname(at)) {
    await syncFolder(at);
    if (at === root || at === dirname(at)) break;
  }
}

async function writeAll(handle: FileHandle, content: AsyncIterable<Uint8Array> | Uint8Array): Promise<Stored> {
  const digest = createHash('sha256');
  let sizeBytes = 0;
  const chunks = content instanceof Uint8Array ? [content] : content;
  for await (const chunk of chunks) {
    digest.update(chunk);
    sizeBytes += chunk.length;
    for (let at = 0; at < chunk.length;) at += (await handle.write(chunk, at)).bytesWritten;
  }
  await handle.sync();
  return { sha256: digest.digest('hex'), sizeBytes };
}

async function namesUnder(folder: string, prefix: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const names = await Promise.all(entries.map(async (entry) => entry.isDirectory()
    ? namesUnder(join(folder, entry.name), `${prefix}${entry.name}/`)
    : [`${prefix}${entry.name}`]));
  return names.flat();
}

class FileBlobs implements Blobs {
  readonly #folder: string;
  readonly #random: Random;

  constructor(folder: string, random: Random) {
    this.#folder = folder;
    this.#random = random;
  }

  async #place(content: AsyncIterable<Uint8Array> | Uint8Array, path: (stored: Stored) => string): Promise<Stored> {
    const temporary = join(this.#folder, 'tmp', Buffer.from(this.#random.bytes(16)).toString('hex'));
    try {
      const handle = await open(temporary, 'wx', 0o600);
      let stored: Stored;
      try {
        stored = await writeAll(handle, content);
      } finally {
        await handle.close();
      }
      const target = path(stored);
      await makeFolder(this.#folder, dirname(target));
      await rename(temporary, target);
      await syncFolder(dirname(target));
      return stored;
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  #blob(sha256: string): string {
    return join(this.#folder, 'blobs', sha256.slice(0, 2), sha256.slice(2, 4), sha256);
  }

  #object(name: string): string {
    checkObjectName(name);
    return join(this.#folder, 'objects', name);
  }

  put(content: AsyncIterable<Uint8Array> | Uint8Array): Promise<Stored> {
    return this.#place(content, ({ sha256 }) => this.#blob(sha256));
  }

  async open(sha256: string): Promise<AsyncIterable<Uint8Array> | null> {
    if (!isSha256(sha256)) return null;
    const there = await stat(this.#blob(sha256)).catch((error: unknown) => {
      if (isMissing(error)) return null;
      throw error;
    });
    return there ? createReadStream(this.#blob(sha256)) : null;
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    const target = this.#object(name);
    await this.#place(bytes, () => target);
  }

  async read(name: string): Promise<Uint8Array | null> {
    return readFile(this.#object(name)).catch((error: unknown) => {
      if (isMissing(error) || (error instanceof Error && 'code' in error && error.code === 'EISDIR')) return null;
      throw error;
    });
  }

  async list(prefix: string): Promise<string[]> {
    const names = await namesUnder(join(this.#folder, 'objects'), '');
    return names.filter((name) => name.startsWith(prefix)).sort();
  }

  async remove(name: string): Promise<void> {
    const target = this.#object(name);
    try {
      await unlink(target);
    } catch (error) {
      if (isMissing(error)) return;
      throw error;
    }
    await syncFolder(dirname(target));
  }
}

/** Opens the folder, making it where there is none, and removes what a crash left half-written. One opener at a time. */
export async function fileBlobs(folder: string, random: Random): Promise<Blobs> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await rm(join(folder, 'tmp'), { recursive: true, force: true });
  for (const name of ['tmp', 'blobs', 'objects']) await mkdir(join(folder, name), { recursive: true, mode: 0o700 });
  await syncFolder(folder);
  return new FileBlobs(folder, random);
}
