/**
 * The request of C2SP tlog-mirror `POST <prefix>/add-entries`: log entries in packages of at most 256, each with a proof that
 * they belong to a checkpoint that the mirror holds. Read as a stream: memory is one package. What a mirror stores, and when
 * it signs, is its own.
 */
import { concatBytes, fromBase64, fromDecimal, fromUtf8, toBase64, toUtf8 } from '#kit/encoding';
import type { TreeHash } from '#kit/hash/port';
import { verifySubtreeProof } from '#kit/merkle/subtree';
import { encodeEntries, tileWidth } from '#kit/merkle/tiles';
import { hashBytes, rootOf } from '#kit/merkle/tree';

export const mirrorStateType = 'text/x.tlog.mirror-info';
const maxHashes = 63;

export interface UploadHead {
  readonly origin: string;
  /** Entries [start, end) are uploaded, of the checkpoint of size `end`. */
  readonly start: number;
  readonly end: number;
  /** What the mirror said before, for the mirror alone to understand. */
  readonly ticket: Uint8Array;
}

export interface Span {
  readonly start: number;
  readonly end: number;
  /** Where the subtree begins that the proof is about: at most 255 entries before `start`, which the mirror has. */
  readonly from: number;
}

export interface EntryPackage extends Span {
  readonly entries: readonly Uint8Array[];
  readonly proof: readonly Uint8Array[];
}

/** A body that is not such a request; what was read before it stands. */
export class UploadError extends Error {
  override readonly name = 'UploadError';
}

/** The packages that an upload of [start, end) is cut into: at multiples of 256, as entry bundles are. */
export function* packagesOf(start: number, end: number): Generator<Span> {
  for (let from = start - (start % tileWidth); from < end && start < end; from += tileWidth) {
    yield { from, start: Math.max(start, from), end: Math.min(end, from + tileWidth) };
  }
}

function u16(value: number): Uint8Array {
  if (value > 65_535) throw new Error(`${value} bytes do not fit their length`);
  return new Uint8Array([value >> 8, value & 255]);
}

function u64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

export function formatUploadHead({ origin, start, end, ticket }: UploadHead): Uint8Array {
  const name = toUtf8(origin);
  return concatBytes(u16(name.length), name, u64(start), u64(end), u16(ticket.length), ticket);
}

export function formatPackage(entries: readonly Uint8Array[], proof: readonly Uint8Array[]): Uint8Array {
  if (proof.length > maxHashes) throw new Error(`a proof has at most ${maxHashes} hashes`);
  return concatBytes(encodeEntries(entries), new Uint8Array([proof.length]), ...proof);
}

/** Takes so many bytes at a time from chunks of any size; null where the body ends before them. */
class Bytes {
  readonly #chunks: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);

  constructor(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
    this.#chunks = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  }

  async take(length: number): Promise<Uint8Array | null> {
    const out = new Uint8Array(length);
    for (let have = 0; have < length;) {
      if (this.#chunk.length === 0 && !await this.#next()) return null;
      const some = this.#chunk.subarray(0, length - have);
      out.set(some, have);
      have += some.length;
      this.#chunk = this.#chunk.subarray(some.length);
    }
    return out;
  }

  async #next(): Promise<boolean> {
    while (this.#chunk.length === 0) {
      const { done, value } = await this.#chunks.next();
      if (done) return false;
      this.#chunk = value;
    }
    return true;
  }

  async isAtEnd(): Promise<boolean> {
    return this.#chunk.length === 0 && !await this.#next();
  }
}

async function lengthIn(bytes: Bytes): Promise<number | null> {
  const two = await bytes.take(2);
  return two && (((two[0] ?? 0) << 8) | (two[1] ?? 0));
}

async function sizeIn(bytes: Bytes): Promise<number> {
  const eight = await bytes.take(8);
  const value = eight && new DataView(eight.buffer).getBigUint64(0);
  if (value === null) throw new UploadError('the body ends before its packages');
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new UploadError(`${value} is beyond 2^53 - 1, which this software does not hold`);
  return Number(value);
}

async function someIn(bytes: Bytes): Promise<Uint8Array> {
  const length = await lengthIn(bytes);
  const some = length === null ? null : await bytes.take(length);
  if (!some) throw new UploadError('the body ends before its packages');
  return some;
}

/** The next package, or null where the body ends within it: what is there of it counts for nothing. */
async function packageIn(bytes: Bytes, span: Span): Promise<EntryPackage | null> {
  const entries: Uint8Array[] = [];
  for (let i = span.start; i < span.end; i++) {
    const length = await lengthIn(bytes);
    const entry = length === null ? null : await bytes.take(length);
    if (!entry) return null;
    entries.push(entry);
  }
  const [count] = await bytes.take(1) ?? [];
  if (count === undefined) return null;
  if (count > maxHashes) throw new UploadError(`a proof of ${count} hashes, over ${maxHashes}`);
  const hashes = await bytes.take(count * hashBytes);
  if (!hashes) return null;
  const proof = Array.from({ length: count }, (_, i) => hashes.subarray(i * hashBytes, (i + 1) * hashBytes));
  return { ...span, entries, proof };
}

export interface Upload {
  readonly head: UploadHead;
  /** In order; ends with the body, which may hold the first of them only. Throws an UploadError for what is none. */
  readonly packages: AsyncGenerator<EntryPackage>;
}

/** Reads a request as it comes. Throws an UploadError unless it begins as one. */
export async function readUpload(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Upload> {
  const bytes = new Bytes(source);
  const origin = fromUtf8(await someIn(bytes));
  if (!origin) throw new UploadError('the origin is not UTF-8, or empty');
  const start = await sizeIn(bytes);
  const end = await sizeIn(bytes);
  if (start > end) throw new UploadError(`the upload ends at ${end}, before it starts at ${start}`);
  const ticket = await someIn(bytes);
  async function* packages(): AsyncGenerator<EntryPackage> {
    for (const span of packagesOf(start, end)) {
      const one = await packageIn(bytes, span);
      if (!one) return;
      yield one;
    }
    if (!await bytes.isAtEnd()) throw new UploadError('more bytes than the packages have');
  }
  return { head: { origin, start, end, ticket }, packages: packages() };
}

/**
 * Whether the package belongs to the tree of that size and root. `before` is the hashes of the leaves from `from` up to
 * `start`, which the mirror holds; none where the package begins a bundle.
 */
export async function verifyPackage(
  tree: TreeHash, one: EntryPackage, before: Uint8Array, size: number, root: Uint8Array,
): Promise<boolean> {
  const { from, start, end, entries, proof } = one;
  if (before.length !== (start - from) * hashBytes || entries.length !== end - start) return false;
  const hash = rootOf(tree, concatBytes(before, ...entries.map((entry) => tree.leaf(entry))));
  return verifySubtreeProof(tree.sha256, { start: from, end, hash, size, root }, proof);
}

/** What a mirror says with 409 and 202: a size it takes uploads for, its next entry, and a ticket. */
export interface MirrorState {
  readonly size: number;
  readonly next: number;
  readonly ticket: Uint8Array;
}

export function formatMirrorState({ size, next, ticket }: MirrorState): string {
  return `${size}\n${next}\n${toBase64(ticket)}\n`;
}

/** The state that a body spells, or null. */
export function parseMirrorState(text: string): MirrorState | null {
  const [sizeText = '', nextText = '', ticketText, last, ...more] = text.split('\n', 5);
  const [size, next, ticket] = [fromDecimal(sizeText), fromDecimal(nextText), fromBase64(ticketText ?? '-')];
  return size === null || next === null || !ticket || last !== '' || more.length ? null : { size, next, ticket };
}
