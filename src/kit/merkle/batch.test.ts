import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededNumbers } from '#kit/bundle/testing';
import { toHex, toUtf8 } from '#kit/encoding';
import { nodeTreeHash as tree } from '#kit/hash/node';
import { verifyConsistencyNow, verifyInclusionNow, verifyInclusions } from './batch.ts';
import type { InclusionClaim } from './batch.ts';
import { verifyConsistency, verifyInclusion } from './proofs.ts';
import { hashAt, rootOf } from './tree.ts';
import { WholeTree } from './whole.ts';

const all = Buffer.concat(Array.from({ length: 1500 }, (_, i) => tree.leaf(toUtf8(`leaf ${i}`))));
const leaf = (i: number): Uint8Array => new Uint8Array(hashAt(all, i));
const split = (proof: Uint8Array): Uint8Array[] => Array.from({ length: proof.length / 32 }, (_, i) => hashAt(proof, i));

function grown(size: number, step = size): WholeTree {
  const whole = new WholeTree(tree);
  for (let at = 0; at < size; at += step) whole.append(all.subarray(at * 32, Math.min(size, at + step) * 32));
  return whole;
}

test('a whole tree grown in any steps gives the roots and proofs of every size it ever had', async () => {
  for (const step of [1, 7, 256, 300]) {
    const whole = grown(300, step);
    for (const size of [1, 2, 3, 5, 8, 13, 64, 100, 255, 256, 257, 299, 300]) {
      const root = whole.root(size);
      expect(toHex(root)).toBe(toHex(rootOf(tree, all.subarray(0, size * 32))));
      for (let index = 0; index < size; index += 1 + Math.floor(size / 40)) {
        const proof = whole.inclusionProof(index, size);
        expect(await verifyInclusion(tree.sha256, { index, size, leafHash: leaf(index), root }, split(proof))).toBe(true);
        expect(verifyInclusionNow(tree, size, root, { index, leafHash: leaf(index), proof })).toBe(true);
      }
      for (let from = 0; from <= size; from += 1 + Math.floor(size / 40)) {
        const fromRoot = from ? whole.root(from) : createHash('sha256').digest();
        const claim = { from, fromRoot: new Uint8Array(fromRoot), to: size, toRoot: root };
        const proof = whole.consistencyProof(from, size);
        expect(await verifyConsistency(tree.sha256, claim, split(proof)), `${from} ${size}`).toBe(true);
        expect(verifyConsistencyNow(tree, claim, proof)).toBe(true);
        const wrongs = [
          [{ ...claim, fromRoot: leaf(700) }, proof], [{ ...claim, toRoot: leaf(700) }, proof], [claim, new Uint8Array([...proof, ...root])],
          [claim, proof.subarray(0, -1)], [{ ...claim, from: from + 0.5 }, proof], [{ ...claim, from: size + 1 }, proof],
        ] as const;
        for (const [other, hashes] of wrongs) {
          const expected = hashes.length % 32 === 0 && await verifyConsistency(tree.sha256, other, split(hashes));
          expect(verifyConsistencyNow(tree, other, hashes)).toBe(expected);
        }
      }
    }
  }
  const whole = grown(5);
  // Across the blocks that levels are kept in, in pieces that do not end where they do.
  const many = new Uint8Array(70_001 * 32).map((_, i) => (i * 31 + (i >> 8)) & 255);
  const large = new WholeTree(tree);
  for (let at = 0; at < 70_001; at += 9973) large.append(many.subarray(at * 32, Math.min(70_001, at + 9973) * 32));
  for (const size of [16_384, 16_385, 32_768, 65_537, 70_001]) {
    const root = large.root(size);
    expect(toHex(root)).toBe(toHex(rootOf(tree, many.subarray(0, size * 32))));
    for (const index of [0, 1, 16_383, size - 2, size - 1].filter((i) => i < size)) {
      expect(verifyInclusionNow(tree, size, root, { index, leafHash: hashAt(many, index), proof: large.inclusionProof(index, size) })).toBe(true);
    }
    const claim = { from: 16_384, fromRoot: large.root(16_384), to: size, toRoot: root };
    expect(verifyConsistencyNow(tree, claim, large.consistencyProof(16_384, size))).toBe(true);
  }
  for (const wrong of [
    () => whole.root(0), () => whole.root(6), () => whole.inclusionProof(5), () => whole.inclusionProof(-1),
    () => whole.inclusionProof(0, 6), () => whole.consistencyProof(6), () => whole.consistencyProof(3, 2),
  ]) expect(wrong).toThrow();
});

