/**
 * Leaves of a log, opened, in a file of text that is checked offline; the format is docs/specs/ledger.md. A *sample* is leaves that nobody
 * chose, since the checkpoint itself draws them: one side shows the other a few facts of many, and neither can pick them. A *trail* is leaves
 * that somebody did choose, in the order of the log: what was done, shown to whoever was given it.
 */
import { commitmentOf, factMismatch, leafSpans, parseLeaf } from '#kit/bundle/leaf';
import { maxLineBytes } from '#kit/bundle/plan';
import { fromBase64, fromDecimal, fromHex, fromUtf8, toBase64, toHex, toUtf8 } from '#kit/encoding';
import type { TreeHash, Verifying } from '#kit/hash/port';
import { verifyInclusion } from '#kit/merkle/proofs';
import { readCheckpoint } from '#kit/note/checkpoint';
import { maxNoteBytes, parseNote } from '#kit/note/note';
import { verifyCheckpoint } from '#kit/note/proof';
import type { Policy } from '#kit/note/policy';

const magic = 'entente-ledger-sample/v1';
const trailMagic = 'entente-opened-trail/v1';
export const maxSample = 1000;
export const maxTrail = 100_000;
/** Of a trail, in bytes: what is larger is not held in memory to be checked. */
const maxTrailBytes = 256 * 1024 * 1024;

export type OpenedKind = 'sample' | 'trail';
const kinds = {
  sample: { magic, leaves: maxSample, bytes: maxSample * maxLineBytes }, trail: { magic: trailMagic, leaves: maxTrail, bytes: maxTrailBytes },
} as const;

/** Bytes that one of them has at most: what is larger is none, and need not be read. */
export const mostBytesOf = (kind: OpenedKind): number => kinds[kind].bytes;

/** Which of them a file is that begins so; null where it is neither. */
export function openedKind(head: string): OpenedKind | null {
  return head.startsWith(`${magic}\n`) ? 'sample' : head.startsWith(`${trailMagic}\n`) ? 'trail' : null;
}

/**
 * Indices of a tree, in the order of their drawing, none twice: number n is the first 48 bits of SHA-256(magic, newline,
 * checkpoint text, n in decimal), taken modulo the size; values that would favour small indices are passed over.
 */
export function drawnIndices(sha256: (bytes: Uint8Array) => Uint8Array, text: string, size: number, count: number): number[] {
  const drawn = new Set<number>();
  const fair = Math.floor(2 ** 48 / size) * size;
  for (let n = 0; drawn.size < Math.min(count, size); n++) {
    const hash = sha256(toUtf8(`${magic}\n${text}${n}`));
    const value = hash.subarray(0, 6).reduce((sum, byte) => sum * 256 + byte, 0);
    if (value < fair) drawn.add(value % size);
  }
  return [...drawn];
}

export interface SampleEntry {
  readonly index: number;
  readonly leaf: string;
  /** From the leaf's sibling up. */
  readonly hashes: readonly Uint8Array[];
  /** Null where its holder may not or will not open it. */
  readonly opening: { readonly salt: Uint8Array; readonly text: string } | null;
}

/** `checkpoint` is the signed note; the entries of a sample are in the order of their drawing, of a trail in that of the log. */
export function formatSample(checkpoint: string, entries: readonly SampleEntry[], kind: OpenedKind = 'sample'): string {
  const lines = entries.flatMap(({ index, leaf, hashes, opening }) => [
    `leaf ${index} ${leaf}`, ...hashes.map((hash) => `hash ${toBase64(hash)}`),
    ...(opening ? [`fact ${toHex(opening.salt)} ${opening.text}`] : []),
  ]);
  return `${kinds[kind].magic}\n${entries.length}\n${checkpoint}\n${lines.map((line) => `${line}\n`).join('')}`;
}

/** A file that is no sample, or one that does not hold; `line` counts from 1. */
export class SampleError extends Error {
  override readonly name = 'SampleError';
  readonly line: number;
  constructor(line: number, why: string) {
    super(`line ${line}: ${why}`);
    this.line = line;
  }
}

interface Draft {
  readonly index: number;
  readonly leaf: string;
  readonly hashes: Uint8Array[];
  opening: SampleEntry['opening'];
  readonly line: number;
}

export interface Sample {
  readonly kind: OpenedKind;
  readonly checkpoint: string;
  readonly entries: readonly Draft[];
}

function entryLine(line: string, entries: Draft[], refuse: (why: string) => never, at: number): void {
  const last = entries.at(-1);
  if (line.startsWith('leaf ')) {
    const [, number = '', leaf = ''] = /^leaf (\d+) (.*)$/s.exec(line) ?? [];
    const index = fromDecimal(number) ?? refuse('an index is decimal without leading zeros');
    if (!parseLeaf(leaf)) refuse('this is not a leaf');
    entries.push({ index, leaf, hashes: [], opening: null, line: at });
  } else if (line.startsWith('hash ') && last && !last.opening) {
    const hash = fromBase64(line.slice(5));
    if (hash?.length !== 32) refuse('not a hash of 32 bytes in base64');
    if (last.hashes.length >= 63) refuse('more than 63 hashes');
    last.hashes.push(hash as Uint8Array);
  } else if (line.startsWith('fact ') && last && !last.opening) {
    const salt = fromHex(line.slice(5, 69));
    if (salt?.length !== 32 || line[69] !== ' ') refuse('a salt is 64 lower-case hex digits and a space');
    last.opening = { salt: salt as Uint8Array, text: line.slice(70) };
  } else {
    refuse('expected leaf, hash or fact, in this order');
  }
}

