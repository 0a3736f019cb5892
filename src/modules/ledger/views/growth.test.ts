import { expect, test } from 'vitest';
import { nodeTreeHash } from '#kit/hash/node';
import { webVerifying } from '#kit/hash/web';
import { consistencyProof, verifyConsistency } from '#kit/merkle/proofs';
import { parseTilePath, tileWidth } from '#kit/merkle/tiles';
import { growthProof } from './growth.ts';

const leaves = Array.from({ length: 700 }, (_, i) => nodeTreeHash.leaf(new Uint8Array([i & 255, i >> 8])));

function head(lo: number, hi: number): Uint8Array {
  if (hi - lo === 1) return leaves[lo] as Uint8Array;
  const split = lo + 2 ** (Math.ceil(Math.log2(hi - lo)) - 1);
  return nodeTreeHash.pairs(Buffer.concat([head(lo, split), head(split, hi)]));
}

/** The tiles of the tree as the log would serve them. */
async function tileBytes(url: string): Promise<Uint8Array> {
  const tile = parseTilePath(url.replace('/ledger/', ''));
  if (tile === null || typeof tile.level !== 'number') throw new Error(`no such tile ${url}`);
  const unit = tileWidth ** tile.level;
  const first = tile.index * tileWidth;
  return Buffer.concat(Array.from({ length: tile.width }, (_, i) => head((first + i) * unit, (first + i + 1) * unit)));
}

test.each([[1, 2], [1, 700], [255, 256], [256, 700], [300, 700], [512, 600], [699, 700], [7, 8], [256, 512]])(
  'the proof made in the browser from %i to %i is the one the log makes, and it verifies',
  async (from, to) => {
    const made = await growthProof(from, to, tileBytes);
    const read = async (tile: { level: number; index: number; width: number }) => {
      const unit = tileWidth ** tile.level;
      return Buffer.concat(Array.from({ length: tile.width }, (_, i) =>
        head((tile.index * tileWidth + i) * unit, (tile.index * tileWidth + i + 1) * unit)));
    };
    const expected = await consistencyProof(nodeTreeHash, from, to, read);
    expect(made.map((h) => Buffer.from(h).toString('hex'))).toEqual(expected.map((h) => Buffer.from(h).toString('hex')));
    const claim = { from, fromRoot: head(0, from), to, toRoot: head(0, to) };
    expect(await verifyConsistency(webVerifying().sha256, claim, made)).toBe(true);
    expect(await verifyConsistency(webVerifying().sha256, { ...claim, fromRoot: head(0, to) }, made)).toBe(false);
  },
);
