/** What someone outside sees of a log: its published objects and every text that was ever signed, and whether they agree. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeTreeHash as tree } from '#kit/hash/node';
import { consistencyProof, verifyConsistency, type ReadTile } from '#kit/merkle/proofs';
import { decodeEntries, tilePath, tileWidth, widthIn } from '#kit/merkle/tiles';
import { rootOf } from '#kit/merkle/tree';
import { parseCheckpoint, type Checkpoint } from '#kit/note/checkpoint';
import { parseNote } from '#kit/note/note';

export type ReadObject = (path: string) => Promise<Uint8Array | null>;

export function objectsIn(folder: string): ReadObject {
  return (path) => readFile(join(folder, 'objects', 'ledger', path)).catch(() => null);
}

/** Tiles as someone outside reads them: a partial one that is gone is the beginning of the full one. */
export function tilesOf(read: ReadObject): ReadTile {
  return async (tile) => {
    const own = await read(tilePath(tile));
    const bytes = own ?? (await read(tilePath({ ...tile, width: tileWidth })))?.subarray(0, tile.width * 32);
    if (!bytes) throw new Error(`there is no ${tilePath(tile)}`);
    return bytes;
  };
}

export function checkpointOf(text: string): Checkpoint {
  const checkpoint = parseCheckpoint(text);
  if (!checkpoint) throw new Error(`this is no checkpoint: ${text}`);
  return checkpoint;
}

export async function publishedCheckpoint(read: ReadObject): Promise<Checkpoint> {
  const note = parseNote(await read('checkpoint') ?? new Uint8Array(0));
  return checkpointOf(note?.text ?? '');
}

/** The entries of the published tree; throws where they do not give its root. */
export async function publishedLeaves(read: ReadObject): Promise<Buffer[]> {
  const { size, root } = await publishedCheckpoint(read);
  const leaves: Buffer[] = [];
  for (let index = 0; index * tileWidth < size; index++) {
    const width = widthIn(size, 0, index);
    const bytes = await read(tilePath({ level: 'entries', index, width }))
      ?? await read(tilePath({ level: 'entries', index, width: tileWidth }));
    const entries = decodeEntries(bytes ?? new Uint8Array(1))?.slice(0, width).map((entry) => Buffer.from(entry));
    if (entries?.length !== width) throw new Error(`the entries of bundle ${index} are not there`);
    leaves.push(...entries);
  }
  const given = rootOf(tree, Buffer.concat(leaves.map((leaf) => tree.leaf(leaf))));
  if (size > 0 && !Buffer.from(given).equals(Buffer.from(root))) throw new Error(`the leaves do not give the root of ${size}`);
  return leaves;
}

/**
 * Whether all of these are heads of one history: each is proved a beginning of the next larger one, by the published
 * tiles, and two of one size have one root. So any two of them agree.
 */
export async function pairwiseConsistent(checkpoints: readonly Checkpoint[], read: ReadObject): Promise<void> {
  const bySize = new Map<number, Checkpoint>();
  for (const checkpoint of checkpoints) {
    const other = bySize.get(checkpoint.size);
    if (other && !Buffer.from(other.root).equals(Buffer.from(checkpoint.root))) {
      throw new Error(`two roots were signed for ${checkpoint.size}`);
    }
    bySize.set(checkpoint.size, checkpoint);
  }
  const inOrder = [...bySize.values()].sort((a, b) => a.size - b.size);
  const readTile = tilesOf(read);
  for (const [i, newer] of inOrder.entries()) {
    const older = inOrder[i - 1];
    if (!older) continue;
    const proof = await consistencyProof(tree, older.size, newer.size, readTile);
    const claim = { from: older.size, fromRoot: older.root, to: newer.size, toRoot: newer.root };
    if (!await verifyConsistency(tree.sha256, claim, proof)) throw new Error(`${older.size} and ${newer.size} do not agree`);
  }
}
