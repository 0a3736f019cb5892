/**
 * That a file is in a snapshot: from its line up to the root, one RFC 6962 inclusion proof for each folder on the way. A proof shows
 * the lines on the path and how many entries each folder has; of everything else it shows hashes alone.
 */
import { concatBytes, fromHex, toHex, toUtf8 } from '#kit/encoding';
import type { Awaitable, TreeHash, Verifying } from '#kit/hash/port';
import { largestPowerBelow, verifyInclusion } from '#kit/merkle/proofs';
import { hashBytes, rootOf } from '#kit/merkle/tree';
import { leafHashes } from './build.ts';
import { entryOf, isFolder, lineOf, pathProblem, type Entry } from './entry.ts';

export interface TreeStep {
  /** The entry's line in its folder. */
  readonly line: string;
  readonly index: number;
  /** Entries of that folder. */
  readonly count: number;
  /** From the leaf's sibling upwards, hex. */
  readonly hashes: readonly string[];
}

/** From the file up to the topmost folder. */
export type TreeProof = readonly TreeStep[];
/** The entries of a folder by its digest, in order; null where it is not held. */
export type ReadFolder = (digest: string) => Awaitable<readonly Entry[] | null>;

function inclusion(tree: TreeHash, hashes: Uint8Array, index: number): string[] {
  const found: string[] = [];
  let [lo, hi] = [0, hashes.length / hashBytes];
  const range = (from: number, to: number): string => toHex(rootOf(tree, hashes.subarray(from * hashBytes, to * hashBytes)));
  while (hi - lo > 1) {
    const split = lo + largestPowerBelow(hi - lo);
    if (index < split) {
      found.push(range(split, hi));
      hi = split;
    } else {
      found.push(range(lo, split));
      lo = split;
    }
  }
  return found.reverse();
}

export function stepFor(tree: TreeHash, entries: readonly Entry[], index: number): TreeStep {
  const lines = entries.map(lineOf);
  const line = lines[index];
  if (line === undefined) throw new Error(`a folder of ${lines.length} entries has no ${index}`);
  return { line, index, count: lines.length, hashes: inclusion(tree, leafHashes(tree, lines), index) };
}

/** The way from the top to a path: each folder's entries and the place of the next part; null where the path is not there. */
export async function wayTo(read: ReadFolder, root: string, path: string): Promise<{ entries: readonly Entry[]; index: number }[] | null> {
  const way: { entries: readonly Entry[]; index: number }[] = [];
  let digest: string | null = root;
  for (const part of path.split('/')) {
    const entries: readonly Entry[] | null = digest === null ? null : await read(digest);
    const index: number = entries?.findIndex((e) => e.name === part) ?? -1;
    const entry: Entry | undefined = entries?.[index];
    if (!entries || !entry) return null;
    way.push({ entries, index });
    digest = isFolder(entry) ? entry.digest : null;
  }
  return way;
}

/** Null where the path is not in the tree. */
export async function prove(tree: TreeHash, read: ReadFolder, root: string, path: string): Promise<TreeProof | null> {
  const way = await wayTo(read, root, path);
  return way ? way.reverse().map(({ entries, index }) => stepFor(tree, entries, index)) : null;
}

/** The entry that a proof shows to stand at a path under a root; null where it shows nothing. Never throws. */
export async function verifyProof(
  { sha256 }: Pick<Verifying, 'sha256'>, claim: { readonly root: string; readonly path: string }, proof: TreeProof,
): Promise<Entry | null> {
  const names = claim.path.split('/').reverse();
  if (pathProblem(claim.path) !== null || names.length !== proof.length) return null;
  let below: string | null = null;
  let shown: Entry | null = null;
  for (const [i, step] of proof.entries()) {
    const entry = readEntry(step.line);
    if (!entry || entry.name !== names[i] || (i > 0 && (!isFolder(entry) || entry.digest !== below))) return null;
    shown ??= entry;
    // What stands above carries the digest that this step has to come to; the topmost has to come to the root.
    const above = proof[i + 1];
    const wanted = above ? readEntry(above.line)?.digest : claim.root;
    const root = fromHex(wanted ?? '');
    const hashes = step.hashes.map(fromHex);
    if (!root || hashes.includes(null)) return null;
    const leafHash = await sha256(concatBytes(new Uint8Array(1), toUtf8(step.line)));
    const { index, count: size } = step;
    if (!await verifyInclusion(sha256, { index, size, leafHash, root }, hashes as Uint8Array[])) return null;
    below = wanted ?? null;
  }
  return shown;
}

function readEntry(line: string): Entry | null {
  try {
    return entryOf(line);
  } catch {
    return null;
  }
}

