/**
 * Parcels (docs/specs/parcel.md): what one hub shares, as one file for a hub that no network reaches. A signed note says what is in it,
 * a list of digests says of each 64 KiB of the body what they are, and the body is lines. A reader holds one block, and hands on none
 * that it has not checked; what is wrong is told with the offset of the block it is in.
 */
import { canonicalText } from '#kit/canonical/canonical';
import { concatBytes, fromHex, fromUtf8, sameBytes, toHex, toUtf8 } from '#kit/encoding';
import type { TreeHash, Verifying } from '#kit/hash/port';
import { hashBytes, rootOf } from '#kit/merkle/tree';
import { formatNote, parseNote, signNote, verifyNote, type NoteSigner, type VerifierKey } from '#kit/note/note';

export const magic = 'entente-parcel/v1';
export const receiptMagic = 'entente-parcel-receipt/v1';
export const blockBytes = 65_536;
/** Of one parcel: sixteen GiB. */
export const mostBlocks = 262_144;
const fence = '---\n';
/** A header is read whole before anything is known of it. */
const mostNote = 65_536;
const hashLine = 65;

/** What a parcel says of itself, under its signature. Numbers `after` and `upTo` are those of the sender's log. */
export interface ParcelHeader {
  readonly to: string;
  readonly series: string;
  readonly number: number;
  readonly title: string;
  /** Nothing in it bears a higher label. */
  readonly ceiling: string;
  readonly after: number;
  readonly upTo: number;
  readonly madeAt: string;
  readonly retractions: number;
  readonly objects: number;
  readonly bytes: number;
  readonly blocks: number;
  readonly root: string;
}

/** What a parcel's receiver says of it, under its signature. */
export interface ParcelReceipt {
  readonly series: string;
  readonly number: number;
  readonly root: string;
  readonly takenAt: string;
  readonly accepted: number;
  readonly duplicate: number;
  readonly refused: number;
  readonly retracted: number;
}

/** Why a file is refused, and where: nothing from there on can be believed. */
export class ParcelFault extends Error {
  override readonly name = 'ParcelFault';
  readonly code: 'not-a-parcel' | 'unknown-key' | 'signature' | 'digests' | 'block' | 'length';
  readonly offset: number;
  constructor(code: ParcelFault['code'], sentence: string, offset: number) {
    super(`${sentence} (byte ${offset})`);
    this.code = code;
    this.offset = offset;
  }
}

const text = (value: unknown, most: number): value is string => typeof value === 'string' && value.length <= most;
const count = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

function fieldsOf<T>(line: string, fields: Readonly<Record<string, (value: unknown) => boolean>>): T | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
    if (value === null || typeof value !== 'object' || Array.isArray(value) || canonicalText(value) !== line) return null;
  } catch {
    return null;
  }
  const record = value as Readonly<Record<string, unknown>>;
  const names = Object.keys(record);
  return names.length === Object.keys(fields).length && names.every((name) => Object.hasOwn(fields, name) && fields[name]?.(record[name]) === true)
    ? value as T : null;
}

const hex = (value: unknown): boolean => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const moment = (value: unknown): boolean => typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z$/.test(value);
const short = (value: unknown): boolean => text(value, 300);
const place = (value: unknown): boolean => value === -1 || count(value);

export function headerOf(line: string): ParcelHeader | null {
  const header = fieldsOf<ParcelHeader>(line, {
    to: short, series: short, number: (v) => count(v) && v > 0, title: short, ceiling: short, after: place, upTo: place, madeAt: moment,
    retractions: count, objects: count, bytes: count, blocks: (v) => count(v) && v <= mostBlocks, root: hex,
  });
  return header !== null && header.blocks === Math.ceil(header.bytes / blockBytes) ? header : null;
}

