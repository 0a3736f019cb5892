/** A parcel is exactly what was signed, or it is refused with where it is not: any byte that is changed, added or left out. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { concatBytes, toUtf8 } from '#kit/encoding';
import { nodeTreeHash, nodeVerifying } from '#kit/hash/node';
import { ed25519Type, verifierKey, type NoteSigner, type VerifierKey } from '#kit/note/note';
import { fakeKeys } from '#world/keys/fake';
import { blockBytes, BlockDigests, checkParcel, headerOf, openParcel, parcelHead, ParcelFault, receiptNote, receiptOf } from './parcel.ts';

async function signerOf(name: string): Promise<NoteSigner> {
  const signer = await fakeKeys(name).signer('ledger');
  return { key: await verifierKey(nodeVerifying, name, ed25519Type, signer.publicKey), sign: (message) => signer.sign(message) };
}
const checking = (...known: VerifierKey[]) => ({ verifying: nodeVerifying, tree: nodeTreeHash, known });

async function made(body: Uint8Array, signer: NoteSigner, piece = 1000): Promise<Uint8Array> {
  const digests = new BlockDigests(nodeTreeHash);
  for (let at = 0; at < body.length; at += piece) digests.add(body.subarray(at, at + piece));
  const { bytes, hashes, root } = digests.end();
  const head = await parcelHead({
    to: 'there', series: 'ser_1', number: 1, title: 'Indicators', ceiling: 'GREEN', after: -1, upTo: 9, madeAt: '2026-06-15T00:00:00.000Z', retractions: 0,
    objects: 1, bytes, blocks: hashes.length, root,
  }, hashes, signer);
  return concatBytes(head, body);
}

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const bodyOf = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8)) % 251);

test('what was made is read back, in pieces of any size', async () => {
  const signer = await signerOf('sender.example');
  await fc.assert(fc.asyncProperty(fc.integer({ min: 0, max: 3 * blockBytes }), fc.integer({ min: 1, max: 100_000 }), async (size, piece) => {
    const file = await made(bodyOf(size), signer, piece);
    const { header, body } = await openParcel(pieces(file, Math.max(piece, 64)), checking(signer.key));
    const read: Uint8Array[] = [];
    for await (const block of body) read.push(Uint8Array.from(block));
    expect(header.bytes).toBe(size);
    expect(Buffer.compare(Buffer.concat(read), Buffer.from(bodyOf(size)))).toBe(0);
  }), { numRuns: 40 });
});

test('any byte that is flipped, put in or left out is refused, in its block', async () => {
  const signer = await signerOf('sender.example');
  const file = await made(bodyOf(2 * blockBytes + 500), signer);
  const start = file.length - (2 * blockBytes + 500);
  const at = fc.oneof(fc.integer({ min: 0, max: start + 10 }), fc.integer({ min: 0, max: file.length - 1 }));
  await fc.assert(fc.asyncProperty(at, fc.constantFrom('flip', 'insert', 'remove', 'cut'), fc.integer({ min: 1, max: 255 }), async (i, how, mask) => {
    const tail = how === 'insert' ? file.subarray(i) : file.subarray(i + 1);
    const middle = how === 'flip' ? [(file[i] ?? 0) ^ mask] : how === 'insert' ? [mask] : [];
    const changed = concatBytes(file.subarray(0, i), new Uint8Array(middle), how === 'cut' ? new Uint8Array(0) : tail);
    const fault = await checkParcel(pieces(changed, 4096), checking(signer.key)).then(() => null, (error: unknown) => error);
    expect(fault).toBeInstanceOf(ParcelFault);
    const { code, offset } = fault as ParcelFault;
    const block = start + Math.floor((i - start) / blockBytes) * blockBytes;
    if (i >= start && how === 'flip') expect([code, offset]).toEqual(['block', block]);
    if (i >= start && how === 'cut') expect([code, offset]).toEqual(['length', block]);
    expect(offset).toBeLessThanOrEqual(Math.max(i, start));
  }), { numRuns: 600 });
}, 60_000);

test('a stranger’s parcel, and one of another key by the same name, are refused', async () => {
  const [signer, stranger] = [await signerOf('sender.example'), await signerOf('other')];
  const thief: NoteSigner = { ...stranger, key: { ...signer.key } };
  for (const [by, code] of [[stranger, 'unknown-key'], [thief, 'signature']] as const) {
    const fault = await checkParcel(pieces(await made(bodyOf(10), by), 100), checking(signer.key)).catch((error: unknown) => error);
    expect((fault as ParcelFault).code).toBe(code);
  }
});

test('nothing that is no parcel breaks the reader', async () => {
  const signer = await signerOf('sender.example');
  await fc.assert(fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.string().map(toUtf8)), async (bytes) => {
    await expect(checkParcel(pieces(bytes, 7), checking(signer.key))).rejects.toBeInstanceOf(ParcelFault);
  }), { numRuns: 300 });
  fc.assert(fc.property(fc.json(), (json) => headerOf(json) === null));
});

test('a receipt is its signer’s word, and no other text passes as one', async () => {
  const [signer, stranger] = [await signerOf('receiver.example'), await signerOf('other')];
  const receipt = { series: 's', number: 3, root: 'a'.repeat(64), takenAt: '2026-06-15T00:00:00.000Z', accepted: 1, duplicate: 2, refused: 0, retracted: 0 };
  const note = await receiptNote(receipt, signer);
  expect((await receiptOf(note, nodeVerifying, [signer.key]))?.receipt).toEqual(receipt);
  expect(await receiptOf(note, nodeVerifying, [stranger.key])).toBeNull();
  await fc.assert(fc.asyncProperty(fc.nat(note.length - 1), fc.integer({ min: 1, max: 127 }), async (i, mask) => {
    const changed = `${note.slice(0, i)}${String.fromCharCode(note.charCodeAt(i) ^ mask)}${note.slice(i + 1)}`;
    if (changed !== note) expect(await receiptOf(changed, nodeVerifying, [signer.key])).toBeNull();
  }), { numRuns: 300 });
});
