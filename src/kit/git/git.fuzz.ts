import fc from 'fast-check';
import { expect, test } from 'vitest';
import { membersOf } from '#kit/archive/open';
import { ArchiveError } from '#kit/archive/refused';
import { rangesOf } from '#kit/archive/testing';
import { patched } from './delta.ts';
import { bundleOf, changeOf, commitOf, idOf, packOf, simpleBundle, treeOf } from './testing.ts';

const texts = fc.dictionary(fc.stringMatching(/^[a-zé]{1,6}$/), fc.string({ maxLength: 300 }), { minKeys: 1, maxKeys: 6, noNullPrototype: true });
const bounds = { bytesMax: 1e7, membersMax: 1000 };

async function read(bundle: Uint8Array, piece = 500): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const member of membersOf(rangesOf(bundle, piece), bundle.length, bounds)) {
    const parts: Uint8Array[] = [];
    for await (const part of member.bytes) parts.push(Uint8Array.from(part));
    found[member.path] = Buffer.concat(parts).toString();
  }
  return found;
}

test('what was written is read again, in pieces of any size', async () => {
  await fc.assert(fc.asyncProperty(texts, fc.integer({ min: 1, max: 2_000 }), async (files, piece) => {
    expect(await read(simpleBundle(files), piece)).toEqual(files);
  }), { numRuns: 100 });
});

test('a row of changes is what it makes, whatever each keeps', async () => {
  const step = fc.tuple(fc.nat(400), fc.string({ maxLength: 20, unit: 'grapheme-ascii' }), fc.boolean());
  await fc.assert(fc.asyncProperty(fc.string({ maxLength: 400 }), fc.array(step, { maxLength: 8 }), async (first, steps) => {
    const rows: Buffer[] = [Buffer.from(first)];
    const objects: Parameters<typeof packOf>[0][number][] = [{ type: 3, bytes: rows[0] as Buffer }];
    for (const [keep, more, byName] of steps) {
      const base = rows.at(-1) as Buffer;
      const change = changeOf(base, Math.min(keep, base.length), more);
      rows.push(patched(base, change, 'here'));
      objects.push(byName ? { type: 7, bytes: change, base: idOf(3, base) } : { type: 6, bytes: change, base: 1 });
    }
    const tree = treeOf(rows.map((bytes, n) => ['100644', `f${n}`, idOf(3, bytes)] as const));
    const commit = commitOf(idOf(2, tree));
    const bundle = bundleOf([`${idOf(1, commit)} HEAD`], packOf([...objects, { type: 2, bytes: tree }, { type: 1, bytes: commit }]));
    expect(await read(bundle)).toEqual(Object.fromEntries(rows.map((bytes, n) => [`f${n}`, bytes.toString()])));
  }), { numRuns: 100 });
});

test('broken bundles end with a located sentence or are read, never otherwise', async () => {
  await fc.assert(fc.asyncProperty(texts, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), fc.nat(), async (files, flips, cut) => {
    const bundle = Buffer.from(simpleBundle(files));
    for (const [at, value] of flips) bundle[16 + at % (bundle.length - 16)] = value;
    const rest = cut % 3 === 0 ? bundle.subarray(0, cut % bundle.length) : bundle;
    try {
      await read(rest);
    } catch (error) {
      expect(error).toBeInstanceOf(ArchiveError);
      expect((error as ArchiveError).at).not.toBe('');
    }
  }), { numRuns: 400 });
});
