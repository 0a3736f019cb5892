/** Each format as the common shape, streams of any packing, and what is hostile. */
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { zipOf } from '../lines/testing.ts';
import { readCsaf } from './csaf.ts';
import { readCveRecord } from './cve.ts';
import { readKev } from './exploited.ts';
import { readOsv } from './osv.ts';
import { judge } from './range.ts';
import { listedAs, type RecordsRead, type VulnRecord } from './record.ts';
import { readBill } from './sbom.ts';
import { readVulnerabilities, type Item, type StreamLimits } from './stream.ts';
import { csafDocument, cveRecord, epssFile, kevCatalogue, osvRecord, piecesOf } from './testing.ts';
import { readCycloneVex, readOpenVex } from './vex.ts';

const only = ({ records, problems }: RecordsRead): VulnRecord => {
  expect(problems).toEqual([]);
  expect(records).toHaveLength(1);
  return records[0] as VulnRecord;
};
async function all(bytes: Uint8Array | string, limits: Partial<StreamLimits> = {}, size = 4_096): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of readVulnerabilities(piecesOf(bytes, size), limits)) items.push(item);
  return items;
}
const verdicts = (r: VulnRecord, product: number, versions: string): string[] => versions.split(' ').map((v) =>
  judge((r.products[product] as VulnRecord['products'][0]).coverage, v).status);

describe('CVE records', () => {
  test('a published one', () => {
    const r = only(readCveRecord(cveRecord(7)));
    expect(r).toMatchObject({
      format: 'cve', id: 'CVE-2024-0007', publisher: 'example', title: 'Overflow 7 in the parser', summary: 'A long header overflows a buffer.',
      published: '2024-01-02T03:04:05.000Z', modified: '2024-02-03T04:05:06.789Z', withdrawn: null, weaknesses: ['CWE-787'],
      scores: [{ by: 'example', version: '3.1', score: 9.8, severity: 'critical' }], remedies: [{ category: 'vendor_fix', text: 'Update to 2.0.' }],
      references: [{ url: 'https://example.org/advisory', kind: 'vendor-advisory', title: 'Advisory' }],
    });
    expect(r.products.map((p) => [p.by, p.purl, p.cpes.length])).toEqual([['example', null, 1], ['example', 'pkg:npm/%40example/parser', 0], ['enricher',
      null, 1]]);
    expect(verdicts(r, 0, '0.9 1.0 1.8 1.9 2.0')).toEqual(['not-affected', 'affected', 'affected', 'not-affected', 'not-affected']);
    expect(verdicts(r, 1, '3.1.4 3.1.5')).toEqual(['affected', 'unknown']);
    expect(verdicts(r, 2, '1.0 1.9 2.0')).toEqual(['affected', 'affected', 'not-affected']);
  });
  test('a rejected one says why', () => {
    const r = only(readCveRecord(cveRecord(7, { state: 'REJECTED', dateRejected: '2024-05-05T00:00:00Z' },
      { rejectedReasons: [{ lang: 'en', value: 'Not a vulnerability.' }], affected: [] })));
    expect(r).toMatchObject({ withdrawn: '2024-05-05T00:00:00.000Z', withdrawnWhy: 'Not a vulnerability.' });
  });
  test('what is wrong is told at its place', () => {
    expect(readCveRecord({ cveMetadata: { cveId: 'CVE-1' } })).toMatchObject({ records: [], problems: [{ pointer: '/cveMetadata/cveId' }] });
    const { problems } = readCveRecord(cveRecord(7, { datePublished: '2024-02-30T00:00:00Z' }, { affected: 'all', references: [1] }));
    expect(problems.map((p) => p.pointer).sort()).toEqual(['/cveMetadata/datePublished', '/containers/cna/affected', '/containers/cna/references/0'].sort());
  });
});

test('OSV', () => {
  const r = only(readOsv(osvRecord(7)));
  expect(r).toMatchObject({ id: 'GHSA-0000-0000-0007', aliases: ['CVE-2024-0007'], scores: [{ version: '4.0', score: 9.3 }], weaknesses: ['CWE-787'] });
  expect(listedAs(r)).toBe('CVE-2024-0007');
  expect(verdicts(r, 0, '2.9.9 3.0.0 3.1.9 3.2.0')).toEqual(['not-affected', 'affected', 'affected', 'not-affected']);
  expect(only(readOsv(osvRecord(7, { affected: [{ package: { ecosystem: 'Debian:12', name: 'parser' }, ranges: [{ type: 'ECOSYSTEM',
    events: [{ introduced: '0' }, { fixed: '1.0-2' }] }] }] }))).products[0]).toMatchObject({
    purl: 'pkg:deb/debian/parser', ecosystem: 'Debian:12', coverage: { scheme: 'deb' } });
  expect(readOsv({ id: '7' }).problems).toMatchObject([{ pointer: '/id' }]);
});

