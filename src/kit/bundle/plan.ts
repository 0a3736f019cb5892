/**
 * The order of a bundle's lines, which the size of its tree alone decides: the right edge, highest level first; then
 * every full tile before what lies under it, left to right. So each hash has been checked against the signed root before
 * the tile or leaf under it is read, a reader needs one tile a level, and the first wrong line is the one that is named.
 */
import { hashesAtLevel, levelsOf, tileWidth } from '#kit/merkle/tiles';

export type Step =
  /** The partial tile of a level. */
  | { readonly kind: 'edge'; readonly level: number; readonly index: number; readonly width: number }
  /** All edges were given. */
  | { readonly kind: 'root' }
  /** Go on under the partial tile of this level. */
  | { readonly kind: 'under'; readonly level: number }
  /** A full tile; its head is hash `index` of the level above. */
  | { readonly kind: 'tile'; readonly level: number; readonly index: number }
  /** Leaves from `first` on, and the opening of each that has one. */
  | { readonly kind: 'leaves'; readonly first: number; readonly count: number };

function* underHash(level: number, index: number): Generator<Step> {
  yield { kind: 'tile', level: level - 1, index };
  if (level === 1) {
    yield { kind: 'leaves', first: index * tileWidth, count: tileWidth };
    return;
  }
  for (let i = 0; i < tileWidth; i++) yield* underHash(level - 1, index * tileWidth + i);
}

export function* planOf(size: number): Generator<Step> {
  const edges: { level: number; index: number; width: number }[] = [];
  for (let level = levelsOf(size) - 1; level >= 0; level--) {
    const hashes = hashesAtLevel(size, level);
    const width = hashes % tileWidth;
    if (width) edges.push({ level, index: (hashes - width) / tileWidth, width });
  }
  for (const edge of edges) yield { kind: 'edge', ...edge };
  yield { kind: 'root' };
  for (const { level, index, width } of edges) {
    yield { kind: 'under', level };
    if (level === 0) yield { kind: 'leaves', first: index * tileWidth, count: width };
    else for (let i = 0; i < width; i++) yield* underHash(level, index * tileWidth + i);
  }
}

export const bundleMagic = 'entente-ledger-bundle/v1';
export const sealMagic = 'entente-ledger-bundle-end/v1';
/** A longer line is refused before it is kept. */
export const maxLineBytes = 2 * 1024 * 1024;

/** The text of the seal: the note that closes a bundle, signed by the log's key. */
export interface Seal {
  readonly origin: string;
  readonly size: number;
  readonly openings: number;
  /** Organisation whose openings these are. */
  readonly reader: string;
  /** RFC 3339 UTC, when it was exported. */
  readonly at: string;
  /** SHA-256 of every byte before the seal, base64. */
  readonly digest: string;
}

export function formatSeal(seal: Seal): string {
  const { origin, size, openings, reader, at, digest } = seal;
  return `${sealMagic}\n${origin}\n${size}\n${openings}\n${reader}\n${at}\n${digest}\n`;
}
