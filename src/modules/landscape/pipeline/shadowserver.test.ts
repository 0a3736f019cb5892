import { dice } from '#kit/dice';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Owners } from '#kit/ip/owners';
import { Networks } from '#kit/ip/ranges';
import { batchById, quarantineOf } from '../store.ts';
import { centre, openField, shuffled, type Field } from '../testing.ts';
import { DaySets } from './idsets.ts';
import { Placer } from './place.ts';
import { Refinery } from './refinery.ts';

const at = { field: null as Field | null };
const field = (): Field => at.field as Field;
beforeAll(async () => { at.field = await openField(); });
afterAll(async () => { await at.field?.close(); });

const quoted = (value: string): string => `"${value.replaceAll('"', '""')}"`;

/** A plausible value for any column of any report. */
function value(name: string, i: number): string {
  if (name === 'timestamp') return `2026-11-${String(1 + i % 18).padStart(2, '0')} 0${i % 10}:00:${String(i % 60).padStart(2, '0')}`;
  if (/(^|_)ip$/.test(name)) return i % 5 ? `100.64.${i >> 8}.${i & 255}` : `2001:db8::${i.toString(16)}`;
  if (/(^|_)port$/.test(name)) return String(1 + i % 65_000);
  if (/(^|_)asn$/.test(name)) return '64512';
  if (/(^|_)geo$/.test(name)) return 'VN';
  if (name === 'severity') return ['critical', 'high', 'medium', 'low', 'info'][i % 5] ?? 'info';
  return ['', `v${i}`, `a, "quoted" ${i}`, 'dòng\nhai', 'null'][(i + name.length) % 5] ?? '';
}

function sample(fields: readonly string[], rows: number, order: readonly string[] = fields): string {
  const lines = Array.from({ length: rows }, (_, i) => order.map((name) => quoted(fields.includes(name) ? value(name, i) : 'new')).join(','));
  return `${order.map(quoted).join(',')}\n${lines.join('\n')}\n`;
}

describe('all 170 report types', () => {
  it('store 200 of 200 rows with shuffled columns, each under the type that was given', async () => {
    const feed = await field().addFeed({ name: 'reports', shape: 'shadowserver' });
    const roll = dice(170);
    const networks = new Networks(field().parts.networks);
    const blocks: Uint8Array[] = [];
    const wrong: unknown[] = [];
    // The refinery type by type, the store once: the whole pipeline for each type is the conformance run's.
    for (const [type, { fields }] of field().parts.types) {
      const refinery = new Refinery({
        scope: centre, feed, batch: type, shape: 'shadowserver', typeGiven: type, typeOfFeed: null, fileName: 'x', learned: [],
        types: field().parts.types, tlpDefault: 'AMBER', received: Math.floor(field().clock.now() / 1000),
      }, new DaySets(new Map()), new Placer(networks, new Owners([])));
      refinery.reading.push(Buffer.from(sample(fields, 200, shuffled(fields, roll))));
      refinery.end();
      refinery.settle();
      if (refinery.counts.stored !== 200 || refinery.reading.drift() !== null) wrong.push([type, refinery.counts, refinery.reasons]);
      blocks.push(refinery.takeBlock() ?? new Uint8Array(0));
    }
    await field().events.insert({ table: 'ev', values: blocks, format: 'Native' });
    expect(wrong).toEqual([]);
    expect(await field().count(`(SELECT uniqExact(report) FROM ev WHERE feed = '${feed}')`)).toBe(170);
    expect(await field().count(`(SELECT count() FROM ev WHERE feed = '${feed}')`)).toBe(34_000);
    expect(await field().count(`(SELECT count() FROM ev WHERE feed = '${feed}' AND ip = toIPv6('::') AND report LIKE 'event%')`)).toBe(0);
  });
});

describe('the type of a report', () => {
  const smb = ['timestamp', 'ip', 'port', 'hostname', 'tag', 'asn', 'geo', 'old_column'];

  it('comes from what is given, else the file’s name, else the feed', async () => {
    const feed = await field().addFeed({ name: 'named', shape: 'shadowserver', reportType: 'scan_telnet' });
    const typeOf = async (file: string, type: string | null, rows: number): Promise<string | null> =>
      (await field().ingest(feed, sample(smb, rows), { file, type })).reportType;
    expect(await typeOf('2026-11-01-scan_smb-x.csv', 'scan_ftp', 1)).toBe('scan_ftp');
    expect(await typeOf('2026-11-01-scan_smb-x.csv', null, 2)).toBe('scan_smb');
    expect(await typeOf('x.csv', null, 3)).toBe('scan_telnet');
  });

  it('is never guessed from columns: all rows are set aside, with the types that would fit', async () => {
    const feed = await field().addFeed({ name: 'untyped', shape: 'shadowserver' });
    const fields = field().parts.types.get('scan_smb')?.fields ?? [];
    const batch = await field().ingest(feed, sample(fields, 5), { file: 'test_smb.csv' });
    expect(batch.counts).toEqual({ read: 5, stored: 0, duplicate: 0, quarantined: 5, attributed: 0 });
    const [first] = await quarantineOf(field().db, batch.id, { after: -1, limit: 5 });
    expect(first?.reason).toBe('type.unknown');
    expect(first?.candidates).toContain('scan_smb');
  });

  it('with older and newer columns stores every row and reports the drift once', async () => {
    const feed = await field().addFeed({ name: 'drift', shape: 'shadowserver' });
    const batch = await field().ingest(feed, sample(smb, 30), { type: 'scan_smb' });
    expect(batch.counts.stored).toBe(30);
    const detail = await batchById(field().db, centre, batch.id);
    expect(detail?.drift).toHaveLength(1);
    expect(detail?.drift[0]?.added).toEqual(['old_column']);
    expect(detail?.drift[0]?.missing).toContain('severity');
    expect(await field().count(`(SELECT countIf(attrs['old_column'] != '') FROM ev WHERE feed = '${feed}')`)).toBeGreaterThan(0);
  });

  it('rows with too many or too few fields are set aside one by one, a doubled header with all', async () => {
    const feed = await field().addFeed({ name: 'ragged', shape: 'shadowserver', reportType: 'scan_smb' });
    const text = 'timestamp,ip\n2026-11-01 00:00:00,100.64.0.1\n2026-11-01 00:00:01\n2026-11-01 00:00:02,100.64.0.1,x\n';
    expect((await field().ingest(feed, text)).counts).toMatchObject({ read: 3, stored: 1, quarantined: 2 });
    expect((await field().ingest(feed, 'ip,ip\n1,2\n')).counts).toMatchObject({ read: 1, stored: 0, quarantined: 1 });
    expect((await field().ingest(feed, '')).counts.read).toBe(0);
  });
});