test('CSAF resolves its tree, its groups and its flags', () => {
  const r = only(readCsaf(csafDocument(7)));
  expect(r).toMatchObject({ id: 'CVE-2024-0007', document: 'EX-2024-7', publisher: 'Example', tlp: 'AMBER', aliases: ['EXV-7'], weaknesses: ['CWE-787'] });
  expect(r.products.map((p) => [p.name, p.purl, p.coverage.versions[0]?.version ?? null, p.justification])).toEqual([
    ['Parser', 'pkg:generic/parser@1.5', '1.5', null], ['Parser', 'pkg:generic/parser@1.5', '1.5', null], ['Parser', null, null, null],
    ['Parser', 'pkg:generic/parser@0.9', '0.9', 'vulnerable_code_not_present'],
  ]);
  expect(r.products[3]).toMatchObject({ statement: 'The parser is not built in.' });
  expect(verdicts(r, 2, '1.9 2.0 3.0')).toEqual(['unknown', 'fixed', 'unknown']);
  expect(only(readCsaf(csafDocument(7, null))).tlp).toBeNull();
  // What is no label is as narrow as can be.
  expect(readCsaf(csafDocument(7, 'PINK')).records[0]?.tlp).toBe('RED');
});

test('OpenVEX and CycloneDX', () => {
  const open = only(readOpenVex({ '@context': 'https://openvex.dev/ns/v0.2.0', '@id': 'https://example.org/vex/1', author: 'Example',
    timestamp: '2024-01-01T00:00:00Z', version: 1,
    statements: [{ vulnerability: { name: 'CVE-2024-0007', aliases: ['GHSA-x'] }, products: [{ '@id': 'pkg:oci/app@sha256:0',
      subcomponents: [{ '@id': 'pkg:npm/a@1.0.0' }] }],
      status: 'not_affected', justification: 'inline_mitigations_already_exist' }] }));
  expect(open.products.map((p) => [p.purl, p.coverage.versions[0]?.status, p.justification])).toEqual([
    ['pkg:oci/app@sha256:0', 'not-affected', 'inline_mitigations_already_exist'], ['pkg:npm/a@1.0.0', 'not-affected', 'inline_mitigations_already_exist']]);
  const bom = { bomFormat: 'CycloneDX', specVersion: '1.5', serialNumber: 'urn:uuid:1', metadata: { component: { name: 'app', 'bom-ref': 'app' } },
    components: [{ 'bom-ref': 'a', name: 'a', version: '1.0.0', purl: 'pkg:npm/a@1.0.0', components: [{ name: 'b', purl: 'pkg:npm/b@2.0.0' }] }],
    vulnerabilities: [{ id: 'CVE-2024-0007', cwes: [787], ratings: [{ method: 'CVSSv31', vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }],
      analysis: { state: 'not_affected', justification: 'code_not_reachable', detail: 'Not called.' }, affects: [{ ref: 'a',
        versions: [{ range: 'vers:npm/<2.0.0' }] }] }] };
  const cyclone = only(readCycloneVex(bom));
  expect(cyclone).toMatchObject({ weaknesses: ['CWE-787'], scores: [{ score: 9.8 }], products: [{ purl: 'pkg:npm/a@1.0.0',
    justification: 'code_not_reachable' }] });
  expect(verdicts(cyclone, 0, '1.9.0 2.0.0')).toEqual(['not-affected', 'unknown']);
  expect(readBill(bom)).toMatchObject({ kind: 'cyclonedx', nameless: 1, listed: [{ purl: 'pkg:npm/a@1.0.0' }, { purl: 'pkg:npm/b@2.0.0' }] });
  expect(readBill({ spdxVersion: 'SPDX-2.3', packages: [{ name: 'a', versionInfo: '1', externalRefs: [{ referenceType: 'purl',
    referenceLocator: 'pkg:npm/a@1' }] }, { name: 'b' }] }))
    .toMatchObject({ kind: 'spdx', nameless: 1, listed: [{ purl: 'pkg:npm/a@1', version: '1' }] });
  expect(readBill({})).toBeNull();
});

