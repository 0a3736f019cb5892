/**
 * Verifies a bundle in one pass (docs/specs/ledger.md). Hashes are checked from the signed root down, so that the first
 * wrong byte is named where it stands. Trust comes from the policy alone: without one that names the log, a bundle that
 * agrees with itself is undecided, never verified.
 */
import type { RunningDigest, TreeHash, Verifying } from '#kit/hash/port';
import { fromBase64, fromDecimal, fromUtf8, hexInto, sameBytes, toBase64, toUtf8 } from '#kit/encoding';
import { hashesAtLevel, rootOfEdge, tileWidth } from '#kit/merkle/tiles';
import { emptyRoot, hashAt, hashBytes, nodeOf, rootOf } from '#kit/merkle/tree';
import { parseCheckpoint } from '#kit/note/checkpoint';
import type { Checkpoint } from '#kit/note/checkpoint';
import { maxSignatures, parseNote, verifyNote } from '#kit/note/note';
import type { VerifierKey } from '#kit/note/note';
import { meetsQuorum } from '#kit/note/policy';
import type { Least, Policy } from '#kit/note/policy';
import { factMismatch, isFactOf, leafSpans, minuteOf } from './leaf.ts';
import type { LeafSpans } from './leaf.ts';
import type { Line } from './lines.ts';
import { BundleFailure, BundleReader } from './place.ts';
import type { Place } from './place.ts';
import { bundleMagic, formatSeal, planOf, sealMagic } from './plan.ts';

export interface BundleFigures {
  readonly origin: string;
  readonly size: number;
  /** Base64. */
  readonly root: string;
  readonly openings: number;
  /** Organisation whose openings these are. */
  readonly reader: string;
  /** RFC 3339 UTC, when it was exported. */
  readonly at: string;
}

export type BundleVerdict =
  | { readonly verdict: 'verified'; readonly figures: BundleFigures; readonly signedBy: readonly string[] }
  | { readonly verdict: 'undecided'; readonly figures: BundleFigures; readonly why: string }
  | { readonly verdict: 'failed'; readonly place: Place; readonly why: string };

export interface Verifier {
  readonly tree: TreeHash;
  readonly verifying: Verifying;
  readonly digest: () => RunningDigest;
}

interface Head {
  readonly checkpoint: Checkpoint;
  /** The log's key, once its signature was verified; null where the policy names no such log. */
  readonly logKey: VerifierKey | null;
  readonly signedBy: readonly VerifierKey[];
  readonly hasUnknown: boolean;
  readonly length: number;
}

interface State {
  readonly verifier: Verifier;
  readonly reader: BundleReader;
  readonly head: Head;
  /** The tile of each level whose hashes are being gone through; checked against the level above. */
  readonly tiles: { first: number; hashes: Uint8Array }[];
  /** Earlier trees that this one must begin with. */
  readonly earlier: readonly LeastTree[];
  /** Where what is hashed is put together. */
  readonly scratch: Scratch;
  openings: number;
}

/** Bytes that are used again for every line. */
class Scratch {
  bytes = new Uint8Array(4096);
  reserve(length: number): void {
    if (length > this.bytes.length) this.bytes = new Uint8Array(length * 2);
  }
}

/** Puts together the root of an earlier size from subtrees met on the way, left to right. */
class LeastTree {
  readonly least: Least;
  readonly #tree: TreeHash;
  readonly #peaks: { span: number; hash: Uint8Array }[] = [];
  #covered = 0;

  constructor(tree: TreeHash, least: Least) {
    this.#tree = tree;
    this.least = least;
  }

