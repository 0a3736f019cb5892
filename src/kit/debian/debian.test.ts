import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { membersOf } from '#kit/archive/open';
import type { Keep } from '#kit/archive/snapshot';
import { paxOf, rangesOf, tarOf, type TarPart } from '#kit/archive/testing';
import { readDsc } from './dsc.ts';
import { gatheredPackage } from './gather.ts';
import { patchedText, readPatch } from './patch.ts';

const bounds = { bytesMax: 1e8, membersMax: 10_000 };
const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
type Files = Readonly<Record<string, Uint8Array>>;

const dscOf = (files: Files, format = '3.0 (quilt)', more = ''): Buffer => Buffer.from(`Format: ${format}\nSource: tool\nBinary: tool\nVersion: 1.0-2\n${more}`
  + `Checksums-Sha256:\n${Object.entries(files).map(([name, bytes]) => ` ${sha(bytes)} ${bytes.length} ${name}\n`).join('')}Files:\n x\n`);

async function whole(bytes: AsyncIterable<Uint8Array> | Uint8Array): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  if (bytes instanceof Uint8Array) parts.push(bytes);
  else for await (const part of bytes) parts.push(Uint8Array.from(part));
  return Buffer.concat(parts);
}

/** What the package is unpacked to; null where the archive is none. */
async function unpacked(parts: Files): Promise<Record<string, string> | null> {
  const kept = new Map<string, Buffer>();
  const keep: Keep = async (bytes) => {
    const all = await whole(bytes);
    kept.set(sha(all), all);
    return { digest: sha(all), size: all.length };
  };
  const archive = tarOf(Object.entries(parts).map(([path, bytes]) => ({ path, text: Buffer.from(bytes) })));
  const found = await gatheredPackage(membersOf(rangesOf(archive, 5_000), archive.length, bounds), {
    keep, bounds, opened: (digest) => rangesOf(kept.get(digest) as Buffer, 5_000),
  });
  if (!found) return null;
  const files: Record<string, string> = {};
  for await (const m of found.members()) {
    const bytes = await whole(m.bytes);
    files[m.path] = m.kind === 'file' ? `${m.runs ? 'x ' : ''}${bytes.toString('latin1')}` : `${m.kind} ${m.target}`;
  }
  return files;
}
const packageOf = (files: Files, format?: string): Files => ({ ...files, 'tool_1.0-2.dsc': dscOf(files, format) });

const original = (parts: readonly TarPart[] = []): Buffer => gzipSync(tarOf([
  { path: 'tool-1.0/a.c', text: 'one\ntwo\nthree\n' }, { path: 'tool-1.0/b.c', text: 'b\xff\n' }, { path: 'tool-1.0/debian/old', text: 'theirs' },
  { path: 'tool-1.0/run', text: '#!/bin/sh\n', mode: 0o755 }, { path: 'tool-1.0/link', type: '2', target: 'a.c' },
  { path: 'tool-1.0/hard', type: '1', target: 'tool-1.0/a.c' }, ...parts,
]));
const patch = '--- a/a.c\n+++ b/a.c\n@@ -1,3 +1,3 @@\n one\n-two\n+TWO\n three\n';
const making = '--- /dev/null\n+++ b/new/file.c\n@@ -0,0 +1,2 @@\n+new\n+file\n';
const removing = '--- a/b.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-b\xff\n';
const debian = (series: string, patches: Readonly<Record<string, string>>, more: readonly TarPart[] = []): Buffer => gzipSync(tarOf([
  { path: 'debian/rules', text: 'rules', mode: 0o644 }, { path: 'debian/patches/series', text: series },
  ...Object.entries(patches).map(([name, text]) => ({ path: `debian/patches/${name}`, text })), ...more,
]));
const quilt = (series: string, patches: Readonly<Record<string, string>>, parts: readonly TarPart[] = []): Files =>
  packageOf({ 'tool_1.0.orig.tar.gz': original(parts), 'tool_1.0-2.debian.tar.gz': debian(series, patches) });

async function refusal(parts: Files): Promise<string> {
  return unpacked(parts).then((files) => (files ? 'read' : 'none'), (error: Error & { at: string }) => {
    expect(error.name).toBe('ArchiveError');
    expect(error.at).not.toBe('');
    return error.message;
  });
}

