/** Nmap's XML through the whole pipeline: stored once, found by advisories' attributes, and what ends a file told with its place. */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { batchById, quarantineOf } from '../store.ts';
import { centre, openField, type Field } from '../testing.ts';

const at: { field?: Field } = {};
const field = (): Field => at.field as Field;
beforeAll(async () => { at.field = await openField(); });
afterAll(() => at.field?.close());

const scan = (hosts: number, tail = '</nmaprun>'): string => `<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE nmaprun>\n<nmaprun start="1763600000">\n${
  Array.from({ length: hosts }, (_, i) => `<host endtime="${1_763_600_000 + i}"><address addr="100.112.0.${i}" addrtype="ipv4"/><ports>
<port protocol="tcp" portid="22"><state state="open"/><service name="ssh" product="OpenSSH" version="8.${i}"/></port></ports></host>\n`).join('')}${tail}`;

test('a scan is stored once, packed or not, and its rows say product, version and port', async () => {
  const feed = await field().addFeed({ name: 'nmap', shape: 'nmap' });
  const first = await field().ingest(feed, scan(20), { file: 'scan.xml', chunk: 100 });
  expect(first.counts).toMatchObject({ read: 20, stored: 20, duplicate: 0, quarantined: 0 });
  expect((await field().ingest(feed, gzipSync(scan(20)), { file: 'scan.xml.gz' })).counts).toMatchObject({ read: 20, stored: 0, duplicate: 20 });
  const rows = `(SELECT count() FROM ev WHERE feed = '${feed}' AND kind = 'exposure' AND report = 'nmap' AND family = 'ssh' AND port = 22
    AND attrs['product'] = 'OpenSSH' AND attrs['version'] = concat('8.', splitByChar('.', toString(ip))[4]) AND toUnixTimestamp(time) >= 1763600000)`;
  expect(await field().count(rows)).toBe(20);
});

test('a scan that broke off keeps what came before, says where, and is completed by the whole file', async () => {
  const feed = await field().addFeed({ name: 'nmap-cut', shape: 'nmap' });
  const whole = scan(10);
  const cut = whole.slice(0, whole.indexOf('100.112.0.7'));
  const batch = await field().ingest(feed, cut);
  expect(batch.counts).toMatchObject({ read: 7, stored: 7, quarantined: 0 });
  expect((await batchById(field().db, centre, batch.id))?.reasons).toEqual([{ reason: 'xml.truncated', rows: 1 }]);
  const [told] = await quarantineOf(field().db, batch.id, { after: -1, limit: 5 });
  expect(told).toMatchObject({ line: cut.split('\n').length, reason: 'xml.truncated' });
  expect((await field().ingest(feed, whole)).counts).toMatchObject({ read: 10, stored: 3, duplicate: 7 });
});
