/**
 * Compares a shipped file with a rebuilt one, region by region and container by container (docs/specs/compare.md): bytes in, verdict
 * out. Whatever no rule of the closed list covers on both sides makes it DIFFERENT; so does whatever could not be looked into.
 */
import { createHash } from 'node:crypto';
import { sameBytes } from '../encoding.ts';
import { onlyLocalOrder } from './formats/object.ts';
import { checkSums } from './md5sums.ts';
import { rules, type ComparedPart, type Comparison, type Difference, type DifferenceKind, type Range, type RuleId, type Unopened } from './model.ts';
import { ArchiveFault, Budget, usualLimits, type Inner, type Limits, type Piece } from './piece.ts';
import { read, type Read } from './read.ts';
import { bytesIn, runsOf } from './runs.ts';

/** Differences and parts that are told one by one; the verdict knows of all. */
const mostTold = 10_000;

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const rangeOf = ({ from, to }: Piece): Range => ({ from, to });
const moved = ({ from, to }: Range, by: number): Range => ({ from: from + by, to: to + by });

class Work {
  readonly budget: Budget;
  readonly differences: Difference[] = [];
  readonly parts: ComparedPart[] = [];
  readonly unopened: Unopened[] = [];
  leftOut = 0;
  /** Whether any difference, told or not, has no rule. */
  open = false;
  constructor(limits: Limits) {
    this.budget = new Budget(limits);
  }
  tell(difference: Difference): void {
    if (difference.rule === null) this.open = true;
    if (this.differences.length < mostTold) this.differences.push(difference);
    else this.leftOut++;
  }
}

interface Side { readonly bytes: Uint8Array; readonly read: Read; readonly byKey: ReadonlyMap<string, Piece> }

function sideOf(work: Work, bytes: Uint8Array, path: readonly string[], side: 'shipped' | 'rebuilt', name: string): Side {
  const depth = path.length > work.budget.limits.depth * 2;
  const found = depth ? { format: 'bytes', pieces: bytes.length === 0 ? [] : [{ key: 'content', from: 0, to: bytes.length }],
    fault: new ArchiveFault('depth', 'It lies in more containers than are opened.') } : read(bytes, work.budget, name);
  if (found.fault !== null) work.unopened.push({ part: path, side, code: found.fault.code, sentence: found.fault.message });
  return { bytes, read: found, byKey: new Map(found.pieces.map((p) => [p.key, p])) };
}

/** Both as one stretch of bytes: what is done where they are not of one kind, or one could not be read. */
function asBytes(side: Side): Side {
  const pieces = side.bytes.length === 0 ? [] : [{ key: 'content', from: 0, to: side.bytes.length }];
  return { ...side, read: { ...side.read, pieces }, byKey: new Map(pieces.map((p) => [p.key, p])) };
}

const alone = (part: readonly string[], piece: Piece, kind: 'only-shipped' | 'only-rebuilt'): Difference => {
  const [range, none] = [rangeOf(piece), { from: 0, to: 0 }];
  const shipped = kind === 'only-shipped';
  return {
    part, region: piece.key, kind, shipped: shipped ? range : null, rebuilt: shipped ? null : range,
    runs: [{ shipped: shipped ? range : none, rebuilt: shipped ? none : range }], bytes: range.to - range.from, executable: piece.executable ?? false,
    // A signature may be there on one side alone, since nobody else can make it; and so may fill that a length asks for.
    rule: piece.rule === 'signature' || piece.rule === 'bookkeeping' ? piece.rule : null,
  };
};

/** Whether the keys that both have stand in the same order. */
function inOrder(a: Side, b: Side): boolean {
  const common = (x: Side, y: Side): string[] => x.read.pieces.filter((p) => y.byKey.has(p.key)).map((p) => p.key);
  const [left, right] = [common(a, b), common(b, a)];
  return left.every((key, i) => key === right[i]);
}

async function innerOf(work: Work, inner: Inner, path: readonly string[], side: 'shipped' | 'rebuilt'): Promise<Uint8Array | null> {
  try {
    return await inner.bytes();
  } catch (error) {
    if (!(error instanceof ArchiveFault)) throw error;
    work.unopened.push({ part: path, side, code: error.code, sentence: error.message });
    return null;
  }
}

function changed(part: readonly string[], a: Side, b: Side, x: Piece, y: Piece, kind: DifferenceKind, rule: RuleId | null): Difference {
  const [left, right] = [a.bytes.subarray(x.from, x.to), b.bytes.subarray(y.from, y.to)];
  const text = a.read.format === 'text' && b.read.format === 'text';
  const runs = runsOf(left, right, text).map((run) => ({ shipped: moved(run.shipped, x.from), rebuilt: moved(run.rebuilt, y.from) }));
  return { part, region: x.key, kind, shipped: rangeOf(x), rebuilt: rangeOf(y), runs, bytes: bytesIn(runs),
    executable: (x.executable ?? false) || (y.executable ?? false), rule };
}

