import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toHex, toUtf8 } from '#kit/encoding';
import { IndexDamage } from '#kit/search/index/damage';
import { Refusal } from '#kit/refusal';
import { fakeBlobs } from '../blobs/fake.ts';
import type { BuildOrder, CodeHit, CodeIndex, SourceFile } from './port.ts';
import { startSearching } from './searching.ts';

const blobs = fakeBlobs();
const searching = startSearching({ threads: 2 });
const root = mkdtempSync(join(tmpdir(), 'searching-'));
afterAll(async () => {
  await searching.close();
  rmSync(root, { recursive: true });
});

async function stored(path: string, text: string | Uint8Array, mode = 0o100644): Promise<SourceFile> {
  const bytes = typeof text === 'string' ? toUtf8(text) : text;
  await blobs.put(bytes);
  return { path, mode, sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
}
const build = (name: string, files: readonly SourceFile[], more: Partial<BuildOrder> = {}): Promise<string> =>
  searching.build({ folder: join(root, name), files, open: (sha256) => blobs.open(sha256), ...more });
async function all(index: CodeIndex, text: string, most = 1e6): Promise<CodeHit[]> {
  const out: CodeHit[] = [];
  for await (const hit of index.search({ text, kind: 'text', most })) out.push(hit);
  return out;
}
const places = (hits: readonly CodeHit[]): string[] => hits.map(({ path, line }) => `${path}:${line}`);
const listing = (i: number): string => Array.from({ length: 400 }, (_, line) => `static int f${i}_${line}(void) { return ${line % 7}; }\n`).join('');

describe('an index out of the blobs', () => {
  let files: SourceFile[] = [];
  let index: CodeIndex;
  beforeAll(async () => {
    files = await Promise.all(Array.from({ length: 60 }, (_, i) => stored(`src/${String(i).padStart(2, '0')}.c`, listing(i))));
    const sixteen = new Uint8Array(Buffer.from('\ufeffneedle in sixteen bits\n', 'utf16le'));
    files.push(await stored('utf16.txt', sixteen), await stored('bin', Uint8Array.of(0, 110, 0)), await stored('link', 'src/00.c', 0o120000), 
      { path: 'gone.c', mode: 0o100644, sha256: 'ab'.repeat(32), bytes: 12 },
      { path: 'other', mode: 0o160000, sha256: 'cd'.repeat(32), bytes: 0 },
    { ...await stored('big.img', ''), bytes: 2 ** 31 });
    const name = await build('first', files);
    index = await searching.openIndex(join(root, 'first'));
    expect(index.name).toBe(name);
  });

  test('says of each file what became of it', () => {
    const { text, binary, decoded, refused } = index.manifest;
    expect({ text, binary, decoded }).toEqual({ text: 60, binary: 2, decoded: 1 });
    expect(refused.map(({ path, reason }) => [path, reason])).toEqual([['link', 'a symbolic link'], ['gone.c', 'its bytes are not stored'],
      ['other', 'another repository'], ['big.img', 'larger than 2 GiB']]);
    expect(text + binary + refused.length).toBe(files.length);
  });

  test('answers with lines, where they stand, and the blocks that they let one see', async () => {
    const hits = await all(index, 'f7_399(');
    expect(hits).toHaveLength(1);
    const [hit] = hits as [CodeHit];
    const text = listing(7);
    const line = 'static int f7_399(void) { return 0; }';
    expect(hit).toMatchObject({ path: 'src/07.c', line: 400, start: text.length - line.length - 1, match: { from: 11, to: 18 }, textFrom: 0, cut: false });
    expect(Buffer.from(hit.text).toString()).toBe(line);
    expect(hit.blocks).toEqual([Math.floor(hit.start / 4096)]);
    expect(places(await all(index, 'needle'))).toEqual(['utf16.txt:1']);
  });

  test('shows both blocks of a line that crosses their border', async () => {
    await build('border', [await stored('a', `${'x'.repeat(4090)}\n${'needle '.repeat(3)}`)]);
    expect((await all(await searching.openIndex(join(root, 'border')), 'needle')).map(({ blocks }) => blocks)).toEqual([[0, 1]]);
  });

  test('refuses what cannot be asked when it is asked', () => {
    expect(() => index.search({ text: '(a', kind: 'regex', most: 1 })).toThrow(Refusal);
    expect(() => index.search({ text: 'a', kind: 'text', most: 1, globs: ['x'.repeat(2000)] })).toThrow(Refusal);
  });

  test('streams: one that leaves or cancels ends the search, others go on beside it', async () => {
    const stop = new AbortController();
    const long = index.search({ text: 'r', kind: 'text', most: 1e6 }, { signal: stop.signal });
    const taken: CodeHit[] = [];
    for await (const hit of long) {
      taken.push(hit);
      if (taken.length === 1) expect(places(await all(index, 'f3_3('))).toEqual(['src/03.c:4']);
      if (taken.length === 250) stop.abort();
    }
    expect(long.coverage().ended).toBe('cancelled');
    expect(taken.length).toBeLessThan(60 * 400);
    const left = index.search({ text: 'r', kind: 'text', most: 1e6 });
    for await (const _ of left) break;
    expect(places(await all(index, 'f59_1('))).toEqual(['src/59.c:2']);
    const early = index.search({ text: 'r', kind: 'text', most: 9 }, { signal: AbortSignal.abort() });
    for await (const _ of early) throw new Error('nothing is wanted any more');
    expect(early.coverage()).toMatchObject({ ended: 'cancelled', notReached: 62 });
  });

  test('counts what it does not show, and says what it covers', async () => {
    const answer = index.search({ text: 'return', kind: 'text', most: 5, counts: true, globs: ['src/1*.c'] });
    const hits: CodeHit[] = [];
    for await (const hit of answer) hits.push(hit);
    expect(hits).toHaveLength(5);
    expect(answer.coverage()).toMatchObject({ files: 62, excluded: 52, read: 10, notReached: 0, lines: 4000, ended: 'complete', refused: [] });
  });

  test('the same files give the same index; a draft that was left behind long ago goes away', async () => {
    const old = join(root, 'again.draft-1');
    mkdirSync(old);
    writeFileSync(join(old, '0000.shard'), 'half');
    utimesSync(old, 1, 1);
    expect(await build('again', files)).toBe(index.name);
    expect(readdirSync(root).filter((name) => name.includes('draft'))).toEqual([]);
    await index.verify();
  });

  test('the next release reads only what has changed', async () => {
    const opened: string[] = [];
    const changed = await stored('src/05.c', `${listing(5)}int changed;\n`);
    const next = [...files.filter(({ path }) => path !== 'src/05.c' && path !== 'src/06.c'), changed];
    await build('second', next, { previous: join(root, 'first'), open: (sha256) => {
      opened.push(sha256);
      return blobs.open(sha256);
    } });
    expect(opened).toEqual(['ab'.repeat(32), changed.sha256]);
    const second = await searching.openIndex(join(root, 'second'));
    expect(places(await all(second, 'changed'))).toEqual(['src/05.c:401']);
    expect(await all(second, 'f6_')).toEqual([]);
    expect(second.manifest).toMatchObject({ text: 59, binary: 2, decoded: 1 });
    expect(statSync(join(root, 'second', '0000.shard')).ino).toBe(statSync(join(root, 'first', '0000.shard')).ino);
    // The last release is still there, and can go.
    rmSync(join(root, 'again'), { recursive: true });
    expect(places(await all(index, 'f6_0('))).toEqual(['src/06.c:1']);
  });
});

describe('names', () => {
  let index: CodeIndex;
  const source = (i: number): string => `int use_${i}(void)\n{\n\treturn lock_it(${i});\n}\n`;
  beforeAll(async () => {
    const files = await Promise.all([...Array.from({ length: 20 }, (_, i) => stored(`use/${i}.c`, source(i))),
      stored('lock.c', '/* lock_it */\nint lock_it(int a)\n{\n\treturn 0;\n}\n'), stored('a.py', 'class Lock:\n    def lock_it(self): pass\n')]);
    await build('names', files);
    index = await searching.openIndex(join(root, 'names'));
  });

  test('are found where they are defined, with the line and the blocks that it shows', async () => {
    const { definitions, ...rest } = await index.define('lock_it');
    expect(definitions.map(({ path, line, kind, scope }) => [path, line, kind, scope])).toEqual([['lock.c', 2, 'function', ''], ['a.py', 2, 'method', 'Lock']]);
    expect(definitions[0]).toMatchObject({ start: 14, match: { from: 4, to: 11 }, blocks: [0], encoding: 'bytes' });
    expect(Buffer.from(definitions[0]?.text ?? []).toString()).toBe('int lock_it(int a)');
    expect(rest).toEqual({ files: 2, scanned: 2, tooLong: [], ended: 'complete' });
    expect((await index.define('nobody')).definitions).toEqual([]);
    expect((await index.define('lock_it', { signal: AbortSignal.abort() })).ended).toBe('cancelled');
    await expect(index.define('a\nb')).rejects.toThrow(Refusal);
  });
  test('are used where they are not defined', async () => {
    const lines: string[] = [];
    for await (const { path, line } of index.references({ text: 'lock_it', most: 100 })) lines.push(`${path}:${line}`);
    expect(lines).toEqual([...Array.from({ length: 20 }, (_, i) => `use/${i}.c:3`), 'lock.c:1']);
  });
  test('stand first where they are defined, if one wants that', async () => {
    const lines: string[] = [];
    for await (const { path, line } of index.search({ text: 'lock_it', kind: 'text', most: 100, order: 'rank' })) lines.push(`${path}:${line}`);
    expect(lines.slice(0, 3)).toEqual(['a.py:2', 'lock.c:2', 'lock.c:1']);
    expect(lines).toHaveLength(23);
  });
  test('of shards that are taken over are not looked for again; a list that was changed is a fault, and is made anew', async () => {
    const files = await Promise.all([...Array.from({ length: 20 }, (_, i) => stored(`use/${i}.c`, source(i))), stored('lock.c', 'int lock_it;\n')]);
    const list = join(root, 'names', '0000.names');
    await build('names-2', files, { previous: join(root, 'names') });
    expect(statSync(join(root, 'names-2', '0000.names')).ino).toBe(statSync(list).ino);
    const next = await searching.openIndex(join(root, 'names-2'));
    expect((await next.define('lock_it')).definitions.map(({ path, kind }) => [path, kind])).toEqual([['lock.c', 'variable']]);
    const bytes = readFileSync(list);
    rmSync(list);
    bytes[1] = (bytes[1] as number) ^ 1;
    writeFileSync(list, bytes);
    const fresh = startSearching({ threads: 1 });
    await expect((await fresh.openIndex(join(root, 'names'))).define('lock_it')).rejects.toThrow(IndexDamage);
    await build('names-3', files, { previous: join(root, 'names') });
    expect((await (await fresh.openIndex(join(root, 'names-3'))).define('use_3')).definitions.map(({ path }) => path)).toEqual(['use/3.c']);
    await fresh.close();
  });
});

describe('what goes wrong', () => {
  test('bytes that are not those of their digest make no index, nor does a blob that breaks off, nor one who gives up', async () => {
    const good = await stored('a.c', 'int a;\n');
    const wrong = { ...good, sha256: 'ef'.repeat(32) };
    const bytes = async function* (fails: boolean): AsyncGenerator<Uint8Array> {
      yield toUtf8('int b;\n');
      if (fails) throw new Error('the disk is gone');
    };
    await expect(build('wrong', [wrong], { open: async () => bytes(false) })).rejects.toThrow('the stored bytes of a.c are not those of');
    await expect(build('wrong', [wrong], { open: async () => bytes(true) })).rejects.toThrow('the disk is gone');
    await expect(build('wrong', [good], { signal: AbortSignal.abort() })).rejects.toThrow('aborted');
    await expect(build('wrong', [good, good])).rejects.toThrow('one path');
    await expect(build('wrong', [{ ...good, sha256: 'no' }])).rejects.toThrow('no is no SHA-256');
    expect(readdirSync(root).filter((name) => name.startsWith('wrong'))).toEqual([]);
  });

  test('a byte that differs ends the search with a fault, and so does a shard that is gone', async () => {
    await build('damaged', [await stored('a.c', 'int a;\n'.repeat(9000))]);
    const shard = join(root, 'damaged', '0000.shard');
    const bytes = readFileSync(shard);
    bytes[100] = (bytes[100] as number) ^ 1;
    writeFileSync(shard, bytes);
    const index = await searching.openIndex(join(root, 'damaged'));
    await expect(all(index, 'int')).rejects.toThrow(IndexDamage);
    await expect(index.verify()).rejects.toThrow(IndexDamage);
    rmSync(shard);
    const fresh = startSearching({ threads: 1 });
    await expect(all(await fresh.openIndex(join(root, 'damaged')), 'int')).rejects.toThrow('0000.shard is gone');
    await fresh.close();
    await expect(all(await fresh.openIndex(join(root, 'damaged')), 'int')).rejects.toThrow('searching was closed');
    writeFileSync(join(root, 'damaged', 'manifest.json'), '{}');
    await expect(searching.openIndex(join(root, 'damaged'))).rejects.toThrow(IndexDamage);
  });
});

test('an empty release is an index too', async () => {
  const name = await build('empty', []);
  const index = await searching.openIndex(join(root, 'empty'));
  expect([index.name, await all(index, 'a'), toHex(new Uint8Array(0))]).toEqual([name, [], '']);
});
