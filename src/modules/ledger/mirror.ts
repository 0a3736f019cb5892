/**
 * A full copy of another hub's log, each step checked: the checkpoint by the policy, and then the log's own entries made
 * into a tree again, which must continue the tree that is held and give the root that is signed. A log that shrinks or forks
 * is refused, and what it signed is kept as evidence.
 *
 * The copied checkpoint is written last. If we crash before, the copy is what it was; how far the fetching came stands in
 * `mirror/progress`, whose tree is checked by its own partial tiles before it is gone on from.
 */
import { fromBase64, fromUtf8, sameBytes, toBase64, toUtf8 } from '#kit/encoding';
import { nodeTreeHash, nodeVerifying } from '#kit/hash/node';
import { consistencyProof, verifyConsistency } from '#kit/merkle/proofs';
import { hashesAtLevel, tileWidth } from '#kit/merkle/tiles';
import { emptyRoot, hashBytes } from '#kit/merkle/tree';
import { cosign, formatNote } from '#kit/note/note';
import type { NoteSigner } from '#kit/note/note';
import { verifyCheckpoint } from '#kit/note/proof';
import type { Policy } from '#kit/note/policy';
import type { Blobs } from '#world/blobs/port';
import type { Clock } from '#world/clock';
import { RootMismatch, edgeOf, growTiles, prune, rootOfPartials } from './growth.ts';
import type { LeafSource } from './growth.ts';
import { checkpointName, tileName } from './log.ts';
import { LogFault, leavesOf, objectsAmong, readLog, tilesOf } from './objects.ts';
import type { ReadLog, ReadObject } from './objects.ts';
import { withLines } from './witnesses.ts';

export interface MirrorParts {
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly policy: Policy;
  /** Keys with which the copy cosigns what it holds, if any. */
  readonly cosigners: readonly NoteSigner[];
}

/** What a log did that no honest log does; `damaged` is what it served, and may be mended. */
export type MirrorWhy = 'unsigned' | 'rollback' | 'fork' | 'damaged';

export class MirrorRefusal extends Error {
  override readonly name = 'MirrorRefusal';
  readonly why: MirrorWhy;
  constructor(why: MirrorWhy, sentence: string) {
    super(sentence);
    this.why = why;
  }
}

export interface Mirrored {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
  /** Leaves that are new with this step. */
  readonly grown: number;
}

interface Tree {
  readonly size: number;
  readonly root: Uint8Array;
}

const progressName = 'mirror/progress';
const nothing: Tree = { size: 0, root: emptyRoot(nodeTreeHash) };

async function checked(read: ReadObject, policy: Policy): Promise<ReadLog> {
  const log = await readLog(read).catch((error: unknown) => {
    if (error instanceof LogFault) throw new MirrorRefusal('damaged', error.message);
    throw error;
  });
  const verdict = await verifyCheckpoint(nodeVerifying, log.note, log.checkpoint, policy);
  if (!verdict.ok) throw new MirrorRefusal('unsigned', `${log.checkpoint.origin} at ${log.checkpoint.size}: ${verdict.why}`);
  return log;
}

/** The copy's own checkpoint, or null where nothing was copied yet. */
export async function heldLog(blobs: Blobs): Promise<ReadLog | null> {
  return await blobs.read(checkpointName) ? readLog(objectsAmong(blobs)) : null;
}

/** Where fetching was interrupted, if what it left is whole; else what is held. */
async function startOf(blobs: Blobs, origin: string, held: Tree): Promise<{ readonly tree: Tree; readonly edge: Uint8Array[] }> {
  const [name, size = '', root = ''] = (fromUtf8(await blobs.read(progressName) ?? new Uint8Array(0)) ?? '').split('\n');
  const progress = { size: Number(size), root: fromBase64(root) ?? new Uint8Array(0) };
  const candidates = name === origin && progress.size > held.size ? [progress, held] : [held];
  for (const tree of candidates) {
    const edge = await edgeOf(blobs, tree.size);
    if (!edge) continue;
    const partials = edge.flatMap((hashes, level) =>
      hashes.length === 0 ? [] : [{ level, index: Math.floor(hashesAtLevel(tree.size, level) / tileWidth), hashes }]);
    if (sameBytes(rootOfPartials(tree.size, partials), tree.root)) return { tree, edge };
  }
  // Tiles of the copy are lost: all of it is fetched again, and must come to the tree that was held.
  return { tree: nothing, edge: [] };
}

