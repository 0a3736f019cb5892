import { mkdir, mkdtemp, readFile, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { fakeInbox } from './fake.ts';
import { folderInbox } from './folder.ts';
import { InboxError, isFolderName, type Inbox } from './port.ts';

const made: string[] = [];
afterAll(() => Promise.all(made.map((f) => rm(f, { recursive: true, force: true }))));
async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'entente-inbox-'));
  made.push(path);
  return path;
}
const text = async (bytes: AsyncIterable<Uint8Array>): Promise<string> => {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return Buffer.concat(pieces).toString();
};
interface Opened { inbox: Inbox; lay(name: string, content: string, modifiedMs: number): Promise<void>; names(sub: string): Promise<string[]> }

describe.each([
  ['a folder', async (): Promise<Opened> => {
    const root = await folder();
    await mkdir(join(root, 'org/a'), { recursive: true });
    return {
      inbox: folderInbox(root),
      async lay(name, content, modifiedMs) {
        await writeFile(join(root, 'org/a', name), content);
        await utimes(join(root, 'org/a', name), modifiedMs / 1000, modifiedMs / 1000);
      },
      names: async (sub) => (await readdir(join(root, 'org/a', sub), { withFileTypes: true })).filter((e) => e.isFile()).map((e) => e.name).sort(),
    };
  }],
  ['the fake', async (): Promise<Opened> => {
    const inbox = fakeInbox();
    return {
      inbox, lay: async (name, content, modifiedMs) => inbox.lay('org/a', name, content, modifiedMs),
      names: async (sub) => inbox.names(sub === '' ? 'org/a' : `org/a/${sub}`),
    };
  }],
] as const)('the inbox as %s', (_, open) => {
  test('lists by age, reads what was looked at, moves whole, and overwrites nothing', async () => {
    const { inbox, lay, names } = await open();
    await lay('b.csv', 'the second file, longer', 2000);
    await lay('a.csv', 'the first', 1000);
    const [first, second] = await inbox.list('org/a');
    expect([first?.name, first?.sizeBytes, second?.name]).toEqual(['a.csv', 9, 'b.csv']);
    if (!first || !second) throw new Error('nothing listed');
    expect([await text(inbox.open('org/a', first)), await text(inbox.open('org/a', second))]).toEqual(['the first', 'the second file, longer']);
    await inbox.move('org/a', 'a.csv', 'done');
    await lay('a.csv', 'the third', 3000);
    await inbox.move('org/a', 'a.csv', 'done');
    await inbox.move('org/a', 'b.csv', 'failed');
    expect([await names(''), await names('done'), await names('failed')]).toEqual([[], ['2-a.csv', 'a.csv'], ['b.csv']]);
  });

  test('reads no other file than was looked at, and no other folder', async () => {
    const { inbox, lay } = await open();
    await lay('a.csv', 'the first', 1000);
    const [looked] = await inbox.list('org/a');
    if (!looked) throw new Error('nothing listed');
    await lay('a.csv', 'grown meanwhile', 1000);
    await expect(text(inbox.open('org/a', looked))).rejects.toMatchObject({ reason: 'changed' });
    await lay('a.csv', 'another', 5000);
    await expect(text(inbox.open('org/a', looked))).rejects.toMatchObject({ reason: 'changed' });
    for (const bad of ['..', 'org/../org/a', '/org/a', 'org//a', '', 'org/a/', '.', 'org/.hidden', 'nowhere', 'org\\a', 'org/a\0']) {
      await expect(inbox.list(bad), bad).rejects.toMatchObject({ reason: 'no-folder' });
    }
  });
});

test('no link leads out: not the folder, not a step on the way, not the file, not the place it is moved to', async () => {
  const [root, outside] = [await folder(), await folder()];
  await mkdir(join(root, 'org/real'), { recursive: true });
  await writeFile(join(outside, 'secret'), 'not yours');
  await mkdir(join(outside, 'sub'));
  await symlink(outside, join(root, 'org/link'));
  await symlink(join(outside, 'secret'), join(root, 'org/real/x.csv'));
  await writeFile(join(root, 'org/real/y.csv'), 'ours');
  execFileSync('mkfifo', [join(root, 'org/real/pipe')]);
  const inbox = folderInbox(root);
  await expect(inbox.list('org/link')).rejects.toMatchObject({ reason: 'no-folder' });
  await expect(inbox.list('org/link/sub')).rejects.toMatchObject({ reason: 'no-folder' });
  expect((await inbox.list('org/real')).map((f) => f.name)).toEqual(['y.csv']);
  const asFile = { name: 'x.csv', sizeBytes: 9, modifiedMs: 0 };
  await expect(text(inbox.open('org/real', asFile))).rejects.toBeInstanceOf(InboxError);
  await expect(text(inbox.open('org/real', { ...asFile, name: '../../org/real/y.csv' }))).rejects.toBeInstanceOf(InboxError);
  await symlink(outside, join(root, 'org/real/done'));
  await expect(inbox.move('org/real', 'y.csv', 'done')).rejects.toBeInstanceOf(InboxError);
  expect(await readFile(join(root, 'org/real/y.csv'), 'utf8')).toBe('ours');
  // Swapped for a link between the look and the reading.
  const [seen] = await inbox.list('org/real');
  await rm(join(root, 'org/real'), { recursive: true });
  await symlink(outside, join(root, 'org/real'));
  await expect(text(inbox.open('org/real', seen ?? asFile))).rejects.toBeInstanceOf(InboxError);
});

test('an empty file is read as one', async () => {
  const root = await folder();
  await mkdir(join(root, 'org'));
  await writeFile(join(root, 'org/empty'), '');
  await writeFile(join(root, 'org/half.part'), 'x');
  const inbox = folderInbox(root);
  const [empty, ...others] = await inbox.list('org');
  expect(others).toEqual([]);
  expect(empty && await text(inbox.open('org', empty))).toBe('');
});

test('whatever is written as a folder stays beneath the root', () => {
  fc.assert(fc.property(fc.oneof(fc.string({ maxLength: 40 }), fc.stringMatching(/^[./a-z\\]{0,12}$/)), (name) => {
    if (isFolderName(name)) expect(join('/root', name)).toBe(`/root/${name}`);
  }), { numRuns: 1000 });
});

test('the fake breaks off on command', async () => {
  const inbox = fakeInbox();
  inbox.lay('a', 'x', 'more than ten letters');
  const [file] = await inbox.list('a');
  inbox.failRead();
  await expect(text(inbox.open('a', file ?? { name: '', sizeBytes: 0, modifiedMs: 0 }))).rejects.toMatchObject({ reason: 'unreadable' });
});