  /** Hashes of a level from index `first` on. Those that begin where the tree so far ends, and fit, are taken. */
  meet(level: number, first: number, hashes: Uint8Array): void {
    const span = tileWidth ** level;
    for (let i = 0; i < hashes.length / hashBytes; i++) {
      const from = (first + i) * span;
      if (from !== this.#covered || from + span > this.least.size) continue;
      this.#covered += span;
      let peak = { span, hash: new Uint8Array(hashAt(hashes, i)) as Uint8Array };
      for (let left = this.#peaks.at(-1); left?.span === peak.span; left = this.#peaks.at(-1)) {
        this.#peaks.pop();
        peak = { span: peak.span * 2, hash: nodeOf(this.#tree, left.hash, peak.hash) };
      }
      this.#peaks.push(peak);
    }
  }

  agrees(): boolean {
    let root = this.#peaks.at(-1)?.hash ?? emptyRoot(this.#tree);
    for (const peak of this.#peaks.slice(0, -1).reverse()) root = nodeOf(this.#tree, peak.hash, root);
    return this.#covered === this.least.size && sameBytes(root, this.least.root);
  }
}

function textOf(reader: BundleReader, what: string, entry: number | null, line: Line): string {
  return fromUtf8(line.bytes) ?? reader.fail(what, entry, line, 'not UTF-8');
}

/** Lines of a signed note, to and without the empty line (or the end of the file) behind its signatures. */
async function noteLines(reader: BundleReader, what: string, first: Line, count: number): Promise<string[]> {
  const lines = [textOf(reader, what, null, first)];
  for (let i = 1; i < count; i++) lines.push(textOf(reader, what, null, await reader.line(what)));
  return lines;
}

async function readHead(reader: BundleReader, verifier: Verifier, policy: Policy | null): Promise<Head> {
  const magic = await reader.line('file');
  if (textOf(reader, 'file', null, magic) !== bundleMagic) {
    reader.fail('file', null, magic, 'this is not a ledger bundle');
  }
  const first = await reader.line('checkpoint');
  const lines = await noteLines(reader, 'checkpoint', first, 4);
  let line = await reader.line('checkpoint');
  while (line.bytes.length) {
    const text = textOf(reader, 'checkpoint', null, line);
    lines.push(text);
    if (!text.startsWith('\u2014 ') || lines.length > maxSignatures + 4) {
      const place = { what: 'checkpoint', entry: null, offset: first.offset };
      const why = 'the signature lines of the checkpoint end in an empty line, and are not too many';
      throw new BundleFailure({ ...place, length: line.offset + line.bytes.length + 1 - first.offset }, why);
    }
    line = await reader.line('checkpoint');
  }
  const length = line.offset + 1 - first.offset;
  const fail = (why: string): never => {
    throw new BundleFailure({ what: 'checkpoint', entry: null, offset: first.offset, length }, why);
  };
  const note = parseNote(toUtf8(`${lines.join('\n')}\n`)) ?? fail('the checkpoint is not a signed note');
  const checkpoint = parseCheckpoint(note.text) ?? fail('the signed note is not a checkpoint');
  if (checkpoint.extensions.length) fail('a checkpoint of a bundle has no extension lines');
  const logs: readonly VerifierKey[] = policy?.logs.filter((key) => key.name === checkpoint.origin) ?? [];
  if (!policy || !logs.length) return { checkpoint, logKey: null, signedBy: [], hasUnknown: false, length };
  const verdict = await verifyNote(verifier.verifying, note, [...logs, ...policy.witnesses]);
  if (!verdict.ok) return fail(verdict.why);
  const logKey = verdict.by.find((key) => logs.includes(key)) ?? fail('the log has not signed the checkpoint');
  if (!meetsQuorum(policy.quorum, verdict.by)) fail('too few witnesses of the policy have cosigned the checkpoint');
  const least = policy.least.find((l) => l.origin === checkpoint.origin);
  if (least && checkpoint.size < least.size) fail(`it is older than the least of the policy, ${least.size}`);
  return { checkpoint, logKey, signedBy: verdict.by, hasUnknown: verdict.unknown.length > 0, length };
}

function hashesOf(reader: BundleReader, what: string, line: Line, prefix: string, width: number): Uint8Array {
  const text = textOf(reader, what, null, line);
  if (!text.startsWith(prefix)) reader.fail(what, null, line, `expected a line that begins with "${prefix}"`);
  const hashes = fromBase64(text.slice(prefix.length));
  if (hashes?.length !== width * hashBytes) return reader.fail(what, null, line, `not ${width} hashes in base64`);
  return hashes;
}

async function readTile(state: State, level: number, index: number): Promise<void> {
  const what = `tile ${level}/${index}`;
  const line = state.reader.ready() ?? await state.reader.more(what, null);
  const hashes = hashesOf(state.reader, what, line, `tile ${level} ${index} `, tileWidth);
  const above = state.tiles[level + 1];
  const expected = above && hashAt(above.hashes, index - above.first);
  if (!expected || !sameBytes(rootOf(state.verifier.tree, hashes), expected)) {
    state.reader.fail(what, null, line, 'the tile is not the one that the checkpoint covers');
  }
  state.tiles[level] = { first: index * tileWidth, hashes };
  meetAll(state, level, index * tileWidth, hashes);
}

function meetAll({ earlier }: State, level: number, first: number, hashes: Uint8Array): void {
  for (const tree of earlier) tree.meet(level, first, hashes);
}

/** Whether a line begins with this ASCII text; compares bytes, since most lines are never made into strings. */
function begins(bytes: Uint8Array, prefix: string): boolean {
  for (let i = 0; i < prefix.length; i++) if (bytes[i] !== prefix.charCodeAt(i)) return false;
  return true;
}

/** Checks the leaf against its tile, which was checked before. */
function checkLeaf(state: State, line: Line, index: number): LeafSpans {
  const { reader, verifier, scratch } = state;
  const prefix = `leaf ${index} `;
  if (!begins(line.bytes, prefix)) {
    reader.fail(`entry ${index}`, index, line, `expected a line that begins with "${prefix}"`);
  }
  const length = line.bytes.length - prefix.length;
  const tile = state.tiles[0];
  const at = (index - (tile?.first ?? 0)) * hashBytes;
  scratch.reserve(length + 1);
  scratch.bytes[0] = 0;
  scratch.bytes.set(line.bytes.subarray(prefix.length), 1);
  if (!tile || !verifier.tree.matches(scratch.bytes.subarray(0, length + 1), tile.hashes, at)) {
    reader.fail(`entry ${index}`, index, line, 'the leaf is not the one that the checkpoint covers');
  }
  return leafSpans(line.bytes, prefix.length)
    ?? reader.fail(`entry ${index}`, index, line, 'the leaf is covered by the checkpoint but is not of this format');
}

/** Checks an opening against its leaf, which was checked before. */
function checkOpening(state: State, line: Line, index: number, leaf: Uint8Array, spans: LeafSpans): void {
  const { verifier, scratch } = state;
  const fail = (why: string): never => state.reader.fail(`opening ${index}`, index, line, why);
  const prefix = `fact ${index} `;
  const saltEnd = prefix.length + 64;
  if (!begins(line.bytes, prefix) || line.bytes[saltEnd] !== 0x20) fail(`expected a line that begins with "${prefix}"`);
  const text = line.bytes.subarray(saltEnd + 1);
  scratch.reserve(text.length + 32);
  const salt = scratch.bytes.subarray(0, 32);
  if (!hexInto(salt, line.bytes, prefix.length)) fail('the salt is not 64 lower-case hex digits');
  scratch.bytes.set(text, 32);
  const commitment = new Uint8Array(32);
  hexInto(commitment, leaf, spans.commitment);
  if (!verifier.tree.matches(scratch.bytes.subarray(0, text.length + 32), commitment, 0)) {
    fail('the opening is not what the leaf commits to');
  }
  if (!isFactOf(leaf, spans, text)) {
    const mismatch = factMismatch(leaf, spans, text);
    if (mismatch !== null) fail(mismatch);
  }
  state.openings++;
}

const factByte = 'f'.charCodeAt(0);

async function readLeaves(state: State, first: number, count: number): Promise<void> {
  const { reader, head } = state;
  for (let index = first; index < first + count; index++) {
    const line = reader.ready() ?? await reader.more(`entry ${index}`, index);
    const spans = checkLeaf(state, line, index);
    const last = index + 1 === head.checkpoint.size;
    const next = reader.ready() ?? await reader.more(last ? 'seal' : `entry ${index + 1}`, last ? null : index + 1);
    if (next.bytes[0] === factByte) checkOpening(state, next, index, line.bytes, spans);
    else reader.unread(next);
  }
}

function checkRoot(state: State, edge: readonly Uint8Array[], lines: readonly Line[]): void {
  const { verifier: { tree }, head: { checkpoint, length } } = state;
  const full = Array.from({ length: edge.length }, (_, level) => edge[level] ?? new Uint8Array(0));
  const root = checkpoint.size === 0 ? emptyRoot(tree) : rootOfEdge(tree, full);
  if (sameBytes(root, checkpoint.root)) return;
  const first = lines[0];
  const last = lines.at(-1);
  if (!first || !last) {
    const place = { what: 'checkpoint', entry: null, offset: bundleMagic.length + 1, length };
    throw new BundleFailure(place, 'this is not the root of the empty tree');
  }
  const end = last.offset + last.bytes.length + 1;
  const place = { what: 'edge', entry: null, offset: first.offset, length: end - first.offset };
  throw new BundleFailure(place, 'the right edge of the tree is not the one that the checkpoint signs');
}

/** Reads and checks everything between the checkpoint and the seal. */
async function readTree(state: State): Promise<void> {
  const { reader, head: { checkpoint } } = state;
  const edge: Uint8Array[] = [];
  const lines: Line[] = [];
  for (const step of planOf(checkpoint.size)) {
    if (step.kind === 'edge') {
      const line = await reader.line('edge');
      lines.push(line);
      edge[step.level] = hashesOf(reader, 'edge', line, `edge ${step.level} `, step.width);
    } else if (step.kind === 'root') {
      checkRoot(state, edge, lines);
    } else if (step.kind === 'under') {
      const hashes = edge[step.level] ?? new Uint8Array(0);
      const first = hashesAtLevel(checkpoint.size, step.level) - hashes.length / hashBytes;
      state.tiles[step.level] = { first, hashes };
      meetAll(state, step.level, first, hashes);
    } else if (step.kind === 'tile') {
      await readTile(state, step.level, step.index);
    } else {
      await readLeaves(state, step.first, step.count);
    }
  }
}

interface SealRead { readonly reader: string; readonly at: string }

/** Reads the seal, the last thing in the file, and checks it against what was read. */
async function readSeal(state: State): Promise<SealRead> {
  const { reader, verifier, head } = state;
  const { origin, size } = head.checkpoint;
  const first = await reader.line('seal');
  const before = toBase64(reader.digestBefore(first.offset));
  const seal = { what: 'seal', entry: null, offset: first.offset, length: first.bytes.length + 1 };
  if (textOf(reader, 'seal', null, first) !== sealMagic) {
    throw new BundleFailure(seal, `expected the seal, a line "${sealMagic}"`);
  }
  const lines = await noteLines(reader, 'seal', first, 9).catch((error: unknown) => {
    if (!(error instanceof BundleFailure)) throw error;
    // A newline that is gone makes the seal end early: the whole seal is the place.
    const end = error.place.offset + error.place.length;
    throw new BundleFailure({ ...seal, length: end - first.offset }, error.message);
  });
  const text = `${lines.join('\n')}\n`;
  const fail = (why: string, place: Partial<Place> = {}): never => {
    throw new BundleFailure({ ...seal, length: toUtf8(text).length, ...place }, why);
  };
  const note = parseNote(toUtf8(text)) ?? fail('the seal is not a signed note');
  const [, , , openingsText = '', forReader = '', at = '', digest = ''] = lines;
  const openings = fromDecimal(openingsText) ?? fail('the seal counts no openings');
  if (note.text !== formatSeal({ origin, size, openings, reader: forReader, at, digest })) {
    // Where the log is not known, nothing has held the checkpoint until here: it is the likelier to be wrong.
    const checkpoint = { what: 'checkpoint', offset: bundleMagic.length + 1, length: head.length };
    fail('the seal is not one for this checkpoint', head.logKey ? {} : checkpoint);
  }
  if (forReader === '' || minuteOf(at) === null) fail('the seal names no reader or time');
  if (head.logKey) {
    const verdict = await verifyNote(verifier.verifying, note, [head.logKey]);
    if (!verdict.ok) fail(verdict.why);
  }
  const body = { what: 'file', offset: 0, length: first.offset };
  if (openings !== state.openings) fail(`the seal counts ${openings} openings, the file has ${state.openings}`, body);
  if (digest !== before) {
    // Everything else is held by the tree; what is not are signatures by keys that the policy does not know, and
    // which openings there are.
    const loose = head.hasUnknown || !head.logKey;
    const checkpoint = { what: 'checkpoint', offset: bundleMagic.length + 1, length: head.length };
    fail('the bytes before the seal are not those that were sealed', loose ? checkpoint : body);
  }
  await reader.end();
  return { reader: forReader, at };
}

/**
 * Checks a bundle to its last byte. `since` is a checkpoint that the reader holds: the tree must begin with its tree,
 * whoever is trusted. Throws only what the source throws.
 */
export async function verifyBundle(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, policy: Policy | null, verifier: Verifier, since: Least | null = null,
): Promise<BundleVerdict> {
  const reader = new BundleReader(source, verifier.digest());
  try {
    const head = await readHead(reader, verifier, policy);
    const { origin, size, root } = head.checkpoint;
    const wrong = (why: string): BundleFailure =>
      new BundleFailure({ what: 'checkpoint', entry: null, offset: bundleMagic.length + 1, length: head.length }, why);
    if (since && since.origin !== origin) throw wrong(`the older checkpoint is one of ${since.origin}`);
    if (since && size < since.size) throw wrong(`it is older than the checkpoint to begin with, ${since.size}`);
    const mine = head.logKey ? policy?.least.find((l) => l.origin === origin) : undefined;
    const [least, older] = [mine, since].map((tree) => tree ? new LeastTree(verifier.tree, tree) : null);
    const earlier = [least, older].filter((tree) => !!tree);
    const state: State = { verifier, reader, head, tiles: [], earlier, scratch: new Scratch(), openings: 0 };
    await readTree(state);
    if (least && !least.agrees()) throw wrong(`the tree does not begin with the least of the policy, ${least.least.size}`);
    if (older && !older.agrees()) throw wrong(`the tree does not begin with that of the older checkpoint, ${older.least.size}: a split view`);
    const seal = await readSeal(state);
    const figures = { origin, size, root: toBase64(root), openings: state.openings, ...seal };
    if (head.logKey) return { verdict: 'verified', figures, signedBy: head.signedBy.map((key) => key.name) };
    const why = policy ? `the policy names no log ${origin}` : 'there is no policy to say which log to trust';
    return { verdict: 'undecided', figures, why };
  } catch (error) {
    if (error instanceof BundleFailure) return { verdict: 'failed', place: error.place, why: error.message };
    throw error;
  } finally {
    await reader.close();
  }
}
