/**
 * Keys that seal, as files `1.key`, `2.key` … of 32 bytes and mode 0600 in a folder of mode 0700. The highest number seals. The
 * first is made at the first start: written whole to a temporary, synced, and linked into place, which fails where another start
 * was first. To rotate, put a further one beside it and start anew (docs/operations.md).
 */
import { link, mkdir, open, readdir, readFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '../random.ts';
import type { Secrets } from './port.ts';
import { sealedBy } from './sealing.ts';

const numberOf = (file: string): number => Number(/^([1-9]\d{0,5})\.key$/.exec(file)?.[1] ?? 0);

async function make(folder: string, random: Random): Promise<void> {
  const temporary = join(folder, `${Buffer.from(random.bytes(8)).toString('hex')}.tmp`);
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(random.bytes(32));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await link(temporary, join(folder, '1.key')).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await unlink(temporary);
  const directory = await open(folder, 'r');
  await directory.sync().finally(() => directory.close());
}

/** `random` must be the operating system's. */
export async function fileSecrets(folder: string, random: Random): Promise<Secrets> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (!(await readdir(folder)).some((file) => numberOf(file) > 0)) await make(folder, random);
  const files = (await readdir(folder)).filter((file) => numberOf(file) > 0).sort((a, b) => numberOf(a) - numberOf(b));
  const keys = await Promise.all(files.map(async (file) => {
    const path = join(folder, file);
    if (((await stat(path)).mode & 0o077) !== 0) throw new Error(`${path} may be read by others; its mode must be 0600`);
    return new Uint8Array(await readFile(path));
  }));
  return sealedBy(keys, random);
}
