/**
 * A sample of a log, opened: leaves that nobody chose, since the checkpoint itself draws them, each with its proof and, from
 * who may read it, its opening. So one side shows the other a few facts of many, and neither can pick them. Text, checked
 * offline; the format is docs/specs/ledger.md.
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
export const maxSample = 1000;

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

/** `checkpoint` is the signed note; the entries are in the order of their drawing. */
export function formatSample(checkpoint: string, entries: readonly SampleEntry[]): string {
  const lines = entries.flatMap(({ index, leaf, hashes, opening }) => [
    `leaf ${index} ${leaf}`, ...hashes.map((hash) => `hash ${toBase64(hash)}`),
    ...(opening ? [`fact ${toHex(opening.salt)} ${opening.text}`] : []),
  ]);
  return `${magic}\n${entries.length}\n${checkpoint}\n${lines.map((line) => `${line}\n`).join('')}`;
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
  readonly checkpoint: string;
  readonly entries: readonly Draft[];
}

function entryLine(line: string, entries: Draft[], refuse: (why: string) => never, at: number): void {
  const last = entries.at(-1);
  if (line.startsWith('leaf ')) {
    const [, number = '', leaf = ''] = /^leaf (\d+) (.*)$/s.exec(line) ?? [];
    const index = fromDecimal(number) ?? refuse('an index is decimal without leading zeros');
    if (!parseLeaf(leaf)) refuse('this is not a leaf');
    if (entries.length >= maxSample) refuse(`more than ${maxSample} leaves`);
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
  if (bytes.length > maxSample * maxLineBytes) throw new SampleError(1, 'the file is too large');
  const text = fromUtf8(bytes);
  if (text === null || !text.endsWith('\n')) throw new SampleError(1, 'not UTF-8 that ends in a newline');
  const [first = '', number = ''] = text.slice(0, magic.length + 20).split('\n', 2);
  if (first !== magic) throw new SampleError(1, `expected ${magic}`);
  const count = fromDecimal(number);
  if (count === null || count > maxSample) throw new SampleError(2, `expected a number up to ${maxSample}`);
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
    if (line.length > maxLineBytes) throw new SampleError(at, 'the line is too long');
    entryLine(line, entries, (why) => { throw new SampleError(at, why); }, at);
  }
  if (entries.length !== count) throw new SampleError(2, `${count} leaves are said and ${entries.length} are there`);
  return { checkpoint, entries };
}

export type SampleVerdict =
  | { readonly verdict: 'verified'; readonly origin: string; readonly size: number; readonly opened: number; readonly closed: readonly number[] }
  | { readonly verdict: 'failed' | 'undecided'; readonly why: string };

/** Whether exactly the leaves that the checkpoint draws are shown, each in its tree, and each opening is its leaf's. */
export async function verifySample(
  tree: TreeHash, verifying: Verifying, { checkpoint: noteText, entries }: Sample, policy: Policy,
): Promise<SampleVerdict> {
  const failed = (why: string): SampleVerdict => ({ verdict: 'failed', why });
  const note = parseNote(toUtf8(noteText));
  const checkpoint = note ? readCheckpoint(note.text) : 'it is not a signed note';
  if (!note || typeof checkpoint === 'string') return failed(`the checkpoint: ${String(checkpoint)}`);
  const { origin, size, root } = checkpoint;
  const drawn = size === 0 ? [] : drawnIndices(tree.sha256, note.text, size, entries.length);
  if (entries.length > size) return failed(`${entries.length} leaves of a tree of ${size}`);
  for (const [i, entry] of entries.entries()) {
    const { index, leaf, hashes, opening } = entry;
    const refused = (why: string): SampleVerdict => failed(`line ${entry.line}, leaf ${index}: ${why}`);
    if (index !== drawn[i]) return refused(`the checkpoint draws ${drawn[i]} in this place`);
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
