/**
 * Keys as files `<name>.seed` of 32 bytes, mode 0600, in a folder of mode 0700. A new key is written to a temporary,
 * synced, and linked into place, which fails where another start was first: then that one's key is the key. If we crash
 * before the link there is no key and nothing was signed with it; after it the key is whole.
 */
import { link, mkdir, open, readFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '../random.ts';
import { checkKeyName } from './port.ts';
import type { Keys, Signer } from './port.ts';
import { signerFromSeed } from './seed.ts';

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

async function readSeed(path: string): Promise<Uint8Array | null> {
  try {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0) throw new Error(`${path} may be read by others; its mode must be 0600`);
    return await readFile(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

async function makeSeed(folder: string, path: string, random: Random): Promise<void> {
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
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    await unlink(temporary);
  }
  const directory = await open(folder, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Keys in this folder, which is made where there is none. `random` must be the operating system's. */
export async function fileKeys(folder: string, random: Random): Promise<Keys> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const open = new Map<string, Promise<Signer>>();
  const load = async (name: string): Promise<Signer> => {
    const path = join(folder, `${name}.seed`);
    let seed = await readSeed(path);
    if (!seed) {
      await makeSeed(folder, path, random);
      seed = await readSeed(path);
    }
    if (!seed) throw new Error(`the key ${name} could not be kept`);
    return signerFromSeed(name, seed);
  };
  return {
    async signer(name) {
      checkKeyName(name);
      const signer = open.get(name) ?? load(name);
      open.set(name, signer);
      // A folder that could not be written is asked again the next time.
      signer.catch(() => open.delete(name));
      return signer;
    },
  };
}
