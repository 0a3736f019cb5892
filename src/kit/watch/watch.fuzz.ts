import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeDigest } from '../hash/node.ts';
import { findingsBetween } from './changes.ts';
import { ManifestFault, manifestFormats, writeOwn, type OwnManifest } from './manifest.ts';
import { readManifest } from './read.ts';
import { splitsOf, type Run } from './split.ts';
import { FileDigest, firstDifference, pieceSizeOf, regionBetween, type SeenFile, type View } from './view.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
function seen(content: Uint8Array, cut: number): SeenFile {
  const digest = new FileDigest(nodeDigest, content.length);
  for (let at = 0; at < content.length; at += cut) digest.update(content.subarray(at, at + cut));
  return { name: 'f', version: '1', status: 200, asListed: true, ...digest.end() };
}
const hex = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 });
const word = fc.string({ unit: fc.constantFrom(...'abc.-~0123', 'ế'), minLength: 1, maxLength: 8 });
const manifest: fc.Arbitrary<OwnManifest> = fc.record({
  serial: fc.nat(100), version: word,
  files: fc.uniqueArray(fc.record({ name: word, version: word, url: word, sha256: hex, size: fc.nat() }),
    { maxLength: 6, selector: (f) => `${f.name} ${f.version} ${f.url}` }),
}).map((m) => ({
  format: 'entente-update', v: 1, product: 'p', channel: 'c', at: new Date(m.serial * 1000).toISOString(), expires: null, withdrawn: [], ...m,
}));
const viewOf = (m: OwnManifest, content = 'x'): View => {
  const read = readManifest('entente-update', bytes(writeOwn(m)));
  return {
    v: 1, format: 'entente-update', manifest: { ...seen(bytes(writeOwn(m)), 100), name: 'manifest', version: null, asListed: null }, fault: null,
    position: read.position, listed: read.entries.length, listing: 'a'.repeat(64), entries: [...read.entries], withdrawn: [], files: [seen(bytes(content), 9)],
  };
};

describe('watching', () => {
  it('reads back every manifest of our own, in one order', () => {
    fc.assert(fc.property(manifest, fc.nat(5), (m, turn) => {
      const read = readManifest('entente-update', bytes(writeOwn(m)));
      const turned = { ...m, files: [...m.files.slice(turn), ...m.files.slice(0, turn)] };
      expect(readManifest('entente-update', bytes(writeOwn(turned))).entries).toEqual(read.entries);
      expect(read.entries.length).toBe(m.files.length);
    }));
  });

  it('refuses hostile bytes with a place, whatever the form, and throws nothing else', () => {
    const shape = fc.oneof(
      fc.uint8Array({ maxLength: 300 }), fc.json().map(bytes), fc.string().map(bytes),
      manifest.chain((m) => fc.tuple(fc.nat(writeOwn(m).length - 1), fc.nat(255)).map(([at, to]) => {
        const text = bytes(writeOwn(m)).slice();
        text[at] = to;
        return text;
      })),
      fc.array(fc.constantFrom('Package: a', 'Version: 1', 'Filename: f', 'SHA256:', ` ${'a'.repeat(64)} 1 f`, '', ' x', '-----BEGIN PGP SIGNED MESSAGE-----',
        '-----BEGIN PGP SIGNATURE-----', 'Date: x'), { maxLength: 12 }).map((lines) => bytes(lines.join('\n'))),
    );
    fc.assert(fc.property(shape, fc.constantFrom(...manifestFormats), (text, format) => {
      try {
        readManifest(format, text);
      } catch (error) {
        expect(error).toBeInstanceOf(ManifestFault);
        expect((error as ManifestFault).at).not.toBe('');
      }
    }), { numRuns: 2000 });
  });

  it('digests the same however the bytes are cut, and its region always holds the first byte that differs', () => {
    fc.assert(fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 40_000 }), fc.integer({ min: 1, max: 9_000 }), fc.nat(), fc.integer({ min: 1, max: 255 }),
      (content, cut, where, by) => {
        const one = seen(content, cut);
        expect(one).toEqual(seen(content, content.length));
        expect(one.pieces.length).toBe(Math.ceil(content.length / pieceSizeOf(content.length)));
        const other = content.slice();
        const at = where % content.length;
        other[at] = (other[at] ?? 0) ^ by;
        const region = regionBetween(one, seen(other, cut));
        expect(region?.from).toBeLessThanOrEqual(at);
        expect(region?.to).toBeGreaterThan(at);
        expect(firstDifference(content.subarray(region?.from, region?.to), other.subarray(region?.from, region?.to))).toBe(at - (region?.from ?? 0));
      },
    ), { numRuns: 60 });
  });

  it('finds nothing between a view and itself, and a way back wherever there was a way on by serial', () => {
    fc.assert(fc.property(manifest, manifest, (one, other) => {
      expect(findingsBetween(viewOf(one), viewOf(one))).toEqual([]);
      const on = findingsBetween(viewOf(one), viewOf(other)).some((f) => f.kind === 'rolled-back' && f.name === 'manifest');
      expect(on).toBe(other.serial < one.serial);
    }));
  });

  it('raises nothing where all see the same, whenever they look', () => {
    const run = fc.record({ observer: fc.uuid(), place: fc.constantFrom('VN', 'DE', 'FR'), view: fc.constant('v'), from: fc.nat(1e6), to: fc.nat(1e6) });
    fc.assert(fc.property(fc.array(run, { maxLength: 30 }), manifest, (runs: Run[], m) => {
      expect(splitsOf(runs, new Map([['v', viewOf(m)]]), 0)).toEqual([]);
    }));
  });

  it('names exactly the places that are served otherwise, in whatever order they report', () => {
    fc.assert(fc.property(
      manifest, fc.uniqueArray(fc.constantFrom('VN', 'DE', 'FR', 'JP', 'BR', 'KE', 'AU'), { minLength: 3 }), fc.infiniteStream(fc.nat(1000)),
      (m, places, order) => {
        const views = new Map([['same', viewOf(m, 'same')], ['else', viewOf(m, 'else')]]);
        const [odd] = places;
        const runs = places.map((place): Run => ({ observer: place, place, view: place === odd ? 'else' : 'same', from: 0, to: 10 }))
          .map((r) => ({ r, key: order.next().value as number })).sort((a, b) => a.key - b.key).map(({ r }) => r);
        const entries = views.get('same')?.entries ?? [];
        // The file is among those that the manifest lists, so the difference is of its content.
        const listed = new Map([...views].map(([k, v]) => [k, { ...v, listed: entries.length + 1,
          entries: [{ name: 'f', version: '1', url: 'f', digest: null, size: null }, ...entries.filter((e) => e.name !== 'f')] }]));
        const found = splitsOf(runs, listed, 1_000_000);
        expect(found.map((s) => [s.odd.map((r) => r.place), s.name, s.why])).toEqual([[[odd], 'f', 'one-version-two-contents']]);
      },
    ));
  });
});