describe('a source package', () => {
  it('with a series: its patches put on in their order, the folder debian in the place of theirs', async () => {
    const files = await unpacked(quilt('# all\n\none.patch\ntwo.patch -p1 # why\n', { 'one.patch': `Description: x\n${patch}${making}`,
      'two.patch': `${patch.replace('-two\n+TWO', '-TWO\n+deux')}` }));
    expect(files).toEqual({
      'a.c': 'one\ndeux\nthree\n', 'b.c': 'b\xc3\xbf\n', run: 'x #!/bin/sh\n', link: 'link a.c', hard: 'one\ntwo\nthree\n', 'new/file.c': 'new\nfile\n',
      'debian/rules': 'x rules', 'debian/patches/series': '# all\n\none.patch\ntwo.patch -p1 # why\n', 'debian/patches/one.patch': expect.any(String),
      'debian/patches/two.patch': expect.any(String),
    });
  });

  it('without patches, with a file that a patch takes away, with further parts', async () => {
    expect(Object.keys(await unpacked(quilt('', {})) ?? {}).sort()).toEqual(['a.c', 'b.c', 'debian/patches/series', 'debian/rules', 'hard', 'link', 'run']);
    expect(Object.keys(await unpacked(quilt('r', { r: removing })) ?? {})).not.toContain('b.c');
    const files = await unpacked(packageOf({
      'tool_1.0.orig.tar.gz': original([{ path: 'tool-1.0/lib/old', text: 'x' }]), 'tool_1.0.orig-lib.tar.gz': gzipSync(tarOf([{ path: 'l/in', text: 'lib' }])),
      'tool_1.0-2.debian.tar.gz': debian('', {}),
    }));
    expect([files?.['lib/in'], files?.['lib/old']]).toEqual(['lib', undefined]);
  });

  it('in one part, and as a diff', async () => {
    expect(await unpacked(packageOf({ 'tool_1.0.tar.gz': gzipSync(tarOf([{ path: 'tool/x', text: 'x' }])) }, '3.0 (native)'))).toEqual({ x: 'x' });
    expect(await unpacked(packageOf({ 'tool_1.0.tar.gz': gzipSync(tarOf([{ path: 'x', text: 'x' }, { path: 'y/z', text: 'z' }])) }, '1.0')))
      .toEqual({ x: 'x', 'y/z': 'z' });
    const diff = `--- tool-1.0.orig/a.c\n+++ tool-1.0/a.c\n@@ -2,2 +2,2 @@\n-two\n+2\n three\n`
      + `--- tool-1.0.orig/debian/rules\n+++ tool-1.0/debian/rules\n@@ -0,0 +1 @@\n+r\n`;
    const files = await unpacked(packageOf({ 'tool_1.0.orig.tar.gz': original(), 'tool_1.0-2.diff.gz': gzipSync(diff) }, '1.0'));
    expect(files).toMatchObject({ 'a.c': 'one\n2\nthree\n', 'debian/rules': 'x r\n', 'debian/old': 'theirs' });
  });

  it('is told from any other archive', async () => {
    expect(await unpacked({ 'a.c': Buffer.from('x') })).toBeNull();
    expect(await unpacked({ 'a.tar.gz': Buffer.from('x') })).toBeNull();
    expect(await unpacked({ 'x/tool.dsc': dscOf({}) })).toBeNull();
  });

  it('is refused where it is not whole, with the place', async () => {
    const good = quilt('', {});
    const orig = 'tool_1.0.orig.tar.gz';
    expect(await refusal({ ...good, [orig]: Buffer.from('other') })).toMatch(/not what its .dsc states/);
    expect(await refusal(Object.fromEntries(Object.entries(good).filter(([name]) => name !== orig)))).toMatch(/is not there/);
    expect(await refusal({ ...good, 'tool_9.orig.tar.gz': Buffer.from('x') })).toMatch(/is none of it/);
    expect(await refusal({ ...good, 'other.dsc': good['tool_1.0-2.dsc'] as Uint8Array })).toMatch(/more than one/);
    expect(await refusal(packageOf({ [orig]: original() }))).toMatch(/no folder debian/);
    expect(await refusal(packageOf({ [orig]: Buffer.from('no gzip'), 'd.debian.tar.gz': debian('', {}) }))).toMatch(/no archive|is no tar/);
    expect(await refusal(packageOf({ x: original() } as Files, '2.0'))).toBe('none');
    expect(await refusal(packageOf({ [orig]: original() }, '2.0'))).toMatch(/of a format/);
    expect(await refusal(quilt('gone.patch', {}))).toMatch(/is not there/);
    expect(await refusal(quilt('p -p3', { p: patch }))).toMatch(/an option/);
    expect(await refusal(quilt('p', { p: patch.replace('-two', '-drei') }))).toMatch(/does not fit/);
    expect(await refusal(quilt('p', { p: patch.replaceAll('a.c', 'zz.c') }))).toMatch(/not there/);
    expect(await refusal(quilt('p', { p: patch.replaceAll('a.c', 'link') }))).toMatch(/no file of its own/);
    expect(await refusal(quilt('p', { p: patch.replaceAll('a.c', '../../x') }))).toMatch(/none of the package/);
    expect(await refusal(quilt('', {}, [{ path: 'tool-1.0/out', type: '2', target: '../../etc' }]))).toMatch(/leads out/);
    expect(await refusal(packageOf({ [orig]: original(), 'd.debian.tar.gz': gzipSync(tarOf([{ path: 'etc/x', text: 'x' }])) }))).toMatch(/something else/);
    expect(await refusal(packageOf({ [orig]: original(), 'tool.debian.tar.bz2': Buffer.from('BZh91AY') }))).toMatch(/breaks off/);
    expect(await refusal(packageOf({ [orig]: original([paxOf({ path: 'tool-1.0/big' }), { path: 'x', text: 'y' }]),
      'tool_1.0-2.diff.gz': Buffer.from('not packed') }, '1.0'))).toMatch(/broken or too large/);
  });
});

