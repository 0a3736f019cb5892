import { expect, test } from 'vitest';
import { sampleEntry, sampleLog } from '#kit/bundle/testing';
import { toBase64, toHex, toUtf8 } from '#kit/encoding';
import { nodeTreeHash as tree } from '#kit/hash/node';
import { consistencyProof, inclusionProof } from './proofs.ts';
import { isSubtree, subtreeHash, subtreeProof, verifySubtreeProof } from './subtree.ts';
import { emptyRoot } from './tree.ts';

const entries = Array.from({ length: 300 }, (_, i) => sampleEntry(i));
const hex = (hashes: readonly Uint8Array[]): string[] => hashes.map(toHex);

test('subtrees are those of the draft', () => {
  for (const [start, end] of [[0, 1], [0, 13], [8, 13], [8, 16], [12, 13], [4, 6], [0, 0], [5, 5]] as const) {
    expect(isSubtree(start, end), `${start} ${end}`).toBe(true);
  }
  for (const [start, end] of [[1, 3], [4, 9], [8, 7], [-1, 1], [2, 5], [0.5, 1], [0, 2 ** 53]] as const) {
    expect(isSubtree(start, end), `${start} ${end}`).toBe(false);
  }
});

test('every subtree of every tree up to 40 leaves proves, and no other claim does', async () => {
  for (let size = 1; size <= 40; size++) {
    const { readTile, root } = sampleLog(entries.slice(0, size));
    for (let start = 0; start < size; start++) {
      for (let end = start + 1; end <= size; end++) {
        if (!isSubtree(start, end)) continue;
        const proof = await subtreeProof(tree, start, end, size, readTile);
        const hash = await subtreeHash(tree, start, end, size, readTile);
        expect(toHex(hash)).toBe(toHex(sampleLog(entries.slice(start, end)).root));
        const claim = { start, end, hash, size, root };
        const holds = (more: object, hashes = proof) => verifySubtreeProof(tree.sha256, { ...claim, ...more }, hashes);
        expect(await holds({}), `${start} ${end} of ${size}`).toBe(true);
        expect(await holds({}, [...proof, root])).toBe(false);
        if (proof.length) expect(await holds({}, proof.slice(1))).toBe(false);
        if (size > 1) {
          expect(await holds({ root: tree.leaf(new Uint8Array(1)) })).toBe(false);
          expect(await holds({ hash: tree.leaf(new Uint8Array(1)) })).toBe(false);
        }
        if (start === 0) expect(hex(proof)).toEqual(hex(await consistencyProof(tree, end, size, readTile)));
        if (end === start + 1) expect(hex(proof)).toEqual(hex(await inclusionProof(tree, start, size, readTile)));
      }
    }
  }
});

test('subtrees across the borders of tiles prove; an empty one is the empty tree; what is none is refused', async () => {
  const { readTile, root } = sampleLog(entries);
  for (const [start, end] of [[256, 300], [0, 256], [0, 257], [128, 256], [296, 300], [288, 300], [299, 300]] as const) {
    const proof = await subtreeProof(tree, start, end, 300, readTile);
    const hash = await subtreeHash(tree, start, end, 300, readTile);
    expect(await verifySubtreeProof(tree.sha256, { start, end, hash, size: 300, root }, proof)).toBe(true);
  }
  const none = { start: 7, end: 7, hash: emptyRoot(tree), size: 300, root };
  expect(await subtreeProof(tree, 7, 7, 300, readTile)).toEqual([]);
  expect(toHex(await subtreeHash(tree, 7, 7, 300, readTile))).toBe(toHex(emptyRoot(tree)));
  expect(await verifySubtreeProof(tree.sha256, none, [])).toBe(true);
  expect(await verifySubtreeProof(tree.sha256, { ...none, hash: root }, [])).toBe(false);
  expect(await verifySubtreeProof(tree.sha256, { ...none, start: 1, end: 3 }, [])).toBe(false);
  await expect(subtreeProof(tree, 1, 3, 300, readTile)).rejects.toThrow(/not a subtree/);
  await expect(subtreeProof(tree, 0, 301, 300, readTile)).rejects.toThrow(/not in a tree/);
  expect(tree.leaf(toUtf8(entries[0]?.leaf ?? '')).length).toBe(32);
  expect(toBase64(root)).toHaveLength(44);
});
