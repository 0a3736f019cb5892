import { expect, test } from 'vitest';
import { concatBytes, toUtf8 } from '#kit/encoding';
import { sampleBundle, sampleEntry, sampleLog, seededSigner } from '#kit/bundle/testing';
import { nodeTreeHash, nodeVerifying } from '#kit/hash/node';
import { rootOf } from '#kit/merkle/tree';
import { formatCheckpoint } from '#kit/note/checkpoint';
import { cosignatureType, formatNote, formatVkey, parseNote, signNote, verifyNote } from '#kit/note/note';
import { parsePolicy } from '#kit/note/policy';
import { fakeBlobs, type FakeBlobs } from '#world/blobs/fake';
import { fakeClock } from '#world/clock';
import { bundleLeaves } from './bundle-leaves.ts';
import { checkObjects } from './fsck.ts';
import { growTiles, type Leaf } from './growth.ts';
import { MirrorRefusal, heldLog, mirrorFrom, mirrorOnce } from './mirror.ts';
import type { MirrorParts, MirrorWhy } from './mirror.ts';
import { objectsAmong } from './objects.ts';
import type { ReadObject } from './objects.ts';

const origin = 'log.example';
const signer = await seededSigner(origin, 'mirrored');
const policy = await parsePolicy(nodeVerifying, toUtf8(`log ${formatVkey(signer.key)}\nquorum none\n`));
const leafAt = (i: number, kind = 'leaf'): Leaf => {
  const bytes = toUtf8(`${kind} ${i}`);
  return { bytes, hash: nodeTreeHash.leaf(bytes) };
};

/** A log as its hub publishes it; `turn` is the number of the leaf from which it tells something else. */
async function logOf(size: number, turn = Infinity): Promise<FakeBlobs> {
  const blobs = fakeBlobs();
  const all = Array.from({ length: size }, (_, i) => leafAt(i, i < turn ? 'leaf' : 'other'));
  const root = rootOf(nodeTreeHash, concatBytes(...all.map(({ hash }) => hash)));
  await growTiles({ blobs, from: 0, edge: [], to: { size, root }, leaves: async (at, count) => all.slice(at, at + count) });
  await blobs.write('ledger/checkpoint', toUtf8(formatNote(await signNote(formatCheckpoint({ origin, size, root }), [signer]))));
  return blobs;
}

const partsOver = (blobs: FakeBlobs, cosigners: MirrorParts['cosigners'] = []): MirrorParts =>
  ({ blobs, clock: fakeClock(), policy, cosigners });
const why = (work: Promise<unknown>): Promise<MirrorWhy | 'taken'> => work.then(() => 'taken' as const, (error: unknown) => {
  if (error instanceof MirrorRefusal) return error.why;
  throw error;
});

/** The copy's objects of the log, without what it keeps for itself. */
const objects = (blobs: FakeBlobs): Map<string, string> =>
  new Map([...blobs.objects].filter(([name]) => name.startsWith('ledger/')).sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]));

async function sameAsLog(copy: FakeBlobs, size: number): Promise<void> {
  expect((await checkObjects(objectsAmong(copy), policy)).size).toBe(size);
  const log = objects(await logOf(size));
  expect([...objects(copy)].filter(([name]) => !name.includes('.p/'))).toEqual([...log].filter(([name]) => !name.includes('.p/')));
}

test('a copy grows with the log, by its own tiles, and the same step twice is once', async () => {
  const copy = fakeBlobs();
  for (const [size, grown] of [[1, 1], [255, 254], [256, 1], [257, 1], [300, 43], [9_000, 8_700]] as const) {
    const read = objectsAmong(await logOf(size));
    expect(await mirrorOnce(partsOver(copy), read)).toMatchObject({ origin, size, grown });
    const writes = copy.journal.length;
    expect(await mirrorOnce(partsOver(copy), read)).toMatchObject({ size, grown: 0 });
    expect(copy.journal.length).toBe(writes);
    await sameAsLog(copy, size);
  }
});

test('a log that shrinks, forks, lies or is signed by another is refused, and the copy stays what it was', async () => {
  const copy = fakeBlobs();
  await mirrorOnce(partsOver(copy), objectsAmong(await logOf(300)));
  const before = objects(copy);
  const refused = async (log: FakeBlobs, as: MirrorWhy, read: ReadObject = objectsAmong(log)): Promise<void> => {
    expect(await why(mirrorOnce(partsOver(copy), read))).toBe(as);
    expect((await heldLog(copy))?.checkpoint.size).toBe(300);
    for (const [name, bytes] of before) expect(objects(copy).get(name), name).toBe(bytes);
  };
  await refused(await logOf(299), 'rollback');
  await refused(await logOf(300, 299), 'fork');
  await refused(await logOf(800, 17), 'fork');
  await refused(await logOf(800, 299), 'fork');
  const stranger = await seededSigner(origin, 'stranger');
  const other = await logOf(400);
  const text = parseNote(other.objects.get('ledger/checkpoint') ?? new Uint8Array(0))?.text ?? '';
  await other.write('ledger/checkpoint', toUtf8(formatNote(await signNote(text, [stranger]))));
  await refused(other, 'unsigned');
  // What it serves is broken in one place or another.
  for (const [name, change] of [
    ['ledger/tile/entries/001', (b: Uint8Array) => b.fill(0x41, 700, 701)], ['ledger/tile/entries/001', (b: Uint8Array) => b.slice(0, 99)],
    ['ledger/tile/entries/002.p/188', () => new Uint8Array(0)], ['ledger/tile/entries/002.p/188', null],
    ['ledger/checkpoint', () => toUtf8('nonsense')],
  ] as const) {
    const broken = await logOf(700);
    const bytes = new Uint8Array(broken.objects.get(name) ?? []);
    if (change) await broken.write(name, change(bytes));
    else await broken.remove(name);
    await refused(broken, 'damaged');
  }
  expect(await mirrorOnce(partsOver(copy), objectsAmong(await logOf(700)))).toMatchObject({ grown: 400 });
  await sameAsLog(copy, 700);
});

