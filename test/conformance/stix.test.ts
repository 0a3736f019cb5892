/** Our tables of STIX 2.1 against the schemas that OASIS publishes, and two published bundles of MITRE ATT&CK through reader and checker. */
import { createReadStream } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readBundle } from '#kit/stix/bundle';
import { check } from '#kit/stix/check';
import { definitionsIn, levelOf } from '#kit/stix/marking';
import { versionOf, type StixObject } from '#kit/stix/object';
import { propertyOf, tableOf } from '#kit/stix/types/tables';
import { extensionTables } from '#kit/stix/types/structures';
import { isVocabulary, termsOf } from '#kit/stix/types/vocabulary';

const folder = join(import.meta.dirname, '..', '..', '..', 'shared', 'data', 'stix');

async function needed<T>(what: string, read: () => Promise<T>): Promise<T> {
  return read().catch((error: NodeJS.ErrnoException) => {
    throw new Error(`the conformance tier needs ../shared/data/stix/${what} beside the clone (${error.code})`);
  });
}
interface Schema {
  readonly title?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly allOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly definitions?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly enum?: readonly string[];
}
async function schemas(): Promise<Schema[]> {
  const all = await Promise.all(['sdos', 'sros', 'observables'].map(async (kind) => {
    const names = await needed('schemas', () => readdir(join(folder, 'schemas', kind)));
    return Promise.all(names.map(async (name) => JSON.parse(await readFile(join(folder, 'schemas', kind, name), 'utf8')) as Schema));
  }));
  return all.flat();
}
/** A schema and all it is put together from, but for definitions. */
const parts = (schema: Schema): Schema[] => [schema, ...[...schema.allOf ?? [], ...schema.oneOf ?? []].flatMap(parts)];

test('every property that a schema has we know, and every one that it requires we require', async () => {
  const found = await schemas();
  expect(found).toHaveLength(39);
  let properties = 0;
  for (const schema of found) {
    const type = schema.title ?? '';
    expect(tableOf(type), type).not.toBeNull();
    for (const part of parts(schema)) for (const name of Object.keys(part.properties ?? {})) {
      expect(propertyOf(type, name), `${type}.${name}`).not.toBeNull();
      properties++;
    }
    const always = [schema, ...schema.allOf ?? []].flatMap((part) => part.required ?? []);
    expect(always.filter((name) => !propertyOf(type, name)?.required), type).toEqual([]);
    // What we require beyond is one of two that a schema says by cases: `is_family`, `is_multipart`; or common to all.
    const ours = [...tableOf(type)?.properties.values() ?? []].filter((p) => p.required).map((p) => p.name);
    expect(ours.filter((name) => !parts(schema).some((part) => part.required?.includes(name))), type).toEqual([]);
  }
  expect(properties).toBeGreaterThan(250);
});

test('the common properties and meta objects too', async () => {
  const read = async (name: string): Promise<Schema> => JSON.parse(await needed('schemas', () => readFile(join(folder, 'schemas', 'common',
    `${name}.json`), 'utf8'))) as Schema;
  for (const type of ['marking-definition', 'language-content', 'extension-definition', 'bundle']) {
    const schema = await read(type);
    for (const part of parts(schema)) for (const name of Object.keys(part.properties ?? {})) {
      expect(propertyOf(type, name), `${type}.${name}`).not.toBeNull();
    }
  }
  const core = await read('core');
  for (const name of Object.keys(core.properties ?? {})) expect(propertyOf('tool', name), name).not.toBeNull();
  expect((core.required ?? []).filter((name) => !propertyOf('tool', name)?.required)).toEqual([]);
  const observable = await read('cyber-observable-core');
  for (const name of Object.keys(observable.properties ?? {})) expect(propertyOf('url', name), name).not.toBeNull();
});

test('every extension of a schema is ours with its properties, and every word of its vocabularies', async () => {
  const extensions = new Set<string>();
  let words = 0;
  const walk = (schema: unknown): void => {
    if (schema === null || typeof schema !== 'object') return;
    const { definitions, patternProperties } = schema as Schema;
    for (const [pattern, extension] of Object.entries(patternProperties ?? {})) {
      const key = /^\^([a-z-]+-ext)\$$/.exec(pattern)?.[1];
      if (!key) continue;
      extensions.add(key);
      for (const part of parts(extension)) for (const name of Object.keys(part.properties ?? {})) expect(extensionTables[key]?.properties.has(name),
        `${key}.${name}`).toBe(true);
    }
    for (const [name, vocabulary] of Object.entries(definitions ?? {})) {
      const ours = name === 'malware-av-result-ov' ? 'malware-result-ov' : name;
      if (!isVocabulary(ours)) continue;
      // The schemas write two kinds of account with a blank that the text joins by a hyphen, run two pairs of regions together, and
      // know an account that the text does not.
      const missing = (vocabulary.enum ?? []).flatMap((word) => word.replace('windows ', 'windows-').split(' '))
        .filter((word) => word !== 'kavi' && !termsOf(ours).has(word));
      expect([name, missing]).toEqual([name, []]);
      words += vocabulary.enum?.length ?? 0;
    }
    for (const inner of Object.values(schema)) walk(inner);
  };
  for (const schema of await schemas()) walk(schema);
  expect([...extensions].sort()).toEqual(Object.keys(extensionTables).sort());
  expect(words).toBeGreaterThan(200);
});

/** What the two bundles break: two MUSTs each, of one object; nothing of it is ours to repair. */
const musts = ['must milliseconds 3.2 /created', 'must order 3.6.1 /modified'];

test.each([
  ['mobile-attack-8.2.json', 1126, { 'relationship 5.1.2': 40 }],
  ['mobile-attack-9.0.json', 1406, { 'relationship 5.1.2': 40 }],
])('%s loads whole, and breaks what is stated here and nothing else', async (name, count, shoulds) => {
  const objects: StixObject[] = [];
  const problems: unknown[] = [];
  for await (const item of readBundle(createReadStream(join(folder, name)))) {
    if (item.kind === 'object') objects.push(item.value);
    else if (item.kind === 'problem') problems.push(item);
  }
  const whole = JSON.parse(await needed(name, () => readFile(join(folder, name), 'utf8'))) as { objects: StixObject[] };
  expect(problems).toEqual([]);
  expect(objects).toHaveLength(count);
  expect(objects).toEqual(whole.objects);
  const found = objects.flatMap((object) => check(object).problems);
  expect(found.filter((p) => p.level === 'must').map((p) => `must ${p.rule} ${p.clause} ${p.path}`).sort()).toEqual(musts);
  const counts: Record<string, number> = {};
  for (const p of found) if (p.level === 'should') counts[`${p.rule} ${p.clause}`] = (counts[`${p.rule} ${p.clause}`] ?? 0) + 1;
  expect(counts).toEqual(shoulds);
  const definitions = definitionsIn(objects);
  for (const object of objects) {
    expect(versionOf(object)).toMatchObject({ id: object['id'], specVersion: '2.1' });
    // One copyright statement marks them all; none is of TLP.
    expect(levelOf(object, definitions)).toMatchObject({ level: null, problems: [] });
  }
});
