/** Runs the house rules over the tree, and breaks each of them once. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cycles, orphans, rules, type SourceFile } from './rules.ts';

const root = join(import.meta.dirname, '..', '..');
const files: SourceFile[] = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  .split('\n').filter((path) => /^(src|test|bench|scripts)\/.*\.(tsx?|mjs)$/.test(path) && existsSync(join(root, path)))
  .filter((path) => !path.startsWith('test/tidy/'))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

describe('the house', () => {
  test('has files to look at', () => expect(files.length).toBeGreaterThan(50));
  test.each(Object.entries(rules))('keeps the rule %s', (_, rule) => {
    expect(files.flatMap((file) => rule(file).map((found) => `${file.path}: ${found}`))).toEqual([]);
  });
  test('has no import cycle', () => expect(cycles(files)).toEqual([]));
  test('has no file that nothing uses', () => {
    const entries = [/^src\/cli\//, /^src\/web\/main\.tsx$/, /-(child|worker)\.ts$/, /\.d\.ts$/];
    expect(orphans(files, entries)).toEqual([]);
  });
});

const broken: readonly [keyof typeof rules, SourceFile][] = [
  ['floors', { path: 'src/kit/x.ts', text: "import { y } from '#world/clock';" }],
  ['floors', { path: 'src/world/x.ts', text: "import { y } from '../modules/ledger/index.ts';" }],
  ['floors', { path: 'src/ui/X.tsx', text: "import { y } from '#world/clock';" }],
  ['floors', { path: 'src/modules/ledger/views/X.tsx', text: "import { y } from '../store.ts';" }],
  ['doors', { path: 'src/modules/ledger/x.ts', text: "import { y } from '#modules/parties/index';" }],
  ['doors', { path: 'src/modules/parties/x.ts', text: "import { y } from '#modules/ledger/store';" }],
  ['size', { path: 'src/kit/x.ts', text: '\n'.repeat(501) }],
  ['functionSize', { path: 'src/kit/x.ts', text: `function f() {\n${'  x();\n'.repeat(71)}}\n` }],
  ['lineLength', { path: 'src/kit/x.ts', text: 'x'.repeat(161) }],
  ['world', { path: 'src/kit/x.ts', text: 'const t = Date.now();' }],
  ['world', { path: 'src/app/x.ts', text: 'const t = new Date();' }],
  ['world', { path: 'src/app/x.ts', text: 'const t = process.env.X;' }],
  ['world', { path: 'src/modules/ledger/x.ts', text: 'await fetch(url);' }],
  ['state', { path: 'src/kit/x.ts', text: 'let count = 0;' }],
  ['types', { path: 'src/kit/x.ts', text: 'const f = (x: any) => x;' }],
  ['types', { path: 'src/kit/x.ts', text: 'const f = x as unknown as string;' }],
  ['exportsNamed', { path: 'src/kit/x.ts', text: 'export default 1;' }],
  ['names', { path: 'src/kit/utils.ts', text: '' }],
  ['names', { path: 'src/kit/x.ts', text: 'export class RequestHandler {}' }],
  ['opening', { path: 'src/kit/x.ts', text: "import { y } from './y.ts';" }],
  ['unfinished', { path: 'src/kit/x.ts', text: `// ${'FIX'}ME later` }],
  ['unfinished', { path: 'test/x.test.ts', text: `test.${'only'}('x', f);` }],
  ['figures', { path: 'src/web/x.ts', text: 'const shown = 992_952;' }],
  ['place', { path: 'src/kit/x.ts', text: `const path = '${'/wo'}rk/main/x';` }],
];

describe('each rule fires', () => {
  test.each(broken)('%s', (name, file) => expect(rules[name]?.(file)).not.toEqual([]));
  test('every rule is broken at least once', () =>
    expect(new Set(broken.map(([name]) => name))).toEqual(new Set(Object.keys(rules))));
  test('a cycle is found', () => expect(cycles([
    { path: 'src/kit/a.ts', text: "import { b } from './b.ts';" },
    { path: 'src/kit/b.ts', text: "import { a } from './a.ts';" },
  ])).toHaveLength(1));
  test('an unused file is found', () => expect(orphans([{ path: 'src/kit/a.ts', text: '' }], [])).toEqual(['src/kit/a.ts']));
});
