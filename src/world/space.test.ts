import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { diskSpace, fakeSpace, type Space } from './space.ts';

const at = { folder: '', free: 0 };
beforeAll(async () => {
  at.folder = await mkdtemp(join(tmpdir(), 'entente-space-'));
  const { bavail, bsize } = await statfs(at.folder);
  at.free = bavail * bsize;
});
afterAll(() => rm(at.folder, { recursive: true }));

/** So many bytes free above the floor, about: others write to the disk of the tests too. */
const left: readonly [name: string, open: (bytes: number) => Space][] = [
  ['the disk', (bytes) => diskSpace([tmpdir(), at.folder], at.free - bytes)],
  ['the fake', (bytes) => {
    const space = fakeSpace();
    space.leave(bytes);
    return space;
  }],
];

describe.each(left)('%s', (_, open) => {
  const enough = 1e9;
  test('lets files in while the floor stays free', async () => {
    await open(at.free / 2).refuseFull();
    await open(at.free / 2).refuseFull(at.free / 4);
  });
  test('refuses once it would not, in a sentence that names no figure', async () => {
    await expect(open(-enough).refuseFull()).rejects.toMatchObject({ kind: 'unavailable', code: 'disk.full' });
    await expect(open(at.free / 2).refuseFull(at.free)).rejects.toMatchObject({ code: 'disk.full' });
  });
});
test('a floor of 0 asks for nothing', async () => {
  await diskSpace(['/nowhere'], 0).refuseFull(Number.MAX_SAFE_INTEGER);
});
