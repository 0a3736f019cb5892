import fc from 'fast-check';
import { expect, test } from 'vitest';
import { check } from './check.ts';
import { own, sameMeaning, versionOf, type StixObject } from './object.ts';
import { everyType, stixBundle, stixObject } from './testing.ts';
import { sharedProperties } from './types/shared.ts';
import { kindOf } from './types/names.ts';
import { tableOf } from './types/tables.ts';

test.each(everyType)('a valid %s breaks no MUST', (type) => {
  fc.assert(fc.property(stixObject(type), (object) => {
    const { problems, specVersion } = check(object);
    expect([problems.filter((p) => p.level === 'must'), specVersion, versionOf(object)?.type]).toEqual([[], '2.1', type]);
    // What a producer may write is suggested, and no rule suggests what the tables do not want.
    expect(problems.map((p) => p.rule).filter((rule) => !['relationship', 'observable-container', 'header-fields', 'product-case',
      'description', 'kill-chain-case', 'country', 'toplevel', 'deterministic-id'].includes(rule))).toEqual([]);
    expect(sameMeaning(object, JSON.parse(JSON.stringify(object)) as StixObject)).toBe(true);
  }), { numRuns: 25 });
});

test('a valid bundle breaks no MUST', () => {
  fc.assert(fc.property(stixBundle, (bundle) => {
    expect(check(bundle).problems.filter((p) => p.level === 'must')).toEqual([]);
  }), { numRuns: 50 });
});

test('leaving out what is required, or writing null anywhere, is always told at its place', () => {
  fc.assert(fc.property(stixObject(), fc.nat(), (object, n) => {
    const type = String(own(object, 'type'));
    const names = Object.keys(object).filter((name) => !['type', 'id', 'spec_version'].includes(name));
    const name = names[n % Math.max(names.length, 1)] ?? 'name';
    const nulled = check({ ...object, [name]: null }, { limit: 1000 });
    expect(nulled.problems.filter((p) => p.level === 'must' && p.path.startsWith(`/${name}`))).not.toEqual([]);
    const required = tableOf(type)?.properties.get(name)?.required ?? sharedProperties(type, kindOf(type)).get(name)?.required;
    if (!required) return;
    const without = Object.fromEntries(Object.entries(object).filter(([key]) => key !== name));
    expect(check(without).problems).toContainEqual(expect.objectContaining({ level: 'must', rule: 'required', path: `/${name}` }));
  }), { numRuns: 300 });
});

test('nothing that JSON can say makes it throw, and each problem has its clause, place and sentence', () => {
  const anything = fc.oneof(
    fc.jsonValue(),
    fc.tuple(stixObject(), fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('id', 'type', 'created', 'extensions', 'granular_markings',
      'object_refs', 'objects',
      'pattern', 'hashes', 'contents', 'definition', '__proto__', 'constructor', 'external_references')), fc.jsonValue(), { maxKeys: 4 }))
      .map(([object, changes]) => ({ ...object, ...changes })),
  );
  fc.assert(fc.property(anything, fc.boolean(), (value, all) => {
    const { problems, more, valid } = check(value, { limit: 20, all });
    expect(problems.length).toBeLessThanOrEqual(20);
    if (more) expect(problems).toHaveLength(20);
    expect(valid).toBe(!problems.some((p) => p.level === 'must'));
    for (const p of problems) {
      expect(p.clause).toMatch(/^\d+(\.\d+){0,3}$/);
      expect(p.path).toMatch(/^(\/|$)/);
      expect(p.text.length).toBeGreaterThan(5);
    }
  }), { numRuns: 1500 });
});
