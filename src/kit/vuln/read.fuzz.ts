/** Records with any value anywhere, and any bytes: what comes out is of the common shape, and nothing is thrown. */
import fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readBill } from './sbom.ts';
import { judge } from './range.ts';
import { formatOf, readDocument, readVulnerabilities } from './stream.ts';
import { readKev } from './exploited.ts';
import { csafDocument, cveRecord, epssFile, kevCatalogue, osvRecord, piecesOf } from './testing.ts';

const openVex = { '@context': 'https://openvex.dev/ns/v0.2.0', '@id': 'x', statements: [{ vulnerability: { name: 'CVE-2024-0001' }, status: 'fixed',
  products: [{ '@id': 'pkg:npm/a@1' }] }] };
const bom = { bomFormat: 'CycloneDX', components: [{ 'bom-ref': 'a', name: 'a', purl: 'pkg:npm/a@1' }], vulnerabilities: [{ id: 'CVE-2024-0001',
  affects: [{ ref: 'a', versions: [{ range: 'vers:npm/<2' }] }] }] };
const samples = [cveRecord(1), osvRecord(1), csafDocument(1), openVex, bom, kevCatalogue(['CVE-2024-0001'])];

type Step = string | number;
function placesIn(value: unknown, path: Step[] = []): Step[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([k, v]) => placesIn(v, [...path, Array.isArray(value) ? Number(k) : k]))];
}
function withValue(value: unknown, [first, ...rest]: readonly Step[], put: unknown): unknown {
  if (first === undefined) return put;
  if (Array.isArray(value)) return value.map((v: unknown, i) => (i === first ? withValue(v, rest, put) : v));
  return Object.fromEntries(Object.entries(value as object).map(([k, v]) => [k, k === first ? withValue(v, rest, put) : v]));
}
const changed = fc.constantFrom(...samples).chain((sample) => {
  const places = placesIn(sample).filter((p) => p.length > 0);
  const odd = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom('', '\u0000', '\ud800', '0', '*', '2024-13-01', 'vers:x/', 'pkg:', '__proto__',
    'x'.repeat(300), [], {}, [[]], null, 1e300));
  return fc.array(fc.tuple(fc.constantFrom(...places), odd), { minLength: 1, maxLength: 4 }).map((puts) => puts.reduce<unknown>((v, [place, put]) => {
    try {
      return withValue(v, place, put);
    } catch {
      // An earlier change took the place away.
      return v;
    }
  }, sample));
});

test('any value anywhere is read or told', () => {
  fc.assert(fc.property(changed, (value) => {
    readBill(value);
    const format = formatOf(value);
    if (format === null) return;
    if (format === 'kev') {
      for (const e of readKev(value).entries) expect(e.added).toMatch(/^\d{4}-\d\d-\d\d$/);
      return;
    }
    const { records, problems } = readDocument(format, value);
    if (records.length === 0 && format !== 'openvex' && format !== 'cyclonedx') expect(problems.length).toBeGreaterThan(0);
    for (const r of records) {
      expect(JSON.stringify(r)).not.toContain('\\u0000');
      expect(JSON.stringify(r)).not.toMatch(/\\ud[89a-f]/);
      expect(r.id).toMatch(/^\S{1,200}$/);
      for (const at of [r.published, r.modified, r.withdrawn]) if (at !== null) expect(at).toBe(new Date(at).toISOString());
      for (const p of r.products) for (const v of ['0', '1.5', '3.1.4', 'x']) expect(judge(p.coverage, v).status).toBeTypeOf('string');
    }
  }), { numRuns: 4_000 });
});

test('any bytes are a stream of records and problems', async () => {
  const text = fc.oneof(changed.map((v) => JSON.stringify(v, null, 1)), fc.array(changed, { maxLength: 3 }).map((v) => JSON.stringify(v)), fc.string(),
    fc.constantFrom(epssFile([['CVE-2024-0001', '0.1', '0.2']]), '#x\ncve,epss,percentile\n', 'cveID,dateAdded\nCVE-2024-0001,2024-01-01\n'));
  await fc.assert(fc.asyncProperty(text, fc.boolean(), fc.nat(5_000), fc.integer({ min: 1, max: 3_000 }), async (t, packed, cut, size) => {
    const bytes = packed ? gzipSync(t) : Buffer.from(t);
    for await (const item of readVulnerabilities(piecesOf(bytes.subarray(0, Math.max(0, bytes.length - cut)), size))) {
      if (item.kind === 'problem') expect(item.text).not.toBe('');
    }
  }), { numRuns: 400 });
});
