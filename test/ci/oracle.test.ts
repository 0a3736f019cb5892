/**
 * Go's own reader of transparency logs (golang.org/x/mod/sumdb) reads logs that we wrote and accepts them; with any one byte
 * flipped it refuses them. Proofs made by one side verify with the other.
 */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeTreeHash, nodeVerifying } from '#kit/hash/node';
import { seededNumbers, seededSigner } from '#kit/bundle/testing';
import { consistencyProof, inclusionProof, verifyConsistency, verifyInclusion } from '#kit/merkle/proofs';
import type { ReadTile } from '#kit/merkle/proofs';
import { TileGrower, edgeWidths, encodeEntries, rootOfEdge, tilePath, tileWidth } from '#kit/merkle/tiles';
import { append, emptyFrontier, emptyRoot, hashBytes, rootOfFrontier } from '#kit/merkle/tree';
import { formatCheckpoint, parseCheckpoint } from '#kit/note/checkpoint';
import { formatNote, formatVkey, parseNote, signNote, verifyNote } from '#kit/note/note';
import { builtGo, hasGo } from '../../bench/ledger/golang.ts';

const count = process.env['FULL'] === 'yes' ? 1000 : 200;
const borders = [0, 1, 255, 256, 257, 65_535, 65_536, 70_000];
const signer = await seededSigner('log.example/oracle', 'oracle');
const vkey = formatVkey(signer.key);

interface Log {
  readonly size: number;
  readonly root: Uint8Array;
  /** What is published, by path: tiles, bundles, checkpoint. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly leafHashes: Uint8Array;
  readonly readTile: ReadTile;
}

/** A log of entries of any length, the longest there may be among them. */
async function written(size: number, next: (below: number) => number): Promise<Log> {
  const files = new Map<string, Uint8Array>();
  const grower = new TileGrower(nodeTreeHash);
  const leafHashes = new Uint8Array(size * hashBytes);
  const keep = ({ level, index, hashes }: { level: number; index: number; hashes: Uint8Array }): void => {
    files.set(tilePath({ level, index, width: hashes.length / hashBytes }), hashes);
  };
  for (let first = 0; first < size; first += tileWidth) {
    const entries = Array.from({ length: Math.min(tileWidth, size - first) }, (_, i) => {
      const length = next(5000) === 0 ? 65_535 : next(200);
      return new Uint8Array(length).fill(next(256)).map((byte, at) => (byte + at * (i + 1)) & 255);
    });
    entries.forEach((entry, i) => leafHashes.set(nodeTreeHash.leaf(entry), (first + i) * hashBytes));
    files.set(tilePath({ level: 'entries', index: first / tileWidth, width: entries.length }), encodeEntries(entries));
  }
  // In pieces of any size, as batches of facts come.
  for (let at = 0; at < size;) {
    const step = Math.min(size - at, 1 + next(1500));
    grower.append(leafHashes.subarray(at * hashBytes, (at + step) * hashBytes), keep);
    at += step;
  }
  const partials = grower.partials();
  partials.forEach(keep);
  const edge = edgeWidths(size).map((_, level) => partials.find((tile) => tile.level === level)?.hashes ?? new Uint8Array(0));
  const root = size ? rootOfEdge(nodeTreeHash, edge) : emptyRoot(nodeTreeHash);
  const note = await signNote(formatCheckpoint({ origin: signer.key.name, size, root }), [signer]);
  files.set('checkpoint', Buffer.from(formatNote(note)));
  return {
    size, root, files, leafHashes,
    readTile: async (tile) => files.get(tilePath(tile)) ?? new Uint8Array(0),
  };
}

interface Answer {
  readonly error: string;
  readonly size: number;
  readonly tiles: number;
  readonly entries: number;
  readonly inclusions: readonly string[] | null;
  readonly consistencies: readonly string[] | null;
}

interface Oracle { ask(request: object): Promise<Answer>; close(): void }

async function startOracle(): Promise<Oracle> {
  const child = spawn(await builtGo(fileURLToPath(new URL('./oracle', import.meta.url))), { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(request) {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error('the oracle ended');
      return JSON.parse(value) as Answer;
    },
    close: () => { child.stdin.end(); },
  };
}

const base64 = (hashes: readonly Uint8Array[]): string => Buffer.concat(hashes).toString('base64');
const split = (proof: string): Uint8Array[] => {
  const bytes = new Uint8Array(Buffer.from(proof, 'base64'));
  return Array.from({ length: bytes.length / hashBytes }, (_, i) => bytes.subarray(i * hashBytes, (i + 1) * hashBytes));
};

describe.skipIf(!await hasGo())('Go', () => {
  const at: { oracle?: Oracle; folder?: string } = {};
  beforeAll(async () => {
    at.oracle = await startOracle();
    at.folder = await mkdtemp(join(tmpdir(), 'entente-oracle-'));
  });
  afterAll(async () => {
    at.oracle?.close();
    if (at.folder) await rm(at.folder, { recursive: true, force: true });
  });

  async function put(log: Log, folder: string): Promise<void> {
    for (const [path, bytes] of log.files) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), bytes);
    }
  }

