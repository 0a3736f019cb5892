/**
 * Blobs as files in one folder: content under `blobs/ab/cd/<sha256>`, named objects under `objects/`. Everything is
 * written to `tmp/`, synced, renamed into place, and its directory synced. If we crash before the rename there is a
 * temporary that a start an hour later removes; after it the object is whole, and if its directory was not synced yet,
 * the old one or the new one is there, never a part. Several processes may share the folder.
 */
import { createHash } from 'node:crypto';
import { createReadStream, renameSync } from 'node:fs';
import { mkdir, open, readFile, readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Random } from '../random.ts';
import { checkObjectName, isSha256 } from './names.ts';
import type { Blobs, Fence, Stored } from './port.ts';
import { writeContent } from './written.ts';

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

/** Objects whose name begins so, found from the deepest folder that the prefix names. */
async function namesWith(objects: string, prefix: string): Promise<string[]> {
  const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  if (folder !== '') checkObjectName(folder.slice(0, -1));
  return (await namesUnder(join(objects, folder), folder)).filter((name) => name.startsWith(prefix)).sort();
}

async function* none(): AsyncGenerator<Uint8Array> {
  // Of no bytes.
}

class FileBlobs implements Blobs {
  readonly #folder: string;
  readonly #random: Random;

  constructor(folder: string, random: Random) {
    this.#folder = folder;
    this.#random = random;
  }

  /** Content in a synced temporary. The caller renames it; where the content fails it is gone. */
  async #stage(content: AsyncIterable<Uint8Array> | Uint8Array, name = ''): Promise<Stored & { readonly temporary: string }> {
    const temporary = join(this.#folder, 'tmp', `${name}${Buffer.from(this.#random.bytes(16)).toString('hex')}`);
    try {
      const handle = await open(temporary, 'wx', 0o600);
      try {
        const stored = await writeContent(handle, content);
        await handle.sync();
        return { ...stored, temporary };
      } finally {
        await handle.close();
      }
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  /** Puts a temporary in its place; the folder is left to be synced. */
  async #settle(temporary: string, target: string): Promise<void> {
    try {
      await makeFolder(this.#folder, dirname(target));
      await rename(temporary, target);
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

  async put(content: AsyncIterable<Uint8Array> | Uint8Array): Promise<Stored> {
    const { temporary, ...stored } = await this.#stage(content);
    const target = this.#blob(stored.sha256);
    await this.#settle(temporary, target);
    await syncFolder(dirname(target));
    return stored;
  }

  async size(sha256: string): Promise<number | null> {
    if (!isSha256(sha256)) return null;
    return stat(this.#blob(sha256)).then((found) => found.size, (error: unknown) => {
      if (isMissing(error)) return null;
      throw error;
    });
  }

  async open(sha256: string, from = 0, to = Infinity): Promise<AsyncIterable<Uint8Array> | null> {
    const size = await this.size(sha256);
    if (size === null) return null;
    const end = Math.min(to, size);
    // A stream of node's names its last byte: of no bytes there is none.
    return from >= end ? none() : createReadStream(this.#blob(sha256), { start: from, end: end - 1 });
  }

  async discard(sha256: string): Promise<void> {
    if (isSha256(sha256)) await this.#unlink(this.#blob(sha256));
  }

  async #unlink(target: string): Promise<void> {
    try {
      await unlink(target);
    } catch (error) {
      if (isMissing(error)) return;
      throw error;
    }
    await syncFolder(dirname(target));
  }

  write(name: string, bytes: Uint8Array): Promise<void> {
    return this.writeAll([[name, bytes]]);
  }

  async writeAll(objects: readonly (readonly [name: string, bytes: Uint8Array])[]): Promise<void> {
    const targets = objects.map(([name]) => this.#object(name));
    // Side by side, so that the disk may sync them together; each folder is synced once.
    await Promise.all(objects.map(async ([, bytes], i) => {
      await this.#settle((await this.#stage(bytes)).temporary, targets[i] ?? '');
    }));
    await Promise.all([...new Set(targets.map((target) => dirname(target)))].map(syncFolder));
  }

  /**
   * The temporary carries the epoch in its name, and `claim` removes those of lower epochs. So there are two fences: a
   * process that was stopped before the question is told no, and one that was stopped between question and rename finds
   * its temporary gone, since the rename needs it.
   */
  async replace(name: string, bytes: Uint8Array, fence: Fence): Promise<boolean> {
    const target = this.#object(name);
    await makeFolder(this.#folder, dirname(target));
    const { temporary } = await this.#stage(bytes, stageName(name, fence.epoch));
    if (!fence.holds()) {
      await rm(temporary, { force: true });
      return false;
    }
    try {
      renameSync(temporary, target);
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
    await syncFolder(dirname(target));
    return true;
  }

  async claim(name: string, epoch: number): Promise<void> {
    this.#object(name);
    const mine = stageName(name, epoch);
    const kind = mine.slice(0, mine.indexOf('.') + 1);
    const folder = join(this.#folder, 'tmp');
    // The epoch has a fixed width, so names sort as epochs do.
    const stale = (await readdir(folder)).filter((other) => other.startsWith(kind) && other < mine);
    for (const other of stale) await rm(join(folder, other), { force: true });
  }

  async read(name: string): Promise<Uint8Array | null> {
    return readFile(this.#object(name)).catch((error: unknown) => {
      if (isMissing(error) || (error instanceof Error && 'code' in error && error.code === 'EISDIR')) return null;
      throw error;
    });
  }

  list(prefix: string): Promise<string[]> {
    return namesWith(join(this.#folder, 'objects'), prefix);
  }

  async remove(name: string): Promise<void> {
    await this.#unlink(this.#object(name));
  }
}

/** `stage-<name's hash>.<epoch, sixteen digits>.` */
function stageName(name: string, epoch: number): string {
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 16);
  return `stage-${hash}.${String(epoch).padStart(16, '0')}.`;
}

const staleMs = 3_600_000;

/**
 * Removes temporaries that nobody has touched for an hour, by the file system's own clock. Younger ones may be another
 * process's that is at work.
 */
async function removeStale(folder: string, random: Random): Promise<void> {
  const mark = join(folder, `mark-${Buffer.from(random.bytes(16)).toString('hex')}`);
  await (await open(mark, 'wx', 0o600)).close();
  const { mtimeMs: now } = await stat(mark);
  await unlink(mark);
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const touched = await stat(path).catch(() => null);
    if (touched && now - touched.mtimeMs > staleMs) await rm(path, { recursive: true, force: true });
  }
}

/** Opens the folder, making it where there is none, and removes what a crash left half-written. */
export async function fileBlobs(folder: string, random: Random): Promise<Blobs> {
  for (const name of ['tmp', 'blobs', 'objects']) await mkdir(join(folder, name), { recursive: true, mode: 0o700 });
  await removeStale(join(folder, 'tmp'), random);
  await syncFolder(folder);
  return new FileBlobs(folder, random);
}
