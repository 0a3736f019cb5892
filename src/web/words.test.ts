/** The two dictionaries: the same keys, all used, all that is used there, gaps alike. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { agreementsApi } from '#modules/agreements/api';
import { definitions } from '#modules/landscape/series';
import { partiesApi } from '#modules/parties/api';
import { roleMatrix } from '#modules/parties/index';

const source = join(import.meta.dirname, '..');
const locales = join(import.meta.dirname, 'locales');

function dictionary(tongue: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const file of readdirSync(join(locales, tongue))) {
    const entries = Object.entries(JSON.parse(readFileSync(join(locales, tongue, file), 'utf8')) as Record<string, string>);
    for (const [key, words] of entries) {
      if (found.has(key)) throw new Error(`${tongue}/${file}: ${key} stands in another file too`);
      found.set(key, words);
    }
  }
  return found;
}

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((f) => f.isFile() && /\.tsx?$/.test(f.name) && !f.name.endsWith('.test.ts'))
    .map((f) => join(f.parentPath, f.name))
    .filter((path) => /\/(ui|web|views)\//.test(path));
}

const [en, vi] = [dictionary('en'), dictionary('vi')];
const code = sources(source).map((path) => readFileSync(path, 'utf8')).join('\n');
/** Every literal in the code that could be a key, and every template that could make one: `role.${x}` is `role.`. */
const literals = new Set([...code.matchAll(/'([a-z][\w.-]*)'/g)].map((m) => m[1] ?? ''));
const stems = [...code.matchAll(/`([a-z][\w-]*[.-](?:[\w-]+[.-])*)\$\{/g)].map((m) => m[1] ?? '');
const single = (key: string): string => key.replace(/_(one|other)$/, '');
const gaps = (words: string): string[] => [...words.matchAll(/\{\{(\w+)\}\}/g)].map((m) => m[1] ?? '').sort();

describe('the dictionaries', () => {
  test('both languages know the same keys', () => {
    const keys = (d: Map<string, string>) => [...new Set([...d.keys()].map(single))].sort();
    expect(keys(vi)).toEqual(keys(en));
  });

  test('each plural has the forms of its language', () => {
    for (const key of en.keys()) if (key.endsWith('_one')) expect(en.has(`${single(key)}_other`), key).toBe(true);
    expect([...vi.keys()].filter((key) => key.endsWith('_one'))).toEqual([]);
  });

  test('every key that the code asks for is there', () => {
    const known = new Set([...en.keys()].map(single));
    const asked = [...code.matchAll(/\bt\(\s*'([^']+)'/g)].map((m) => m[1] ?? '');
    expect(asked.length).toBeGreaterThan(200);
    expect([...new Set(asked)].filter((key) => !known.has(key))).toEqual([]);
  });

  test('every stem that the code completes has at least one key', () => {
    const all = [...en.keys()];
    const wordStems = [...code.matchAll(/\b(?:t|has)\(\s*`([a-z][\w.-]*)\$\{/g)].map((m) => m[1] ?? '');
    expect(wordStems.length).toBeGreaterThan(10);
    expect(wordStems.filter((stem) => !all.some((key) => key.startsWith(stem)))).toEqual([]);
  });

  test('each right, and each act that takes two people, has words', () => {
    const acts = [...Object.entries(partiesApi), ...Object.entries(agreementsApi)]
      .filter(([, endpoint]) => 'approval' in endpoint.needs).map(([name]) => `operation.${name}`);
    expect(acts.length).toBeGreaterThan(4);
    expect([...Object.keys(roleMatrix).map((right) => `right.${right}`), ...acts].filter((key) => !en.has(key))).toEqual([]);
  });

  test('no key is there that the code cannot ask for', () => {
    const unused = [...new Set([...en.keys()].map(single))]
      .filter((key) => !literals.has(key) && !stems.some((stem) => key.startsWith(stem)));
    expect(unused).toEqual([]);
  });

  test('both languages fill the same gaps', () => {
    for (const [key, words] of vi) {
      const other = en.get(key) ?? '';
      expect(gaps(words), key).toEqual(gaps(other));
    }
  });

  test('nothing is empty, and Vietnamese is not English', () => {
    expect([...en, ...vi].filter(([, words]) => words.trim() === '')).toEqual([]);
    const same = [...vi].filter(([key, words]) => en.get(key) === words && /[a-z]{4}/.test(words) && !/^[A-Z\d ]/.test(words));
    expect(same.map(([key]) => key)).toEqual([]);
  });
});

describe('what the pages say of a series', () => {
  test('is in English what the hub publishes', () => {
    for (const [series, definition] of Object.entries(definitions)) {
      for (const part of ['definition', 'method', 'source', 'caution'] as const) {
        expect(en.get(`series.${series}.${part}`), `${series} ${part}`).toBe(definition[part]);
      }
    }
  });
});
