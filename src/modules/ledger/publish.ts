/**
 * Makes the published log equal to a head committed in the records: entry bundles, tiles, then the checkpoint, last.
 * Running normally, recovering from a crash, and rebuilding lost files are this one path.
 *
 * If we crash before the checkpoint is written, readers still see the old one, all of whose tiles are there; the next
 * run writes the same tiles again, byte for byte, since leaves never change. If we crash after it, only stale partial
 * tiles are left, which the next tile to fill up removes. Nothing is signed but a (size, root) that was committed under
 * the signer's own epoch, so two replicas that both sign still sign one history.
 */
import { fromUtf8, sameBytes, toBase64, toUtf8 } from '#kit/encoding';
import type { BuiltTile } from '#kit/merkle/tiles';
import { formatCheckpoint } from '#kit/note/checkpoint';
import { formatNote, signNote } from '#kit/note/note';
import type { Blobs } from '#world/blobs/port';
import type { Db } from '#world/db/port';
import { edgeOf, growTiles, prune } from './growth.ts';
import { checkpointName, publishedLog } from './log.ts';
import type { LogSigner, Published } from './log.ts';
import { committedRoot, storeCheckpoint, storedCheckpoint } from './head-store.ts';
import { leavesFrom } from './store.ts';
import type { Head } from './head-store.ts';
import { Overtaken } from './turn.ts';
import type { TurnKeeper } from './turn.ts';

export interface PublishParts {
  readonly db: Db;
  readonly blobs: Blobs;
  readonly signer: LogSigner;
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
    const { blobs, signer, db } = this.#parts;
    await this.#claim();
    await signer.refresh?.(db.brisk);
    const published = await publishedLog(blobs, signer, this.#seen);
    this.#seen = published;
    const stored = await storedCheckpoint(this.#parts.db.brisk);
    if (published) await this.#refuseFork(published, head);
    const from = published?.checkpoint.size ?? 0;
    const filled = published && from === head.size ? [] : await this.#tiles(head, from);
    const note = await this.#note(head, published, stored);
    if (!published || !sameBytes(published.bytes, toUtf8(note))) await this.#replace(note);
    if (stored === null || stored.size < head.size) await this.#store(head.size, note);
    await signer.published?.(db.brisk, head.size);
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
    const { blobs, db } = this.#parts;
    const grow = (start: number, edge: readonly Uint8Array[]) => growTiles({
      blobs, from: start, edge, to: head, before: () => this.#turn.renew(),
      leaves: async (at, count) =>
        (await leavesFrom(db.brisk, at, count)).map(({ leaf, leafHash }) => ({ bytes: toUtf8(leaf), hash: leafHash })),
    });
    const edge = await edgeOf(blobs, from);
    // Tiles that were lost or damaged are made again from the first leaf.
    if (!edge) return grow(0, emptyEdge);
    return grow(from, edge).catch((error: unknown) => {
      if (error instanceof Overtaken) throw error;
      return grow(0, emptyEdge);
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
    return formatNote(await signNote(text, signer.signing?.() ?? [signer]));
  }

  async #replace(note: string): Promise<void> {
    // On a slow disk writing takes its time: begun with most of the turn before it.
    await this.#turn.renew();
    const fence = { epoch: this.#turn.epoch, holds: () => this.#turn.holds() };
    if (!await this.#parts.blobs.replace(checkpointName, toUtf8(note), fence)) throw new Overtaken();
  }

  /** After the file: who asks the hub never hears of a checkpoint that a crash could take back. */
  async #store(size: number, note: string): Promise<void> {
    if (!await storeCheckpoint(this.#parts.db.brisk, this.#turn.epoch, { size, note })) throw new Overtaken();
  }
}
