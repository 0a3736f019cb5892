import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { toUtf8 } from '#kit/encoding';
import { fakeBlobs } from '../blobs/fake.ts';
import type { SourceFile } from './port.ts';
import { sharedIndexes, type SharedIndex } from './shared.ts';

const blobs = fakeBlobs();
const root = join(tmpdir(), `entente-shared-indexes-${randomUUID()}`);
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function stored(path: string, text: string): Promise<SourceFile> {
  const bytes = toUtf8(text);
  await blobs.put(bytes);
  return { path, mode: 0o100644, sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
}
const daysAgo = (days: number): Date => new Date(Date.now() - days * 86_400_000);

describe('indexes on the local disk', () => {
  const folder = join(root, 'one');
  const indexes = sharedIndexes({ blobs, folder, threads: 1 });
  afterAll(() => indexes.close());
  const made: SharedIndex[] = [];
  const lines = async (index: SharedIndex, text: string): Promise<number> => {
    let found = 0;
    for await (const hit of (await indexes.open(index)).search({ text, kind: 'text', most: 10 })) found += hit.line > 0 ? 1 : 0;
    return found;
  };
  const here = (): string[] => readdirSync(folder).sort();

  test('go when nobody has asked for them for two weeks and another comes, and are laid down again when somebody asks', async () => {
    for (const name of ['old', 'used']) made.push(await indexes.make({ files: [await stored(`${name}.c`, `int ${name};\n`)], previous: null }));
    const [old, used] = made as [SharedIndex, SharedIndex];
    for (const { name } of made) utimesSync(join(folder, name), daysAgo(15), daysAgo(15));
    expect(await lines(used, 'used')).toBe(1);
    const latest = await indexes.make({ files: [await stored('new.c', 'int new_one;\n')], previous: null });
    expect(here()).toEqual([used.name, latest.name].sort());
    expect(await lines(old, 'old')).toBe(1);
    expect(here()).toContain(old.name);
  });

  test('that were asked lately stay, and nothing else in the folder is touched', async () => {
    const [old] = made as [SharedIndex];
    mkdirSync(join(folder, 'notes'));
    utimesSync(join(folder, 'notes'), daysAgo(400), daysAgo(400));
    utimesSync(join(folder, old.name), daysAgo(13), daysAgo(13));
    await indexes.make({ files: [await stored('newer.c', 'int newer;\n')], previous: null });
    expect(here()).toEqual(expect.arrayContaining(['notes', old.name]));
  });

  test('that are forgotten leave nothing half removed', async () => {
    const [old] = made as [SharedIndex];
    await indexes.forget(old);
    await indexes.forget(old);
    expect(existsSync(join(folder, old.name))).toBe(false);
    expect(here().filter((name) => name.startsWith('draft-'))).toEqual([]);
    expect(await lines(old, 'old')).toBe(1);
  });
});
