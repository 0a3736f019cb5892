import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync, chmodSync, linkSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { nodeTreeHash } from '#kit/hash/node';
import { entriesOf, type Entry } from '#kit/tree/entry';
import { walk } from '#kit/tree/diff';
import { linkTarget, type Bounds } from './member.ts';
import { membersOf } from './open.ts';
import { snapshotOf } from './snapshot.ts';
import { paxOf, rangesOf, tarOf, zipOf } from './testing.ts';
import { tarEnd, tarFile } from './write.ts';

const roomy: Bounds = { bytesMax: 1e9, membersMax: 1_000 };

async function listed(archive: Uint8Array, { bounds = roomy, keepTop = false, piece = 777 } = {}): Promise<string[]> {
  const kept = new Map<string, string>();
  const built = await snapshotOf(membersOf(rangesOf(archive, piece), archive.length, bounds), {
    tree: nodeTreeHash, keepTop,
    keep: async (bytes) => {
      const parts: Uint8Array[] = [];
      for await (const part of bytes instanceof Uint8Array ? [bytes] : bytes) parts.push(Uint8Array.from(part));
      const whole = Buffer.concat(parts);
      const digest = createHash('sha256').update(whole).digest('hex');
      kept.set(digest, whole.length > 50 ? `${whole.length} bytes` : whole.toString());
      return { digest, size: whole.length };
    },
  });
  const folders = new Map<string, Entry[]>(built.folders.map((f) => [f.digest, entriesOf(f.text)]));
  const lines: string[] = [];
  for await (const { path, entry } of walk((digest) => folders.get(digest) ?? null, built.root)) {
    lines.push(`${entry.mode} ${path}=${kept.get(entry.digest)}`);
  }
  return lines;
}
const refused = (archive: Uint8Array, options?: Parameters<typeof listed>[1]): Promise<unknown> =>
  listed(archive, options).then((lines) => lines, (error: { name: string; message: string; at: string }) => `${error.name}: ${error.message} (${error.at})`);

const small = [{ path: 'p-1/', type: '5' }, { path: 'p-1/a', text: 'A' }, { path: 'p-1/run', text: 'R', mode: 0o755 },
  { path: 'p-1/deep/l', type: '2', target: '../a' }, { path: 'p-1/h', type: '1', target: 'p-1/run' }];
const smallLines = ['100644 a=A', '120000 deep/l=../a', '100755 h=R', '100755 run=R'];