describe('streams', () => {
  const lines = `${JSON.stringify(cveRecord(1))}\n${JSON.stringify(osvRecord(2))}\n`;
  test.each([
    ['lines', lines], ['a list', JSON.stringify([cveRecord(1), osvRecord(2)])], ['gzip', gzipSync(lines)],
    ['a zip', zipOf([{ name: 'cves/1.json', text: JSON.stringify(cveRecord(1), null, 2) }, { name: '__MACOSX/._x', text: 'x' }, { name: 'o.json',
      text: JSON.stringify(osvRecord(2)) }])],
    ['a zip in a zip', zipOf([{ name: 'all.zip', text: '' }])],
  ])('%s', async (what, bytes) => {
    const inner = zipOf([{ name: 'a.json', text: lines }]);
    const items = await all(what === 'a zip in a zip' ? zipOfBytes('all.zip', inner) : bytes, {}, 997);
    expect(items.map((i) => (i.kind === 'records' ? i.records[0]?.id : i))).toEqual(['CVE-2024-0001', 'GHSA-0000-0000-0002']);
  });
  test('KEV as JSON and CSV says the same', async () => {
    const [json] = await all(JSON.stringify(kevCatalogue(['CVE-2024-0001', 'CVE-2024-0002'])));
    const csv = ['cveID,vendorProject,product,vulnerabilityName,dateAdded,shortDescription,requiredAction,dueDate,knownRansomwareCampaignUse,notes,cwes',
      '"CVE-2024-0001","Example","Parser","Parser overflow","2024-04-30","It overflows.","Update.","2024-05-21","Known","","CWE-787"',
      'CVE-2024-0002,Example,Parser,Parser overflow,2024-04-30,It overflows.,Update.,2024-05-21,Unknown,,CWE-787', ''].join('\n');
    const [table] = await all(csv);
    expect(json?.kind === 'kev' && table?.kind === 'kev' && json.catalogue.entries).toEqual(table?.kind === 'kev' && table.catalogue.entries);
    expect(readKev(kevCatalogue(['CVE-2024-0001', 'no'])).problems).toMatchObject([{ pointer: '/vulnerabilities/1/cveID' }]);
  });
  test('EPSS with its day, in batches, each bad line told', async () => {
    const rows = Array.from({ length: 10_001 }, (_, i) => [`CVE-2024-${String(10_000 + i)}`, '0.00042', '0.5'] as const);
    const items = await all(gzipSync(epssFile([...rows, ['CVE-2024-9999', '1.5', '0.1'], ['x', '0.1', '0.1']])));
    expect(items.map((i) => (i.kind === 'epss' ? i.rows.length : i.kind))).toEqual(['edition', 10_000, 'problem', 'problem', 1]);
    expect(items[0]).toMatchObject({ edition: { day: '2024-05-01', model: 'v2023.03.01' } });
    expect(items[2]).toMatchObject({ place: 'line 10004' });
    expect(await all('cve,epss,percentile\nCVE-2024-0001,0.1,0.1\n')).toMatchObject([{ kind: 'problem', fatal: true }]);
  });
  test('what is hostile is told and costs no memory', async () => {
    expect(await all('hello')).toMatchObject([{ kind: 'problem', fatal: true, place: 'line 1' }]);
    expect(await all('')).toMatchObject([{ kind: 'problem' }]);
    expect(await all('{"a":1}')).toMatchObject([{ kind: 'problem', text: 'this is of no format that is read' }]);
    expect((await all('{"a":')).at(-1)).toMatchObject({ kind: 'problem', fatal: true });
    expect((await all(gzipSync(lines).subarray(0, 60))).at(-1)).toMatchObject({ kind: 'problem', fatal: true });
    expect((await all(gzipSync(Buffer.from(`[${' '.repeat(30_000_000)}`)), { wholeBytes: 1_000_000 })).at(-1)).toMatchObject({ kind: 'problem', fatal: true });
    const large = JSON.stringify(osvRecord(2, { details: 'x'.repeat(200_000) }));
    expect(await all(`[${large},${JSON.stringify(osvRecord(3))}]`, { documentBytes: 100_000 })).toMatchObject([{ kind: 'problem' }, { kind: 'records' }]);
    expect(await all(zipOf([{ name: 'a', text: lines }]).subarray(0, 90))).toMatchObject([{ kind: 'problem', fatal: true }]);
  });
});

/** A zip that holds bytes, which the maker of zips takes as text. */
function zipOfBytes(name: string, bytes: Buffer): Buffer {
  return zipOf([{ name, text: bytes as never, stored: true }]);
}
