import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { membersOf } from '#kit/archive/open';
import { snapshotOf, type Keep } from '#kit/archive/snapshot';
import { rangesOf } from '#kit/archive/testing';
import { nodeTreeHash } from '#kit/hash/node';
import { bundleHead } from './bundle.ts';
import { patched } from './delta.ts';
import { bundleOf, changeOf, commitOf, idOf, packOf, simpleBundle, treeOf, type Written } from './testing.ts';

const bounds = { bytesMax: 1e8, membersMax: 10_000 };

async function read(bundle: Uint8Array, within: Parameters<typeof membersOf>[2] = bounds): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const m of membersOf(rangesOf(bundle, 4096), bundle.length, within)) {
    const parts: Uint8Array[] = [];
    for await (const part of m.bytes) parts.push(Uint8Array.from(part));
    found[m.path] = `${m.kind}${m.runs ? ' runs' : ''} ${m.kind === 'link' ? m.target : sha(Buffer.concat(parts))}`;
  }
  return found;
}
const sha = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex').slice(0, 16);
function refusal(bundle: Uint8Array, within?: Parameters<typeof membersOf>[2]): Promise<string> {
  return read(bundle, within).then(() => 'read', (error: Error & { at: string }) => {
    expect(error.name).toBe('ArchiveError');
    expect(error.at).not.toBe('');
    return error.message;
  });
}

describe('bundles that git itself made', () => {
  const at: { folder?: string } = {};
  const folder = (): string => at.folder as string;
  const git = (...words: string[]): string => execFileSync('git', words, {
    // Nothing of whoever runs the tests, nor of a repository they are run in.
    cwd: folder(), encoding: 'utf8', env: {
      PATH: process.env['PATH'] ?? '', HOME: folder(), GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', GIT_AUTHOR_NAME: 'A',
      GIT_AUTHOR_EMAIL: 'a@example', GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@example',
    }, stdio: ['ignore', 'pipe', 'ignore'],
  });
  const lines = (seed: number): string => Array.from({ length: 800 }, (_, i) => `line ${i} ${(i * seed) % 97}`).join('\n');
  const files: Record<string, string> = {};

  const make = (format: 'sha1' | 'sha256'): void => {
    at.folder = mkdtempSync(join(tmpdir(), 'entente-git-'));
    git('init', '-q', '-b', 'main', `--object-format=${format}`);
    mkdirSync(join(folder(), 'src/nguồn'), { recursive: true });
    const put = (name: string, text: string): void => {
      writeFileSync(join(folder(), name), text);
      files[name] = `file ${sha(text)}`;
    };
    // Many near versions: the packer writes them as changes of each other.
    for (let round = 1; round <= 12; round++) {
      put('src/a.txt', `${lines(7)}\nround ${round}`);
      put('src/nguồn/b.txt', `${lines(11)}\nround ${round}\n${lines(round)}`);
      put('same.txt', `${lines(7)}\nround ${round}`);
      put('empty', '');
      put('run.sh', '#!/bin/sh\n');
      if (round === 1) symlinkSync('src/a.txt', join(folder(), 'link'));
      chmodSync(join(folder(), 'run.sh'), 0o755);
      git('add', '-A');
      git('commit', '-q', '-m', `round ${round}`);
    }
    writeFileSync(join(folder(), 'big.bin'), Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => (i * 2_654_435_761) >>> 13 & 255)));
    git('add', '-A');
    git('commit', '-q', '-m', 'big');
    git('tag', '-a', 'v1.0', '-m', 'one');
    git('repack', '-adq', '--depth=50');
    files['run.sh'] = `file runs ${sha('#!/bin/sh\n')}`;
    files['link'] = 'link src/a.txt';
    files['big.bin'] = `file ${sha(readFileSync(join(folder(), 'big.bin')))}`;
  };
  const bundle = (...words: string[]): Buffer => {
    git('bundle', 'create', '-q', 'x.bundle', ...words);
    return readFileSync(join(folder(), 'x.bundle'));
  };
  beforeAll(() => make('sha1'));
  afterAll(() => rmSync(folder(), { recursive: true, force: true }));

  it('gives the files of a tag, of a branch, of HEAD and of all', async () => {
    for (const words of [['v1.0'], ['main'], ['HEAD', 'main'], ['--all', 'HEAD']]) expect(await read(bundle(...words))).toEqual(files);
  });

  it('gives the files of an older commit alone', async () => {
    git('branch', 'older', 'main~5');
    expect(await read(bundle('older'))).toMatchObject({ 'same.txt': `file ${sha(`${lines(7)}\nround 8`)}` });
  });

  it('is the same tree as what `git archive` packs', async () => {
    const keep: Keep = async (bytes) => {
      const parts: Uint8Array[] = [];
      if (bytes instanceof Uint8Array) parts.push(bytes);
      else for await (const part of bytes) parts.push(Uint8Array.from(part));
      const whole = Buffer.concat(parts);
      return { digest: createHash('sha256').update(whole).digest('hex'), size: whole.length };
    };
    const root = async (archive: Uint8Array, keepTop: boolean): Promise<string> =>
      (await snapshotOf(membersOf(rangesOf(archive, 65_536), archive.length, bounds), { tree: nodeTreeHash, keepTop, keep })).root;
    git('archive', '--format=tar', '--prefix=product-1.0/', '-o', 'x.tar', 'v1.0');
    expect(await root(bundle('v1.0'), true)).toBe(await root(readFileSync(join(folder(), 'x.tar')), false));
  });

  it('says which ref was taken, and what it names', async () => {
    const one = bundle('HEAD', 'main');
    const { ref, object } = await bundleHead(rangesOf(one), one.length);
    expect([ref, object]).toEqual(['refs/heads/main', git('rev-parse', 'main').trim()]);
  });

  it('refuses one of several refs, and one that builds on others', async () => {
    git('branch', 'other', 'main~1');
    expect(await refusal(bundle('main', 'other'))).toMatch(/names several/);
    expect(await refusal(bundle('main', '^main~3'))).toMatch(/not in it/);
  });

  it('gives those of a repository with SHA-256', async () => {
    rmSync(folder(), { recursive: true, force: true });
    make('sha256');
    expect(await read(bundle('main'))).toEqual(files);
  });
});