/** Fetches, checks and keeps what the log has and the copy has not. `leaves` are those of the checkpoint that `read` shows. */
async function step(parts: MirrorParts, log: ReadLog, read: ReadObject, leaves: LeafSource): Promise<Mirrored> {
  const { blobs } = parts;
  const { origin, size, root } = log.checkpoint;
  const before = await heldLog(blobs);
  const held: Tree = before?.checkpoint ?? nothing;
  if (before && before.checkpoint.origin !== origin) {
    throw new MirrorRefusal('fork', `this is a copy of ${before.checkpoint.origin}, and not of ${origin}`);
  }
  if (size < held.size) await refuse(blobs, 'rollback', log, `the log shows ${size} leaves, and showed ${held.size} before`);
  if (size === held.size && before) {
    if (!sameBytes(root, held.root)) await refuse(blobs, 'fork', log, `the log has signed a second tree of ${size} leaves`);
    await keep(parts, log, before);
    return { origin, size, root, grown: 0 };
  }
  const { tree, edge } = await startOf(blobs, origin, held);
  const filled = await growTiles({
    blobs, leaves, from: tree.size, edge, to: { size, root },
    async after(done, partials) {
      await blobs.writeAll(partials.map(({ level, index, hashes }) =>
        [tileName({ level, index, width: hashes.length / hashBytes }), hashes] as const));
      await blobs.write(progressName, toUtf8(`${origin}\n${done}\n${toBase64(rootOfPartials(done, partials))}\n`));
    },
  }).catch(async (error: unknown) => {
    // Where the network or the disk failed the next step goes on from here; not so from what the log served wrongly.
    if (!(error instanceof LogFault) && !(error instanceof RootMismatch)) throw error;
    await blobs.remove(progressName);
    if (error instanceof LogFault) throw new MirrorRefusal('damaged', error.message);
    return explain(blobs, log, held, read);
  });
  await keep(parts, log, null);
  await blobs.remove(progressName);
  await prune(blobs, filled);
  return { origin, size, root, grown: size - held.size };
}

/** The entries do not give the signed root: has the log another history than the copy, or did it serve something broken? */
async function explain(blobs: Blobs, log: ReadLog, held: Tree, read: ReadObject): Promise<never> {
  const { size, root } = log.checkpoint;
  const sha256 = (bytes: Uint8Array) => nodeTreeHash.sha256(bytes);
  try {
    const proof = await consistencyProof(nodeTreeHash, held.size, size, tilesOf(read));
    const continues = await verifyConsistency(sha256, { from: held.size, fromRoot: held.root, to: size, toRoot: root }, proof);
    if (continues) {
      throw new MirrorRefusal('damaged', `what the log serves beyond ${held.size} does not give the tree of ${size} that it signed`);
    }
  } catch (error) {
    if (error instanceof MirrorRefusal) throw error;
    if (error instanceof LogFault) throw new MirrorRefusal('damaged', error.message);
    throw error;
  }
  return refuse(blobs, 'fork', log, `the tree of ${size} that the log has signed does not continue the ${held.size} leaves held here`);
}

/** Keeps the signed checkpoint that no honest log signs, by its hash, and refuses. */
async function refuse(blobs: Blobs, why: MirrorWhy, log: ReadLog, sentence: string): Promise<never> {
  const { sha256 } = await blobs.put(log.bytes);
  throw new MirrorRefusal(why, `${log.checkpoint.origin}: ${sentence} (its checkpoint is kept as ${sha256})`);
}

/** The checkpoint as the log shows it, with the copy's own cosignatures, where it has not the same already. */
async function keep({ blobs, clock, cosigners }: MirrorParts, log: ReadLog, before: ReadLog | null): Promise<void> {
  if (before && log.note.signatures.every((line) => before.note.signatures.some((other) =>
    other.name === line.name && sameBytes(other.signature, line.signature)))) return;
  const time = BigInt(Math.floor(clock.now() / 1000));
  const lines = await Promise.all(cosigners.map((cosigner) => cosign(log.note.text, cosigner, time)));
  await blobs.write(checkpointName, toUtf8(formatNote(withLines(log.note, lines))));
}

/** One step of the copy from the log that `read` shows. Throws a MirrorRefusal; or an OutboundError where nobody answers. */
export async function mirrorOnce(parts: MirrorParts, read: ReadObject): Promise<Mirrored> {
  const log = await checked(read, parts.policy);
  return step(parts, log, read, leavesOf(read, log.checkpoint.size));
}

/** The same from a verified bundle: its checkpoint, and its leaves in order. */
export async function mirrorFrom(parts: MirrorParts, checkpoint: Uint8Array, leaves: LeafSource): Promise<Mirrored> {
  const read: ReadObject = async (path) => (path === 'checkpoint' ? checkpoint : null);
  return step(parts, await checked(read, parts.policy), read, leaves);
}
