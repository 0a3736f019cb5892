/**
 * How much of a source has been read, computed from the windows that were granted and from nothing else. What is not a file of the tree
 * counts for nothing; the same window twice is once; a view of an earlier release counts where the file's bytes are equal and says so.
 */
import { blocksIn, blocksTouched } from './blocks.ts';

export interface TreeFile {
  readonly path: string;
  /** SHA-256 of its bytes, hex. */
  readonly digest: string;
  readonly bytes: number;
  /** Lines of the file; null where nobody has counted them yet: no view of it is there. */
  readonly lines: number | null;
}

export interface GrantedView {
  readonly digest: string;
  readonly from: number;
  readonly to: number;
  /** Lines that end in it. */
  readonly ends: number;
  /** The release under which it was granted. */
  readonly release: string;
  /** When, RFC 3339 UTC. */
  readonly at: string;
}

export interface Amounts {
  readonly bytes: number;
  readonly lines: number;
  readonly blocks: number;
}

export interface FileCoverage extends TreeFile {
  readonly seen: Amounts;
  /** Of what is seen, what stems from an earlier release. */
  readonly carried: Amounts;
  readonly blocks: number;
}

export interface Covering {
  readonly release: string;
  /** Views of earlier releases count from this moment on; null: none do. */
  readonly carriedFrom: string | null;
}

const nothing: Amounts = { bytes: 0, lines: 0, blocks: 0 };

function amountsOf(views: Iterable<GrantedView>): Amounts {
  let [bytes, lines] = [0, 0];
  const blocks = new Set<number>();
  for (const view of views) {
    bytes += view.to - view.from;
    lines += view.ends;
    for (const block of blocksTouched(view.from, view.to)) blocks.add(block);
  }
  return { bytes, lines, blocks: blocks.size };
}

const minus = (a: Amounts, b: Amounts): Amounts => ({ bytes: a.bytes - b.bytes, lines: a.lines - b.lines, blocks: a.blocks - b.blocks });

/** In the order of the tree. */
export function coverageOf(tree: readonly TreeFile[], views: Iterable<GrantedView>, { release, carriedFrom }: Covering): FileCoverage[] {
  const counted = new Map<string, { own: Map<number, GrantedView>; all: Map<number, GrantedView> }>();
  for (const view of views) {
    const own = view.release === release;
    if (!own && (carriedFrom === null || view.at < carriedFrom)) continue;
    const of = counted.get(view.digest) ?? { own: new Map(), all: new Map() };
    // A window is the same wherever it was read: its first byte names it.
    of.all.set(view.from, view);
    if (own) of.own.set(view.from, view);
    counted.set(view.digest, of);
  }
  return tree.map((file) => {
    const of = counted.get(file.digest);
    const seen = of ? amountsOf(of.all.values()) : nothing;
    return { ...file, blocks: blocksIn(file.bytes), seen, carried: of ? minus(seen, amountsOf(of.own.values())) : nothing };
  });
}

export interface Sum {
  readonly files: number;
  /** Files of which something, and of which everything has been seen. */
  readonly begun: number;
  readonly whole: number;
  readonly bytes: number;
  readonly blocks: number;
  readonly seen: Amounts;
  readonly carried: Amounts;
}

const plus = (a: Amounts, b: Amounts): Amounts => ({ bytes: a.bytes + b.bytes, lines: a.lines + b.lines, blocks: a.blocks + b.blocks });

export const noSum: Sum = { files: 0, begun: 0, whole: 0, bytes: 0, blocks: 0, seen: nothing, carried: nothing };

const withFile = (sum: Sum, file: FileCoverage): Sum => ({
  files: sum.files + 1, begun: sum.begun + (file.seen.bytes > 0 ? 1 : 0),
  // An empty file is seen by knowing of it.
  whole: sum.whole + (file.seen.bytes === file.bytes ? 1 : 0), bytes: sum.bytes + file.bytes, blocks: sum.blocks + file.blocks,
  seen: plus(sum.seen, file.seen), carried: plus(sum.carried, file.carried),
});

export const sumOf = (files: Iterable<FileCoverage>): Sum => {
  let sum = noSum;
  for (const file of files) sum = withFile(sum, file);
  return sum;
};

/** The sums of every folder, the root as ''. */
export function foldersOf(files: readonly FileCoverage[]): Map<string, Sum> {
  const sums = new Map<string, Sum>([['', noSum]]);
  for (const file of files) {
    const parts = file.path.split('/').slice(0, -1);
    for (let depth = 0; depth <= parts.length; depth++) {
      const folder = parts.slice(0, depth).join('/');
      sums.set(folder, withFile(sums.get(folder) ?? noSum, file));
    }
  }
  return sums;
}
