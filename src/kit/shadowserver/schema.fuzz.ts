/** Schemas of any making: read or refused with a place, never thrown over; and a difference that leads from one table to the other. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Refusal } from '../refusal.ts';
import { diffOf, readSchema, withOlder } from './schema.ts';
import type { ReportType, ReportTypes } from './types.ts';

const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/);
const column = fc.constantFrom('timestamp', 'ip', 'port', 'tag', 'asn', 'geo', 'new_one', 'banner');
const severity = fc.constantFrom('high', 'low', 'unknown');
const report: fc.Arbitrary<ReportType> = fc.record({
  title: fc.constantFrom('One', 'Two'), taxonomy: fc.constant('vulnerable'), type: fc.constantFrom('vulnerable-system', 'other'), severity,
  fields: fc.uniqueArray(column, { minLength: 1 }),
});
const types: fc.Arbitrary<ReportTypes> = fc.dictionary(name, report, { minKeys: 1, maxKeys: 6 }).map((all) => new Map(Object.entries(all)));

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const own = (all: ReportTypes): unknown => ({ stand: '2026-01-01', types: Object.fromEntries(all) });
/** The same as Shadowserver publishes it. */
const published = (all: ReportTypes): Record<string, unknown> => ({
  _meta: { date_created: '2026-01-01' },
  ...Object.fromEntries([...all].map(([file, r]) => [file, {
    constant_fields: { 'classification.taxonomy': r.taxonomy, 'classification.type': r.type, 'extra.severity': r.severity }, feed_name: r.title,
    file_name: file, required_fields: r.fields.slice(0, 1).map((f) => ['time.source', f, 'add_UTC_to_timestamp']),
    optional_fields: r.fields.slice(1).map((f) => [`extra.${f}`, f]),
  }])),
});
const none: ReportTypes = new Map();
function readOrRefused(input: Uint8Array): ReportTypes | null {
  try {
    return readSchema(input, none).types;
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal);
    expect((error as Refusal).code).toMatch(/^report-schema\./);
    if ((error as Refusal).kind === 'invalid') expect((error as Refusal).detail.at).toBeTruthy();
    return null;
  }
}

describe('a schema', () => {
  test('in either form is read as what it says', () => {
    fc.assert(fc.property(types, (all) => {
      expect(readSchema(bytes(own(all)), none)).toEqual({ stand: '2026-01-01', types: all });
      const read = readSchema(bytes(published(all)), none);
      expect(new Map([...read.types].map(([key, { as: _as, ...rest }]) => [key, rest]))).toEqual(all);
    }));
  });
  test('of whatever bytes or JSON is read, or refused with its place', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (input) => { readOrRefused(input); }));
    fc.assert(fc.property(fc.json({ maxDepth: 5 }), (text) => { readOrRefused(bytes(text)); }));
  });
  test('cut off anywhere is refused, and what is put into it never breaks out', () => {
    const whole = bytes(published(new Map([['scan_x', { title: 'X', taxonomy: 'v', type: 't', severity: 'low', fields: ['timestamp', 'ip'] }]])));
    for (let at = 0; at < whole.length; at++) expect(readOrRefused(whole.subarray(0, at))).toBeNull();
    fc.assert(fc.property(types, fc.jsonValue({ maxDepth: 3 }), fc.nat(9), (all, odd, where) => {
      const schema = published(all);
      const entry = Object.values(schema)[1] as Record<string, unknown>;
      const keys = ['constant_fields', 'feed_name', 'file_name', 'required_fields', 'optional_fields'];
      entry[keys[where % keys.length] as string] = where > 4 ? [odd, ['a', odd, odd]] : odd;
      for (const [type, { fields }] of readOrRefused(bytes(schema)) ?? []) {
        expect(type).toMatch(/^[a-z0-9_]+$/);
        expect(new Set(fields).size).toBe(fields.length);
        for (const field of fields) expect(field.length).toBeLessThanOrEqual(120);
      }
    }));
  });
  test.each([
    ['{"types": {"scan_x": {"fields": ["ip", 7]}}}', 'report-schema.field', 'scan_x.fields[1]'],
    ['{"scan_x": {"required_fields": [["time.source", "timestamp"], "ip"]}}', 'report-schema.field', 'scan_x.required_fields[1]'],
    ['{\n"scan_x": {"required_fields"', 'report-schema.not-json', 'line 2, character 29'],
    ['{"a": {"file_name": "x", "fields": ["ip"]}, "b": {"file_name": "x", "fields": ["ip"]}}', 'report-schema.twice', 'b'],
    ['{"__proto__": {"fields": ["ip"]}}', 'report-schema.type', '__proto__'],
    ['[]', 'report-schema.no-schema', 'the file'], ['{"_meta": {}}', 'report-schema.no-schema', 'the file'],
  ])('%s is refused where it is wrong', (text, code, at) => {
    expect(() => readSchema(bytes(text), none)).toThrow(expect.objectContaining({ code, detail: expect.objectContaining({ at }) as object }) as Error);
  });
  test('of many megabytes is not read at all', () => {
    expect(() => readSchema(new Uint8Array(8_000_001), none)).toThrow(expect.objectContaining({ code: 'report-schema.too-large' }) as Error);
  });
});

describe('a difference', () => {
  test('of a table to itself is nothing; of two it leads from one to the other', () => {
    fc.assert(fc.property(types, types, (a, b) => {
      expect(diffOf(a, a)).toEqual({ added: [], removed: [], changed: [] });
      const { added, removed, changed } = diffOf(a, b);
      const made = new Map([...a].filter(([key]) => !removed.includes(key)).map(([key, r]): [string, ReportType] => {
        const change = changed.find((one) => one.type === key);
        if (!change) return [key, r];
        const words = Object.fromEntries(change.changed.map((one) => [one.what, one.after]));
        return [key, { ...r, ...words, fields: [...r.fields.filter((f) => !change.removed.includes(f)), ...change.added] }];
      }));
      for (const key of added) made.set(key, b.get(key) as ReportType);
      const sorted = (all: ReportTypes) => new Map([...all].sort(([x], [y]) => (x < y ? -1 : 1))
        .map(([key, r]) => [key, { ...r, fields: [...r.fields].sort() }]));
      expect(sorted(made)).toEqual(sorted(b));
      expect(diffOf(withOlder(a, b), b).added).toEqual([]);
      expect([...withOlder(a, b).keys()].sort()).toEqual([...new Set([...a.keys(), ...b.keys()])].sort());
    }));
  });
});
