/** The docs say what the code does: generated pages are fresh, links lead somewhere, the lists are whole. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { generatedDocuments } from '../src/app/documents.ts';
import { order } from '../src/app/modules.ts';

const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

describe('generated docs are fresh (npm run docs writes them)', () => {
  test.each(Object.entries(generatedDocuments()))('docs/%s', (name, text) => expect(read(`docs/${name}`)).toBe(text));
});

describe('links in the prose lead to something that is there', () => {
  const pages = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', 'docs/dependencies.md', 'docs/operations.md',
    ...['docs/decisions', 'docs/specs'].flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`)),
    ...readdirSync(join(root, 'src/modules')).map((name) => `src/modules/${name}/README.md`),
  ].filter((path) => path.endsWith('.md'));
  test.each(pages)('%s', (page) => {
    const text = read(page);
    const links = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map((m) => m[1] ?? '').filter((l) => !/^https?:/.test(l));
    expect(links.filter((link) => !existsSync(join(root, dirname(page), link)))).toEqual([]);
    const code = [...text.matchAll(/`((?:src|test|docs|scripts|vendor|bench|bin)\/[\w./-]+)`/g)].map((m) => m[1] ?? '');
    expect(code.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});

test('every dependency is listed with its reason, and nothing else is', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;
  const listed = [...read('docs/dependencies.md').matchAll(/^\| `([^`]+)` \|/gm)].map((m) => m[1]).sort();
  expect(listed).toEqual([...Object.keys(dependencies ?? {}), ...Object.keys(devDependencies ?? {})].sort());
});

test('every module that exists has its README and stands in the order of modules', () => {
  for (const name of readdirSync(join(root, 'src/modules'))) {
    expect(order).toContain(name);
    expect(existsSync(join(root, 'src/modules', name, 'README.md')), relative(root, `src/modules/${name}/README.md`)).toBe(true);
  }
});

test('the version is one', async () => {
  const { version } = await import('../src/app/compose.ts');
  expect((JSON.parse(read('package.json')) as { version: string }).version).toBe(version);
});
