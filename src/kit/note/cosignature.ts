/**
 * What cosigners sign (C2SP tlog-cosignature): a time and either the text of a checkpoint (Ed25519, 0x04) or a structure
 * that names cosigner, log and a range of leaves (ML-DSA-44, 0x06). Making and checking signature lines is note.ts.
 */
import { concatBytes, toUtf8 } from '#kit/encoding';
import { mlDsa44Bytes } from '#kit/hash/port';

const stampBytes = 8;

/** Seconds since the epoch of a cosignature of either kind, or null where it is not one. */
export function cosignatureTime(signature: Uint8Array): bigint | null {
  const { length } = signature;
  if (length !== stampBytes + 64 && length !== stampBytes + mlDsa44Bytes.signature) return null;
  const time = new DataView(signature.buffer, signature.byteOffset, stampBytes).getBigUint64(0);
  return time < 2n ** 63n ? time : null;
}

/** A time and a raw signature as one cosignature. */
export function stamped(time: bigint, signature: Uint8Array): Uint8Array {
  if (time < 0n || time >= 2n ** 63n) throw new Error(`${time} is not a time that a cosignature can bear`);
  return concatBytes(u64(time), signature);
}

/** The raw signature behind the time. */
export function unstamped(signature: Uint8Array): Uint8Array {
  return signature.slice(stampBytes);
}

/** What an Ed25519 cosigner signs: a header, the time, and the whole text of the checkpoint with its extension lines. */
export function cosignedMessage(time: bigint, text: string): Uint8Array {
  return toUtf8(`cosignature/v1\ntime ${time}\n${text}`);
}

/** Leaves [start, end) of a log, and the head over them. A checkpoint is the subtree [0, size). */
export interface Subtree {
  readonly origin: string;
  readonly start: number;
  readonly end: number;
  /** 32 bytes. */
  readonly hash: Uint8Array;
}

/**
 * What an ML-DSA cosigner signs. Extension lines are not in it. Null where it cannot be put so: a name or an origin that is
 * empty or over 255 bytes, or a time for a subtree that does not begin with the first leaf.
 */
export function subtreeMessage(cosigner: string, time: bigint, subtree: Subtree): Uint8Array | null {
  const { origin, start, end, hash } = subtree;
  const name = toUtf8(cosigner);
  const log = toUtf8(origin);
  if (![name, log].every(({ length }) => length > 0 && length < 256) || hash.length !== 32) return null;
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end < start) return null;
  if (time < 0n || time >= 2n ** 63n || (start > 0 && time !== 0n)) return null;
  return concatBytes(
    toUtf8('subtree/v1\n\0'), new Uint8Array([name.length]), name, u64(time),
    new Uint8Array([log.length]), log, u64(BigInt(start)), u64(BigInt(end)), hash,
  );
}

function u64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
}
