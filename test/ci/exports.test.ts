/** Exports held to the programs that read them: YARA's compiler and scanner, BIND's checker of zones, and Sigma's own parser and validators. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { isValueForm, valueWriters } from '../../src/kit/export/write.ts';
import { drawn, head, nasty, sayable, textOf, valueOf } from '../../src/kit/export/testing.ts';
import { ask, pythonWith } from '../python.ts';

const folder = mkdtempSync(join(tmpdir(), 'entente-exports-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const dropper = 'what a dropper is made of';
const digests = ['md5', 'sha1', 'sha256'].map((name) => valueOf(createHash(name).update(dropper).digest('hex')));

function file(form: 'yara' | 'rpz' | 'sigma', count: number): string {
  if (!isValueForm(form)) throw new Error(form);
  const path = join(folder, form);
  writeFileSync(path, textOf(valueWriters[form](head(), sayable(form, [...nasty, ...digests, ...drawn(count)]))));
  return path;
}

test('YARA compiles thirty thousand values, and finds a file by hash and by string', () => {
  const rules = file('yara', 30_000);
  const compiled = join(folder, 'compiled');
  expect(execFileSync('yarac', ['--fail-on-warnings', rules, compiled], { encoding: 'utf8' })).toBe('');
  const [dropped, speaking, silent] = ['dropped', 'speaking', 'silent'].map((name) => join(folder, name)) as [string, string, string];
  writeFileSync(dropped, dropper);
  writeFileSync(speaking, 'GET http://evil.example/ HTTP/1.1 Global\\"mutex"\\x');
  writeFileSync(silent, 'nothing of the kind: notevil.example');
  const found = (path: string): string => execFileSync('yara', ['-C', compiled, path], { encoding: 'utf8' });
  for (const kind of ['md5', 'sha1', 'sha256']) expect(found(dropped)).toContain(`entente_exp_1_${kind}_`);
  expect(found(speaking)).toContain('_strings_');
  expect(found(silent)).toBe('');
});

test('BIND loads the zone', () => {
  expect(execFileSync('named-checkzone', ['-k', 'fail', 'block.rpz.example', file('rpz', 40_000)], { encoding: 'utf8' })).toMatch(/loaded serial 7\nOK/);
});

const reader = `
import json, sys
from sigma.collection import SigmaCollection
from sigma.validation import SigmaValidator
from sigma.validators.core import validators
from sigma.backends.test import TextQueryTestBackend
rules = SigmaCollection.from_yaml(open(sys.argv[1], encoding='utf-8').read(), collect_errors=True)
issues = []
for name in ['tlpv2_tag', 'tag_format', 'namespace_tag', 'control_character', 'dangling_detection', 'dangling_condition', 'duplicate_title',
             'identifier_existence', 'identifier_uniqueness', 'invalid_modifier_combinations', 'double_wildcard', 'number_as_string', 'custom_attributes']:
    validator = SigmaValidator([validators[name]], {})
    issues += [str(i) for i in validator.validate_rules(iter(rules.rules))]
queries = TextQueryTestBackend().convert(SigmaCollection(rules.rules[:3]))
print(json.dumps({'rules': len(rules.rules), 'errors': [str(e) for e in rules.errors][:5], 'issues': issues[:5], 'queries': [q[:200] for q in queries]}))
`;

test('Sigma’s own library takes every rule, and finds no fault', async () => {
  const python = await pythonWith(['pysigma==1.5.1']);
  const found = await ask<{ rules: number; errors: string[]; issues: string[]; queries: string[] }>(python, reader, [file('sigma', 20_000)]);
  expect(found).toMatchObject({ errors: [], issues: [] });
  expect(found.rules).toBeGreaterThan(30);
  expect(found.queries).toHaveLength(3);
}, 360_000);
