/**
 * The inbox as a directory. No link is followed: each step down must be a directory itself, and a file that was opened must lie
 * where it was asked for, as the kernel says. A file is moved by one rename, so that a crash leaves it on one side.
 */
import { constants, createReadStream } from 'node:fs';
import { lstat, mkdir, open, readdir, readlink, realpath, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { InboxError, isFolderName, type Inbox, type WaitingFile } from './port.ts';

const most = 1000;
const unfinished = /^\.|\.(part|tmp|filepart|crdownload)$/i;

const none = (cause?: unknown): InboxError => new InboxError('no-folder', 'There is no such folder beneath the inbox.', { cause });

export function folderInbox(root: string): Inbox {
  /** The path of a folder, each step of which is a directory and no link. */
  const place = async (folder: string): Promise<string> => {
    if (!isFolderName(folder)) throw none();
    let path = await realpath(root).catch((error: unknown) => { throw none(error); });
    for (const step of folder.split('/')) {
      path = join(path, step);
      const stat = await lstat(path).catch((error: unknown) => { throw none(error); });
      if (!stat.isDirectory()) throw none();
    }
    return path;
  };
  return {
    async list(folder) {
      const path = await place(folder);
      const entries = (await readdir(path, { withFileTypes: true })).filter((entry) => entry.isFile() && !unfinished.test(entry.name));
      const found: WaitingFile[] = [];
      for (const { name } of entries) {
        const stat = await lstat(join(path, name)).catch(() => null);
        if (stat?.isFile()) found.push({ name, sizeBytes: stat.size, modifiedMs: Math.floor(stat.mtimeMs) });
      }
      return found.sort((a, b) => a.modifiedMs - b.modifiedMs || (a.name < b.name ? -1 : 1)).slice(0, most);
    },
    async* open(folder, file) {
      const path = join(await place(folder), file.name);
      if (file.name.includes('/') || file.name.includes('\0')) throw none();
      const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch((error: unknown) => {
        throw new InboxError('unreadable', 'The file cannot be read.', { cause: error });
      });
      try {
        const stat = await handle.stat();
        const same = stat.isFile() && stat.size === file.sizeBytes && Math.floor(stat.mtimeMs) === file.modifiedMs;
        // Where the kernel says the open file lies: a directory swapped for a link meanwhile shows here.
        if (!same || await readlink(`/proc/self/fd/${handle.fd}`) !== path) {
          throw new InboxError('changed', 'The file is another than was looked at.');
        }
        yield* createReadStream('', { fd: handle, autoClose: false, highWaterMark: 262_144, end: Math.max(stat.size - 1, 0) }) as AsyncIterable<Uint8Array>;
        const after = await handle.stat();
        if (after.size !== stat.size || after.mtimeMs !== stat.mtimeMs) throw new InboxError('changed', 'The file grew while it was read.');
      } finally {
        await handle.close();
      }
    },
    async move(folder, name, to) {
      const path = await place(folder);
      const target = join(path, to);
      await mkdir(target).catch((error: NodeJS.ErrnoException) => { if (error.code !== 'EEXIST') throw error; });
      if (!(await lstat(target)).isDirectory()) throw none();
      const taken = new Set(await readdir(target));
      let free = name;
      for (let n = 2; taken.has(free); n++) free = `${n}-${name}`;
      await rename(join(path, name), join(target, free));
    },
  };
}
