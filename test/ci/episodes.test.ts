/** A million beacons of a thousand hosts are a thousand episodes; a late one extends its episode and makes no new one (F48). */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { episodesPage } from '../../src/modules/landscape/rows-store.ts';
import { centre, openField, type Field } from '../../src/modules/landscape/testing.ts';
import { feedById } from '../../src/modules/landscape/store.ts';

const hosts = 1000;
const beacons = 1_000_000;
const at: { field?: Field } = {};
const field = (): Field => at.field as Field;
beforeAll(async () => { at.field = await openField(); });
afterAll(() => at.field?.close());

async function* rows(): AsyncGenerator<Uint8Array> {
  const began = Date.parse('2026-03-01T00:00:00Z');
  for (let i = 0; i < beacons; i += 5000) {
    const lines = Array.from({ length: 5000 }, (_, j) => {
      const n = i + j;
      const host = n % hosts;
      const time = new Date(began + Math.floor(n / hosts) * 60_000 + host).toISOString();
      return `{"time":"${time}","type":"infection","family":"mirai","src_ip":"100.64.${host >> 8}.${host & 255}"}\n`;
    });
    yield Buffer.from(lines.join(''));
  }
}

test('a million beacons of a thousand hosts, and a late one', async () => {
  const id = await field().addFeed({ name: 'beacons', shape: 'ndjson' });
  const feed = await feedById(field().db, centre, id);
  if (!feed) throw new Error('no feed');
  const batch = await field().pipeline.ingest({ feed, source: rows(), fileName: 'beacons.ndjson', typeGiven: null, actor: 'system' });
  expect(batch.counts).toMatchObject({ read: beacons, stored: beacons, duplicate: 0, quarantined: 0 });
  const page = () => episodesPage(field().events, { scope: centre }, {}, null, 500, new Map());
  const before = await page();
  expect(before.total).toBe(hosts);
  const late = '{"time":"2026-02-27T00:00:00Z","type":"infection","family":"mirai","src_ip":"100.64.0.7"}\n';
  expect((await field().ingest(id, late)).counts.stored).toBe(1);
  const after = await episodesPage(field().events, { scope: centre, ip: '100.64.0.7' }, {}, null, 500, new Map());
  expect((await page()).total).toBe(hosts);
  expect(after.items).toHaveLength(1);
  expect(after.items[0]?.first).toMatch(/^2026-02-27/);
});
