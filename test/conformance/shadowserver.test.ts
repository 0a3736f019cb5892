import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { centre, openField, type Field } from '../../src/modules/landscape/testing.ts';
import { batchById } from '../../src/modules/landscape/store.ts';

const data = new URL('../../../shared/data/shadowserver/', import.meta.url);
const at = { field: null as Field | null };
const field = (): Field => at.field as Field;
beforeAll(async () => { at.field = await openField(); });
afterAll(async () => { await at.field?.close(); });

it('our table says of each published type what the published schema says', async () => {
  const published = JSON.parse(await readFile(new URL('reports.json', data), 'utf8')) as Record<string,
    { fields: string[]; 'classification.type'?: string }>;
  expect(Object.keys(published).sort()).toEqual([...field().parts.types.keys()].sort());
  for (const [type, { fields, 'classification.type': rsit }] of Object.entries(published)) {
    expect([type, field().parts.types.get(type)?.fields]).toEqual([type, fields]);
    if (rsit !== undefined) expect([type, field().parts.types.get(type)?.type]).toEqual([type, rsit]);
  }
});

for (const [file, type, rows] of [['test_smb.csv', 'scan_smb', 3], ['test_telnet.csv', 'scan_telnet', 2]] as const) {
  it(`${file}: every row with its type and one drift report; without it, all set aside`, async () => {
    const feed = await field().addFeed({ name: type.replace('_', '-'), shape: 'shadowserver' });
    const bytes = await readFile(new URL(file, data));
    const untyped = await field().ingest(feed, bytes, { file });
    expect(untyped.counts).toMatchObject({ read: rows, stored: 0, quarantined: rows });
    const batch = await field().ingest(feed, bytes, { file, type });
    expect(batch.counts).toMatchObject({ read: rows, stored: rows });
    expect((await batchById(field().db, centre, batch.id))?.drift).toHaveLength(1);
  });
}
