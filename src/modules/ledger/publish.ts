/**
 * Makes the published log equal to a head committed in the records: entry bundles, tiles, then the checkpoint, last.
 * Running normally, recovering from a crash, and rebuilding lost files are this one path.
 *
 * If we crash before the checkpoint is written, readers still see the old one, all of whose tiles are there; the next
 * run writes the same tiles again, byte for byte, since leaves never change. If we crash after it, only stale partial
 * tiles are left, which the next tile to fill up removes. Nothing is signed but a (size, root) that was committed under
 * the signer's own epoch, so two replicas that both sign still sign one history.
 */
import { concatBytes, fromUtf8, sameBytes, toBase64, toUtf8 } from '#kit/encoding';
import { nodeTreeHash } from '#kit/hash/node';
import { TileGrower, edgeWidths, encodeEntries, hashesAtLevel, rootOfEdge, tilePath, tileWidth } from '#kit/merkle/tiles';
import type { BuiltTile } from '#kit/merkle/tiles';
import { emptyRoot, hashBytes } from '#kit/merkle/tree';
import { formatCheckpoint } from '#kit/note/checkpoint';
import { formatNote, signNote } from '#kit/note/note';
import type { NoteSigner } from '#kit/note/note';
import type { Blobs } from '#world/blobs/port';
import type { Db } from '#world/db/port';
import { checkpointName, publishedLog, tileName } from './log.ts';
import type { Published } from './log.ts';
import { committedRoot, leavesFrom, storeCheckpoint, storedCheckpoint } from './store.ts';
import type { Head } from './store.ts';
import { Overtaken } from './turn.ts';
import type { TurnKeeper } from './turn.ts';

/** Leaves read at once: sixteen entry bundles. */
const stride = tileWidth * 16;

export interface PublishParts {
  readonly db: Db;
  readonly blobs: Blobs;
  readonly signer: NoteSigner;
}

/** The partial tiles of a published size, level 0 first, or null where one is missing or of another width. */
async function edgeOf(blobs: Blobs, size: number): Promise<Uint8Array[] | null> {
  const edge: Uint8Array[] = [];
  for (const [level, width] of edgeWidths(size).entries()) {
    const index = Math.floor(hashesAtLevel(size, level) / tileWidth);
    const hashes = width === 0 ? new Uint8Array(0) : await blobs.read(tileName({ level, index, width }));
    if (hashes?.length !== width * hashBytes) return null;
    edge.push(hashes);
  }
  return edge;
}

const widthOf = (tile: BuiltTile): number => tile.hashes.length / hashBytes;
const nameOf = (tile: BuiltTile): string => tileName({ level: tile.level, index: tile.index, width: widthOf(tile) });

type Objects = [name: string, bytes: Uint8Array][];

/** Writes everything that a tree of `head` has and one of `from` has not; answers the tiles that became full. */
async function grow(
  parts: PublishParts, renew: () => Promise<void>, head: Head, from: number, edge: readonly Uint8Array[],
): Promise<BuiltTile[]> {
  const { db, blobs } = parts;
  const grower = new TileGrower(nodeTreeHash, from, edge);
  const filled: BuiltTile[] = [];
  let objects: Objects = [];
  // Bundles begin at a multiple of 256, so some leaves that are in the tree already are read again.
  for (let at = from - (from % tileWidth); at < head.size; at += stride) {
    await renew();
    const count = Math.min(stride, head.size - at);
    const leaves = await leavesFrom(db.brisk, at, count);
    for (let i = 0; i < count; i += tileWidth) {
      const bundle = leaves.slice(i, i + tileWidth).map(({ leaf }) => toUtf8(leaf));
      const index = (at + i) / tileWidth;
      objects.push([tileName({ level: 'entries', index, width: bundle.length }), encodeEntries(bundle)]);
    }
    const fresh = leaves.slice(Math.max(0, from - at)).map(({ leafHash }) => leafHash);
    grower.append(concatBytes(...fresh), (tile) => {
      objects.push([nameOf(tile), tile.hashes]);
      filled.push({ ...tile, hashes: new Uint8Array(0) });
    });
    if (at + stride >= head.size) break;
    await blobs.writeAll(objects);
    objects = [];
  }
  const partials = grower.partials();
  const edges = edgeWidths(head.size)
    .map((_, level) => partials.find((tile) => tile.level === level)?.hashes ?? new Uint8Array(0));
  const root = head.size === 0 ? emptyRoot(nodeTreeHash) : rootOfEdge(nodeTreeHash, edges);
  // Before the last are written: tiles that do not lead to the committed root are not left lying about.
  if (!sameBytes(root, head.root)) throw new Error(`the tiles of ${head.size} leaves do not have the committed root`);
  await blobs.writeAll([...objects, ...partials.map((tile) => [nameOf(tile), tile.hashes] as const)]);
  return filled;
}

