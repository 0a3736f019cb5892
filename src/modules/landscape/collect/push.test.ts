import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { feedById } from '../store.ts';
import { asLines, centre, chunks, ctipRow, openField, type Field } from '../testing.ts';
import { ofDigest } from './push.ts';

const at: { field: Field | null } = { field: null };
const field = (): Field => at.field as Field;
beforeAll(async () => { at.field = await openField(); });
afterAll(() => at.field?.close());

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

test('a packed file of another digest is refused whole: also where the package is broken, and where blocks were stored already', async () => {
  const feed = await feedById(field().db, centre, await field().addFeed({ name: 'packed', shape: 'ctip' }));
  if (!feed) throw new Error('no feed');
  const packed = gzipSync(asLines(Array.from({ length: 3000 }, (_, i) => ctipRow(i))));
  const take = (bytes: Uint8Array, digest: Uint8Array): Promise<unknown> => field().pipeline.ingest({
    feed, fileName: 'x.gz', typeGiven: null, actor: 'system', source: ofDigest(chunks(bytes, 700), digest),
  });
  const other = sha256(new Uint8Array(1));
  for (const bytes of [packed, packed.subarray(0, packed.length / 2), Buffer.concat([packed, packed])]) {
    await expect(take(bytes, other)).rejects.toMatchObject({ code: 'push.digest' });
    expect(await field().count('(SELECT count() FROM ev)')).toBe(0);
    expect(await field().parts.blobs.open(Buffer.from(sha256(bytes)).toString('hex'))).toBeNull();
  }
  expect(await take(packed, sha256(packed))).toMatchObject({ counts: { read: 3000, stored: 3000 } });
});