describe('a description', () => {
  it('is read signed in clear, with lines that go on', () => {
    const plain = dscOf({ 'tool_1.0.tar.gz': Buffer.from('x') }, '3.0 (native)', 'Build-Depends: a,\n b\n').toString();
    const signed = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${plain.replace(/^-/gm, '- -')}\n`
      + `-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n`;
    expect(readDsc(signed, 'x')).toEqual(readDsc(plain, 'x'));
    expect(readDsc(plain, 'x')).toMatchObject({ format: '3.0 (native)', source: 'tool', version: '1.0-2', files: [{ name: 'tool_1.0.tar.gz', size: 1 }] });
  });
  it.each([
    ['names no files', 'Source: aa\nVersion: 1\n'], ['names a file elsewhere', `Source: aa\nVersion: 1\nChecksums-Sha256:\n ${'0'.repeat(64)} 1 ../x\n`],
    ['has no name', `Version: 1\nChecksums-Sha256:\n ${'0'.repeat(64)} 1 x\n`], ['is nothing', ''],
    ['names one twice', `Source: aa\nVersion: 1\nChecksums-Sha256:\n ${`${'0'.repeat(64)} 1 x\n `.repeat(2)}\n`],
  ])('that %s is refused', (_, text) => expect(() => readDsc(text, 'tool.dsc')).toThrow());
});

describe('a patch', () => {
  const put = (text: string, hunks: string): string => {
    const [one] = readPatch(`--- a/f\n+++ b/f\n${hunks}`, 1, 'p');
    return one ? patchedText(text, one, 'f') : 'none';
  };
  it('knows lines without an end, hunks that have moved, and empty lines without their space', () => {
    expect(put('a', '@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n')).toBe('b');
    expect(put('a\n', '@@ -1 +1 @@\n-a\n+b\n\\ No newline at end of file\n')).toBe('b');
    expect(put('0\n0\n0\nx\ny\n', '@@ -1,2 +1,2 @@\n x\n-y\n+z\n')).toBe('0\n0\n0\nx\nz\n');
    expect(put('a\n\nb\n', '@@ -1,3 +1,3 @@\n a\n\n-b\n+c\n')).toBe('a\n\nc\n');
    expect(put('', '@@ -0,0 +1,2 @@\n+a\n+b\n')).toBe('a\nb\n');
    expect(put('1\n2\n', '@@ -1,0 +2 @@\n+x\n')).toBe('1\nx\n2\n');
  });
  it.each([
    ['@@ -1,9 +1,9 @@\n a\n'], ['@@ -1 +1 @@\n*a\n'], ['@@ -x +1 @@\n'], ['@@ -1,2 +1,1 @@\n-a\n-b\n-c\n+d\n-e\n'],
  ])('that is broken is refused: %j', (hunks) => {
    try {
      expect(put('a\n', hunks)).not.toBe('b');
    } catch (error) {
      expect(error).toMatchObject({ name: 'ArchiveError' });
    }
  });
  it('that moves files or holds bytes is refused, and prose is passed over', () => {
    expect(() => readPatch('rename from a\nrename to b\n', 1, 'p')).toThrow(/moves a file/);
    expect(() => readPatch('GIT binary patch\n', 1, 'p')).toThrow(/no text/);
    expect(readPatch('--- what we think\n\n+++ and more\n', 1, 'p')).toEqual([]);
  });
  it('that would be looked for too long is ended', () => {
    const hunks = Array.from({ length: 3_000 }, () => '@@ -1,2 +1,2 @@\n x\n-y\n+z\n').join('');
    expect(() => put('x\n'.repeat(60_000), hunks)).toThrow();
  });
});
