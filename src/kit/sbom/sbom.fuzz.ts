import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readComponents } from './read.ts';
import { reportOf } from './report.ts';

test('whatever comes is a bill or none, and a report adds up', () => {
  const component = fc.record({
    name: fc.constantFrom('a', 'b'), version: fc.option(fc.constantFrom('1', '2')), purl: fc.option(fc.constantFrom('pkg:x/a@1', 'pkg:x/b')),
  });
  const bill = fc.array(component, { maxLength: 20 }).map((components) => JSON.stringify({ bomFormat: 'CycloneDX', components }));
  const tags = fc.array(fc.constantFrom('PackageName: a', 'PackageVersion: 1', 'ReleaseDate: x', 'ExternalRef: A purl', '<text>', ''))
    .map((lines) => ['SPDXVersion: SPDX-2.2', ...lines].join('\n'));
  fc.assert(fc.property(fc.oneof(bill, tags, fc.json(), fc.string()), (text) => {
    const components = readComponents(text)?.components ?? [];
    const report = reportOf(components, 0);
    expect(report.components).toBe(components.length);
    expect(report.distinct).toBeLessThanOrEqual(report.components);
    for (const d of report.duplicates) expect(d.versions.reduce((sum, v) => sum + v.copies, 0)).toBe(d.copies);
  }), { numRuns: 400 });
});
