import { describe, expect, test } from 'vitest';
import { readComponents } from './read.ts';
import { reportOf } from './report.ts';

const now = Date.parse('2026-06-15T00:00:00Z');
const versions = [['1.0.1', '2010-03-29'], ['1.0.2', '2015-01-22'], ['1.1.1', '2018-09-11'], ['3.0.0', '2021-09-07']] as const;
/** 70 copies of 4 versions of one library, deep and shallow, and three that nothing is known of. */
const seventy = JSON.stringify({
  bomFormat: 'CycloneDX', specVersion: '1.6', components: [
    ...Array.from({ length: 70 }, (_, i) => {
      const [version, released] = versions[i % 4] ?? versions[0];
      const library = {
        name: 'libcrypt', version, purl: `pkg:generic/libcrypt@${version}?arch=x86`,
        properties: [{ name: 'cdx:lifecycle:milestone:generalAvailability', value: released },
          ...version === '1.0.1' ? [{ name: 'cdx:lifecycle:milestone:endOfSupport', value: '2016-12-31' }] : []],
      };
      return i % 2 === 0 ? library : { name: `holder${i}`, version: '1', purl: `pkg:generic/holder${i}@1`, components: [library] };
    }),
    { name: 'mystery' }, { name: 'mystery' }, { name: 'other', version: '2' },
  ],
});

describe('F23: a bill of materials', () => {
  test('70 copies of 4 versions: counted, the oldest told, what is unknown counted', () => {
    const bill = readComponents(seventy);
    expect([bill?.kind, bill?.version, bill?.components.length]).toEqual(['cyclonedx', '1.6', 108]);
    const report = reportOf(bill?.components ?? [], now);
    expect(report.duplicates[0]).toEqual({ name: 'libcrypt', copies: 70, versions: [
      { version: '1.0.1', copies: 18, released: '2010-03-29' }, { version: '1.0.2', copies: 18, released: '2015-01-22' },
      { version: '1.1.1', copies: 17, released: '2018-09-11' }, { version: '3.0.0', copies: 17, released: '2021-09-07' },
    ] });
    expect(report.duplicates.map((d) => [d.name, d.copies])).toEqual([['libcrypt', 70], ['mystery', 2]]);
    expect(report.oldest).toEqual({ name: 'libcrypt', version: '1.0.1', released: '2010-03-29' });
    expect(report).toMatchObject({ components: 108, distinct: 41, ageUnknown: 38, nameless: 3, versionUnknown: 2, supportUnknown: 90 });
    expect(report.outOfSupport).toHaveLength(18);
    expect(report.medianAgeDays).toBe(Math.floor((now - Date.parse('2015-01-22')) / 86_400_000));
  });
  test('SPDX says the same as JSON and as tag-value', () => {
    const json = readComponents(JSON.stringify({ spdxVersion: 'SPDX-2.3', packages: [
      { name: 'zlib', versionInfo: '1.2.11', releaseDate: '2017-01-15T00:00:00Z', validUntilDate: '2020-01-01T00:00:00Z',
        externalRefs: [{ referenceType: 'purl', referenceLocator: 'pkg:generic/zlib@1.2.11' }] }, { name: 'bare' }] }));
    const tags = readComponents(['SPDXVersion: SPDX-2.3', 'DocumentComment: <text>', 'PackageName: no', '</text>', 'PackageName: zlib',
      'PackageVersion: 1.2.11',
      'ReleaseDate: 2017-01-15T00:00:00Z', 'ValidUntilDate: 2020-01-01T00:00:00Z', 'ExternalRef: PACKAGE-MANAGER purl pkg:generic/zlib@1.2.11',
      'PackageName: bare', ''].join('\r\n'));
    expect(tags).toEqual(json);
    expect(reportOf(json?.components ?? [], now)).toMatchObject({ components: 2, ageUnknown: 1, nameless: 1, outOfSupport: [{ name: 'zlib' }] });
  });
  test('what is no bill is none, and odd values are as if nothing were said', () => {
    const none = ['', 'hello', '{', '[]', '{"bomFormat":"Other"}', '{"spdxVersion":"SPDX-3.0"}', 'SPDXVersion: SPDX-3.0'];
    for (const text of none) expect(readComponents(text), text).toBeNull();
    const odd = readComponents(JSON.stringify({
      bomFormat: 'CycloneDX', components: [{ name: 7, version: [], properties: [{ name: 'cdx:lifecycle:milestone:endOfSupport', value: 'soon' }] }, 3],
    }));
    expect(odd?.components[0]).toMatchObject({ version: null, supportEnds: null });
    expect(reportOf([], now)).toMatchObject({ components: 0, oldest: null, medianAgeDays: null });
  });
});
