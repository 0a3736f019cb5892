/** The command that checks a parcel, over files. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { concatBytes, toUtf8 } from '#kit/encoding';
import { nodeTreeHash, nodeVerifying } from '#kit/hash/node';
import { ed25519Type, formatVkey, verifierKey } from '#kit/note/note';
import { BlockDigests, parcelHead } from '#kit/parcel/parcel';
import { fakeKeys } from '#world/keys/fake';
import { verifyParcel } from './parcel.ts';

test('a parcel is verified, a changed one fails with its place, and what is no key or no file is said', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'entente-parcel-'));
  const file = join(folder, 'one.entente-parcel');
  const own = await fakeKeys('sender').signer('ledger');
  const key = await verifierKey(nodeVerifying, 'sender.example/ledger', ed25519Type, own.publicKey);
  const body = toUtf8('{"type":"identity"}\n');
  const digests = new BlockDigests(nodeTreeHash);
  digests.add(body);
  const { bytes, hashes, root } = digests.end();
  const head = await parcelHead({
    to: 'there', series: 'psr_1', number: 7, title: 'All', ceiling: 'GREEN', after: -1, upTo: 1, madeAt: '2026-06-15T00:00:00.000Z', retractions: 0,
    objects: 1, bytes, blocks: hashes.length, root,
  }, hashes, { key, sign: (message) => own.sign(message) });
  await writeFile(file, concatBytes(head, body));
  const said: string[] = [];
  const run = (vkey = formatVkey(key), path = file): Promise<number> => verifyParcel(path, vkey, (line) => said.push(line));
  expect(await run()).toBe(0);
  expect(said.pop()).toContain('verified: parcel 7 of psr_1');
  await writeFile(file, concatBytes(head, toUtf8('{"type":"identitY"}\n')));
  expect(await run()).toBe(1);
  expect(said.pop()).toBe(`failed: A block is not what was signed. (byte ${head.length})`);
  await expect(run('no key')).rejects.toThrow('--key');
  await expect(run(formatVkey(key), join(folder, 'none'))).rejects.toThrow('ENOENT');
  await rm(folder, { recursive: true });
});
