/** A hub whose blobs are in a bucket: the log is published there and verifies, and source code that was brought is read back. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { s3Blobs } from '#world/blobs/s3';
import { openBucket } from '#world/blobs/testing';
import { asHub } from '#world/db/scope';
import { seededRandom } from '#world/random';
import { tarOf } from '../../src/kit/archive/testing.ts';
import { bringSource } from '../../src/modules/catalogue/actions/snapshots.ts';
import { testHub } from '../hub.ts';

test('acts are published into the bucket, and what is brought is there by its digest', async () => {
  const bucket = await openBucket();
  const folder = await mkdtemp(join(tmpdir(), 'entente-bucket-'));
  const hub = await testHub({ blobs: await s3Blobs({ ...bucket.store, prefix: 'hub/' }, join(folder, 'uploads'), seededRandom('bucket')) });
  try {
    const cookie = await hub.as('per_moser');
    const { product } = (await hub.ask('POST', '/api/products', { name: 'Kestrel Shield' }, { cookie })).json<{ product: { id: string } }>();
    const { release } = (await hub.ask('POST', `/api/products/${product.id}/releases`, { version: '1' }, { cookie })).json<{ release: { id: string } }>();
    const text = 'int main(void) { return 0; }\n';
    await asHub('source code for the test', () => bringSource(hub.world, {
      actor: { org: 'org_kestrel', person: 'per_moser' }, release: release.id, name: 'source', access: 'agreement', tlp: 'AMBER', keepTop: false,
    }, tarOf([{ path: 'shield/main.c', text }] as never)));
    expect((await hub.ask('POST', `/api/releases/${release.id}/publish`, {}, { cookie })).status).toBe(200);
    await hub.composition.sequencer.idle();
    const checkpoint = await hub.ask('GET', '/ledger/checkpoint');
    expect([checkpoint.status, checkpoint.text.startsWith('test.entente.example/ledger\n')]).toEqual([200, true]);
    expect(bucket.asked.some((a) => a.startsWith('PUT hub/objects/'))).toBe(true);
    const kept = bucket.asked.filter((a) => a.startsWith('PUT hub/blobs/')).map((a) => a.slice('PUT hub/blobs/'.length));
    expect(kept.length).toBeGreaterThan(0);
    for (const sha256 of kept) expect(await hub.world.blobs.size(sha256)).not.toBeNull();
  } finally {
    await hub.close();
    await bucket.close();
    await rm(folder, { recursive: true, force: true });
  }
});