/** Digests of a body as it grows: one for each block, in order. */
export class BlockDigests {
  private readonly tree: TreeHash;
  private readonly hashes: Uint8Array[] = [];
  private held: Uint8Array[] = [];
  private size = 0;
  bytes = 0;
  constructor(tree: TreeHash) {
    this.tree = tree;
  }
  add(piece: Uint8Array): void {
    this.bytes += piece.length;
    for (let at = 0; at < piece.length;) {
      const part = piece.subarray(at, at + blockBytes - this.size);
      // A copy: whoever gave the piece may use it again.
      this.held.push(Uint8Array.from(part));
      this.size += part.length;
      at += part.length;
      if (this.size === blockBytes) this.close();
    }
  }
  private close(): void {
    this.hashes.push(leafOf(this.tree, concatBytes(...this.held)));
    [this.held, this.size] = [[], 0];
  }
  end(): { readonly bytes: number; readonly hashes: readonly Uint8Array[]; readonly root: string } {
    if (this.size > 0) this.close();
    return { bytes: this.bytes, hashes: this.hashes, root: rootHex(this.tree, this.hashes) };
  }
}

const leafOf = (tree: TreeHash, block: Uint8Array): Uint8Array => tree.leaf(block);
const rootHex = (tree: TreeHash, hashes: readonly Uint8Array[]): string =>
  toHex(hashes.length === 0 ? tree.sha256(new Uint8Array(0)) : rootOf(tree, concatBytes(...hashes)));

/** Everything before the body. */
export async function parcelHead(header: ParcelHeader, hashes: readonly Uint8Array[], signer: NoteSigner): Promise<Uint8Array> {
  const note = formatNote(await signNote(`${magic}\n${canonicalText(header)}\n`, [signer]));
  return toUtf8(`${note}${fence}${hashes.map((h) => `${toHex(h)}\n`).join('')}${fence}`);
}

/** Bytes of a stream, so many at a time. */
class Reader {
  private readonly source: AsyncIterator<Uint8Array>;
  private held: Uint8Array = new Uint8Array(0);
  offset = 0;
  constructor(source: AsyncIterable<Uint8Array>) {
    this.source = source[Symbol.asyncIterator]();
  }
  private async more(): Promise<boolean> {
    const step = await this.source.next();
    if (step.done) return false;
    this.held = this.held.length === 0 ? step.value : concatBytes(this.held, step.value);
    return true;
  }
  /** That many bytes, or fewer at the end. */
  async take(size: number): Promise<Uint8Array> {
    while (this.held.length < size && await this.more());
    const taken = this.held.subarray(0, size);
    this.held = this.held.subarray(taken.length);
    this.offset += taken.length;
    return taken;
  }
  /** Up to and with a text, looked for within so many bytes; null where it is not there. */
  async upTo(end: string, most: number): Promise<Uint8Array | null> {
    for (let looked = 0; ;) {
      const at = indexOf(this.held, end, looked);
      if (at >= 0) return this.take(at + end.length);
      looked = Math.max(0, this.held.length - end.length);
      if (this.held.length > most || !await this.more()) return null;
    }
  }
}

function indexOf(bytes: Uint8Array, end: string, from: number): number {
  const wanted = toUtf8(end);
  for (let at = from; at + wanted.length <= bytes.length; at++) if (wanted.every((b, i) => bytes[at + i] === b)) return at;
  return -1;
}

export interface OpenParcel {
  readonly header: ParcelHeader;
  /** The key that signed it. */
  readonly key: VerifierKey;
  /** The body, each block of it checked before it is handed on; throws a ParcelFault at the first that is not what was signed. */
  readonly body: AsyncGenerator<Uint8Array>;
}

interface Checking { readonly verifying: Verifying; readonly tree: TreeHash; readonly known: readonly VerifierKey[] }

