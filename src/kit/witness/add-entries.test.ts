import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sampleEntry, sampleLog } from '#kit/bundle/testing';
import { concatBytes, toHex, toUtf8 } from '#kit/encoding';
import { nodeTreeHash as tree } from '#kit/hash/node';
import { subtreeProof } from '#kit/merkle/subtree';
import {
  UploadError, formatMirrorState, formatPackage, formatUploadHead, packagesOf, parseMirrorState, readUpload, verifyPackage,
} from './add-entries.ts';
import type { EntryPackage, Upload } from './add-entries.ts';

const size = 700;
const log = sampleLog(Array.from({ length: size }, (_, i) => sampleEntry(i)));
const entries = log.entries.map(({ leaf }) => toUtf8(leaf));
const leafHashes = concatBytes(...entries.map((entry) => tree.leaf(entry)));

async function body(start: number, end = size): Promise<Uint8Array> {
  const packages: Uint8Array[] = [];
  for (const span of packagesOf(start, end)) {
    const proof = await subtreeProof(tree, span.from, span.end, size, log.readTile);
    packages.push(formatPackage(entries.slice(span.start, span.end), proof));
  }
  return concatBytes(formatUploadHead({ origin: 'log.example', start, end, ticket: toUtf8('ticket') }), ...packages);
}

function* chunks(bytes: Uint8Array, length: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

async function all({ packages }: Upload): Promise<EntryPackage[]> {
  const got: EntryPackage[] = [];
  for await (const one of packages) got.push(one);
  return got;
}

const holds = (one: EntryPackage, root = log.root): Promise<boolean> =>
  verifyPackage(tree, one, leafHashes.subarray(one.from * 32, one.start * 32), size, root);

test('packages are cut at multiples of 256', () => {
  expect([...packagesOf(0, 0)]).toEqual([]);
  for (const at of [256, 300, 700]) expect([...packagesOf(at, at)]).toEqual([]);
  expect([...packagesOf(100, 700)]).toEqual([
    { from: 0, start: 100, end: 256 }, { from: 256, start: 256, end: 512 }, { from: 512, start: 512, end: 700 },
  ]);
  expect([...packagesOf(300, 301)]).toEqual([{ from: 256, start: 300, end: 301 }]);
});

describe('an upload', () => {
  test.each([[0, 65_536], [100, 1], [256, 77], [699, 1000], [700, 3]])('from %i on, in chunks of %i bytes, is read and holds', async (start, length) => {
    const upload = await readUpload(chunks(await body(start), length));
    expect(upload.head).toEqual({ origin: 'log.example', start, end: size, ticket: toUtf8('ticket') });
    const packages = await all(upload);
    expect(packages.map(({ from, start: s, end }) => ({ from, start: s, end }))).toEqual([...packagesOf(start, size)]);
    expect(packages.flatMap((one) => one.entries.map(toHex))).toEqual(entries.slice(start).map(toHex));
    for (const one of packages) {
      expect(await holds(one)).toBe(true);
      expect(await holds(one, tree.leaf(new Uint8Array(0)))).toBe(false);
      expect(await holds({ ...one, entries: one.entries.toReversed() })).toBe(one.entries.length === 1);
      expect(await holds({ ...one, entries: one.entries.slice(1) })).toBe(false);
      expect(await holds({ ...one, proof: one.proof.slice(1) })).toBe(false);
    }
  });

  test('that is cut gives the packages before the cut, and one that is cut in its head is none', async () => {
    const whole = await body(100);
    const head = formatUploadHead({ origin: 'log.example', start: 100, end: size, ticket: toUtf8('ticket') }).length;
    for (let at = 0; at < head; at++) await expect(readUpload([whole.subarray(0, at)]), String(at)).rejects.toBeInstanceOf(UploadError);
    const ends = new Set<number>();
    for (let at = head; at <= whole.length; at += 997) ends.add((await all(await readUpload([whole.subarray(0, at)]))).length);
    ends.add((await all(await readUpload([whole]))).length);
    expect([...ends]).toEqual([0, 1, 2, 3]);
  });

  test('that is no upload says why', async () => {
    const head = (origin: Uint8Array, start: bigint, end: bigint): Uint8Array => {
      const sizes = new Uint8Array(16);
      new DataView(sizes.buffer).setBigUint64(0, start);
      new DataView(sizes.buffer).setBigUint64(8, end);
      return concatBytes(new Uint8Array([0, origin.length]), origin, sizes, new Uint8Array(2));
    };
    const o = toUtf8('o');
    await expect(readUpload([head(new Uint8Array([255]), 0n, 0n)])).rejects.toThrow(/UTF-8/);
    await expect(readUpload([head(new Uint8Array(0), 0n, 0n)])).rejects.toThrow(/empty/);
    await expect(readUpload([head(o, 2n, 1n)])).rejects.toThrow(/before it starts/);
    await expect(readUpload([head(o, 0n, 2n ** 63n)])).rejects.toThrow(/2\^53/);
    await expect(all(await readUpload([head(o, 0n, 0n), new Uint8Array(1)]))).rejects.toThrow(/more bytes/);
    await expect(all(await readUpload([head(o, 0n, 1n), new Uint8Array([0, 0, 64])]))).rejects.toThrow(/64 hashes/);
    expect(() => formatPackage([], Array.from({ length: 64 }, () => new Uint8Array(32)))).toThrow(/63/);
    expect(() => formatUploadHead({ origin: 'o'.repeat(70_000), start: 0, end: 0, ticket: o })).toThrow(/length/);
  });

  test('with any byte flipped never holds as a whole', async () => {
    const whole = await body(600);
    const head = formatUploadHead({ origin: 'log.example', start: 600, end: size, ticket: toUtf8('ticket') }).length;
    await fc.assert(fc.asyncProperty(fc.integer({ min: head, max: whole.length - 1 }), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
      const changed = new Uint8Array(whole);
      changed[at] = (whole[at] ?? 0) ^ mask;
      const got = await all(await readUpload([changed])).catch((error: unknown) => {
        expect(error).toBeInstanceOf(UploadError);
        return [];
      });
      for (const one of got) expect(await holds(one)).toBe(false);
    }), { numRuns: 150 });
  });
});

test('what a mirror says is spelt one way', () => {
  const state = { size: 700, next: 256, ticket: toUtf8('t') };
  expect(formatMirrorState(state)).toBe('700\n256\ndA==\n');
  expect(parseMirrorState('700\n256\ndA==\n')).toEqual(state);
  expect(parseMirrorState('0\n0\n\n')).toEqual({ size: 0, next: 0, ticket: new Uint8Array(0) });
  for (const bad of ['', '700\n256\n', '700\n256\ndA==', '700\n256\ndA==\n\n', '0700\n256\n\n', '700\n-1\n\n', '1\n2\nx\n', '1\r\n2\r\n\r\n']) {
    expect(parseMirrorState(bad), bad).toBeNull();
  }
});