/** A pair of pieces with the same key and other bytes. */
async function pair(work: Work, path: readonly string[], a: Side, b: Side, x: Piece, y: Piece): Promise<void> {
  if (x.inner && y.inner && x.inner.packed === y.inner.packed && x.inner.name === y.inner.name) {
    const inside = [...path, x.inner.name];
    const [left, right] = [await innerOf(work, x.inner, inside, 'shipped'), await innerOf(work, y.inner, inside, 'rebuilt')];
    if (left !== null && right !== null) {
      await part(work, inside, left, right);
      if (x.inner.packed) work.tell(changed(path, a, b, x, y, 'packed', 'packing'));
      return;
    }
  }
  const rule = x.rule !== undefined && x.rule === y.rule && (x.rule !== 'build-id' || x.to - x.from === y.to - y.from) ? x.rule : null;
  work.tell(changed(path, a, b, x, y, 'bytes', rule));
}

/** Differences of an object in a static library that are nothing but another order of local symbols. */
function underOrder(work: Work, from: number, found: Work): void {
  for (const difference of found.differences.slice(from)) work.tell({ ...difference, rule: difference.rule ?? 'local-symbols' });
}

async function regions(work: Work, path: readonly string[], a: Side, b: Side): Promise<void> {
  let differing = 0;
  for (const x of a.read.pieces) {
    const y = b.byKey.get(x.key);
    if (!y) work.tell(alone(path, x, 'only-shipped'));
    else if (sameBytes(a.bytes.subarray(x.from, x.to), b.bytes.subarray(y.from, y.to))) continue;
    else await pair(work, path, a, b, x, y);
    differing++;
  }
  for (const y of b.read.pieces) {
    if (a.byKey.has(y.key)) continue;
    work.tell(alone(path, y, 'only-rebuilt'));
    differing++;
  }
  if (!inOrder(a, b)) {
    work.tell({ part: path, region: 'order', kind: 'order', shipped: null, rebuilt: null, runs: [], bytes: 0, executable: false, rule: null });
    differing++;
  }
  const format = a.read.format === b.read.format ? a.read.format : `${a.read.format}, ${b.read.format}`;
  if (work.parts.length < mostTold) work.parts.push({ path, format, regions: new Set([...a.byKey.keys(), ...b.byKey.keys()]).size, differing });
}

async function part(work: Work, path: readonly string[], shipped: Uint8Array, rebuilt: Uint8Array): Promise<void> {
  if (sameBytes(shipped, rebuilt)) return;
  const name = path.at(-1) ?? '';
  let [a, b] = [sideOf(work, shipped, path, 'shipped', name), sideOf(work, rebuilt, path, 'rebuilt', name)];
  const kind = (side: Side): string => (side.read.format === 'jar' ? 'zip' : side.read.format);
  if (kind(a) !== kind(b) || a.read.fault !== null || b.read.fault !== null) [a, b] = [asBytes(a), asBytes(b)];
  if (a.read.format === 'ELF' && path.at(-2)?.endsWith('.a') && onlyLocalOrder(shipped, rebuilt)) {
    const apart = new Work(work.budget.limits);
    await regions(apart, path, a, b);
    underOrder(work, 0, apart);
    work.parts.push(...apart.parts);
    return;
  }
  const before = work.differences.length;
  await regions(work, path, a, b);
  if (a.read.format === 'deb' && b.read.format === 'deb') await checkSums(work, before, path, a.read.pieces, b.read.pieces);
}

/** What differs between two files, and the best verdict that stands without knowing why. */
export async function compare(shipped: Uint8Array, rebuilt: Uint8Array, options: { limits?: Limits; name?: string } = {}): Promise<Comparison> {
  const work = new Work(options.limits ?? usualLimits);
  const digests = [shipped, rebuilt].map((bytes) => ({ bytes: bytes.length, sha256: sha256(bytes) })) as [Comparison['shipped'], Comparison['rebuilt']];
  const same = sameBytes(shipped, rebuilt);
  if (!same) await part(work, options.name === undefined ? [] : [options.name], shipped, rebuilt);
  const differences = work.differences.map((d) => (options.name === undefined ? d : { ...d, part: d.part.slice(1) }));
  const open = work.leftOut > 0 ? work.open : differences.some((d) => d.rule === null);
  const used = new Set(differences.map((d) => d.rule).filter((r) => r !== null));
  return {
    v: 1, shipped: digests[0], rebuilt: digests[1], verdict: same ? 'IDENTICAL' : open || differences.length === 0 ? 'DIFFERENT' : 'CODE-IDENTICAL',
    differences, leftOut: work.leftOut,
    parts: options.name === undefined ? work.parts : work.parts.map((p) => ({ ...p, path: p.path.slice(1) })),
    unopened: options.name === undefined ? work.unopened : work.unopened.map((u) => ({ ...u, part: u.part.slice(1) })),
    rules: [...used].sort().map((id) => `${id}/${rules[id].version}`),
  };
}