export function parseSample(bytes: Uint8Array): Sample {
  const kind = openedKind(new TextDecoder('latin1').decode(bytes.subarray(0, 64)));
  if (kind === null) throw new SampleError(1, `expected ${magic} or ${trailMagic}`);
  const most = kinds[kind];
  if (bytes.length > most.bytes) throw new SampleError(1, 'the file is too large');
  const text = fromUtf8(bytes);
  if (text === null || !text.endsWith('\n')) throw new SampleError(1, 'not UTF-8 that ends in a newline');
  const [first = '', number = ''] = text.slice(0, magic.length + 20).split('\n', 2);
  const count = fromDecimal(number);
  if (count === null || count > most.leaves) throw new SampleError(2, `expected a number up to ${most.leaves}`);
  const body = text.slice(first.length + number.length + 2);
  // The note has one empty line within, and one behind it.
  const split = body.indexOf('\n\n', body.indexOf('\n\n') + 2);
  if (split < 0 || split > maxNoteBytes) throw new SampleError(3, 'no empty line ends the checkpoint');
  const checkpoint = body.slice(0, split + 1);
  const from = 3 + checkpoint.split('\n').length;
  const entries: Draft[] = [];
  const rest = body.slice(split + 2);
  for (const [i, line] of (rest === '' ? [] : rest.slice(0, -1).split('\n')).entries()) {
    const at = from + i;
    if (line.startsWith('leaf ') && entries.length >= count) throw new SampleError(at, `more than the ${count} leaves that are said`);
    if (line.length > maxLineBytes) throw new SampleError(at, 'the line is too long');
    entryLine(line, entries, (why) => { throw new SampleError(at, why); }, at);
  }
  if (entries.length !== count) throw new SampleError(2, `${count} leaves are said and ${entries.length} are there`);
  return { kind, checkpoint, entries };
}

export type SampleVerdict =
  | { readonly verdict: 'verified'; readonly origin: string; readonly size: number; readonly opened: number; readonly closed: readonly number[] }
  | { readonly verdict: 'failed' | 'undecided'; readonly why: string };

/**
 * Whether each leaf is in its tree and each opening its leaf's; of a sample, that exactly the leaves are shown that the checkpoint draws, and of
 * a trail, that none is shown twice.
 */
export async function verifySample(
  tree: TreeHash, verifying: Verifying, { kind, checkpoint: noteText, entries }: Sample, policy: Policy,
): Promise<SampleVerdict> {
  const failed = (why: string): SampleVerdict => ({ verdict: 'failed', why });
  const note = parseNote(toUtf8(noteText));
  const checkpoint = note ? readCheckpoint(note.text) : 'it is not a signed note';
  if (!note || typeof checkpoint === 'string') return failed(`the checkpoint: ${String(checkpoint)}`);
  const { origin, size, root } = checkpoint;
  const drawn = size === 0 || kind === 'trail' ? [] : drawnIndices(tree.sha256, note.text, size, entries.length);
  if (entries.length > size) return failed(`${entries.length} leaves of a tree of ${size}`);
  for (const [i, entry] of entries.entries()) {
    const { index, leaf, hashes, opening } = entry;
    const refused = (why: string): SampleVerdict => failed(`line ${entry.line}, leaf ${index}: ${why}`);
    if (kind === 'sample' && index !== drawn[i]) return refused(`the checkpoint draws ${drawn[i]} in this place`);
    if (kind === 'trail' && index <= (entries[i - 1]?.index ?? -1)) return refused('leaves of a trail are in the order of the log, each once');
    const bytes = toUtf8(leaf);
    if (!await verifyInclusion(tree.sha256, { index, size, leafHash: tree.leaf(bytes), root }, hashes)) return refused('it is not in the tree');
    if (!opening) continue;
    const spans = leafSpans(bytes, 0);
    const fact = toUtf8(opening.text);
    const mismatch = spans ? factMismatch(bytes, spans, fact) : 'it is not a leaf';
    if (mismatch !== null) return refused(mismatch);
    if (commitmentOf(tree.sha256, opening.salt, fact) !== parseLeaf(leaf)?.commitment) return refused('its opening is not what it committed to');
  }
  const verdict = await verifyCheckpoint(verifying, note, checkpoint, policy);
  if (!verdict.ok) return { verdict: verdict.ok === null ? 'undecided' : 'failed', why: verdict.why };
  const closed = entries.filter(({ opening }) => !opening).map(({ index }) => index);
  return { verdict: 'verified', origin, size, opened: entries.length - closed.length, closed };
}
