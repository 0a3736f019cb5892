/**
 * Proofs of inclusion as files (C2SP tlog-proof, `.tlog-proof`): an index, the hashes on the way to the root, and a
 * checkpoint with its signatures. With the policy of the reader and the leaf it verifies offline.
 */
import type { Verifying } from '#kit/hash/port';
import { fromBase64, fromDecimal, fromUtf8, toBase64, toUtf8 } from '#kit/encoding';
import { verifyInclusion } from '#kit/merkle/proofs';
import { readCheckpoint } from './checkpoint.ts';
import type { Checkpoint } from './checkpoint.ts';
import { formatNote, maxNoteBytes, parseNote, verifyNote } from './note.ts';
import type { Note, VerifierKey } from './note.ts';
import { meetsQuorum } from './policy.ts';
import type { Policy } from './policy.ts';

const proofMagic = 'c2sp.org/tlog-proof@v1';
/** Trees have fewer than 2^63 leaves. */
export const maxProofHashes = 63;
/** Far more than a VRF proof or a file name needs. */
export const maxProofBytes = maxNoteBytes + 1_000_000;

export interface TlogProof {
  /** Not authenticated by anything: the reader's own application says what it may mean. Null where there is no line. */
  readonly extra: Uint8Array | null;
  readonly index: number;
  /** From the leaf's sibling up, 32 bytes each. */
  readonly hashes: readonly Uint8Array[];
  readonly note: Note;
  readonly checkpoint: Checkpoint;
}

/** A file that is not a proof; `line` counts from 1. */
export class ProofError extends Error {
  override readonly name = 'ProofError';
  readonly line: number;
  constructor(line: number, why: string) {
    super(`line ${line}: ${why}`);
    this.line = line;
  }
}

/** The text of a proof; `note` as the log published it. */
export function formatTlogProof(proof: Pick<TlogProof, 'extra' | 'index' | 'hashes' | 'note'>): string {
  const { extra, index, hashes, note } = proof;
  const more = extra?.length ? `extra ${toBase64(extra)}\n` : '';
  return `${proofMagic}\n${more}index ${index}\n${hashes.map((hash) => `${toBase64(hash)}\n`).join('')}\n${formatNote(note)}`;
}

/** The proof that these bytes spell; throws a ProofError that names the line. What is read is spelt back to the same bytes. */
export function parseTlogProof(bytes: Uint8Array): TlogProof {
  if (bytes.length > maxProofBytes) throw new ProofError(1, `more than ${maxProofBytes} bytes`);
  const text = fromUtf8(bytes);
  if (text === null) throw new ProofError(1, 'not UTF-8');
  const split = text.indexOf('\n\n');
  if (split < 0) throw new ProofError(1, 'no empty line ends the hashes');
  const lines = text.slice(0, split).split('\n', maxProofHashes + 5);
  if (lines[0] !== proofMagic) throw new ProofError(1, `expected ${proofMagic}`);
  let at = 1;
  const refuse = (why: string): never => { throw new ProofError(at + 1, why); };
  let extra: Uint8Array | null = null;
  if (lines[at]?.startsWith('extra ')) {
    extra = fromBase64(lines[at]?.slice('extra '.length) ?? '') ?? refuse('extra is not base64');
    if (extra.length === 0) refuse('extra without anything is left out');
    at++;
  }
  const [word, number = '', ...more] = lines[at]?.split(' ', 3) ?? [];
  if (word !== 'index' || more.length) refuse('expected a line "index" with a number');
  const index = fromDecimal(number) ?? refuse('an index is decimal without leading zeros, below 2^53');
  const hashes: Uint8Array[] = [];
  for (at++; at < lines.length; at++) {
    if (hashes.length === maxProofHashes) refuse(`more than ${maxProofHashes} hashes`);
    const hash = fromBase64(lines[at] ?? '');
    hashes.push(hash?.length === 32 ? hash : refuse('not a hash of 32 bytes in base64'));
  }
  at++;
  const note = parseNote(toUtf8(text.slice(split + 2))) ?? refuse('the checkpoint is not a signed note');
  const checkpoint = readCheckpoint(note.text);
  return typeof checkpoint === 'string' ? refuse(`the checkpoint: ${checkpoint}`) : { extra, index, hashes, note, checkpoint };
}

export type SignedVerdict =
  | { readonly ok: true; readonly by: readonly VerifierKey[] }
  /** The policy names no such log: nothing is decided. */
  | { readonly ok: null; readonly why: string }
  | { readonly ok: false; readonly why: string };

/**
 * Whether a checkpoint is valid by a policy: signed by a log that it names for this origin, cosigned as its quorum says, not
 * older than its least tree, and no other tree of that size.
 */
export async function verifyCheckpoint(
  verifying: Verifying, note: Note, checkpoint: Checkpoint, policy: Policy,
): Promise<SignedVerdict> {
  const { origin, size, root } = checkpoint;
  const logs: readonly VerifierKey[] = policy.logs.filter((key) => key.name === origin);
  if (!logs.length) return { ok: null, why: `the policy names no log ${origin}` };
  const verdict = await verifyNote(verifying, note, [...logs, ...policy.witnesses]);
  if (!verdict.ok) return verdict;
  if (!verdict.by.some((key) => logs.includes(key))) return { ok: false, why: 'the log has not signed the checkpoint' };
  if (!meetsQuorum(policy.quorum, verdict.by)) {
    return { ok: false, why: 'too few witnesses of the policy have cosigned the checkpoint' };
  }
  const least = policy.least.find((one) => one.origin === origin);
  if (least && size < least.size) return { ok: false, why: `it is older than the least of the policy, ${least.size}` };
  if (least && size === least.size && toBase64(root) !== toBase64(least.root)) {
    return { ok: false, why: `it has another root than the least of the policy at the same size, ${size}` };
  }
  return { ok: true, by: verdict.by };
}

/** Whether the leaf with this hash is in a log of the policy, at the place that the proof names. */
export async function verifyTlogProof(
  verifying: Verifying, proof: TlogProof, leafHash: Uint8Array, policy: Policy,
): Promise<SignedVerdict> {
  const { index, hashes, note, checkpoint } = proof;
  const { size, root } = checkpoint;
  const sha256 = (bytes: Uint8Array) => verifying.sha256(bytes);
  // First what holds without any trust: a proof that contradicts itself is wrong whoever signed.
  if (index >= size) return { ok: false, why: `entry ${index} is not in a tree of ${size}` };
  if (!await verifyInclusion(sha256, { index, size, leafHash, root }, hashes)) {
    return { ok: false, why: 'the hashes do not lead from this leaf to the root' };
  }
  return verifyCheckpoint(verifying, note, checkpoint, policy);
}