test('right proofs of any tree are right together, in any order, many of one leaf too', () => {
  const next = seededNumbers('batch');
  for (const size of [1, 2, 3, 6, 7, 255, 256, 257, 1000, 1023, 1024, 1025, 1500]) {
    const whole = grown(size);
    const claims = Array.from({ length: 400 }, () => {
      const index = next(size);
      return { index, leafHash: leaf(index), proof: whole.inclusionProof(index) };
    });
    expect(verifyInclusions(tree, size, whole.root(), claims)).toEqual(claims.map(() => true));
  }
});

const size = 1000;
const whole = grown(size);
const root = whole.root();
const honest = (index: number): InclusionClaim => ({ index, leafHash: leaf(index), proof: whole.inclusionProof(index) });

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const out = new Uint8Array(bytes);
  if (out.length) out[at % out.length] = (out[at % out.length] ?? 0) ^ 1;
  return out;
}

/** Wrong in one of the ways that a proof can be wrong. */
const wrongs: readonly ((claim: InclusionClaim, n: number) => InclusionClaim)[] = [
  (claim, n) => ({ ...claim, proof: flipped(claim.proof, n) }),
  (claim, n) => ({ ...claim, leafHash: flipped(claim.leafHash, n) }),
  (claim) => ({ ...claim, proof: claim.proof.subarray(0, claim.proof.length - 32) }),
  (claim) => ({ ...claim, proof: claim.proof.subarray(32) }),
  (claim) => ({ ...claim, proof: claim.proof.subarray(0, claim.proof.length - 1) }),
  (claim) => ({ ...claim, proof: new Uint8Array([...claim.proof, ...root]) }),
  (claim) => ({ ...claim, proof: new Uint8Array(100 * 32) }),
  (claim) => ({ ...claim, proof: new Uint8Array(0) }),
  (claim) => ({ ...claim, index: claim.index ^ 1 }),
  (claim) => ({ ...claim, index: claim.index + size }),
  (claim) => ({ ...claim, index: -1 - claim.index }),
  (claim) => ({ ...claim, index: claim.index + 0.5 }),
  (claim) => ({ ...claim, index: Number.NaN }),
  (claim, n) => ({ ...claim, leafHash: leaf((claim.index + 1 + n % 5) % size) }),
  (claim) => ({ ...claim, leafHash: new Uint8Array(31) }),
  (claim, n) => ({ ...honest(n % size), index: claim.index, leafHash: claim.leafHash }),
];

test('each verdict is that of the proof alone, whatever wrong proofs climb beside it', () => {
  const one = fc.tuple(fc.nat(size - 1), fc.option(fc.nat(wrongs.length - 1)), fc.nat(5000));
  fc.assert(fc.property(fc.array(one, { minLength: 1, maxLength: 60 }), (choices) => {
    const claims = choices.map(([index, how, n]) => how === null ? honest(index) : wrongs[how]?.(honest(index), n) ?? honest(index));
    const alone = claims.map((claim) => verifyInclusionNow(tree, size, root, claim));
    expect(verifyInclusions(tree, size, root, claims)).toEqual(alone);
    choices.forEach(([, how], i) => { if (how === null) expect(alone[i]).toBe(true); });
  }), { numRuns: 200 });
});

test('the same proof with each of its bytes flipped fails beside the right one', () => {
  for (const index of [0, 511, 512, 998, 999]) {
    const right = honest(index);
    const claims = [right];
    for (let at = 0; at < right.proof.length; at++) claims.push({ ...right, proof: flipped(right.proof, at) }, right);
    for (let at = 0; at < 32; at++) claims.push({ ...right, leafHash: flipped(right.leafHash, at) });
    expect(verifyInclusions(tree, size, root, claims)).toEqual(claims.map((claim) => claim === right));
  }
});

test('another root or size fails all; more proofs than climb together do too; beyond 2^31 leaves each goes alone', () => {
  const claims = Array.from({ length: 40_000 }, (_, i) => honest(i % size));
  expect(verifyInclusions(tree, size, root, claims).every((verdict) => verdict)).toBe(true);
  const few = claims.slice(0, 50);
  const none = few.map(() => false);
  expect(verifyInclusions(tree, size, flipped(root, 3), few)).toEqual(none);
  expect(verifyInclusions(tree, size, root.subarray(1), few)).toEqual(none);
  for (const other of [0, -1, 0.5, 2 ** 53, size * 4, 2 ** 40]) expect(verifyInclusions(tree, other, root, few)).toEqual(none);
  expect(verifyInclusions(tree, size, root, [])).toEqual([]);
  // A tree of 2^40 + 1 leaves whose last leaf stands alone at its right end.
  const lone = { index: 2 ** 40, leafHash: leaf(0), proof: leaf(1) };
  const top = tree.pairs(new Uint8Array([...leaf(1), ...leaf(0)]));
  expect(verifyInclusions(tree, 2 ** 40 + 1, top, [lone, { ...lone, leafHash: leaf(2) }])).toEqual([true, false]);
});
