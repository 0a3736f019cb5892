import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { nodeVerifying } from '#kit/hash/node';
import { systemRandom } from '../random.ts';
import { fakeKeys } from './fake.ts';
import { fileKeys } from './files.ts';
import { RetiredKey } from './port.ts';
import type { Keys } from './port.ts';

const folders: string[] = [];
async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'entente-keys-'));
  folders.push(made);
  return made;
}
afterAll(() => Promise.all(folders.map((f) => rm(f, { recursive: true, force: true }))));
const message = new TextEncoder().encode('a checkpoint');

describe.each([
  ['files', async (): Promise<() => Promise<Keys>> => {
    const kept = await folder();
    return () => fileKeys(kept, systemRandom());
  }],
  ['fake', async (): Promise<() => Promise<Keys>> => async () => fakeKeys('seed')],
])('keys as %s', (_, place) => {
  test('a name is one key, also after a restart, and its signatures verify', async () => {
    const open = await place();
    const first = await open().then((keys) => keys.signer('ledger'));
    const signature = await first.sign(message);
    const again = await open().then((keys) => keys.signer('ledger'));
    expect(again.publicKey).toEqual(first.publicKey);
    expect(first.vkeyName).toBe('ledger');
    expect(await nodeVerifying.verifyEd25519(again.publicKey, message, signature)).toBe(true);
    const other = await open().then((keys) => keys.signer('pages'));
    expect(other.publicKey).not.toEqual(first.publicKey);
    expect(await nodeVerifying.verifyEd25519(other.publicKey, message, signature)).toBe(false);
  });

  test('a key of the other kind signs with ML-DSA-44', async () => {
    const signer = await (await (await place())()).signer('witness-pq', 'ml-dsa-44');
    const signature = await signer.sign(message);
    expect([signer.publicKey.length, signature.length]).toEqual([1312, 2420]);
    expect(await nodeVerifying.verifyMlDsa44(signer.publicKey, message, signature)).toBe(true);
  });

  test('a retired key never signs again, and its old signatures verify', async () => {
    const open = await place();
    const keys = await open();
    const signer = await keys.signer('org-centre');
    const signature = await signer.sign(message);
    await keys.retire('org-centre');
    await keys.retire('org-centre');
    await expect(signer.sign(message)).rejects.toThrow(RetiredKey);
    await expect(keys.signer('org-centre')).rejects.toThrow(RetiredKey);
    expect(await nodeVerifying.verifyEd25519(signer.publicKey, message, signature)).toBe(true);
    await keys.retire('never-made');
    await expect(keys.signer('never-made')).rejects.toThrow(RetiredKey);
  });

  test('a name that is no name is refused', async () => {
    const keys = await (await place())();
    for (const name of ['', '../ledger', 'Ledger', 'a/b', 'a.b', 'a'.repeat(65)]) {
      await expect(keys.signer(name), name).rejects.toThrow('key name');
    }
  });
});

test('a key file is for its owner alone, and one that others may read is refused', async () => {
  const kept = await folder();
  await (await fileKeys(kept, systemRandom())).signer('ledger');
  expect(await readdir(kept)).toEqual(['ledger.seed']);
  const file = join(kept, 'ledger.seed');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await chmod(file, 0o640);
  await expect((await fileKeys(kept, systemRandom())).signer('ledger')).rejects.toThrow('0600');
});

test('a retired key is gone for the next process and for one that had loaded it, also after a crash half-way', async () => {
  const kept = await folder();
  const [one, other] = [await fileKeys(kept, systemRandom()), await fileKeys(kept, systemRandom())];
  const loaded = await other.signer('ledger');
  await one.signer('ledger');
  await one.retire('ledger');
  await expect(loaded.sign(message)).rejects.toThrow(RetiredKey);
  expect(await readdir(kept)).toEqual(['ledger.retired']);
  // A crash between the mark and the seed's end.
  await writeFile(join(kept, 'ledger.seed'), new Uint8Array(32).fill(1), { mode: 0o600 });
  await expect((await fileKeys(kept, systemRandom())).signer('ledger')).rejects.toThrow(RetiredKey);
  expect(await readdir(kept)).toEqual(['ledger.retired']);
});

test('two starts at once agree on one key', async () => {
  const kept = await folder();
  const both = await Promise.all([1, 2, 3, 4].map(async () => (await fileKeys(kept, systemRandom())).signer('ledger')));
  expect(new Set(both.map((s) => Buffer.from(s.publicKey).toString('hex'))).size).toBe(1);
});

test('the fake fails on command', async () => {
  const keys = fakeKeys('seed');
  keys.failSign('ledger');
  const signer = await keys.signer('ledger');
  await expect(signer.sign(message)).rejects.toThrow('as told');
  expect(await signer.sign(message)).toHaveLength(64);
});