/** Reads and checks what stands before the body. Throws a ParcelFault. */
export async function openParcel(source: AsyncIterable<Uint8Array>, { verifying, tree, known }: Checking): Promise<OpenParcel> {
  const reader = new Reader(source);
  const head = await reader.upTo(`\n${fence}`, mostNote);
  const note = head === null ? null : parseNote(head.subarray(0, head.length - fence.length));
  const [first, line, ...rest] = note?.text.split('\n') ?? [];
  const header = first === magic && line !== undefined && rest.length === 1 ? headerOf(line) : null;
  if (note === null || header === null || note.signatures.length !== 1) throw new ParcelFault('not-a-parcel', 'This is no parcel of version 1.', 0);
  const verdict = await verifyNote(verifying, note, known);
  const [key] = verdict.ok ? verdict.by : [];
  if (!key) {
    const code = !verdict.ok && verdict.line !== null ? 'signature' : 'unknown-key';
    throw new ParcelFault(code, verdict.ok ? 'Nobody has signed this.' : `Its header: ${verdict.why}.`, 0);
  }
  const at = reader.offset;
  const list = await reader.take(header.blocks * hashLine + fence.length);
  const hashes = digestsIn(list, header);
  if (hashes === null || rootHex(tree, hashes) !== header.root) {
    throw new ParcelFault('digests', 'The digests of its blocks are not those that were signed.', at);
  }
  return { header, key, body: blocks(reader, header, hashes, tree) };
}

function digestsIn(list: Uint8Array, { blocks: n }: ParcelHeader): Uint8Array[] | null {
  if (list.length !== n * hashLine + fence.length) return null;
  const lines = fromUtf8(list)?.split('\n');
  if (lines?.length !== n + 2 || lines[n] !== fence.trimEnd() || lines[n + 1] !== '') return null;
  const hashes = lines.slice(0, n).map((l) => (/^[0-9a-f]{64}$/.test(l) ? fromHex(l) : null));
  return hashes.every((h) => h?.length === hashBytes) ? hashes as Uint8Array[] : null;
}

async function* blocks(reader: Reader, header: ParcelHeader, hashes: readonly Uint8Array[], tree: TreeHash): AsyncGenerator<Uint8Array> {
  for (const [i, wanted] of hashes.entries()) {
    const at = reader.offset;
    const size = Math.min(blockBytes, header.bytes - i * blockBytes);
    const block = await reader.take(size);
    if (block.length < size) throw new ParcelFault('length', 'It ends too early, in this block.', at);
    if (!sameBytes(leafOf(tree, block), wanted)) throw new ParcelFault('block', 'A block is not what was signed.', at);
    yield block;
  }
  const at = reader.offset;
  if ((await reader.take(1)).length > 0) throw new ParcelFault('length', 'Something stands behind its end.', at);
}

/** Reads a parcel to its end; throws a ParcelFault where any byte is not what was signed. */
export async function checkParcel(source: AsyncIterable<Uint8Array>, checking: Checking): Promise<Pick<OpenParcel, 'header' | 'key'>> {
  const { header, key, body } = await openParcel(source, checking);
  for await (const block of body) void block;
  return { header, key };
}

export async function receiptNote(receipt: ParcelReceipt, signer: NoteSigner): Promise<string> {
  return formatNote(await signNote(`${receiptMagic}\n${canonicalText(receipt)}\n`, [signer]));
}

/** A receipt that a known key has signed; null where it is none. */
export async function receiptOf(
  note: string, verifying: Verifying, known: readonly VerifierKey[],
): Promise<{ readonly receipt: ParcelReceipt; readonly key: VerifierKey } | null> {
  const parsed = parseNote(toUtf8(note));
  const [first, line, ...rest] = parsed?.text.split('\n') ?? [];
  if (!parsed || first !== receiptMagic || line === undefined || rest.length !== 1) return null;
  const receipt = fieldsOf<ParcelReceipt>(line, {
    series: short, number: count, root: hex, takenAt: moment, accepted: count, duplicate: count, refused: count, retracted: count,
  });
  const verdict = await verifyNote(verifying, parsed, known);
  const [key] = verdict.ok ? verdict.by : [];
  return receipt && key ? { receipt, key } : null;
}
