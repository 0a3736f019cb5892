/**
 * The test files of CSAF 2.0 and 2.1 (OASIS) through the reader: what is valid gives its records without a complaint about their
 * structure, and what is made to fail a test never ends the reader. Validation itself is not this reader's.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readCsaf } from '#kit/vuln/csaf';
import { formatOf } from '#kit/vuln/stream';

const root = new URL('../../../shared/data/csaf/', import.meta.url);
interface Case { readonly name: string; readonly valid: boolean }
interface Suite { readonly tests: readonly { readonly id: string; readonly failures?: readonly Case[]; readonly valid?: readonly Case[] }[] }

describe.each(['csaf_2.0', 'csaf_2.1'])('%s', (edition) => {
  const folder = new URL(`${edition}/test/validator/data/`, root);
  const suite = JSON.parse(readFileSync(new URL('testcases.json', folder), 'utf8')) as Suite;
  const read = (name: string): { value: unknown; problems: string[]; records: number; want: number } => {
    const value = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as { vulnerabilities?: unknown[] };
    const { records, problems } = readCsaf(value);
    return { value, records: records.length, want: value.vulnerabilities?.length ?? 0,
      problems: problems.filter((p) => p.pointer !== '/vulnerabilities').map((p) => `${name} ${p.pointer}: ${p.text}`) };
  };
  // Of the suite's list not every file is in the copy that we were given: those that are there count, and none is left out.
  const listed = suite.tests.flatMap((t) => [...t.failures ?? [], ...t.valid ?? []]);
  const cases = listed.filter((c) => existsSync(new URL(c.name, folder)));
  const bars = edition === 'csaf_2.0' ? { valid: 115, failing: 71 } : { valid: 448, failing: 208 };

  test('every valid file gives each vulnerability in it', () => {
    const valid = cases.filter((c) => c.valid);
    expect(valid.length).toBe(bars.valid);
    const read1 = valid.map((c) => read(c.name));
    // Valid for the one test they were written for, these name products that their tree does not have.
    const unknownProduct = /6-(?:1-27-13-16|2-54-03-01|3-21-01-02|3-21-01-12)\.json .*: no product has the id/;
    expect(read1.flatMap((r) => r.problems).filter((p) => !unknownProduct.test(p))).toEqual([]);
    expect(read1.map((r) => r.records)).toEqual(read1.map((r) => r.want));
  });
  test('every failing file is read or its faults told', () => {
    const failing = cases.filter((c) => !c.valid);
    expect(failing.length).toBe(bars.failing);
    for (const c of failing) {
      const r = read(c.name);
      // A file that fails the schema may be of no format any more; every other one is one of ours, and loses no vulnerability in silence.
      if (formatOf(r.value) === 'csaf') expect(r.records >= Math.min(1, r.want) || r.problems.length > 0, c.name).toBe(true);
    }
  });
  test('all files of the folder are among the cases', () => {
    const named = new Set(cases.map((c) => c.name));
    const there = ['mandatory', 'optional', 'informative', 'recommended'].flatMap((d) => {
      try {
        return readdirSync(new URL(`${d}/`, folder)).filter((f) => f.endsWith('.json') && !f.endsWith('.result.json')).map((f) => `${d}/${f}`);
      } catch {
        // The editions name their folders differently.
        return [];
      }
    });
    expect(there.filter((f) => !named.has(f))).toEqual([]);
  });
});
