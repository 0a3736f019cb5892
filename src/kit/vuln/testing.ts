/** Records of each format for tests, small and of our own words, around ids of our own range. */

export const cveRecord = (n: number, more: Readonly<Record<string, unknown>> = {}, cna: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  dataType: 'CVE_RECORD', dataVersion: '5.1',
  cveMetadata: { cveId: `CVE-2024-${String(n).padStart(4, '0')}`, assignerOrgId: '00000000-0000-4000-8000-000000000000', assignerShortName: 'example',
    state: 'PUBLISHED',
    datePublished: '2024-01-02T03:04:05', dateUpdated: '2024-02-03T04:05:06.789Z', ...more },
  containers: {
    cna: {
      providerMetadata: { orgId: '00000000-0000-4000-8000-000000000000', shortName: 'example' }, title: `Overflow ${n} in the parser`,
      descriptions: [{ lang: 'vi', value: 'Tràn bộ đệm' }, { lang: 'en', value: 'A long header overflows a buffer.' }],
      affected: [
        { vendor: 'Example', product: 'Parser', cpes: ['cpe:2.3:a:example:parser:*:*:*:*:*:*:*:*'], defaultStatus: 'unaffected',
          versions: [{ version: '1.0', status: 'affected', lessThan: '2.0', versionType: 'semver', changes: [{ at: '1.9', status: 'unaffected' }] }] },
        { collectionURL: 'https://www.npmjs.com/', packageName: '@example/parser', vendor: 'Example', product: 'parser for node', defaultStatus: 'unknown',
          versions: [{ version: '3.1.4', status: 'affected' }] },
      ],
      metrics: [{ format: 'CVSS', cvssV3_1: { version: '3.1', baseScore: 9.8, baseSeverity: 'CRITICAL',
        vectorString: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' } }],
      problemTypes: [{ descriptions: [{ lang: 'en', type: 'CWE', cweId: 'CWE-787', description: 'Out-of-bounds Write' }] }],
      references: [{ url: 'https://example.org/advisory', name: 'Advisory', tags: ['vendor-advisory'] }], solutions: [{ lang: 'en',
        value: 'Update to 2.0.' }], ...cna,
    },
    adp: [{ providerMetadata: { orgId: '00000000-0000-4000-8000-000000000001', shortName: 'enricher' }, title: 'Enrichment',
      cpeApplicability: [{ nodes: [{ operator: 'OR', negate: false, cpeMatch: [
        { vulnerable: true, criteria: 'cpe:2.3:a:example:parser:*:*:*:*:*:*:*:*', versionStartIncluding: '1.0', versionEndExcluding: '2.0' }] }] }] }],
  },
});

export const osvRecord = (n: number, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  schema_version: '1.6.0', id: `GHSA-0000-0000-${String(n).padStart(4, '0')}`, aliases: [`CVE-2024-${String(n).padStart(4, '0')}`],
  modified: '2024-03-01T00:00:00Z', published: '2024-01-05T00:00:00Z', summary: 'Overflow in the parser', details: 'A long header overflows.',
  severity: [{ type: 'CVSS_V4', score: 'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N' }],
  affected: [{ package: { ecosystem: 'npm', name: '@example/parser', purl: 'pkg:npm/%40example/parser' },
    ranges: [{ type: 'SEMVER', events: [{ introduced: '3.0.0' }, { fixed: '3.2.0' }] }], versions: ['3.0.0', '3.1.4'] }],
  references: [{ type: 'ADVISORY', url: 'https://example.org/ghsa' }], database_specific: { cwe_ids: ['CWE-787'] }, ...more,
});

export const csafDocument = (n: number, label: string | null = 'AMBER'): Record<string, unknown> => ({
  document: { category: 'csaf_vex', csaf_version: '2.0', title: 'Parser: overflow', ...(label === null ? {} : { distribution: { tlp: { label } } }),
    publisher: { category: 'vendor', name: 'Example', namespace: 'https://example.org' },
    tracking: { id: `EX-2024-${n}`, status: 'final', version: '1', initial_release_date: '2024-01-10T00:00:00Z', current_release_date: '2024-01-11T00:00:00Z',
      revision_history: [{ date: '2024-01-10T00:00:00Z', number: '1', summary: 'First' }] } },
  product_tree: {
    branches: [{ category: 'vendor', name: 'Example', branches: [{ category: 'product_name', name: 'Parser', branches: [
      { category: 'product_version', name: '1.5', product: { product_id: 'P1', name: 'Parser 1.5', product_identification_helper: {
        cpe: 'cpe:2.3:a:example:parser:1.5:*:*:*:*:*:*:*', purl: 'pkg:generic/parser@1.5' } } },
      { category: 'product_version_range', name: 'vers:generic/>=2.0|<3.0', product: { product_id: 'P2', name: 'Parser 2' } },
      { category: 'product_version', name: '0.9', product: { product_id: 'P3', name: 'Parser 0.9',
        product_identification_helper: { purl: 'pkg:generic/parser@0.9' } } },
    ] }] }],
    product_groups: [{ group_id: 'G1', product_ids: ['P3'] }],
    relationships: [{ category: 'installed_on', product_reference: 'P1', relates_to_product_reference: 'P2', full_product_name: { product_id: 'P1:P2',
      name: 'Parser 1.5 on 2' } }],
  },
  vulnerabilities: [{
    cve: `CVE-2024-${String(n).padStart(4, '0')}`, cwe: { id: 'CWE-787', name: 'Out-of-bounds Write' }, ids: [{ system_name: 'Example', text: `EXV-${n}` }],
    product_status: { known_affected: ['P1', 'P1:P2'], fixed: ['P2'], known_not_affected: ['P3'] },
    flags: [{ label: 'vulnerable_code_not_present', group_ids: ['G1'] }],
    threats: [{ category: 'impact', details: 'The parser is not built in.', product_ids: ['P3'] }],
    remediations: [{ category: 'vendor_fix', details: 'Update to 2.', product_ids: ['P1'], url: 'https://example.org/fix' }],
    scores: [{ products: ['P1'], cvss_v3: { version: '3.1', vectorString: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', baseScore: 9.8,
      baseSeverity: 'CRITICAL' } }],
  }],
});

export const kevCatalogue = (cves: readonly string[]): Record<string, unknown> => ({
  title: 'Known exploited', catalogVersion: '2024.05.01', dateReleased: '2024-05-01T00:00:00.000Z', count: cves.length,
  vulnerabilities: cves.map((cveID, i) => ({ cveID, vendorProject: 'Example', product: 'Parser', vulnerabilityName: 'Parser overflow', dateAdded: '2024-04-30',
    shortDescription: 'It overflows.', requiredAction: 'Update.', dueDate: '2024-05-21', knownRansomwareCampaignUse: i % 2 ? 'Unknown' : 'Known', notes: '',
      cwes: ['CWE-787'] })),
});

export const epssFile = (rows: readonly (readonly [cve: string, score: string, percentile: string])[], day = '2024-05-01'): string =>
  [`#model_version:v2023.03.01,score_date:${day}T00:00:00+0000`, 'cve,epss,percentile', ...rows.map((r) => r.join(',')), ''].join('\n');

export async function* piecesOf(bytes: Uint8Array | string, size = 4_096): AsyncGenerator<Uint8Array> {
  const all = Buffer.from(bytes);
  for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size);
}