describe('tar', () => {
  test('files, links and hard links, without the one folder around them, plain and packed, in pieces of any size', async () => {
    for (const piece of [1, 511, 100_000]) expect(await listed(tarOf(small), { piece })).toEqual(smallLines);
    expect(await listed(gzipSync(tarOf(small)))).toEqual(smallLines);
    expect((await listed(tarOf(small), { keepTop: true }))[0]).toBe('100644 p-1/a=A');
  });
  test('long names: pax and GNU; what pax says of one is forgotten with the next', async () => {
    const long = `${'d'.repeat(90)}/${'e'.repeat(90)}/ệ`;
    expect(await listed(tarOf([
      paxOf({ path: long, mtime: '1.5' }), { path: 'short', text: 'P' }, { path: '././@LongLink', type: 'L', text: `${long}2\0` }, { path: 'cut', text: 'G' },
      paxOf({ comment: 'a commit' }, 'g'), { path: './b', text: 'B' },
    ]))).toEqual(['100644 b=B', `100644 ${long}=P`, `100644 ${long}2=G`]);
    expect(await listed(tarOf([paxOf({ size: '3' }), { path: 'x', text: 'abc', size: 3 }]))).toEqual(['100644 x=abc']);
  });
  test('what the tar of this machine packs, of all formats', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'entente-tar-'));
    try {
      const deep = join(folder, 'in', 'n'.repeat(120), 'm'.repeat(120));
      mkdirSync(deep, { recursive: true });
      writeFileSync(join(deep, 'đ'), 'deep');
      writeFileSync(join(folder, 'in', 'big'), Buffer.alloc(700_000, 'x'));
      chmodSync(join(folder, 'in', 'big'), 0o755);
      linkSync(join(folder, 'in', 'big'), join(folder, 'in', 'twin'));
      symlinkSync('big', join(folder, 'in', 'link'));
      const wanted = ['100755 big=700000 bytes', '120000 link=big', `100644 ${'n'.repeat(120)}/${'m'.repeat(120)}/đ=deep`, '100755 twin=700000 bytes'];
      for (const format of ['gnu', 'pax']) {
        execFileSync('tar', [`--format=${format}`, '-cf', join(folder, 'out.tar'), '-C', folder, 'in']);
        expect(await listed(readFileSync(join(folder, 'out.tar')), { piece: 65_536 }), format).toEqual(wanted);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('zip', () => {
  const parts = [{ path: 'p/', mode: 0o40755 }, { path: 'p/a', text: 'A', store: true }, { path: 'p/run', text: 'R', mode: 0o100755 },
    { path: 'p/l', text: 'a', mode: 0o120777 }, { path: 'p/z', text: 'z'.repeat(200_000) }];
  test('files, what runs and links, stored or deflated', async () => {
    for (const piece of [1, 997, 1_000_000]) {
      expect(await listed(zipOf(parts), { piece })).toEqual(['100644 a=A', '120000 l=a', '100755 run=R', '100644 z=200000 bytes']);
    }
  });
  test.each([
    ['a checksum that does not hold', [{ path: 'a', text: 'A', crc: 7 }], 'A file of the zip is not what it states. (a)'],
    ['a file longer than stated', [{ path: 'a', text: 'AAAA', size: 2 }], 'A file of the zip is longer than it states. (a)'],
    ['one file twice, by the list', [{ path: 'a', text: 'AAAA' }, { path: 'b', text: 'AAAA', from: 0 }], 'Files of the zip lie over one another. (a)'],
    ['an encrypted file', [{ path: 'a', text: 'A', flags: 1 }], 'The zip is encrypted. (a)'],
    ['another packing', [{ path: 'a', text: 'A', method: 12 }], 'The zip packs by method 12, which is not read. (a)'],
    ['a device', [{ path: 'a', mode: 0o020644 }], 'The archive holds what is neither file, link nor folder: a device, a pipe or the like. (a)'],
    ['a way out', [{ path: 'x/../../a', text: 'A' }], 'The path leads out of its folder or stays in it. (x/../../a)'],
    ['a link out', [{ path: 'a/l', text: '../../etc', mode: 0o120777 }, { path: 'b' }], 'A link leads out of the snapshot. (a/l)'],
  ])('%s is refused', async (_, hostile, sentence) => {
    expect(await refused(zipOf(hostile))).toBe(`ArchiveError: ${sentence}`);
  });
  test('one that breaks off, at any byte, is refused', async () => {
    const zip = zipOf(parts.slice(0, 3));
    for (let at = 0; at < zip.length; at += 7) expect(await refused(zip.subarray(0, at)), String(at)).toMatch(/^ArchiveError: /);
  });
});

describe('what is refused', () => {
  test.each([
    ['a way out', [{ path: '../a', text: 'A' }], 'The path leads out of its folder or stays in it. (../a)'],
    ['a root', [{ path: '/etc/passwd', text: 'A' }], 'The path begins at the root of a disk. (/etc/passwd)'],
    ['a path twice', [{ path: 'a', text: 'A' }, { path: './a', text: 'B' }], 'A path stands twice. (a)'],
    ['a file as folder', [{ path: 'a', text: 'A' }, { path: 'a/b', text: 'B' }], 'A path goes through what is a file. (a/b)'],
    ['an absolute link', [{ path: 'a', type: '2', target: '/etc/shadow' }, { path: 'b' }], 'A link leads out of the snapshot. (a)'],
    ['a link out', [{ path: 'd/a', type: '2', target: '../../x' }, { path: 'b' }], 'A link leads out of the snapshot. (d/a)'],
    ['a link out of the folder that is left off', [{ path: 'd/a', type: '2', target: '../x' }], 'A link leads out of the snapshot. (d/a)'],
    ['a hard link to nothing', [{ path: 'a', type: '1', target: '/etc/passwd' }], 'A hard link names no file of the archive. (a)'],
    ['a hard link to a link', [{ path: 'l', type: '2', target: 'x' }, { path: 'a', type: '1', target: 'l' }], 'A hard link names no file of the archive. (a)'],
    ['a device', [{ path: 'a', type: '3' }], 'The archive holds what is neither file, link nor folder: a device, a pipe or the like. (a)'],
    ['a sparse file', [{ path: 'a', type: 'S' }], 'The archive holds a sparse file, which is not read. (a)'],
    ['a control character', [{ path: 'a\x1b[2J', text: '' }], 'The path holds a control character. (a\x1b[2J)'],
    ['no file at all', [{ path: 'a/', type: '5' }], 'The archive holds no file. (byte 0)'],
  ])('%s', async (_, parts, sentence) => {
    expect(await refused(tarOf(parts))).toBe(`ArchiveError: ${sentence}`);
  });
  test('a tar that breaks off within a file, and one of which a byte is another', async () => {
    expect(await refused(tarOf([{ path: 'a', text: 'A'.repeat(600) }]).subarray(0, 900))).toBe('ArchiveError: The archive breaks off. (a)');
    const broken = tarOf(small);
    broken[30] = 1;
    expect(await refused(broken)).toMatch(/checksum does not hold. \(byte 0\)$/);
    expect(await refused(gzipSync(tarOf(small)).subarray(0, 120))).toMatch(/^ArchiveError: The packed archive is broken/);
    expect(await refused(Buffer.from('short'))).toMatch(/^ArchiveError: This is no archive/);
  });
  test('bombs: by what it unpacks to in all, by how much more than it was, by how many', async () => {
    const zeros = Buffer.alloc(70_000_000);
    const packed = gzipSync(tarOf([{ path: 'zeros', text: zeros }]));
    expect(await refused(packed)).toBe('ArchiveError: The archive unpacks to more than 200 times its size. (zeros)');
    expect(await refused(tarOf([{ path: 'a', text: 'A'.repeat(2_000) }]), { bounds: { bytesMax: 1_500, membersMax: 9 } }))
      .toBe('ArchiveError: The archive unpacks to more than 1500 bytes. (a)');
    const many = Array.from({ length: 30 }, (_, i) => ({ path: `f${i}` }));
    for (const archive of [tarOf(many), zipOf(many)]) {
      expect(await refused(archive, { bounds: { bytesMax: 1e6, membersMax: 20 } })).toBe('ArchiveError: The archive holds more than 20 entries. (f20)');
    }
  });
});

test.each([
  ['a/b', '../c', 'c'], ['a/b', 'c', 'a/c'], ['a/b', '..', ''], ['a/b', '../..', null], ['b', '..', null], ['a/b', '/c', null], ['b', '', null],
  ['b', 'C:\\x', null], ['a/b', './../a/./c', 'a/c'],
])('a link at %s to %s leads to %s', (path, target, leads) => {
  expect(linkTarget(path, target)).toBe(leads);
});

test('what we pack ourselves is read again, long names too', async () => {
  const long = `${'d'.repeat(80)}/${'e'.repeat(60)}`;
  const packed = Buffer.concat([tarFile('a', Buffer.from('A')), tarFile(long, Buffer.from('L'), true), tarFile('ệ', Buffer.alloc(0)), tarEnd()]);
  expect(await listed(packed)).toEqual(['100644 a=A', `100755 ${long}=L`, '100644 ệ=']);
});

test('what xz packs is read, what of it breaks off is refused, and a bomb is one', async () => {
  const xz = (bytes: Uint8Array): Buffer => execFileSync('xz', ['-c', '-6'], { input: bytes, maxBuffer: 1e8 });
  const packed = xz(tarOf([...small, { path: 'p-1/big', text: 'line of text\n'.repeat(40_000) }]));
  for (const piece of [1_000, 65_536]) {
    expect(await listed(packed, { piece })).toEqual(['100644 a=A', '100644 big=520000 bytes', ...smallLines.slice(1)]);
  }
  expect(await refused(packed.subarray(0, packed.length - 200))).toMatch(/^ArchiveError: /);
  const broken = Buffer.from(packed);
  broken.fill(0x55, 200, 260);
  expect(await refused(broken)).toMatch(/^ArchiveError: /);
  expect(await refused(xz(tarOf([{ path: 'zeros', text: Buffer.alloc(70_000_000) }])))).toBe(
    'ArchiveError: The archive unpacks to more than 200 times its size. (zeros)');
});
