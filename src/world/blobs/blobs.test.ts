import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { readdirSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { seededRandom } from '../random.ts';
import { fakeBlobs } from './fake.ts';
import { fileBlobs } from './files.ts';
import type { Blobs } from './port.ts';
import { blobStoreOf, s3Blobs, type BlobStore } from './s3.ts';
import { openBucket, type Bucket } from './testing.ts';

const folders: string[] = [];
async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'entente-blobs-'));
  folders.push(made);
  return made;
}
afterAll(() => Promise.all(folders.map((f) => rm(f, { recursive: true, force: true }))));

async function whole(content: AsyncIterable<Uint8Array> | null): Promise<string | null> {
  if (!content) return null;
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

const buckets: Bucket[] = [];
async function bucket(): Promise<{ bucket: Bucket; blobs: Blobs }> {
  const made = await openBucket();
  buckets.push(made);
  return { bucket: made, blobs: await s3Blobs(made.store, join(await folder(), 'uploads'), seededRandom('blobs')) };
}
afterAll(() => Promise.all(buckets.map((b) => b.close())));

describe.each([
  ['files', async (): Promise<Blobs> => fileBlobs(await folder(), seededRandom('blobs'))],
  ['fake', async (): Promise<Blobs> => fakeBlobs()],
  ['a bucket', async (): Promise<Blobs> => (await bucket()).blobs],
])('blobs as %s', (_, make) => {
  test('content is found under its hash, streamed or whole, once or twice', async () => {
    const blobs = await make();
    expect(await blobs.put(text('abc'))).toEqual({ sha256: abc, sizeBytes: 3 });
    expect(await blobs.put((async function* parts() { yield text('a'); yield text('bc'); })())).toEqual({
      sha256: abc, sizeBytes: 3,
    });
    expect(await whole(await blobs.open(abc))).toBe('abc');
    expect(await blobs.open('00'.repeat(32))).toBeNull();
    expect(await blobs.open('../../etc/passwd')).toBeNull();
    await blobs.discard('../../etc/passwd');
    await blobs.discard('00'.repeat(32));
    expect(await whole(await blobs.open(abc))).toBe('abc');
    await blobs.discard(abc);
    expect(await blobs.open(abc)).toBeNull();
    expect((await blobs.put(Buffer.from('abc'))).sha256).toBe(abc);
    expect((await blobs.put(new Uint8Array(0))).sizeBytes).toBe(0);
  });

  test('a part of content is what lies from one place up to another', async () => {
    const blobs = await make();
    const { sha256 } = await blobs.put(text('0123456789'));
    const part = async (from?: number, to?: number) => whole(await blobs.open(sha256, from, to));
    expect([await part(), await part(3), await part(3, 5), await part(8, 99), await part(10), await part(12, 14), await part(5, 5), await part(5, 2)])
      .toEqual(['0123456789', '3456789', '34', '89', '', '', '', '']);
    expect([await blobs.size(sha256), await blobs.size('00'.repeat(32)), await blobs.size('../x')]).toEqual([10, null, null]);
    expect(await blobs.open('00'.repeat(32), 0, 1)).toBeNull();
  });

  test('content whose source fails is not there', async () => {
    const blobs = await make();
    const broken = (async function* parts() { yield text('abc'); throw new Error('source'); })();
    await expect(blobs.put(broken)).rejects.toThrow('source');
    expect(await blobs.open(abc)).toBeNull();
  });

  test('a named object is the last one written', async () => {
    const blobs = await make();
    expect(await blobs.read('ledger/checkpoint')).toBeNull();
    await blobs.write('ledger/checkpoint', text('one'));
    await blobs.write('ledger/checkpoint', text('two'));
    await blobs.write('ledger/tile/0/000.p/3', text('t'));
    expect(Buffer.from(await blobs.read('ledger/checkpoint') ?? []).toString()).toBe('two');
    expect(await blobs.read('ledger')).toBeNull();
    expect(await blobs.list('ledger/')).toEqual(['ledger/checkpoint', 'ledger/tile/0/000.p/3']);
    expect(await blobs.list('ledger/t')).toEqual(['ledger/tile/0/000.p/3']);
    await blobs.remove('ledger/checkpoint');
    await blobs.remove('ledger/checkpoint');
    expect(await blobs.list('')).toEqual(['ledger/tile/0/000.p/3']);
  });

  test('several objects are written together, or the first that cannot be is told', async () => {
    const blobs = await make();
    await blobs.writeAll(['a/1', 'a/2', 'b/1'].map((name) => [name, text(name)] as const));
    expect(await blobs.list('a/')).toEqual(['a/1', 'a/2']);
    expect(Buffer.from(await blobs.read('b/1') ?? []).toString()).toBe('b/1');
    await expect(blobs.writeAll([['ok', text('x')], ['../no', text('x')]])).rejects.toThrow('object name');
  });

  test('an object is replaced under its fence only, and never by a lower epoch than the one that claimed it', async () => {
    const blobs = await make();
    const now = async (): Promise<string> => Buffer.from(await blobs.read('head') ?? []).toString();
    expect(await blobs.replace('head', text('one'), { epoch: 1, holds: () => true })).toBe(true);
    expect(await blobs.replace('head', text('late'), { epoch: 1, holds: () => false })).toBe(false);
    expect(await now()).toBe('one');
    await blobs.claim('head', 2);
    await blobs.claim('other', 9);
    expect(await blobs.replace('head', text('two'), { epoch: 2, holds: () => true })).toBe(true);
    expect(await now()).toBe('two');
    // What was claimed and never written is not there yet.
    expect([await blobs.read('other'), await blobs.list('')]).toEqual([null, ['head']]);
  });

  test('no name leaves the folder', async () => {
    const blobs = await make();
    for (const name of ['', '/a', 'a/', 'a//b', '../a', 'a/../b', '.', '.a', 'a/.b', 'a\0', 'a b', 'a\\b', 'x'.repeat(501)]) {
      await expect(blobs.write(name, text('x')), name).rejects.toThrow('object name');
      await expect(blobs.read(name), name).rejects.toThrow('object name');
      await expect(blobs.remove(name), name).rejects.toThrow('object name');
    }
  });
});

describe('a bucket', () => {
  test('is told apart from what is none', () => {
    expect(blobStoreOf('https://key:se%2Fcret@s3.example:9000/hub-blobs/a/b?region=eu-1')).toEqual({
      endpoint: 'https://s3.example:9000', region: 'eu-1', bucket: 'hub-blobs', prefix: 'a/b/', accessKeyId: 'key', secretAccessKey: 'se/cret',
    });
    const none = ['', 's3://bucket', 'https://s3.example/bucket', 'https://k:s@h', 'https://k:s@h/B', 'https://k:s@h/bucket/../x?y=1', 'https://k:%@h/bucket',
      'https://k:s@h/bucket#x', 'ftp://k:s@h/bucket'];
    for (const wrong of none) expect([wrong, blobStoreOf(wrong)]).toEqual([wrong, null]);
  });

  test('that does not answer, is another’s or is not there ends the start, without a word of the secret', async () => {
    const { bucket: { store } } = await bucket();
    const failed = async (over: Partial<BlobStore>): Promise<string> => s3Blobs({ ...store, ...over }, join(await folder(), 'u'), seededRandom('x'))
      .then(() => 'opened', (error: Error) => error.message);
    expect(await failed({ bucket: 'not-there' })).toBe('it answered 404 about the bucket');
    expect(await failed({ accessKeyId: 'another' })).toBe('it answered 403 about the bucket');
    expect(await failed({ endpoint: 'http://127.0.0.1:1' })).toBe('it does not answer');
  });

  test('takes content that is long in parts, once, and leaves nothing behind', async () => {
    const { bucket: held, blobs } = await bucket();
    const piece = Buffer.alloc(1024 * 1024, 'seventeen bytes..');
    const long = async function* long() { for (let i = 0; i < 65; i++) yield piece; };
    const { sha256, sizeBytes } = await blobs.put(long());
    expect([sizeBytes, await blobs.size(sha256), held.asked.filter((a) => a.startsWith('PUT')).length]).toEqual([65 * piece.length, 65 * piece.length, 2]);
    expect(await whole(await blobs.open(sha256, 64 * piece.length - 3, 64 * piece.length + 4))).toBe(Buffer.concat([piece, piece]).subarray(piece.length - 3,
      piece.length + 4).toString());
    await blobs.put(long());
    expect([held.asked.filter((a) => a.startsWith('PUT')).length, held.uploads()]).toEqual([2, 0]);
    held.failing = { method: 'PUT', status: 500 };
    await expect(blobs.put((async function* longer() { yield* long(); yield piece; })())).rejects.toThrow();
    held.failing = null;
    expect(held.uploads()).toBe(0);
  });

  test('a write that began before a claim does not take effect after it', async () => {
    for (const first of [null, 'new']) {
      const { bucket: held, blobs } = await bucket();
      const other = await s3Blobs(held.store, join(await folder(), 'u'), seededRandom('two'));
      if (first !== null) await other.write('head', text(first));
      // Held back on its way until the claim stands.
      held.holdNextPut();
      const replacing = blobs.replace('head', text('old'), { epoch: 1, holds: () => true });
      await held.putIsHeld();
      await other.claim('head', 2);
      held.letGo();
      expect(await replacing).toBe(false);
      expect(await other.read('head').then((bytes) => (bytes === null ? null : Buffer.from(bytes).toString()))).toBe(first);
    }
  });

  test('what nobody of ours wrote is a fault, and names by the thousand are listed', async () => {
    const { bucket: held, blobs } = await bucket();
    held.put('objects/strange', Buffer.from('by hand'));
    await expect(blobs.read('strange')).rejects.toThrow('not written by a hub');
    await blobs.writeAll(Array.from({ length: 1_050 }, (_, i) => [`many/${i}`, text('x')] as const));
    expect(await blobs.list('many/')).toHaveLength(1_050);
  });
});

test('what a crash left half-written is removed at the next start; the rest stays', async () => {
  const root = await folder();
  await (await fileBlobs(root, seededRandom('one'))).write('kept', text('x'));
  await mkdir(join(root, 'tmp'), { recursive: true });
  await writeFile(join(root, 'tmp', 'half'), 'ha');
  await writeFile(join(root, 'tmp', 'young'), 'another process writes this now');
  const hours = Date.now() / 1000 - 2 * 3600;
  await utimes(join(root, 'tmp', 'half'), hours, hours);
  const again = await fileBlobs(root, seededRandom('two'));
  expect(await readdir(join(root, 'tmp'))).toEqual(['young']);
  expect(await again.list('')).toEqual(['kept']);
  await again.put(text('abc'));
  expect((await stat(join(root, 'blobs', 'ba', '78', abc))).size).toBe(3);
});

test('a replacement that was stopped between its question and its rename finds the name claimed', async () => {
  const root = await folder();
  const [stopped, other] = [await fileBlobs(root, seededRandom('one')), await fileBlobs(root, seededRandom('two'))];
  const claimed: Promise<void>[] = [];
  // The claim is made while the question is being answered: exactly the moment that no question can cover.
  const holds = (): boolean => {
    for (const name of readdirSync(join(root, 'tmp'))) if (name.startsWith('stage-')) unlinkSync(join(root, 'tmp', name));
    claimed.push(other.claim('head', 2));
    return true;
  };
  await other.write('head', text('new'));
  expect(await stopped.replace('head', text('old'), { epoch: 1, holds })).toBe(false);
  await Promise.all(claimed);
  expect(Buffer.from(await other.read('head') ?? []).toString()).toBe('new');
});

test('a claim removes what lower epochs have half-written, and nothing else', async () => {
  const root = await folder();
  const blobs = await fileBlobs(root, seededRandom('one'));
  const names: string[] = [];
  const half = (name: string, epoch: number) => blobs.replace(name, text('x'), { epoch, holds: () => {
    names.push(...readdirSync(join(root, 'tmp')));
    return false;
  } });
  await half('head', 9);
  await half('head', 10);
  await half('tail', 9);
  for (const name of names) await writeFile(join(root, 'tmp', name), 'x');
  await blobs.claim('head', 10);
  expect((await readdir(join(root, 'tmp'))).sort()).toEqual(names.slice(1).sort());
});

test('the fake fails by name, before or after', async () => {
  const blobs = fakeBlobs();
  blobs.fail('write', 'failAndForget', 'a');
  blobs.fail('write', 'failButPersist', 'b');
  await blobs.write('c', text('c'));
  await expect(blobs.write('a', text('a'))).rejects.toThrow('nothing done');
  await expect(blobs.write('b', text('b'))).rejects.toThrow('it is done');
  await blobs.write('a', text('a'));
  expect(blobs.journal).toEqual(['c', 'b', 'a']);
});
