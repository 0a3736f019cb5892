import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex, toUtf8 } from '#kit/encoding';
import { build, open, sha256 } from '../testing.ts';
import { search } from '../query/search.ts';
import { IndexDamage } from './damage.ts';
import type { Manifest } from './layout.ts';
import { readManifest, writeManifest } from './manifest.ts';

interface Vector {
  readonly files: readonly { readonly path: string; readonly hex: string }[];
  readonly manifest: Manifest;
  readonly manifestSha256: string;
  readonly shards: Readonly<Record<string, string>>;
  readonly hits: Readonly<Record<string, readonly string[]>>;
}
const vector = JSON.parse(readFileSync(fileURLToPath(new URL('../../../../docs/specs/vectors/search.json', import.meta.url)), 'utf8')) as Vector;

describe('the vector in docs/specs', () => {
  const built = build(vector.files.map(({ path, hex }) => ({ path, bytes: fromHex(hex) as Uint8Array })));

  test('is what the code makes, byte for byte', () => {
    expect(built.manifest).toEqual(vector.manifest);
    expect(toHex(sha256(writeManifest(built.manifest)))).toBe(vector.manifestSha256);
    expect(Object.fromEntries([...built.files].map(([name, bytes]) => [name, toHex(bytes)]))).toEqual(vector.shards);
  });
  test('answers as it says', () => {
    const hits = (text: string): string[] => [...search(vector.manifest, open(built), { text, kind: 'regex', most: 100 })]
      .flatMap((batch) => batch.hits.map((hit) => `${hit.path}:${hit.encoding}:${hit.line}:${hit.match?.from}`));
    expect(Object.fromEntries(Object.keys(vector.hits).map((text) => [text, hits(text)]))).toEqual(vector.hits);
  });
});

describe('a manifest', () => {
  const whole = { ...build([{ path: 'a', bytes: toUtf8('x\ny') }]).manifest, refused: [{ path: 'é\n', bytes: 2 ** 40, reason: 'too large' }] };

  test('comes back', () => expect(readManifest(writeManifest(whole))).toEqual(whole));
  test('with any other byte is damage, or says something else', () => {
    const bytes = writeManifest(whole);
    fc.assert(fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, byte) => {
      const changed = bytes.slice();
      changed[at] = byte;
      try {
        expect(Buffer.compare(writeManifest(readManifest(changed)), changed)).toBe(0);
      } catch (error) {
        expect(error).toBeInstanceOf(IndexDamage);
      }
    }), { numRuns: 1000 });
  });
  test.each<[string, object]>([
    ['a field more', { more: 1 }], ['another format', { format: 'entente-search/2' }], ['shards that do not add up', { bytes: 4 }],
    ['other pages', { pageBytes: 1 }],
    ['a shard twice', { shards: [...whole.shards, ...whole.shards], bytes: 6 }],
    ['a file without a reason', { refused: [{ path: 'a', bytes: 1, reason: '' }] }],
    ['a path up', { shards: whole.shards.map((shard) => ({ ...shard, name: '../0000.shard' })) }],
    ['too many blocks', { shards: whole.shards.map((shard) => ({ ...shard, blocks: 70_000 })) }],
    ['no sections', { shards: whole.shards.map((shard) => ({ ...shard, sections: [] })) }],
  ])('with %s is damage', (_, change) => expect(() => readManifest(writeManifest({ ...whole, ...change }))).toThrow(IndexDamage));
});
