/**
 * What an observer was served, without a word on who asked or when: two who were served the same write the same bytes, and compare by one
 * digest. Each file that was fetched is named by its digest and by those of its pieces, so that two views of one file say where they
 * differ first though neither holds the file.
 */
import { z } from 'zod';
import { canonicalText, fromCanonical } from '#kit/canonical/canonical';
import { toBase64, toHex, toUtf8 } from '#kit/encoding';
import type { RunningDigest } from '../hash/port.ts';
import { Entry, manifestFormats, Position, Withdrawal, type Manifest } from './manifest.ts';

/** A file has at most so many pieces, each a power of two and no smaller than this. */
export const mostPieces = 256;
export const leastPiece = 4_096;
/** Of entries a view holds so many; the digest of the whole list stands beside them. */
export const mostShown = 500;
export const mostFiles = 64;
export const mostViewBytes = 1024 * 1024;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** The first 16 bytes of a SHA-256, base64. */
const pieceDigest = z.string().regex(/^[A-Za-z0-9+/]{22}==$/);

export const SeenFile = z.strictObject({
  name: z.string().min(1).max(1_000), version: z.string().min(1).max(1_000).nullable(),
  /** What the server answered; 0 where it did not. Without 200 there are no bytes. */
  status: z.number().int().min(0).max(599), size: z.number().int().min(0), sha256: sha256.nullable(),
  /** Whether it is what the manifest lists; null where that lists no digest, or where it is the manifest. */
  asListed: z.boolean().nullable(),
  pieceSize: z.number().int().min(0), pieces: z.array(pieceDigest).max(mostPieces),
}).superRefine((f, c) => {
  const wanted = f.sha256 === null ? { pieceSize: 0, pieces: 0 } : { pieceSize: pieceSizeOf(f.size), pieces: Math.ceil(f.size / pieceSizeOf(f.size)) };
  if (f.pieceSize !== wanted.pieceSize || f.pieces.length !== wanted.pieces) c.addIssue({ code: 'custom', message: 'its pieces do not add up to its size' });
  if ((f.sha256 === null) === (f.status === 200)) c.addIssue({ code: 'custom', message: 'has bytes where the answer is 200, and only there' });
});
export type SeenFile = z.infer<typeof SeenFile>;

export const View = z.strictObject({
  v: z.literal(1), format: z.enum(manifestFormats),
  manifest: SeenFile,
  /** Why it could not be read, with the place; null where it could, or was not served. */
  fault: z.string().max(400).nullable(),
  position: Position,
  /** How many files it lists, and the SHA-256 of the canonical list. */
  listed: z.number().int().min(0), listing: sha256.nullable(),
  entries: z.array(Entry).max(mostShown), withdrawn: z.array(Withdrawal).max(mostShown),
  files: z.array(SeenFile).max(mostFiles),
});
export type View = z.infer<typeof View>;

export const viewText = (view: View): string => canonicalText(view);

/** A view from its canonical text, or why not. */
export function readView(text: string): { readonly view: View } | { readonly why: string } {
  if (toUtf8(text).length > mostViewBytes) return { why: `a view has at most ${mostViewBytes} bytes` };
  const value = fromCanonical(text);
  if (value === undefined) return { why: 'a view is canonical JSON' };
  const read = View.safeParse(value);
  if (read.success) return { view: read.data };
  const [first] = read.error.issues;
  return { why: `${first?.path.map(String).join('.') ?? ''}: ${first?.message ?? 'no view'}` };
}

/** The smallest power of two by which a file has at most 256 pieces. */
export function pieceSizeOf(size: number): number {
  let piece = leastPiece;
  while (size > piece * mostPieces) piece *= 2;
  return piece;
}

interface Level { readonly size: number; running: RunningDigest; filled: number; pieces: string[] | null }

/** Takes a file in pieces of any length, holding none of it; its size need not be known before. */
export class FileDigest {
  readonly #whole: RunningDigest;
  readonly #start: () => RunningDigest;
  /** Digests of every possible size of a piece at once: each level takes the same bytes. */
  readonly #levels: Level[] = [];
  #size = 0;
  constructor(start: () => RunningDigest, largest: number) {
    this.#start = start;
    this.#whole = start();
    for (let size = leastPiece; size <= pieceSizeOf(largest); size *= 2) this.#levels.push({ size, running: start(), filled: 0, pieces: [] });
  }

  get size(): number {
    return this.#size;
  }

  update(bytes: Uint8Array): void {
    this.#whole.update(bytes);
    this.#size += bytes.length;
    for (const level of this.#levels) {
      for (let at = 0; level.pieces !== null && at < bytes.length;) {
        const some = bytes.subarray(at, at + level.size - level.filled);
        level.running.update(some);
        level.filled += some.length;
        at += some.length;
        if (level.filled === level.size) this.#close(level);
        // This size gives too many: a coarser one will be asked for.
        if (level.pieces.length > mostPieces) level.pieces = null;
      }
    }
  }

  #close(level: Level): void {
    level.pieces?.push(shortDigest(level.running.digest()));
    level.running = this.#start();
    level.filled = 0;
  }

  end(): Pick<SeenFile, 'size' | 'sha256' | 'pieceSize' | 'pieces'> {
    const pieceSize = pieceSizeOf(this.#size);
    const level = this.#levels.find((l) => l.size === pieceSize);
    if (!level) throw new RangeError(`a file of ${this.#size} bytes is longer than was said`);
    if (level.filled > 0) this.#close(level);
    return { size: this.#size, sha256: toHex(this.#whole.digest()), pieceSize, pieces: level.pieces ?? [] };
  }
}

export const shortDigest = (digest: Uint8Array): string => toBase64(digest.subarray(0, 16));

/** What is shown of a manifest within a view, and the text whose digest stands for all of it. */
export const listingText = ({ entries, withdrawn }: Pick<Manifest, 'entries' | 'withdrawn'>): string => canonicalText({ entries, withdrawn });

/** Whichever two views of one file differ in. */
export interface Region {
  /** The first piece that is not the same: from one byte up to another. */
  readonly from: number;
  readonly to: number;
  /** Pieces that differ, of so many; a length that differs counts its missing pieces. */
  readonly pieces: number;
  readonly of: number;
}

/** Where two files differ first. Null where they are the same, or where nothing was served to one of them. */
export function regionBetween(one: SeenFile, other: SeenFile): Region | null {
  if (one.sha256 === null || other.sha256 === null || one.sha256 === other.sha256) return null;
  // Lengths so far apart are cut into pieces of other sizes, which do not compare: the whole is named.
  if (one.pieceSize !== other.pieceSize) return { from: 0, to: Math.max(one.size, other.size), pieces: 1, of: 1 };
  const most = Math.max(one.pieces.length, other.pieces.length);
  let [first, pieces] = [-1, 0];
  for (let i = 0; i < most; i++) {
    if (one.pieces[i] === other.pieces[i]) continue;
    if (first < 0) first = i;
    pieces += 1;
  }
  // Equal pieces and unequal wholes: short digests that meet by chance or by design; the whole is named.
  if (first < 0) return { from: 0, to: Math.max(one.size, other.size), pieces: most, of: most };
  const from = first * one.pieceSize;
  return { from, to: Math.min(from + one.pieceSize, Math.max(one.size, other.size)), pieces, of: most };
}

/** The first byte that differs in two pieces of one place; null where they are equal. */
export function firstDifference(one: Uint8Array, other: Uint8Array): number | null {
  const least = Math.min(one.length, other.length);
  for (let i = 0; i < least; i++) if (one[i] !== other[i]) return i;
  return one.length === other.length ? null : least;
}
