/**
 * What `entente verify` says of single signed things: a checkpoint, two checkpoints of one log, a `.tlog-proof`. Reading
 * files is verify.ts; here are the verdicts.
 */
import { toBase64 } from '#kit/encoding';
import { nodeTreeHash, nodeVerifying } from '#kit/hash/node';
import { consistencyProof, verifyConsistency } from '#kit/merkle/proofs';
import type { ReadTile } from '#kit/merkle/proofs';
import { readCheckpoint } from '#kit/note/checkpoint';
import type { Checkpoint } from '#kit/note/checkpoint';
import { parseNote } from '#kit/note/note';
import type { Note } from '#kit/note/note';
import type { Policy } from '#kit/note/policy';
import { ProofError, parseTlogProof, verifyCheckpoint, verifyTlogProof } from '#kit/note/proof';
import type { SignedVerdict, TlogProof } from '#kit/note/proof';

export interface SignedFigures {
  readonly origin: string;
  readonly size: number;
  /** Base64. */
  readonly root: string;
  /** Of a proof: which entry. */
  readonly index?: number;
}

export type SignedOutcome =
  | { readonly verdict: 'verified'; readonly figures: SignedFigures; readonly signedBy: readonly string[] }
  | { readonly verdict: 'undecided'; readonly figures: SignedFigures | null; readonly why: string }
  | { readonly verdict: 'failed'; readonly figures: SignedFigures | null; readonly why: string };

export interface OpenedCheckpoint {
  readonly note: Note;
  readonly checkpoint: Checkpoint;
}

/** The checkpoint that these bytes are, or why they are none. */
export function openedCheckpoint(bytes: Uint8Array): OpenedCheckpoint | string {
  const note = parseNote(bytes);
  if (!note) return 'it is neither a ledger bundle, nor a .tlog-proof, nor a signed note';
  const checkpoint = readCheckpoint(note.text);
  return typeof checkpoint === 'string' ? `the signed note is not a checkpoint: ${checkpoint}` : { note, checkpoint };
}

const figuresOf = ({ origin, size, root }: Checkpoint): SignedFigures => ({ origin, size, root: toBase64(root) });
const noPolicy = 'there is no policy to say which log to trust';

function outcome(verdict: SignedVerdict | null, figures: SignedFigures): SignedOutcome {
  if (!verdict) return { verdict: 'undecided', figures, why: noPolicy };
  if (verdict.ok === null) return { verdict: 'undecided', figures, why: verdict.why };
  if (!verdict.ok) return { verdict: 'failed', figures, why: verdict.why };
  return { verdict: 'verified', figures, signedBy: verdict.by.map((key) => key.name) };
}

async function signed({ note, checkpoint }: OpenedCheckpoint, policy: Policy | null): Promise<SignedVerdict | null> {
  return policy && verifyCheckpoint(nodeVerifying, note, checkpoint, policy);
}

/** Why the newer tree does not begin with the older, null where it does; undefined where that cannot be told without tiles. */
async function contradiction(newer: Checkpoint, older: Checkpoint, readTile: ReadTile | null): Promise<string | null | undefined> {
  if (older.origin !== newer.origin) return `the older checkpoint is one of ${older.origin}`;
  if (older.size > newer.size) return `it is older than the checkpoint to begin with, ${older.size}`;
  if (older.size === newer.size) {
    if (toBase64(older.root) === toBase64(newer.root)) return null;
    return `a split view: ${newer.origin} has two trees of size ${newer.size}, ${toBase64(older.root)} and ${toBase64(newer.root)}`;
  }
  const claim = { from: older.size, fromRoot: older.root, to: newer.size, toRoot: newer.root };
  const { sha256 } = nodeTreeHash;
  if (older.size === 0) return await verifyConsistency(sha256, claim, []) ? null : 'the older checkpoint is of an empty tree with a root';
  if (!readTile) return undefined;
  const proof = await consistencyProof(nodeTreeHash, older.size, newer.size, readTile);
  if (await verifyConsistency(sha256, claim, proof)) return null;
  return `a split view, or other tiles: by these tiles the tree of ${newer.size} does not begin with that of ${older.size}`;
}

const needsTiles = 'that the newer tree begins with the older is shown by tiles (--tiles FOLDER) or by a bundle, not by two checkpoints';

/** A checkpoint by itself, or as what follows an older one. */
export async function verifySigned(
  newer: OpenedCheckpoint, older: OpenedCheckpoint | null, policy: Policy | null, readTile: ReadTile | null,
): Promise<SignedOutcome> {
  const figures = figuresOf(newer.checkpoint);
  const own = outcome(await signed(newer, policy), figures);
  if (!older || own.verdict === 'failed') return own;
  const its = outcome(await signed(older, policy && { ...policy, least: [] }), figures);
  if (its.verdict === 'failed') return { ...its, why: `the older checkpoint: ${its.why}` };
  const against = await contradiction(newer.checkpoint, older.checkpoint, readTile);
  if (typeof against === 'string') return { verdict: 'failed', figures, why: against };
  if (own.verdict === 'undecided') return own;
  return against === undefined ? { verdict: 'undecided', figures, why: needsTiles } : own;
}

/**
 * A proof of an entry, whose hash is given; without it the entry is what the proof carries as extra, where ours put the
 * leaf: what is in it is then proved like any other entry.
 */
export async function verifyProof(
  bytes: Uint8Array, given: Uint8Array | null, older: OpenedCheckpoint | null, policy: Policy | null, readTile: ReadTile | null,
): Promise<SignedOutcome> {
  let proof: TlogProof;
  try {
    proof = parseTlogProof(bytes);
  } catch (error) {
    if (error instanceof ProofError) return { verdict: 'failed', figures: null, why: error.message };
    throw error;
  }
  const figures = { ...figuresOf(proof.checkpoint), index: proof.index };
  const leafHash = given ?? (proof.extra && nodeTreeHash.leaf(proof.extra));
  if (!leafHash) return { verdict: 'undecided', figures, why: 'the proof does not carry its entry: give it with --artifact FILE' };
  const nobody: Policy = { logs: [], witnesses: [], quorum: { kind: 'none' }, least: [] };
  const verdict = await verifyTlogProof(nodeVerifying, proof, leafHash, policy ?? nobody);
  const own = outcome(verdict.ok === null && !policy ? null : verdict, figures);
  if (!older || own.verdict === 'failed') return own;
  return { ...await verifySigned({ note: proof.note, checkpoint: proof.checkpoint }, older, policy, readTile), figures };
}
