/**
 * Indexes that all replicas share: what one of them built lies among the blobs, file by file, and each that is asked lays it into its own
 * folder once. So an index is built once, whoever asks, and is read by place from a local disk. If we crash while one is built or laid down,
 * a folder stays that nobody reads; the next start removes it.
 */
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { createHash, randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Blobs } from '../blobs/port.ts';
import { isSha256 } from '../blobs/names.ts';
import type { BuildOrder, CodeIndex, Searching } from './port.ts';
import { startSearching } from './searching.ts';

/** One file of an index, by its bytes. */
export interface IndexFile { readonly name: string; readonly sha256: string; readonly bytes: number }

/** What is kept of an index in the records: its name, which is the SHA-256 of its manifest, and where its files are. */
export interface SharedIndex { readonly name: string; readonly files: readonly IndexFile[] }

export interface Indexes {
  /** Builds an index and puts it among the blobs; of `previous` what is the same serves again. */
  make(order: Pick<BuildOrder, 'files' | 'signal' | 'progress'> & { readonly previous: SharedIndex | null }): Promise<SharedIndex>;
  /** An index as it can be asked here. Throws where a file of it is not among the blobs, or is another. */
  open(index: SharedIndex): Promise<CodeIndex>;
  /** Lays it down anew when it is next asked: its local files were not what they should be. */
  forget(index: Pick<SharedIndex, 'name'>): Promise<void>;
  close(): Promise<void>;
}

/**
 * An index that nobody has asked for so long goes from the disk, as a new one comes: it lies among the blobs, and is laid down again when
 * somebody asks. When it was last asked is the time of its folder.
 */
const idleMilliseconds = 14 * 86_400_000;
/** The time of a folder is put right no more often. */
const touchMilliseconds = 3_600_000;

const isFileName = (name: string): boolean => /^[\w.-]{1,80}$/.test(name) && !name.startsWith('.');

class FolderIndexes implements Indexes {
  private readonly searching: Searching;
  private readonly blobs: Pick<Blobs, 'open' | 'put'>;
  private readonly folder: string;
  private readonly opened = new Map<string, Promise<CodeIndex>>();
  private readonly asked = new Map<string, number>();
  private swept: Promise<void> | null = null;

  constructor(searching: Searching, blobs: Pick<Blobs, 'open' | 'put'>, folder: string) {
    this.searching = searching;
    this.blobs = blobs;
    this.folder = folder;
  }

