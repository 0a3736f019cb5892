/** The published sample files through the pipeline: with their type every row and one drift report, without it none. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { batchById, quarantineOf } from '../../src/modules/landscape/store.ts';
import { centre, openField, type Field } from '../../src/modules/landscape/testing.ts';
import { published, samples } from './shadowserver.ts';

const at: { field?: Field } = {};
const field = (): Field => at.field as Field;
beforeAll(async () => { at.field = await openField(); });
afterAll(() => at.field?.close());

/** Records of a file without line breaks inside fields, the header not counted: told apart from our own parser. */
const rowsOf = (csv: string): number => csv.trimEnd().split('\n').length - 1;

describe.each(samples)('$file', ({ file, type, rows, missing, added }) => {
  test('has the rows that it is said to have', async () => expect(rowsOf(await published(file))).toBe(rows));

  test(`as ${type} stores every row, with one drift report, and nothing when it comes again`, async () => {
    const feed = await field().addFeed({ name: `typed-${type.replace('_', '-')}`, shape: 'shadowserver' });
    const content = await published(file);
    const batch = await field().ingest(feed, content, { file, type });
    expect(batch).toMatchObject({ state: 'done', reportType: type, drift: true });
    expect(batch.counts).toMatchObject({ read: rows, stored: rows, duplicate: 0, quarantined: 0 });
    const { drift } = await batchById(field().db, centre, batch.id) ?? {};
    expect(drift).toHaveLength(1);
    expect(drift?.[0]?.reportType).toBe(type);
    expect([...drift?.[0]?.missing ?? []].sort()).toEqual(missing);
    expect([...drift?.[0]?.added ?? []].sort()).toEqual(added);
    expect(await field().count(`(SELECT count() FROM ev WHERE batch = '${batch.id}')`)).toBe(rows);
    expect((await field().ingest(feed, content, { file: 'renamed.csv', type })).counts).toMatchObject({ stored: 0, duplicate: rows });
  });

  test('without a type is quarantined whole, with the types it could be', async () => {
    const feed = await field().addFeed({ name: `untyped-${type.replace('_', '-')}`, shape: 'shadowserver' });
    const batch = await field().ingest(feed, await published(file), { file });
    expect(batch.counts).toMatchObject({ read: rows, stored: 0, quarantined: rows });
    const [row] = await quarantineOf(field().db, batch.id, { reason: undefined, after: -1, limit: 10 });
    expect(row?.reason).toMatch(/^type\./);
    expect(row?.candidates).toContain(type);
  });

  test('by a file name of the published form has its type', async () => {
    const feed = await field().addFeed({ name: `named-${type.replace('_', '-')}`, shape: 'shadowserver' });
    const batch = await field().ingest(feed, await published(file), { file: `2010-02-10-${type}-sample-asn.csv` });
    expect([batch.reportType, batch.counts.stored]).toEqual([type, rows]);
  });
});
