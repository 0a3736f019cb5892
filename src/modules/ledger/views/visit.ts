/**
 * What this browser checks of the log by itself: the checkpoint's signature, and that the log has only grown since it
 * was last looked at. The last checkpoint that held is remembered here, so a hub that rewrites its past is caught.
 */
import { fromBase64, toBase64 } from '#kit/encoding';
import { webVerifying } from '#kit/hash/web';
import { verifyConsistency } from '#kit/merkle/proofs';
import { openCheckpoint } from '#ui/checking';
import { growthProof, type Bytes } from './growth.ts';

const kept = 'entente.ledger';

export interface Seen {
  readonly origin: string;
  readonly vkey: string;
  readonly size: number;
  readonly root: string;
  readonly at: string;
}

export type Growth =
  | { readonly is: 'first' }
  | { readonly is: 'same' | 'grown'; readonly since: Seen; readonly hashes: number }
  | { readonly is: 'broken'; readonly since: Seen; readonly why: 'key' | 'shrunk' | 'rewritten' };

export interface Visit {
  readonly signed: boolean;
  readonly size: number;
  readonly root: string;
  readonly growth: Growth;
}

function seenBefore(origin: string): Seen | null {
  const text = localStorage.getItem(`${kept}.${origin}`);
  return text ? JSON.parse(text) as Seen : null;
}

async function growthSince(since: Seen, size: number, root: Uint8Array, vkey: string, bytes: Bytes): Promise<Growth> {
  if (since.vkey !== vkey) return { is: 'broken', since, why: 'key' };
  if (size < since.size) return { is: 'broken', since, why: 'shrunk' };
  const from = fromBase64(since.root) ?? new Uint8Array();
  const { sha256 } = webVerifying();
  // Made here from the public tiles: the hub is not asked to vouch for itself.
  const proof = await growthProof(since.size, size, bytes);
  const holds = await verifyConsistency(sha256, { from: since.size, fromRoot: from, to: size, toRoot: root }, proof);
  if (!holds) return { is: 'broken', since, why: 'rewritten' };
  return { is: size === since.size ? 'same' : 'grown', since, hashes: proof.length };
}

/** The whole visit; remembers what held. `at` is the time of this look. */
export async function visit(checkpoint: string, vkey: string, at: string, bytes: Bytes): Promise<Visit> {
  const opened = await openCheckpoint(checkpoint, vkey);
  if (!opened.ok) return { signed: false, size: 0, root: '', growth: { is: 'first' } };
  const { origin, size, root } = opened.checkpoint;
  const since = seenBefore(origin);
  const growth: Growth = since ? await growthSince(since, size, root, vkey, bytes) : { is: 'first' };
  if (growth.is !== 'broken') {
    const seen: Seen = { origin, vkey, size, root: toBase64(root), at };
    localStorage.setItem(`${kept}.${origin}`, JSON.stringify(seen));
  }
  return { signed: true, size, root: toBase64(root), growth };
}
