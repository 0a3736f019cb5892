/**
 * What a witness decides (C2SP tlog-witness): the status of every case, from the request, the keys it trusts for the origin,
 * and the newest head it has cosigned. Pure: state comes in and goes out as values.
 *
 * The order that keeps a log from being cosigned twice over: read the head, decide, store `next` only if the head is still
 * the one that was read (and durably), and only then make the cosignatures. If someone stored another head in between,
 * decide again. If we crash after storing, the log asks again with the old size, gets 409 with the new one, and goes on.
 */
import { sameBytes } from '#kit/encoding';
import type { Verifying } from '#kit/hash/port';
import { verifyConsistency } from '#kit/merkle/proofs';
import { cosign, formatSignature, verifyNote } from '#kit/note/note';
import type { NoteSigner, VerifierKey } from '#kit/note/note';
import type { AddCheckpoint } from './add-checkpoint.ts';

/** The newest checkpoint that was cosigned for an origin. */
export interface KnownHead {
  readonly size: number;
  readonly root: Uint8Array;
}

export const sizeType = 'text/x.tlog.size';
const plainType = 'text/plain; charset=utf-8';

export type Decision =
  /** Store `next` in place of the head that was given, then answer with the cosignatures over `text`. */
  | { readonly status: 200; readonly next: KnownHead; readonly text: string }
  | {
    readonly status: 400 | 403 | 404 | 409 | 422;
    readonly contentType: string;
    readonly body: string;
    /** The log has signed a second tree of a size: the request is evidence, worth keeping. */
    readonly fork: boolean;
  };

function no(status: 400 | 403 | 404 | 422, why: string, fork = false): Decision {
  return { status, contentType: plainType, body: `${why}\n`, fork };
}

/** For what `parseAddCheckpoint` could not read. */
export function malformed(why: string): Decision {
  return no(400, why);
}

/**
 * `keys` are those trusted for the checkpoint's origin, none where the origin is unknown; `head` is null where nothing was
 * cosigned for it yet.
 */
export async function decideAddCheckpoint(
  verifying: Verifying, request: AddCheckpoint, keys: readonly VerifierKey[], head: KnownHead | null,
): Promise<Decision> {
  const { oldSize, proof, note, checkpoint } = request;
  const { size, root } = checkpoint;
  if (keys.length === 0) return no(404, 'this origin is unknown here');
  const signed = await verifyNote(verifying, note, keys);
  if (!signed.ok) return no(403, signed.why);
  if (oldSize > size) return no(400, 'the old size is larger than the checkpoint');
  const sha256 = (bytes: Uint8Array) => verifying.sha256(bytes);
  if (size === 0 && !sameBytes(root, await sha256(new Uint8Array(0)))) {
    return no(422, 'the root of an empty tree is SHA-256 of nothing', true);
  }
  const known = head ?? { size: 0, root: await sha256(new Uint8Array(0)) };
  if (oldSize !== known.size) return { status: 409, contentType: sizeType, body: `${known.size}\n`, fork: false };
  if (size === known.size && !sameBytes(root, known.root)) {
    return no(422, 'another root was cosigned at this size', true);
  }
  const claim = { from: known.size, fromRoot: known.root, to: size, toRoot: root };
  if (!await verifyConsistency(sha256, claim, proof)) return no(422, 'the consistency proof does not verify');
  return { status: 200, next: { size, root }, text: note.text };
}

/** The body of a 200: a line for each cosigner. `time` in seconds since the epoch. */
export async function cosignatureLines(text: string, cosigners: readonly NoteSigner[], time: bigint): Promise<string> {
  if (time <= 0n) throw new Error('the cosignature of a witness bears the time');
  const lines = await Promise.all(cosigners.map((cosigner) => cosign(text, cosigner, time)));
  return lines.map(formatSignature).join('');
}
