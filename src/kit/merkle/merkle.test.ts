import { expect, test } from 'vitest';
import { nodeTreeHash as tree } from '#kit/hash/node';
import { webVerifying } from '#kit/hash/web';
import { treeHashOf } from '#kit/hash/port';
import { fromHex, toHex, toUtf8 } from '#kit/encoding';
import { consistencyProof, inclusionProof, verifyConsistency, verifyInclusion } from './proofs.ts';
import type { ReadTile } from './proofs.ts';
import {
  TileGrower, decodeEntries, edgeWidths, encodeEntries, hashesAtLevel, impliedBy, levelsOf, parseTilePath, rootOfEdge,
  tilePath, widthIn,
} from './tiles.ts';
import { append, emptyFrontier, emptyRoot, nodeOf, peakCount, rootOf, rootOfFrontier } from './tree.ts';

const bytes = (hex: string): Uint8Array => fromHex(hex) ?? new Uint8Array(0);

// The vectors of the certificate-transparency reference tests.
const ctLeaves = [
  '', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f',
].map(bytes);
const ctRoots = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

/** The definition of RFC 6962 section 2.1, word for word: the oracle. */
function oracleRoot(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves;
  if (!only) return emptyRoot(tree);
  if (leaves.length === 1) return only;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return nodeOf(tree, oracleRoot(leaves.slice(0, k)), oracleRoot(leaves.slice(k)));
}

function oracleInclusion(m: number, leaves: readonly Uint8Array[]): Uint8Array[] {
  if (leaves.length <= 1) return [];
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return m < k
    ? [...oracleInclusion(m, leaves.slice(0, k)), oracleRoot(leaves.slice(k))]
    : [...oracleInclusion(m - k, leaves.slice(k)), oracleRoot(leaves.slice(0, k))];
}

const hashes = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => tree.leaf(toUtf8(`leaf ${i}`)));

interface Grown { root: Uint8Array; readTile: ReadTile; paths: string[] }

function grown(size: number): Grown {
  const tiles = new Map<string, Uint8Array>();
  const grower = new TileGrower(tree);
  const keep = (t: { level: number; index: number; hashes: Uint8Array }) =>
    tiles.set(tilePath({ level: t.level, index: t.index, width: t.hashes.length / 32 }), t.hashes);
  for (let at = 0; at < size; at += 1000) {
    const some = Array.from({ length: Math.min(1000, size - at) }, (_, i) => tree.leaf(toUtf8(`leaf ${at + i}`)));
    grower.append(Buffer.concat(some), keep);
  }
  const partials = grower.partials();
  partials.forEach(keep);
  const edge = edgeWidths(size).map((_, level) => partials.find((p) => p.level === level)?.hashes ?? new Uint8Array(0));
  return {
    root: size ? rootOfEdge(tree, edge) : emptyRoot(tree),
    paths: [...tiles.keys()],
    readTile: async (id) => {
      const found = tiles.get(tilePath(id));
      if (!found) throw new Error(`no ${tilePath(id)}`);
      return found;
    },
  };
}

