/** The log as published among the blobs: its signed checkpoint and its tiles. The records database is not asked. */
import { createHmac } from 'node:crypto';
import { sameBytes } from '#kit/encoding';
import { nodeTreeHash, nodeVerifying } from '#kit/hash/node';
import type { ReadTile } from '#kit/merkle/proofs';
import { tilePath, tileWidth } from '#kit/merkle/tiles';
import type { TileId } from '#kit/merkle/tiles';
import { hashBytes } from '#kit/merkle/tree';
import { parseCheckpoint } from '#kit/note/checkpoint';
import type { Checkpoint } from '#kit/note/checkpoint';
import { ed25519Type, parseNote, verifierKey, verifyNote } from '#kit/note/note';
import type { NoteSigner, VerifierKey } from '#kit/note/note';
import type { Blobs } from '#world/blobs/port';
import type { Queryable } from '#world/db/port';
import type { Keys } from '#world/keys/port';
import { ledgerKeyName } from './model.ts';

export const checkpointName = 'ledger/checkpoint';

export function tileName(tile: TileId): string {
  return `ledger/${tilePath(tile)}`;
}

/** Who signs as the log. With `signing` it is more than one key during a rotation (keys.ts); a plain signer is one for ever. */
export interface LogSigner extends NoteSigner {
  /** Keys that sign the next checkpoint, the newest first. */
  readonly signing?: () => readonly NoteSigner[];
  /** Every key that ever signed for this log. */
  readonly known?: () => readonly VerifierKey[];
  /** Follows what the records say of the keys. */
  readonly refresh?: (db: Queryable) => Promise<void>;
  /** Told of each checkpoint that was kept. */
  readonly published?: (db: Queryable, size: number) => Promise<void>;
}

export const keysOf = (signer: LogSigner): readonly VerifierKey[] => signer.known?.() ?? [signer.key];

/** The log's signer: its key in the key store, named by the log's origin. Throws for an origin that is no key name. */
export async function ledgerSigner(keys: Keys, origin: string): Promise<NoteSigner> {
  const signer = await keys.signer(ledgerKeyName);
  return {
    key: await verifierKey(nodeVerifying, origin, ed25519Type, signer.publicKey),
    sign: (message) => signer.sign(message),
  };
}

export interface Published {
  readonly bytes: Uint8Array;
  readonly checkpoint: Checkpoint;
}

/**
 * The published checkpoint, or null where none was published yet. One that is not ours is a fault. `seen` is what this
 * answered before: the same bytes are not verified again.
 */
export async function publishedLog(
  blobs: Blobs, signer: LogSigner, seen: Published | null = null,
): Promise<Published | null> {
  const bytes = await blobs.read(checkpointName);
  if (!bytes) return null;
  if (seen && sameBytes(seen.bytes, bytes)) return seen;
  const note = parseNote(bytes);
  const checkpoint = note && parseCheckpoint(note.text);
  if (!note || checkpoint?.origin !== signer.key.name) throw new Error('the published checkpoint is not of this log');
  const verdict = await verifyNote(nodeVerifying, note, keysOf(signer));
  if (!verdict.ok) throw new Error(`the published checkpoint: ${verdict.why}`);
  return { bytes, checkpoint };
}

/** Reads tiles among the blobs. A partial tile that was removed since is the beginning of the full one. */
export function tilesIn(blobs: Blobs): ReadTile {
  return async (tile) => {
    const own = await blobs.read(tileName(tile));
    if (own) return own;
    const full = tile.width < tileWidth ? await blobs.read(tileName({ ...tile, width: tileWidth })) : null;
    if (!full) throw new Error(`there is no ${tileName(tile)}`);
    return full.subarray(0, tile.width * hashBytes);
  };
}

/** The salt of a leaf: HMAC-SHA256(subject key, index in decimal). Two plain hashes (RFC 2104): an object for each costs four. */
export function saltOf(subjectKey: Uint8Array, index: number): Uint8Array {
  const digits = Buffer.from(String(index), 'latin1');
  if (subjectKey.length > 64) return new Uint8Array(createHmac('sha256', subjectKey).update(digits).digest());
  const inner = Buffer.alloc(64 + digits.length, 0x36);
  const outer = Buffer.alloc(96, 0x5c);
  for (let i = 0; i < subjectKey.length; i++) {
    const byte = subjectKey[i] ?? 0;
    inner[i] = byte ^ 0x36;
    outer[i] = byte ^ 0x5c;
  }
  inner.set(digits, 64);
  outer.set(nodeTreeHash.sha256(inner), 64);
  return nodeTreeHash.sha256(outer);
}
