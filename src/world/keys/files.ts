/**
 * Keys as files `<name>.seed` of 32 bytes, mode 0600, in a folder of mode 0700. A new key is written to a temporary,
 * synced, and linked into place, which fails where another start was first: then that one's key is the key. If we crash
 * before the link there is no key and nothing was signed with it; after it the key is whole.
 *
 * A retired key is `<name>.retired`. That file is there before the seed goes, and is looked for before each signature: a
 * crash in between leaves a seed that nobody uses, and the next start removes it.
 */
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '../random.ts';
import { RetiredKey, checkKeyName } from './port.ts';
import type { KeyKind, Keys, Signer } from './port.ts';
import { makeSecretFile, syncFolder } from './secret-file.ts';
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

const retiredFile = (folder: string, name: string): string => join(folder, `${name}.retired`);

/** Overwritten before it is unlinked: a copy-on-write disk may keep the old bytes, which is why disks are encrypted. */
async function destroySeed(folder: string, name: string): Promise<void> {
  const path = join(folder, `${name}.seed`);
  const handle = await open(path, 'r+').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  });
  if (!handle) return;
  try {
    await handle.write(new Uint8Array(32), 0, 32, 0);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rm(path, { force: true });
  await syncFolder(folder);
}

/** Keys in this folder, which is made where there is none. `random` must be the operating system's. */
export async function fileKeys(folder: string, random: Random): Promise<Keys> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const file of await readdir(folder)) {
    if (file.endsWith('.retired')) await destroySeed(folder, file.slice(0, -'.retired'.length));
  }
  const loaded = new Map<string, Promise<Signer>>();
  const load = async (name: string, kind: KeyKind): Promise<Signer> => {
    const path = join(folder, `${name}.seed`);
    let seed = await readSeed(path);
    if (!seed) {
      await makeSecretFile(path, random);
      seed = await readSeed(path);
    }
    if (!seed) throw new Error(`the key ${name} could not be kept`);
    const signer = await signerFromSeed(name, seed, kind);
    return {
      ...signer,
      sign(message) {
        if (existsSync(retiredFile(folder, name))) return Promise.reject(new RetiredKey(name));
        return signer.sign(message);
      },
    };
  };
  return {
    async signer(name, kind = 'ed25519') {
      checkKeyName(name);
      if (existsSync(retiredFile(folder, name))) throw new RetiredKey(name);
      const signer = loaded.get(name) ?? load(name, kind);
      loaded.set(name, signer);
      // A folder that could not be written is asked again the next time.
      signer.catch(() => loaded.delete(name));
      return signer;
    },
    async retire(name) {
      checkKeyName(name);
      const marker = await open(retiredFile(folder, name), 'a', 0o600);
      await marker.sync();
      await marker.close();
      await syncFolder(folder);
      await destroySeed(folder, name);
      loaded.delete(name);
    },
  };
}
