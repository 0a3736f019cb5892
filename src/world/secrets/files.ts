/**
 * Keys that seal, as files `1.key`, `2.key` … of 32 bytes and mode 0600 in a folder of mode 0700. The highest number seals. The
 * first is made at the first start: written whole to a temporary, synced, and linked into place, which fails where another start
 * was first. To rotate, put a further one beside it and start anew (docs/operations.md).
 */
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeSecretFile } from '../keys/secret-file.ts';
import type { Random } from '../random.ts';
import type { Secrets } from './port.ts';
import { sealedBy } from './sealing.ts';

const numberOf = (file: string): number => Number(/^([1-9]\d{0,5})\.key$/.exec(file)?.[1] ?? 0);

/** `random` must be the operating system's. */
export async function fileSecrets(folder: string, random: Random): Promise<Secrets> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (!(await readdir(folder)).some((file) => numberOf(file) > 0)) await makeSecretFile(join(folder, '1.key'), random);
  const files = (await readdir(folder)).filter((file) => numberOf(file) > 0).sort((a, b) => numberOf(a) - numberOf(b));
  const keys = await Promise.all(files.map(async (file) => {
    const path = join(folder, file);
    if (((await stat(path)).mode & 0o077) !== 0) throw new Error(`${path} may be read by others; its mode must be 0600`);
    return new Uint8Array(await readFile(path));
  }));
  return sealedBy(keys, random);
}