  async make({ files, previous, signal, progress }: Parameters<Indexes['make']>[0]): Promise<SharedIndex> {
    await this.sweep();
    const draft = join(this.folder, `draft-${randomUUID()}`);
    if (previous) this.noteAsked(previous.name);
    try {
      // What serves again is a saving; where it cannot be had, all is read.
      const before = previous ? await this.laid(previous).catch(() => null) : null;
      const name = await this.searching.build({
        folder: draft, files, open: (sha256) => this.blobs.open(sha256), signal, progress, ...before === null ? {} : { previous: before },
      });
      const kept: IndexFile[] = [];
      for (const file of (await readdir(draft)).sort()) {
        signal?.throwIfAborted();
        const { sha256, sizeBytes } = await this.blobs.put(createReadStream(join(draft, file), { highWaterMark: 2 ** 20 }));
        kept.push({ name: file, sha256, bytes: sizeBytes });
      }
      await this.settle(draft, name);
      await this.letGo();
      return { name, files: kept };
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  }

  open(index: SharedIndex): Promise<CodeIndex> {
    this.noteAsked(index.name);
    const known = this.opened.get(index.name);
    if (known) return known;
    const opening = this.laid(index).then((folder) => this.searching.openIndex(folder));
    this.opened.set(index.name, opening);
    opening.catch(() => this.opened.delete(index.name));
    return opening;
  }

  async forget({ name }: Pick<SharedIndex, 'name'>): Promise<void> {
    this.opened.delete(name);
    this.asked.delete(name);
    // Out of the way first: what is half removed must not be taken for an index.
    const going = join(this.folder, `draft-${randomUUID()}`);
    await rename(join(this.folder, name), going).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    await rm(going, { recursive: true, force: true });
  }

  close(): Promise<void> {
    return this.searching.close();
  }

  /** Its folder, made of the blobs where it is not there yet. */
  private async laid({ name, files }: SharedIndex): Promise<string> {
    await this.sweep();
    const folder = join(this.folder, name);
    if (existsSync(folder)) return folder;
    const draft = join(this.folder, `draft-${randomUUID()}`);
    await mkdir(draft);
    try {
      for (const file of files) await this.lay(file, draft);
      await this.settle(draft, name);
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
    await this.letGo();
    return folder;
  }

  private noteAsked(name: string): void {
    const now = Date.now();
    if (now - (this.asked.get(name) ?? 0) < touchMilliseconds) return;
    this.asked.set(name, now);
    // One that is not there yet is laid down now, and has its time from that.
    utimes(join(this.folder, name), now / 1000, now / 1000).catch(() => undefined);
  }

  private async letGo(): Promise<void> {
    for (const name of await readdir(this.folder)) {
      if (!isSha256(name) || Date.now() - (this.asked.get(name) ?? 0) < idleMilliseconds) continue;
      const { mtimeMs } = await stat(join(this.folder, name)).catch(() => ({ mtimeMs: Infinity }));
      if (Date.now() - mtimeMs >= idleMilliseconds) await this.forget({ name });
    }
  }

  private async lay({ name, sha256 }: IndexFile, folder: string): Promise<void> {
    if (!isFileName(name)) throw new Error(`${name} is no file of an index`);
    const bytes = await this.blobs.open(sha256);
    if (!bytes) throw new Error(`the file ${name} of an index is not among the blobs`);
    const hash = createHash('sha256');
    const file = await open(join(folder, name), 'wx');
    try {
      for await (const chunk of bytes) {
        hash.update(chunk);
        await file.writeFile(chunk);
      }
    } finally {
      await file.close();
    }
    if (hash.digest('hex') !== sha256) throw new Error(`the file ${name} of an index is not what was stored`);
  }

  /** Two that made the same at once have the same: the first one's stays. */
  private async settle(draft: string, name: string): Promise<void> {
    if (!isSha256(name)) throw new Error(`${name} is no name of an index`);
    await rename(draft, join(this.folder, name)).catch((error: Error) => {
      if (!existsSync(join(this.folder, name))) throw error;
    });
  }

  /** Once, before anything else: the folder is this hub's alone, so what is half made is nobody's. */
  private sweep(): Promise<void> {
    this.swept ??= (async () => {
      await mkdir(this.folder, { recursive: true });
      for (const entry of await readdir(this.folder)) {
        if (entry.startsWith('draft-')) await rm(join(this.folder, entry), { recursive: true, force: true });
      }
    })();
    return this.swept;
  }
}

/** `folder` is this process’s alone. Nothing is started or written before an index is asked for. */
export function sharedIndexes(parts: { readonly blobs: Pick<Blobs, 'open' | 'put'>; readonly folder: string; readonly threads?: number }): Indexes {
  return new FolderIndexes(startSearching({ threads: parts.threads ?? 2 }), parts.blobs, parts.folder);
}

/** For tests: in a folder of its own that goes when it is closed. */
export function passingIndexes(blobs: Pick<Blobs, 'open' | 'put'>): Indexes {
  const folder = join(tmpdir(), `entente-indexes-${randomUUID()}`);
  const indexes = sharedIndexes({ blobs, folder });
  return Object.assign(indexes, {
    close: async () => {
      await FolderIndexes.prototype.close.call(indexes);
      await rm(folder, { recursive: true, force: true });
    },
  });
}
