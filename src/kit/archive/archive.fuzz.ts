import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { membersOf } from './open.ts';
import { ArchiveError } from './refused.ts';
import { rangesOf, tarOf, zipOf } from './testing.ts';

const name = fc.constantFrom('a', 'b', 'lib/c', 'é');
const texts = fc.uniqueArray(fc.tuple(name, fc.string({ maxLength: 700 })), { selector: ([n]) => n, maxLength: 4 });

async function read(archive: Uint8Array, piece: number): Promise<[string, string][]> {
  const found: [string, string][] = [];
  for await (const member of membersOf(rangesOf(archive, piece), archive.length, { bytesMax: 1e7, membersMax: 100 })) {
    const parts: Uint8Array[] = [];
    for await (const part of member.bytes) parts.push(Uint8Array.from(part));
    found.push([member.path, Buffer.concat(parts).toString()]);
  }
  return found;
}
const packings = [tarOf, (parts: { path: string; text: string }[]) => gzipSync(tarOf(parts)), zipOf] as const;

test('what was packed is read again, in pieces of any size', async () => {
  await fc.assert(fc.asyncProperty(texts, fc.nat(2), fc.integer({ min: 1, max: 2_000 }), async (files, kind, piece) => {
    const pack = packings[kind] ?? tarOf;
    if (files.length === 0 && pack === zipOf) return;
    expect(await read(pack(files.map(([path, text]) => ({ path, text }))), piece)).toEqual(files);
  }), { numRuns: 150 });
});

test('broken archives end with a located sentence or are read, never otherwise', async () => {
  await fc.assert(fc.asyncProperty(texts, fc.nat(2), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), fc.nat(), async (files, kind, flips, cut) => {
    const archive = Buffer.from((packings[kind] ?? tarOf)(files.map(([path, text]) => ({ path, text }))));
    for (const [at, value] of flips) archive[at % archive.length] = value;
    const rest = cut % 3 === 0 ? archive.subarray(0, cut % archive.length) : archive;
    try {
      await read(rest, 300);
    } catch (error) {
      expect(error).toBeInstanceOf(ArchiveError);
      expect((error as ArchiveError).at).not.toBe('');
    }
  }), { numRuns: 400 });
});
