/** What OSV keeps of other formats: each field is in the list of losses, or changing it changes the result. */
import { expect, test } from 'vitest';
import { readDocument, formatOf } from './stream.ts';
import { csafDocument, cveRecord, osvRecord } from './testing.ts';
import { osvOf } from './to-osv.ts';
import type { Format } from './record.ts';

type Step = string | number;
function leavesOf(value: unknown, path: Step[] = []): Step[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([k, v]) => leavesOf(v, [...path, Array.isArray(value) ? Number(k) : k]));
}
function withValue(value: unknown, [first, ...rest]: readonly Step[], put: (was: unknown) => unknown): unknown {
  if (first === undefined) return put(value);
  if (Array.isArray(value)) return value.map((v: unknown, i) => (i === first ? withValue(v, rest, put) : v));
  return Object.fromEntries(Object.entries(value as object).map(([k, v]) => [k, k === first ? withValue(v, rest, put) : v]));
}
const made = (value: unknown): ReturnType<typeof osvOf> => {
  const format = formatOf(value) as Format;
  const [record] = readDocument(format, value).records;
  if (!record) throw new Error('no record');
  return osvOf(record, value);
};
/** Another value of the same kind. */
const other = (was: unknown): unknown => {
  if (typeof was !== 'string') return typeof was === 'number' ? was + 1 : !was;
  if (/^CVE-/.test(was)) return 'CVE-2024-9999';
  if (/^CWE-/.test(was)) return 'CWE-1';
  if (/^\d{4}-\d\d-\d\dT/.test(was)) return '2019-01-01T00:00:00Z';
  if (/^CVSS:3/.test(was)) return 'CVSS:3.1/AV:L/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:N';
  if (/^https?:/.test(was)) return 'https://example.org/other';
  return /^pkg:/.test(was) ? 'pkg:npm/other' : /^\d/.test(was) ? '7.7.7' : 'other';
};

test.each([['a CVE record', cveRecord(7)], ['a CSAF document', csafDocument(7)]])('of %s', (_, value) => {
  const whole = made(value);
  const lost = new Set(whole.lost.map((l) => l.path));
  const kept = leavesOf(value).filter((leaf) => !lost.has(leaf.map((s) => `/${typeof s === 'number' ? '*' : s}`).join('')));
  expect(kept.length).toBeGreaterThanOrEqual(7);
  const silent = kept.filter((leaf) => JSON.stringify(made(withValue(value, leaf, other)).osv) === JSON.stringify(whole.osv));
  expect(silent).toEqual([]);
  expect(whole.osv).toMatchObject({ id: 'CVE-2024-0007', schema_version: '1.6.0' });
});
test('OSV stays what it is, and what was made is read as the same', () => {
  expect(made(osvRecord(7))).toEqual({ osv: osvRecord(7), lost: [] });
  const { records: [again], problems } = readDocument('osv', made(cveRecord(7)).osv);
  expect(problems).toEqual([]);
  expect(again).toMatchObject({ id: 'CVE-2024-0007', summary: 'A long header overflows a buffer.', scores: [{ score: 9.8 }], weaknesses: ['CWE-787'],
    products: [{ purl: 'pkg:npm/%40example/parser', coverage: { versions: [{ version: '3.1.4' }] } }] });
});
