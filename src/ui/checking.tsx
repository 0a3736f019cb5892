/** Checks one entry of the ledger with nothing but the browser's own cryptography (RFC 6962, C2SP signed-note). */
import { parseLeaf } from '#kit/bundle/leaf';
import { concatBytes, fromBase64, fromHex, toHex, toUtf8 } from '#kit/encoding';
import { webVerifying } from '#kit/hash/web';
import { verifyInclusion } from '#kit/merkle/proofs';
import { parseCheckpoint } from '#kit/note/checkpoint';
import { parseNote, parseVkey, verifyNote } from '#kit/note/note';
import type { EntryProof } from './asking.tsx';

/** One step of the path: the hash beside, on which side it stands, and what both come to. */
export interface PathStep {
  readonly side: 'left' | 'right';
  readonly sibling: string;
  readonly result: string;
}

export type SealVerdict =
  | { readonly ok: true; readonly leafHash: string; readonly root: string; readonly size: number; readonly steps: readonly PathStep[] }
  | { readonly ok: false; readonly why: string };

const leafPrefix = new Uint8Array([0]);
const nodePrefix = new Uint8Array([1]);

/** The checkpoint that a note signs, if the key has signed it. */
export async function openCheckpoint(text: string, vkey: string) {
  const verifying = webVerifying();
  const note = parseNote(toUtf8(text));
  const key = await parseVkey(verifying, vkey);
  if (!note || !key) return { ok: false as const, why: 'note' };
  const verdict = await verifyNote(verifying, note, [key]);
  const checkpoint = parseCheckpoint(note.text);
  if (!verdict.ok || !checkpoint || checkpoint.origin !== key.name) return { ok: false as const, why: 'signature' };
  return { ok: true as const, checkpoint };
}

/** For drawing: the hashes on the way from the leaf to the root. */
async function stepsOf(index: number, size: number, leaf: Uint8Array, hashes: readonly Uint8Array[]): Promise<PathStep[]> {
  const { sha256 } = webVerifying();
  const steps: PathStep[] = [];
  let [fn, sn, hash] = [index, size - 1, leaf];
  for (const sibling of hashes) {
    const left = fn % 2 === 1 || fn === sn;
    hash = new Uint8Array(await sha256(left ? concatBytes(nodePrefix, sibling, hash) : concatBytes(nodePrefix, hash, sibling)));
    steps.push({ side: left ? 'left' : 'right', sibling: toHex(sibling), result: toHex(hash) });
    while (left && fn % 2 === 0 && fn !== 0) {
      fn = Math.floor(fn / 2);
      sn = Math.floor(sn / 2);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return steps;
}

export async function checkEntry(proof: EntryProof): Promise<SealVerdict> {
  const opened = await openCheckpoint(proof.checkpoint, proof.vkey);
  if (!opened.ok) return opened;
  const { size, root } = opened.checkpoint;
  const hashes = proof.hashes.map(fromBase64);
  const known = hashes.filter((h) => h !== null);
  if (known.length !== hashes.length || size !== proof.size) return { ok: false, why: 'proof' };
  const { sha256 } = webVerifying();
  const leafHash = await sha256(concatBytes(leafPrefix, toUtf8(proof.leaf)));
  const holds = await verifyInclusion(sha256, { index: proof.index, size, leafHash, root }, known);
  if (!holds) return { ok: false, why: 'inclusion' };
  const steps = await stepsOf(proof.index, size, new Uint8Array(leafHash), known);
  return { ok: true, leafHash: toHex(leafHash), root: toHex(root), size, steps };
}

/** Whether a leaf of the log is the commitment to just this fact: its class, and SHA-256 over the salt and the text. */
export async function checkOpening({ text, salt, proof }: { readonly text: string; readonly salt: string; readonly proof: EntryProof }): Promise<SealVerdict> {
  const verdict = await checkEntry(proof);
  if (!verdict.ok) return verdict;
  const [leaf, salted] = [parseLeaf(proof.leaf), fromHex(salt)];
  if (!leaf || !salted) return { ok: false, why: 'opening' };
  const commitment = toHex(new Uint8Array(await webVerifying().sha256(concatBytes(salted, toUtf8(text)))));
  return commitment === leaf.commitment ? verdict : { ok: false, why: 'opening' };
}
