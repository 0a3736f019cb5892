import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { nodeTreeHash } from '#kit/hash/node';
import { TreeBuilder } from './build.ts';
import { changes, diff, walk, type Change } from './diff.ts';
import { compareText, entriesOf, entryOf, lineOf, pathProblem } from './entry.ts';
import { prove, verifyProof, type TreeProof } from './proof.ts';
import { fileOf, treeOf } from './testing.ts';

interface Vector {
  files: { path: string; mode: '100644' | '100755' | '120000'; text: string }[];
  root: string; bytes: number; folders: Record<string, string>; proof: { path: string; steps: TreeProof };
}
const vector = JSON.parse(readFileSync(new URL('../../../docs/specs/vectors/tree.json', import.meta.url), 'utf8')) as Vector;

describe('the format', () => {
  const built = treeOf(vector.files.map((f) => fileOf(f.path, f.text, f.mode)));
  test('the vector’s files make the vector’s folders and root', async () => {
    expect(built.root).toBe(vector.root);
    expect(built).toMatchObject({ files: vector.files.length, bytes: vector.bytes });
    expect(Object.fromEntries(built.folders.map((f) => [f.digest, f.text]))).toEqual(vector.folders);
    expect(await prove(nodeTreeHash, built.read, built.root, vector.proof.path)).toEqual(vector.proof.steps);
    expect(await verifyProof(nodeTreeHash, { root: vector.root, path: vector.proof.path }, vector.proof.steps)).toMatchObject({ size: 14 });
  });
  test('a root is what RFC 6962 says of lines, written out by hand', () => {
    const sha = (...parts: (string | Buffer)[]): Buffer => Buffer.from(hashOf(parts), 'hex');
    const [a, b] = [fileOf('a', 'A'), fileOf('b', 'B')];
    const leaf = (name: string, digest: string): Buffer => sha('\0', `100644 ${digest} 1 ${name}`);
    expect(treeOf([b, a]).root).toBe(sha('\x01', leaf('a', a.digest), leaf('b', b.digest)).toString('hex'));
  });
  test('a walk is in the order of whole paths, as bytes', async () => {
    const paths = ['a-b', 'a/z', 'a/b/c', 'a.txt', 'a0', 'ab', 'é', '\u{1f600}', '\uff61'];
    const { read, root } = treeOf(paths.map((p) => fileOf(p, p)));
    const walked: string[] = [];
    for await (const { path } of walk(read, root)) walked.push(path);
    expect(walked).toEqual(paths.toSorted((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y))));
    expect(walked).toEqual(paths.toSorted(compareText));
  });
  test.each([
    ['', 'A part of the path is empty.'], ['a//b', 'A part of the path is empty.'], ['/etc/passwd', 'The path begins at the root of a disk.'],
    ['a/../b', 'The path leads out of its folder or stays in it.'], ['./a', 'The path leads out of its folder or stays in it.'],
    ['a\nb', 'The path holds a control character.'], ['a/\ud800', 'The path is no text in UTF-8.'],
    [Array.from({ length: 129 }, () => 'd').join('/'), 'The path is deeper than 128 folders.'],
    ['é'.repeat(2_049), 'The path is longer than 4096 bytes.'],
  ])('a path that cannot be says why: %#', (path, sentence) => {
    expect(pathProblem(path)).toBe(sentence);
    expect(() => new TreeBuilder().add(fileOf(path, ''))).toThrow(sentence);
  });
  test('what is twice, or a file and a folder, is refused, in either order', () => {
    const adding = (...paths: string[]) => () => treeOf(paths.map((p) => fileOf(p, p)));
    expect(adding('a', 'a')).toThrow('A path stands twice.');
    expect(adding('a', 'a/b')).toThrow('A path goes through what is a file.');
    expect(adding('a/b', 'a')).toThrow('A path is a file here and a folder there.');
    expect(adding()).toThrow('There is no file.');
  });
  test('lines that nobody would write are none', () => {
    const line = lineOf({ name: 'a', mode: '100644', digest: '0'.repeat(64), size: 3, files: 1 });
    expect(entryOf(line)).toMatchObject({ name: 'a', size: 3 });
    const wrong = [line.replace('100644', '100600'), line.replace(' 3 ', ' 03 '), line.replace('a', '..'), line.replace('00000', '0000A'), `${line}/b`, '',
      line.replace('100644', '040000'), line.replace(' 3 ', ' 9999999999999999 ')];
    for (const one of wrong) expect(() => entryOf(one), one).toThrow('not what it should be');
    const other = line.replace(/a$/, 'b');
    expect(entriesOf(`${line}\n${other}\n`)).toHaveLength(2);
    for (const text of [`${other}\n${line}\n`, `${line}\n${line}\n`, `${line}\n${other}`, '']) expect(() => entriesOf(text)).toThrow();
  });
});

describe('two snapshots', () => {
  const before = [fileOf('README', 'one'), fileOf('src/a.c', 'int a;'), fileOf('src/deep/b.c', 'int b;'), fileOf('run', 'x'), fileOf('gone', 'gone'),
    fileOf('kept/1', '1'), fileOf('copy/x', 'same'), fileOf('copy/y', 'same'), fileOf('empty', '')];
  const after = [fileOf('README', 'two'), fileOf('lib/b.c', 'int b;'), fileOf('src/a.c', 'int a;'), fileOf('run', 'x', '100755'), fileOf('new', 'new'),
    fileOf('kept/1', '1'), fileOf('moved/y', 'same'), fileOf('moved/z', 'same'), fileOf('other/empty', '')];
  const short = (c: Change): string => `${c.kind} ${c.path}${c.kind === 'moved' ? ` < ${c.from}` : ''}`;
  test('what was added, went, changed and moved is told, each once', async () => {
    const one = treeOf(before);
    const { read, root } = treeOf(after, one.held);
    expect((await diff(read, one.root, root)).map(short)).toEqual([
      'changed README', 'removed empty', 'removed gone', 'moved lib/b.c < src/deep/b.c', 'moved moved/y < copy/y', 'moved moved/z < copy/x',
      'added new', 'added other/empty', 'changed run',
    ]);
    expect(await diff(read, root, root)).toEqual([]);
  });
  test('equal folders are never read', async () => {
    const one = treeOf(before);
    const two = treeOf(before.map((f) => (f.path === 'README' ? fileOf('README', 'two') : f)), one.held);
    const asked: string[] = [];
    const list: Change[] = [];
    for await (const c of changes((digest) => { asked.push(digest); return two.read(digest); }, one.root, two.root)) list.push(c);
    expect(list.map(short)).toEqual(['changed README']);
    expect(asked).toEqual([one.root, two.root]);
  });
  test('a folder that lies elsewhere has the same digest', () => {
    const { folders } = treeOf([fileOf('x/lib/a', 'A'), fileOf('y/lib/a', 'A')]);
    expect(folders).toHaveLength(3);
  });
});

function hashOf(parts: readonly (string | Buffer)[]): string {
  return Buffer.from(nodeTreeHash.sha256(Buffer.concat(parts.map((p) => Buffer.from(p))))).toString('hex');
}
