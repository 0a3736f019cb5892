import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bunzipped } from './bzip2.ts';

async function unpacked(bytes: Uint8Array, piece = 700): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  const source = async function* source(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
  };
  for await (const part of bunzipped(source())) parts.push(part);
  return Buffer.concat(parts);
}

/** By bzip2 1.0.8 -9. */
const packed = {
  nothing: ['QlpoORdyRThQkAAAAAA=', ''],
  'one byte': ['QlpoOTFBWSZTWXdLsBQAAAAAgABAIAAhGEaC7kinChIO6XYCgA==', 'x'],
  runs: [
    'QlpoOTFBWSZTWa6ARi0AAAJBAeAAPwAAgAAIIAAxADAj1T1PJMnZLz1Q4y7NxGHWhD0ojR8XckU4UJCugEYt',
    `aaabbbbccccc${'d'.repeat(259)}${'e'.repeat(260)}${'f'.repeat(1000)}`,
  ],
  'words over and over': ['QlpoOTFBWSZTWb28HA8AA4ORAEAANAEgAFBmgClQ9TgRYIsIuCLBFgi6IsCL4u5IpwoSF7eDgeA=', 'banana bandana '.repeat(200)],
} as const;
const bytesOf = (name: keyof typeof packed): Buffer => Buffer.from(packed[name][0], 'base64');
const hasProgram = spawnSync('bzip2', ['--help']).error === undefined;
const pack = (bytes: Uint8Array, level: number): Buffer => execFileSync('bzip2', ['-c', `-${level}`], { input: bytes, maxBuffer: 1e8 });

describe('bzip2', () => {
  it.each(Object.entries(packed))('unpacks %s, in pieces of any size', async (_, [text, content]) => {
    for (const piece of [1, 7, 1000]) expect((await unpacked(Buffer.from(text, 'base64'), piece)).toString()).toBe(content);
  });

  it('unpacks streams behind one another, and refuses anything else there', async () => {
    expect((await unpacked(Buffer.concat([bytesOf('one byte'), bytesOf('nothing'), bytesOf('words over and over')]))).toString())
      .toBe(`x${'banana bandana '.repeat(200)}`);
    await expect(unpacked(Buffer.concat([bytesOf('one byte'), Buffer.from('more')]))).rejects.toThrow('stands behind');
  });

  it('refuses what is cut at any byte, and each changed one', async () => {
    for (const name of ['one byte', 'runs', 'words over and over'] as const) {
      const whole = bytesOf(name);
      for (let at = 0; at < whole.length; at++) {
        if (at > 0) await expect(unpacked(whole.subarray(0, at)), `cut at ${at}`).rejects.toMatchObject({ name: 'ArchiveError' });
        const changed = Buffer.from(whole);
        changed[at] = (changed[at] as number) ^ 0x81;
        const answer = await unpacked(changed).then((bytes) => bytes.toString(), (error: Error) => error.name);
        // A bit that only fills up the last byte, or a code no symbol has, changes nothing.
        if (answer !== packed[name][1]) expect(answer, `byte ${at}`).toBe('ArchiveError');
      }
    }
  });

  it('never fails otherwise, whatever comes', async () => {
    await fc.assert(fc.asyncProperty(fc.constantFrom(...(Object.keys(packed) as (keyof typeof packed)[])), fc.array(fc.tuple(fc.nat(), fc.nat(255)), {
      minLength: 1, maxLength: 6,
    }), async (name, flips) => {
      const bytes = bytesOf(name);
      for (const [at, value] of flips) bytes[4 + at % (bytes.length - 4)] = value;
      await unpacked(bytes).catch((error: unknown) => expect(error).toMatchObject({ name: 'ArchiveError' }));
    }), { numRuns: 500 });
  });

  // Where the program is not installed the fixtures above stand for it.
  if (hasProgram) it('unpacks what the program packs: noise, text, several blocks', async () => {
    const noise = Buffer.from(Array.from({ length: 250_000 }, (_, i) => (Math.imul(i, 2_654_435_761) >>> 11) & 255));
    const words = Buffer.from(Array.from({ length: 60_000 }, (_, i) => `word${(i * 7_919) % 1_000} `).join(''));
    for (const bytes of [noise, words, Buffer.concat([words, noise, Buffer.alloc(300_000, 97), words])]) {
      for (const level of [1, 9]) expect((await unpacked(pack(bytes, level), 65_536)).equals(bytes)).toBe(true);
    }
  });
});
