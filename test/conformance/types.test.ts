/** Our table of report types against the published ones: every type, its fields in order, its RSIT class, its severity. */
import { expect, test } from 'vitest';
import { knownType, typeOfFileName } from '#kit/shadowserver/types';
import { publishedReportTypes } from '#world/events/published';
import { published } from './shadowserver.ts';

interface Report {
  readonly fields: readonly string[];
  readonly name: string;
  readonly 'classification.taxonomy'?: string;
  readonly 'classification.type'?: string;
}
const reports = async () => JSON.parse(await published('reports.json')) as Record<string, Report>;

test('the 170 types of reports.json are ours, with the same fields and class, and there is no other', async () => {
  const [ours, theirs] = [await publishedReportTypes(), await reports()];
  expect(Object.keys(theirs)).toHaveLength(170);
  expect([...ours.keys()].sort()).toEqual(Object.keys(theirs).sort());
  for (const [type, report] of Object.entries(theirs)) {
    // A type without a class has its IPv4 twin's (scan6_ftp that of scan_ftp), and where no twin has one, that of nothing known.
    const twin = theirs[type.replace('6_', '_')]?.['classification.type'] ?? theirs[type.replace('6_', '4_')]?.['classification.type'];
    const classed = report['classification.type'] ?? twin;
    const { title, taxonomy, type: rsit, fields } = ours.get(type) as NonNullable<ReturnType<typeof ours.get>>;
    expect([type, title, fields]).toEqual([type, report.name.replaceAll('-', ' '), report.fields]);
    if (report['classification.taxonomy']) expect([type, taxonomy]).toEqual([type, report['classification.taxonomy']]);
    if (classed) expect([type, rsit]).toEqual([type, classed]);
  }
});

test('the default severities of severity.md are ours; a type that it does not list has its IPv4 twin’s, or none', async () => {
  const ours = await publishedReportTypes();
  const rows = (await published('severity.md')).matchAll(/^\| *([a-z][a-z0-9_]+) *\|[^|]*\| *(critical|high|medium|low|info) *\|/gm);
  const stated = new Map([...rows].map(([, type = '', level = '']) => [type, level]));
  expect(stated.size).toBeGreaterThan(100);
  expect([...ours].map(([type, { severity }]) => [type, severity]))
    .toEqual([...ours.keys()].map((type) => [type, stated.get(type) ?? stated.get(type.replace('6_', '_')) ?? 'unknown']));
});

test('a file name of the published form tells each type, and no other name does', async () => {
  const types = await publishedReportTypes();
  for (const type of types.keys()) {
    expect(typeOfFileName(types, `2024-07-04-${type}-123-sample-asn.csv`)).toBe(type);
    expect(knownType(types, type)).toBe(type);
  }
  const examples = [...(await published('report-filename.md')).matchAll(/^\d\. `(\d{4}-\d{2}-\d{2}-([^-]+)-[^`]+\.csv)`/gm)];
  expect(examples).toHaveLength(3);
  for (const [, name = '', type = ''] of examples) expect(typeOfFileName(types, name)).toBe(types.has(type) ? type : null);
  expect(typeOfFileName(types, 'test_smb.csv')).toBeNull();
});