  /** A few inclusions and consistencies of the log, with our proofs. */
  async function claims(log: Log, next: (below: number) => number) {
    if (log.size === 0) return { inclusions: [], consistencies: [] };
    const indexes = [0, log.size - 1, next(log.size), next(log.size)];
    const sizes = [1, log.size, 1 + next(log.size), 1 + next(log.size)];
    const inclusions = await Promise.all(indexes.map(async (index) =>
      ({ index, proof: base64(await inclusionProof(nodeTreeHash, index, log.size, log.readTile)) })));
    const consistencies = await Promise.all(sizes.map(async (size) => {
      const frontier = append(nodeTreeHash, emptyFrontier, log.leafHashes.subarray(0, size * hashBytes));
      const root = Buffer.from(rootOfFrontier(nodeTreeHash, frontier)).toString('base64');
      return { size, root, proof: base64(await consistencyProof(nodeTreeHash, size, log.size, log.readTile)) };
    }));
    return { inclusions, consistencies };
  }

  /** The proofs that Go made of our tiles verify here, and are ours byte for byte. */
  async function ourVerdict(log: Log, asked: Awaited<ReturnType<typeof claims>>, answer: Answer): Promise<void> {
    expect(answer.inclusions ?? []).toEqual(asked.inclusions.map(({ proof }) => proof));
    expect(answer.consistencies ?? []).toEqual(asked.consistencies.map(({ proof }) => proof));
    const { size, root } = log;
    for (const [i, { index }] of asked.inclusions.entries()) {
      const leafHash = log.leafHashes.subarray(index * hashBytes, (index + 1) * hashBytes);
      const proof = split(answer.inclusions?.[i] ?? '');
      expect(await verifyInclusion(nodeTreeHash.sha256, { index, size, leafHash, root }, proof)).toBe(true);
    }
    for (const [i, { size: from, root: fromRoot }] of asked.consistencies.entries()) {
      const claim = { from, fromRoot: new Uint8Array(Buffer.from(fromRoot, 'base64')), to: size, toRoot: root };
      expect(await verifyConsistency(nodeTreeHash.sha256, claim, split(answer.consistencies?.[i] ?? ''))).toBe(true);
    }
  }

  /** Flips one bit of one published byte of the log, in a tile, a bundle or the checkpoint by turns. */
  async function flip(log: Log, folder: string, turn: number, next: (below: number) => number): Promise<string> {
    const kinds = [/^tile\/[0-9]/, /^tile\/entries/, /^checkpoint/];
    const ofKind = [...log.files.keys()].filter((path) => kinds[turn % 3]?.test(path));
    const paths = ofKind.length ? ofKind : ['checkpoint'];
    const path = paths[next(paths.length)] ?? 'checkpoint';
    const bytes = Buffer.from(log.files.get(path) ?? []);
    // Where base64 of the signature ends it has two bits that mean nothing: Go passes over them, we do not.
    const places = path === 'checkpoint' ? bytes.length - 3 : bytes.length;
    if (places === 0) return flip(log, folder, turn + 1, next);
    const place = next(places);
    bytes[place] = (bytes[place] ?? 0) ^ (1 << next(8));
    await writeFile(join(folder, path), bytes);
    return `${path} at ${place} of ${bytes.length}, log of ${log.size}`;
  }

  test.each(Array.from({ length: 8 }, (_, part) => part))(
    `accepts our logs and refuses each with one byte flipped (part %i of 8, ${count} logs)`, async (part) => {
      const { oracle, folder = '' } = at;
      if (!oracle) throw new Error('no oracle');
      const next = seededNumbers(`oracle ${part}`);
      const flipped = { count: 0 };
      for (let i = part; i < count; i += 8) {
        const size = borders[i] ?? next([300, 2000, 20_000][i % 3] ?? 300);
        const log = await written(size, next);
        const place = join(folder, String(i));
        await put(log, place);
        const asked = await claims(log, next);
        const answer = await oracle.ask({ folder: place, vkey, ...asked });
        const tiles = [...log.files.keys()].filter((path) => /^tile\/[0-9]/.test(path)).length;
        expect(answer, `log of ${size}`).toMatchObject({ error: '', size, tiles, entries: size });
        await ourVerdict(log, asked, answer);
        const where = await flip(log, place, i, next);
        const refused = await oracle.ask({ folder: place, vkey, inclusions: [], consistencies: [] });
        expect(refused.error, where).not.toBe('');
        flipped.count++;
        await rm(place, { recursive: true });
      }
      expect(flipped.count).toBe(Math.ceil((count - part) / 8));
    },
  );

  test('and we refuse a checkpoint with any bit flipped, the two without meaning as well', async () => {
    const bytes = (await written(3, seededNumbers('bits'))).files.get('checkpoint') ?? new Uint8Array(0);
    for (let place = 0; place < bytes.length; place++) {
      for (let bit = 0; bit < 8; bit++) {
        const changed = new Uint8Array(bytes);
        changed[place] = (bytes[place] ?? 0) ^ (1 << bit);
        const note = parseNote(changed);
        const good = note && parseCheckpoint(note.text) && (await verifyNote(nodeVerifying, note, [signer.key])).ok;
        expect(good ?? false, `${place} ${bit}`).toBe(false);
      }
    }
  });
});
