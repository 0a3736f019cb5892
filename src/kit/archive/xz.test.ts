import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { unxzed } from './xz.ts';

const pack = (bytes: Uint8Array, ...words: string[]): Buffer => execFileSync('xz', ['-c', ...words], { input: bytes, maxBuffer: 1e8 });

async function unpacked(bytes: Uint8Array, piece: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  const source = async function* source(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
  };
  for await (const part of unxzed(source())) parts.push(part);
  return Buffer.concat(parts);
}

const noise = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (Math.imul(i, 2_654_435_761) >>> 11) & 255));
const words = Buffer.from('a line of text, over and over\n'.repeat(20_000));
const contents = { nothing: Buffer.alloc(0), 'one byte': Buffer.from('x'), text: words, noise, both: Buffer.concat([words, noise, words]) };

describe('xz with sums of SHA-256', () => {
  it.each(Object.entries(contents))('unpacks %s, in one block and in many, in pieces of any size', async (_, bytes) => {
    for (const how of [[], ['--block-size=65536'], ['--lzma2=preset=9'], ['-T2', '--block-size=100000']]) {
      const packed = pack(bytes, '--check=sha256', ...how);
      for (const piece of [1_009, 65_536, 10_000_000]) expect((await unpacked(packed, piece)).equals(bytes)).toBe(true);
    }
    for (const check of ['none', 'crc32', 'crc64']) expect((await unpacked(pack(bytes, `--check=${check}`), 50_000)).equals(bytes)).toBe(true);
  });

  it('refuses what is cut at any place, and what something stands behind', async () => {
    const packed = pack(words, '--check=sha256', '--block-size=200000');
    for (let at = 1; at < packed.length; at += Math.ceil(packed.length / 150)) {
      await expect(unpacked(packed.subarray(0, at), 500), `cut at ${at}`).rejects.toMatchObject({ name: 'ArchiveError' });
    }
    await expect(unpacked(Buffer.concat([packed, packed]), 500)).rejects.toMatchObject({ name: 'ArchiveError' });
    expect((await unpacked(Buffer.concat([packed, Buffer.alloc(8)]), 500)).equals(words)).toBe(true);
  });

  it('refuses each changed byte', async () => {
    const packed = pack(contents.both, '--check=sha256', '--block-size=300000');
    const places = [...Array(40).keys()].map((i) => Math.floor((i * packed.length) / 40)).concat([...Array(120).keys()].map((i) => packed.length - 1 - i));
    for (const at of places) {
      const changed = Buffer.from(packed);
      changed[at] = (changed[at] as number) ^ 0x10;
      await expect(unpacked(changed, 4_096), `byte ${at} of ${packed.length}`).rejects.toMatchObject({ name: 'ArchiveError' });
    }
  });
});