test('roots and proofs equal the reference vectors', async () => {
  const leafHashes = ctLeaves.map((leaf) => tree.leaf(leaf));
  expect(toHex(emptyRoot(tree))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  for (const [i, root] of ctRoots.entries()) {
    const some = leafHashes.slice(0, i + 1);
    expect(toHex(rootOf(tree, Buffer.concat(some)))).toBe(root);
    expect(toHex(rootOfFrontier(tree, append(tree, emptyFrontier, Buffer.concat(some))))).toBe(root);
  }
  const readTile: ReadTile = async () => Buffer.concat(leafHashes);
  const d37e = 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7';
  const ca85 = 'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0';
  expect((await inclusionProof(tree, 5, 8, readTile)).map(toHex)).toEqual([
    'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b', ca85, d37e,
  ]);
  expect((await consistencyProof(tree, 6, 8, readTile)).map(toHex)).toEqual([
    '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a', ca85, d37e,
  ]);
});

test('the hashing with one-byte strings equals the plain one', () => {
  const plain = treeHashOf(tree.sha256);
  const some = Buffer.concat(hashes(16));
  expect(toHex(plain.pairs(some))).toBe(toHex(tree.pairs(some)));
  for (const entry of ctLeaves) expect(toHex(plain.leaf(entry))).toBe(toHex(tree.leaf(entry)));
});

test('every proof of every tree up to 70 leaves is the one of the definition, verifies, and no other claim does', async () => {
  const all = hashes(70);
  for (let size = 1; size <= 70; size++) {
    const leaves = all.slice(0, size);
    const root = oracleRoot(leaves);
    const { readTile, root: edgeRoot } = grown(size);
    expect(toHex(edgeRoot)).toBe(toHex(root));
    for (let index = 0; index < size; index++) {
      const proof = await inclusionProof(tree, index, size, readTile);
      expect(proof.map(toHex)).toEqual(oracleInclusion(index, leaves).map(toHex));
      const leafHash = leaves[index] ?? root;
      const claim = { index, size, leafHash, root };
      expect(await verifyInclusion(tree.sha256, claim, proof)).toBe(true);
      expect(await verifyInclusion(tree.sha256, claim, [...proof, root])).toBe(false);
      if (proof.length) expect(await verifyInclusion(tree.sha256, claim, proof.slice(1))).toBe(false);
      if (size > 1) {
        const other = (index + 1) % size;
        expect(await verifyInclusion(tree.sha256, { ...claim, leafHash: leaves[other] ?? root }, proof)).toBe(false);
      }
    }
    for (let from = 0; from <= size; from++) {
      const proof = await consistencyProof(tree, from, size, readTile);
      const claim = { from, fromRoot: oracleRoot(leaves.slice(0, from)), to: size, toRoot: root };
      expect(await verifyConsistency(tree.sha256, claim, proof)).toBe(true);
      expect(await verifyConsistency(tree.sha256, claim, [...proof, root])).toBe(false);
      if (proof.length) {
        expect(await verifyConsistency(tree.sha256, claim, proof.slice(0, -1))).toBe(false);
        expect(await verifyConsistency(tree.sha256, claim, proof.toReversed().map((h) => h.toReversed()))).toBe(false);
      }
      if (from) expect(await verifyConsistency(tree.sha256, { ...claim, fromRoot: emptyRoot(tree) }, proof)).toBe(false);
    }
  }
});

test('proofs hold across the borders of tiles', async () => {
  for (const size of [255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537]) {
    const { root, readTile } = grown(size);
    const picks = [0, 1, 254, 255, 256, 511, 65_279, 65_280, 65_535, size - 2, size - 1].filter((i) => i >= 0 && i < size);
    for (const index of picks) {
      const leafHash = tree.leaf(toUtf8(`leaf ${index}`));
      const proof = await inclusionProof(tree, index, size, readTile);
      expect(await verifyInclusion(tree.sha256, { index, size, leafHash, root }, proof)).toBe(true);
      expect(await verifyInclusion(tree.sha256, { index: index ^ 1, size, leafHash, root }, proof)).toBe(false);
    }
    for (const from of [1, 2, 255, 256, 257, 65_535, 65_536].filter((n) => n < size)) {
      const proof = await consistencyProof(tree, from, size, readTile);
      const fromRoot = grown(from).root;
      expect(await verifyConsistency(tree.sha256, { from, fromRoot, to: size, toRoot: root }, proof)).toBe(true);
      expect(await verifyConsistency(tree.sha256, { from, fromRoot: root, to: size, toRoot: root }, proof)).toBe(false);
    }
  }
});

test('a tree of 70,000 has the tiles that the specification counts', () => {
  const { paths, root } = grown(70_000);
  const of = (level: number, partial: boolean) =>
    paths.filter((p) => p.startsWith(`tile/${level}/`) && p.includes('.p/') === partial);
  expect([0, 1, 2].map((level) => of(level, false).length)).toEqual([273, 1, 0]);
  expect([0, 1, 2].map((level) => of(level, true))).toEqual([
    ['tile/0/273.p/112'], ['tile/1/001.p/17'], ['tile/2/000.p/1'],
  ]);
  expect(paths.every((path) => impliedBy(70_000, parseTilePath(path) ?? { level: 0, index: 0, width: 0 }))).toBe(true);
  expect([0, 1, 2, 3].map((level) => hashesAtLevel(70_000, level))).toEqual([70_000, 273, 1, 0]);
  expect(levelsOf(70_000)).toBe(3);
  const flat = Buffer.concat(Array.from({ length: 70_000 }, (_, i) => tree.leaf(toUtf8(`leaf ${i}`))));
  expect(toHex(root)).toBe(toHex(rootOf(tree, flat)));
});

test('a grower that goes on from a kept edge makes the same tree', () => {
  const flat = Buffer.concat(hashes(700));
  for (const cut of [1, 255, 256, 257, 600]) {
    const first = new TileGrower(tree);
    first.append(flat.subarray(0, cut * 32), () => {});
    const partials = first.partials();
    const edge = edgeWidths(cut).map((_, l) => partials.find((p) => p.level === l)?.hashes ?? new Uint8Array(0));
    const second = new TileGrower(tree, cut, edge);
    second.append(flat.subarray(cut * 32), () => {});
    const whole = new TileGrower(tree);
    whole.append(flat, () => {});
    expect(second.partials()).toEqual(whole.partials());
    expect(peakCount(cut)).toBe(append(tree, emptyFrontier, flat.subarray(0, cut * 32)).peaks.length);
  }
  expect(() => new TileGrower(tree, 3, [new Uint8Array(64)])).toThrow(/edge/);
});

test('paths are spelt one way only', () => {
  expect(tilePath({ level: 0, index: 1_234_067, width: 256 })).toBe('tile/0/x001/x234/067');
  expect(tilePath({ level: 'entries', index: 0, width: 5 })).toBe('tile/entries/000.p/5');
  expect(parseTilePath('tile/3/x001/x234/067.p/9')).toEqual({ level: 3, index: 1_234_067, width: 9 });
  for (const bad of [
    'tile/0/0', 'tile/00/000', 'tile/64/000', 'tile/0/x000/001', 'tile/0/000.p/0', 'tile/0/000.p/256', 'tile/0/000.p/01',
    'tile/0/x001/x234', 'tile/0/001/234', '/tile/0/000', 'tile/0/000/', 'tile/-1/000', 'tile/0/../000', 'tile/entries/000 ',
  ]) expect(parseTilePath(bad), bad).toBeNull();
  expect(widthIn(70_000, 0, 273)).toBe(112);
  expect(impliedBy(256, { level: 0, index: 0, width: 255 })).toBe(false);
});

test('entry bundles are read to the last byte', () => {
  const entries = [new Uint8Array(0), toUtf8('abc'), new Uint8Array(65_535).fill(7)];
  const bundle = encodeEntries(entries);
  expect(decodeEntries(bundle)?.map(toHex)).toEqual(entries.map(toHex));
  expect(decodeEntries(bundle.subarray(0, bundle.length - 1))).toBeNull();
  expect(decodeEntries(new Uint8Array([0]))).toBeNull();
  expect(() => encodeEntries([new Uint8Array(65_536)])).toThrow(/over/);
});

test('the browser verifies the same proofs by the Web Cryptography API', async () => {
  const { root, readTile } = grown(300);
  const proof = await inclusionProof(tree, 299, 300, readTile);
  const web = webVerifying();
  const claim = { index: 299, size: 300, leafHash: tree.leaf(toUtf8('leaf 299')), root };
  expect(await verifyInclusion((b) => web.sha256(b), claim, proof)).toBe(true);
  expect(await verifyInclusion((b) => web.sha256(b), { ...claim, index: 298 }, proof)).toBe(false);
});