describe('bundles of ours', () => {
  const text = Buffer.from('a text that others change\n'.repeat(20));
  const change = changeOf(text, 40, 'end');
  const changed = patched(text, change, '');
  const tree = treeOf([['100644', 'a', idOf(3, text)], ['100755', 'b', idOf(3, changed)]]);
  const commit = commitOf(idOf(2, tree));
  const refs = [`${idOf(1, commit)} refs/tags/v1`];
  const common: Written[] = [{ type: 1, bytes: commit }, { type: 2, bytes: tree }];
  const both = { a: `file ${sha(text)}`, b: `file runs ${sha(changed)}` };

  it('takes changes by place and by name, before and after what they change', async () => {
    expect(await read(bundleOf(refs, packOf([...common, { type: 3, bytes: text }, { type: 6, bytes: change, base: 1 }])))).toEqual(both);
    expect(await read(bundleOf(refs, packOf([...common, { type: 3, bytes: text }, { type: 7, bytes: change, base: idOf(3, text) }])))).toEqual(both);
    expect(await read(bundleOf(refs, packOf([{ type: 7, bytes: change, base: idOf(3, text) }, ...common, { type: 3, bytes: text }])))).toEqual(both);
  });

  it('takes a change by name of what is a change itself', async () => {
    const twice = changeOf(changed, 10, 'more');
    const made = patched(changed, twice, '');
    const top = treeOf([['100644', 'c', idOf(3, made)]]);
    const last = commitOf(idOf(2, top));
    expect(await read(bundleOf([`${idOf(1, last)} refs/heads/main`], packOf([
      { type: 7, bytes: twice, base: idOf(3, changed) }, { type: 1, bytes: last }, { type: 2, bytes: top }, { type: 3, bytes: text },
      { type: 7, bytes: change, base: idOf(3, text) },
    ])))).toEqual({ c: `file ${sha(made)}` });
  });

  it('refuses what is cut, changed, or does not hold what it names, with a place', async () => {
    const good = simpleBundle({ a: 'one', b: 'two' });
    expect(Object.keys(await read(good))).toEqual(['a', 'b']);
    expect(await refusal(good.subarray(0, -1))).toMatch(/sum does not hold|broken|breaks off/);
    expect(await refusal(Buffer.concat([good, Buffer.from('x')]))).toMatch(/sum does not hold/);
    expect(await refusal(bundleOf(refs, packOf(common)))).toMatch(/does not hold a file/);
    expect(await refusal(bundleOf(refs, packOf([common[0] as Written])))).toMatch(/does not hold a folder/);
    expect(await refusal(bundleOf(refs, packOf([])))).toMatch(/does not hold what it names/);
    expect(await refusal(bundleOf([`${idOf(3, text)} refs/x`], packOf([{ type: 3, bytes: text }])))).toMatch(/does not hold|no commit/);
    expect(await refusal(bundleOf(refs, packOf([...common, { type: 6, bytes: change, base: 0 }])))).toMatch(/nothing before it/);
    expect(await refusal(bundleOf(refs, packOf([...common, { type: 3, bytes: text, size: 3 }])))).toMatch(/broken/);
    expect(await refusal(bundleOf(refs, packOf([...common, { type: 3, bytes: text, size: 9_999 }])))).toMatch(/broken/);
    expect(await refusal(bundleOf(refs, packOf(common, 4_000_000_000)))).toMatch(/more than 2000000 objects/);
    expect(await refusal(bundleOf([], packOf(common)))).toMatch(/names nothing/);
    expect(await refusal(bundleOf(['nonsense'], packOf(common)))).toMatch(/is none/);
    expect(await refusal(bundleOf(['@filter=blob:none', ...refs], packOf(common), 3))).toMatch(/filter/);
    expect(await refusal(Buffer.from('# v2 git bundle\nno end'))).toMatch(/no end/);
  });

  it('refuses a submodule, a device and a name with a slash, with its path', async () => {
    const one = (mode: string, name: string): Buffer => {
      const top = treeOf([[mode, name, idOf(3, text)]]);
      const last = commitOf(idOf(2, top));
      return bundleOf([`${idOf(1, last)} refs/heads/main`], packOf([{ type: 1, bytes: last }, { type: 2, bytes: top }, { type: 3, bytes: text }]));
    };
    expect(await refusal(one('160000', 'lib'))).toMatch(/submodule/);
    expect(await refusal(one('060000', 'disk'))).toMatch(/neither file/);
    expect(await refusal(one('100644', 'a/b'))).toMatch(/is none of a file/);
    expect(await refusal(one('120000', 'far'))).toBe('read');
  });

  it('ends folders that name each other for more than any disk holds', async () => {
    const objects: Written[] = [{ type: 3, bytes: text }];
    let below = idOf(3, text);
    for (let depth = 0; depth < 12; depth++) {
      const bytes = treeOf(Array.from({ length: 10 }, (_, i) => [depth === 0 ? '100644' : '40000', `n${i}`, below] as const));
      objects.push({ type: 2, bytes });
      below = idOf(2, bytes);
    }
    const last = commitOf(below);
    expect(await refusal(bundleOf([`${idOf(1, last)} refs/heads/main`], packOf([...objects, { type: 1, bytes: last }])))).toMatch(/more than 10000 entries/);
  });

  it('ends changes that make much of little', async () => {
    const zeros = Buffer.alloc(60_000_000);
    const objects: Written[] = [{ type: 3, bytes: zeros }];
    for (let n = 0; n < 9; n++) objects.push({ type: 6, bytes: changeOf(zeros, 9_000_000, `x${n}`), base: n + 1 });
    const made = objects.slice(1).map((o) => patched(zeros, o.bytes, ''));
    const top = treeOf(made.map((bytes, n) => ['100644', `f${n}`, idOf(3, bytes)] as const));
    const last = commitOf(idOf(2, top));
    const whole = bundleOf([`${idOf(1, last)} refs/heads/main`], packOf([...objects, { type: 1, bytes: last }, { type: 2, bytes: top }]));
    expect(await refusal(whole, { bytesMax: 1e9, membersMax: 100 })).toMatch(/200 times its size/);
  });

  it('stops when it is told to', async () => {
    const many: Written[] = Array.from({ length: 600 }, (_, n) => ({ type: 3, bytes: Buffer.from(`${n}`) }));
    const asked = { times: 0 };
    await expect(read(bundleOf(refs, packOf([...common, ...many])), { ...bounds, goOn: () => {
      if (++asked.times === 2) throw new Error('gone');
    } })).rejects.toThrow('gone');
  });
});

describe('a change', () => {
  it.each([
    ['of another base', [3, 1, 1, 97]], ['of nothing', []], ['with an act of zero', [4, 1, 0]], ['past its base', [4, 9, 0x91, 2, 9]],
    ['of the wrong size', [4, 5, 1, 97]], ['that breaks off', [4, 5, 5, 97]], ['too large', [4, 0x80, 0x80, 0x80, 0x80, 8]],
  ])('%s is refused', (_, bytes) => expect(() => patched(Buffer.from('base'), Buffer.from(bytes), 'byte 5')).toThrow());
});
