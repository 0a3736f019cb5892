/** A small log in memory with everything a bundle is made of, from a seed: for tests and for the vectors in docs/specs. */
import { createHash, createHmac, createPrivateKey, sign } from 'node:crypto';
import { canonicalText } from '#kit/canonical/canonical';
import { concatBytes, toUtf8 } from '#kit/encoding';
import { mlDsa44FromSeed } from '#kit/hash/mldsa';
import { nodeDigest, nodeTreeHash, nodeVerifying } from '#kit/hash/node';
import type { ReadTile } from '#kit/merkle/proofs';
import { TileGrower, edgeWidths, rootOfEdge, tilePath } from '#kit/merkle/tiles';
import { emptyRoot } from '#kit/merkle/tree';
import { formatCheckpoint } from '#kit/note/checkpoint';
import { ed25519Type, formatNote, formatVkey, mlDsaType, signNote, verifierKey } from '#kit/note/note';
import type { KeyType, NoteSigner, SignatureLine } from '#kit/note/note';
import { commitmentOf, formatLeaf, minuteOf } from './leaf.ts';
import type { Verifier } from './verify.ts';
import { writeBundle } from './write.ts';
import type { BundleEntry } from './write.ts';

export const nodeVerifier: Verifier = { tree: nodeTreeHash, verifying: nodeVerifying, digest: nodeDigest };

/** PKCS8 of an Ed25519 seed is this and the seed (RFC 8410). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A signer whose key is SHA-256 of its seed. Never for anything but tests and vectors. */
export async function seededSigner(name: string, seed: string, type: KeyType = ed25519Type): Promise<NoteSigner> {
  const raw = createHash('sha256').update(seed).digest();
  if (type === mlDsaType) {
    const { publicKey, sign: signBytes } = mlDsa44FromSeed(new Uint8Array(raw));
    return { key: await verifierKey(nodeVerifying, name, type, publicKey), sign: signBytes };
  }
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, raw]), format: 'der', type: 'pkcs8' });
  const publicKey = new Uint8Array(Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url'));
  return {
    key: await verifierKey(nodeVerifying, name, type, publicKey),
    sign: (message) => new Uint8Array(sign(null, message, key)),
  };
}

export interface SampleEntry {
  readonly leaf: string;
  readonly salt: Uint8Array;
  readonly text: string;
}

/** The i-th fact of the sample: of five subjects and two organisations, one a minute. */
export function sampleEntry(i: number): SampleEntry {
  const subject = `agr_${i % 5}`;
  const fact = {
    class: i % 3 ? 'session.viewed' : 'agreement.signed',
    at: new Date(Date.UTC(2026, 0, 1) + i * 60_000 + 1234).toISOString(),
    actor: `per_${i % 7}`,
    org: i % 2 ? 'org_vendor' : 'org_centre',
    subject,
    readers: i % 2 ? ['org_vendor'] : ['org_centre', 'org_vendor'],
    clauses: [],
    body: { number: i, note: `Điều ${i}`, share: i / 8 },
  };
  const text = canonicalText(fact);
  const key = createHash('sha256').update(`subject ${subject}`).digest();
  const salt = new Uint8Array(createHmac('sha256', key).update(String(i)).digest());
  const commitment = commitmentOf(nodeTreeHash.sha256, salt, toUtf8(text));
  return { leaf: formatLeaf({ class: fact.class, time: minuteOf(fact.at) ?? '', commitment }), salt, text };
}

export interface SampleLog {
  readonly entries: readonly SampleEntry[];
  readonly readTile: ReadTile;
  readonly root: Uint8Array;
}

/** The tree over these entries, in memory. */
export function sampleLog(entries: readonly SampleEntry[]): SampleLog {
  const tiles = new Map<string, Uint8Array>();
  const grower = new TileGrower(nodeTreeHash);
  const keep = (t: { level: number; index: number; hashes: Uint8Array }) => {
    tiles.set(tilePath({ level: t.level, index: t.index, width: t.hashes.length / 32 }), t.hashes);
  };
  grower.append(concatBytes(...entries.map((entry) => nodeTreeHash.leaf(toUtf8(entry.leaf)))), keep);
  const partials = grower.partials();
  partials.forEach(keep);
  const edge = edgeWidths(entries.length)
    .map((_, level) => partials.find((tile) => tile.level === level)?.hashes ?? new Uint8Array(0));
  return {
    entries,
    root: entries.length ? rootOfEdge(nodeTreeHash, edge) : emptyRoot(nodeTreeHash),
    readTile: async (tile) => {
      const hashes = tiles.get(tilePath(tile));
      if (!hashes) throw new Error(`no ${tilePath(tile)}`);
      return hashes;
    },
  };
}

export interface SampleBundle {
  readonly log: SampleLog;
  readonly signer: NoteSigner;
  /** Whose openings: all that this organisation may read. */
  readonly reader?: string;
  /** Further signature lines of the checkpoint. */
  readonly more?: (text: string) => Promise<readonly SignatureLine[]>;
  /** Puts another checkpoint in the place of the right one. */
  readonly checkpoint?: Uint8Array;
}

export async function sampleCheckpoint(bundle: SampleBundle): Promise<Uint8Array> {
  const { log, signer, more } = bundle;
  const note = await signNote(
    formatCheckpoint({ origin: signer.key.name, size: log.entries.length, root: log.root }), [signer],
  );
  return toUtf8(formatNote({ ...note, signatures: [...note.signatures, ...await more?.(note.text) ?? []] }));
}

export async function sampleBundle(bundle: SampleBundle): Promise<Buffer> {
  const { log, signer, reader = 'org_centre' } = bundle;
  const opened = ({ leaf, salt, text }: SampleEntry): BundleEntry =>
    ({ leaf, opening: text.includes(`"${reader}"`) ? { salt, text } : null });
  const chunks: Uint8Array[] = [];
  const bytes = writeBundle({
    checkpoint: bundle.checkpoint ?? await sampleCheckpoint(bundle),
    readTile: log.readTile,
    entries: async (first, count) => log.entries.slice(first, first + count).map(opened),
    reader,
    at: '2026-02-01T00:00:00.000Z',
    signer,
    digest: nodeDigest(),
  });
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A policy that trusts this log alone. */
export function policyText(signer: NoteSigner, more = ''): string {
  return `log ${formatVkey(signer.key)}\n${more}${more.includes('quorum') ? '' : 'quorum none\n'}`;
}

/** Repeatable numbers below a limit, from a seed. */
export function seededNumbers(seed: string): (below: number) => number {
  let counter = 0;
  return (below) => createHash('sha256').update(`${seed}:${counter++}`).digest().readUIntBE(0, 6) % below;
}