/** Removes the partial forms of tiles that are full now, which nobody needs any more. */
async function prune(blobs: Blobs, filled: readonly BuiltTile[]): Promise<void> {
  for (const { level, index } of filled) {
    for (const kind of level === 0 ? [level, 'entries' as const] : [level]) {
      const partials = `ledger/${tilePath({ level: kind, index, width: tileWidth })}.p/`;
      for (const name of await blobs.list(partials)) await blobs.remove(name);
    }
  }
}

const emptyEdge: readonly Uint8Array[] = [];

export class Publisher {
  readonly #parts: PublishParts;
  readonly #turn: TurnKeeper;
  /** Epoch under which the checkpoint's name was claimed. */
  #claimed = 0;
  /** What the checkpoint file was when it was last read and verified. */
  #seen: Published | null = null;

  constructor(parts: PublishParts, turn: TurnKeeper) {
    this.#parts = parts;
    this.#turn = turn;
  }

  /** Brings the published log up to the head, which was committed in our turn. Throws `Overtaken` where it is over. */
  async publish(head: Head): Promise<void> {
    const { blobs, signer } = this.#parts;
    await this.#claim();
    const published = await publishedLog(blobs, signer, this.#seen);
    this.#seen = published;
    const stored = await storedCheckpoint(this.#parts.db.brisk);
    if (published) await this.#refuseFork(published, head);
    const from = published?.checkpoint.size ?? 0;
    const filled = published && from === head.size ? [] : await this.#tiles(head, from);
    const note = await this.#note(head, published, stored);
    if (!published || !sameBytes(published.bytes, toUtf8(note))) await this.#replace(note);
    if (stored === null || stored.size < head.size) await this.#store(head.size, note);
    await prune(blobs, filled);
  }

  /** Once an epoch: whatever an earlier holder of the turn has half-written of the checkpoint comes to nothing. */
  async #claim(): Promise<void> {
    const { epoch } = this.#turn;
    if (this.#claimed === epoch) return;
    await this.#parts.blobs.claim(checkpointName, epoch);
    this.#claimed = epoch;
  }

  /**
   * The published log must be a beginning of the records. Where it is longer, the records lost what was published (an
   * older backup, a machine that died without fsync); where it is another, they went on from there. Signing would be a
   * second history; a person has to decide (docs/operations.md).
   */
  async #refuseFork({ checkpoint: { size, root } }: Published, head: Head): Promise<void> {
    if (size > head.size) throw new Error(`the published log has ${size} leaves, the records only ${head.size}`);
    if (size === 0) return;
    const committed = size === head.size ? head.root : await committedRoot(this.#parts.db.brisk, size);
    if (!committed) throw new Error(`the records never had a head of the ${size} leaves that are published`);
    if (!sameBytes(root, committed)) throw new Error(`the published root of ${size} is not ${toBase64(committed)}`);
  }

  async #tiles(head: Head, from: number): Promise<BuiltTile[]> {
    const edge = await edgeOf(this.#parts.blobs, from);
    const renew = () => this.#turn.renew();
    // Tiles that were lost or damaged are made again from the first leaf.
    if (!edge) return grow(this.#parts, renew, head, 0, emptyEdge);
    return grow(this.#parts, renew, head, from, edge).catch((error: unknown) => {
      if (error instanceof Overtaken) throw error;
      return grow(this.#parts, renew, head, 0, emptyEdge);
    });
  }

  /** The signed checkpoint of the head: the one that is there already, with what witnesses added, or a new one. */
  async #note(
    head: Head, published: Published | null, stored: { readonly size: number; readonly note: string } | null,
  ): Promise<string> {
    if (stored?.size === head.size) return stored.note;
    if (published?.checkpoint.size === head.size) return fromUtf8(published.bytes) ?? '';
    const { signer } = this.#parts;
    if (!this.#turn.holds()) await this.#turn.renew();
    const text = formatCheckpoint({ origin: signer.key.name, size: head.size, root: head.root });
    if (!this.#turn.holds()) throw new Overtaken();
    return formatNote(await signNote(text, [signer]));
  }

  async #replace(note: string): Promise<void> {
    const fence = { epoch: this.#turn.epoch, holds: () => this.#turn.holds() };
    if (!await this.#parts.blobs.replace(checkpointName, toUtf8(note), fence)) throw new Overtaken();
  }

  /** After the file: who asks the hub never hears of a checkpoint that a crash could take back. */
  async #store(size: number, note: string): Promise<void> {
    if (!await storeCheckpoint(this.#parts.db.brisk, this.#turn.epoch, { size, note })) throw new Overtaken();
  }
}