test('what a dishonest log signed is kept', async () => {
  const copy = fakeBlobs();
  await mirrorOnce(partsOver(copy), objectsAmong(await logOf(300)));
  const forked = await logOf(300, 5);
  const error = await mirrorOnce(partsOver(copy), objectsAmong(forked)).catch((e: unknown) => e);
  const [, sha256 = ''] = /kept as ([0-9a-f]{64})/.exec(String(error)) ?? [];
  const kept = await copy.open(sha256);
  const pieces: Uint8Array[] = [];
  for await (const piece of kept ?? []) pieces.push(piece);
  expect(concatBytes(...pieces)).toEqual(forked.objects.get('ledger/checkpoint'));
});

test('a crash at any write: the next run goes on from where it was and ends at the same copy', async () => {
  const log = await logOf(9_500);
  const whole = fakeBlobs();
  const count = { read: 0 };
  const counted: ReadObject = (path) => {
    if (path.startsWith('tile/entries')) count.read++;
    return objectsAmong(log)(path);
  };
  await mirrorOnce(partsOver(whole), counted);
  const full = count.read;
  const names = ['ledger/tile/entries/010', 'ledger/tile/1/000.p/16', 'mirror/progress', 'ledger/tile/0/037.p/28', 'ledger/checkpoint'];
  for (const name of names) {
    for (const how of ['failAndForget', 'failButPersist'] as const) {
      const copy = fakeBlobs();
      copy.fail('write', how, name);
      await expect(mirrorOnce(partsOver(copy), counted), `${how} ${name}`).rejects.toThrow('as told');
      const held = await heldLog(copy);
      expect(held === null || (held.checkpoint.size === 9_500 && how === 'failButPersist')).toBe(true);
      count.read = 0;
      await mirrorOnce(partsOver(copy), counted);
      expect(objects(copy)).toEqual(objects(whole));
      if (name === 'ledger/tile/0/037.p/28') expect(count.read).toBeLessThan(full);
    }
  }
});

test('tiles that the copy lost are fetched again, and must come to the tree that was held', async () => {
  const copy = fakeBlobs();
  await mirrorOnce(partsOver(copy), objectsAmong(await logOf(300)));
  await copy.remove('ledger/tile/0/001.p/44');
  await mirrorOnce(partsOver(copy), objectsAmong(await logOf(310)));
  await sameAsLog(copy, 310);
});

test('a copy that cosigns says what it holds', async () => {
  const copy = fakeBlobs();
  const cosigner = await seededSigner('mirror.example', 'm', cosignatureType);
  await mirrorOnce(partsOver(copy, [cosigner]), objectsAmong(await logOf(20)));
  const note = parseNote(copy.objects.get('ledger/checkpoint') ?? new Uint8Array(0));
  const verdict = note && await verifyNote(nodeVerifying, note, [signer.key, cosigner.key]);
  expect(verdict?.ok && verdict.by).toHaveLength(2);
});

test('a bundle brings a copy on where there is no network: twice is once, an older one is refused', async () => {
  const bundleOf = (size: number) => sampleBundle({ signer, log: sampleLog(Array.from({ length: size }, (_, i) => sampleEntry(i))) });
  const copy = fakeBlobs();
  const take = async (bytes: Buffer) => {
    const open = async function* () { for (let at = 0; at < bytes.length; at += 777) yield bytes.subarray(at, at + 777); };
    const { checkpoint, leaves } = await bundleLeaves(open);
    return mirrorFrom(partsOver(copy), checkpoint, leaves);
  };
  const [small, large] = [await bundleOf(70), await bundleOf(600)];
  expect(await take(small)).toMatchObject({ size: 70, grown: 70 });
  expect(await take(small)).toMatchObject({ size: 70, grown: 0 });
  expect(await take(large)).toMatchObject({ size: 600, grown: 530 });
  expect(await why(take(small))).toBe('rollback');
  const { root } = sampleLog(Array.from({ length: 600 }, (_, i) => sampleEntry(i)));
  expect((await checkObjects(objectsAmong(copy), policy)).root).toEqual(root);
});
