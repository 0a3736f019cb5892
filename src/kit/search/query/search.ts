/**
 * Asks an index: block by block in the order of its files, a batch of hits at a time, so that whoever asks can stop between any two. Each
 * answer states what it covers, also one that was broken off.
 */
import { blockBytes, type FilePart, type Manifest, type RefusedFile } from '../index/layout.ts';
import { beginsFile, type Shard } from '../index/shard.ts';
import { Matching } from '../regex/matching.ts';
import { parsePattern, parseText } from '../regex/parse.ts';
import { wholeWord, type Pattern } from '../regex/syntax.ts';
import { candidates } from './candidates.ts';
import { PlainCounter, PlainFinder, type Counter, type Finder } from './finder.ts';
import type { Kernel } from './kernel.ts';
import { needOf, type Need } from './needs.ts';
import type { PathFilter } from './paths.ts';
import { BlockScan, type FoundLine, type Hit } from './scan.ts';
import { shapeOf } from './shape.ts';

export type { Hit } from './scan.ts';

export interface Question {
  readonly text: string;
  readonly kind: 'text' | 'regex';
  readonly anyCase?: boolean;
  readonly wholeWord?: boolean;
  /** Which files are asked; without it all are. */
  readonly paths?: PathFilter | undefined;
  /** Lines that are shown; further ones are counted only where `counts` says so. */
  readonly most: number;
  readonly counts?: boolean;
}

/** What an answer covers. The files are those that were excluded, ruled out by the index, read, and not reached. */
export interface Coverage {
  readonly files: number;
  readonly excluded: number;
  readonly ruledOut: number;
  readonly read: number;
  readonly notReached: number;
  readonly bytesRead: number;
  readonly blocksRead: number;
  /** Lines that match, as far as one has come. */
  readonly lines: number;
  /** Files of the product, within what was asked, that no search can see. */
  readonly refused: readonly RefusedFile[];
  /** Null while it goes on. */
  readonly ended: 'complete' | 'enough' | 'cancelled' | 'too-costly' | null;
}

export interface Batch {
  readonly hits: readonly Hit[];
  readonly coverage: Coverage;
}

export interface SearchOptions {
  /** An AbortSignal, or what is read like one. */
  readonly signal?: { readonly aborted: boolean };
  /** Finds literals faster; the answer is the same. */
  readonly kernel?: Kernel | null;
  /** Steps of the pattern's machine after which one gives up: a hostile pattern is linear, and a product may still be large. */
  readonly mostWork?: number;
}

const usualWork = 5e8;
/** Blocks without a hit after which a batch is given all the same, so that a search can be stopped. */
const quietBlocks = 64;
/** Blocks from one that is read to the next at which one reads on: those between hold no match, and reading them costs less than another call. */
const readThrough = 4;
/** Read at once where lines are only counted, while that costs little. */
const countedBytes = 2 ** 17;
/** Steps of the pattern's machine after which others have their turn, and less is read at once. */
const costlyWork = 1e6;

export function patternOf({ text, kind, anyCase = false, wholeWord: whole }: Question): Pattern {
  const pattern = kind === 'regex' ? parsePattern(text, anyCase) : parseText(text, anyCase);
  return whole ? wholeWord(pattern) : pattern;
}

/** Which files of a shard are asked, and how many that begin before each are not. */
interface Asked {
  readonly wanted: Uint8Array;
  readonly excluded: Uint32Array;
}

function askedOf(shard: Shard, paths: PathFilter): Asked {
  const wanted = Uint8Array.from(shard.parts, ({ path }) => (paths(path) ? 1 : 0));
  const excluded = new Uint32Array(wanted.length + 1);
  shard.parts.forEach((part, i) => {
    excluded[i + 1] = (excluded[i] as number) + (beginsFile(part) && !wanted[i] ? 1 : 0);
  });
  return { wanted, excluded };
}

class Search {
  readonly matching: Matching;
  readonly finder: Finder | null;
  readonly counter: Counter | null;
  readonly need: Need;
  readonly question: Question;
  readonly manifest: Manifest;
  readonly mostWork: number;
  readonly signal: { readonly aborted: boolean } | undefined;
  private readonly refused: readonly RefusedFile[];
  private hits: Hit[] = [];
  private shown = 0;
  private lines = 0;
  private ended: Coverage['ended'] = null;
  /** Files of the shards before this one. */
  private filesBefore = 0;
  private excludedBefore = 0;
  private reached = 0;
  private excluded = 0;
  private read = 0;
  private lastRead = '';
  private bytesRead = 0;
  private blocksRead = 0;
  /** Bytes to be counted at once. A pattern that costs much shows that at the first blocks. */
  private stretch = 0;

  constructor(manifest: Manifest, question: Question, { signal, mostWork = usualWork, kernel }: SearchOptions) {
    const pattern = patternOf(question);
    this.manifest = manifest;
    this.question = question;
    this.matching = new Matching(pattern);
    const shape = shapeOf(pattern);
    this.finder = shape && (kernel?.finder(shape) ?? new PlainFinder(shape));
    this.counter = !question.counts ? null : shape?.whole ? this.finder
      : kernel?.counter(shape, this.matching) ?? (this.finder && new PlainCounter(this.finder, this.matching));
    this.need = needOf(pattern);
    this.mostWork = mostWork;
    this.signal = signal;
    this.refused = manifest.refused.filter(({ path }) => question.paths?.(path) ?? true);
  }

  coverage(): Coverage {
    const files = this.manifest.text + this.manifest.binary;
    const { excluded, read, reached, bytesRead, blocksRead, lines, refused, ended } = this;
    return { files, excluded, ruledOut: reached - excluded - read, read, notReached: files - reached, bytesRead, blocksRead, lines, refused, ended };
  }

  batch(): Batch {
    const { hits } = this;
    this.hits = [];
    return { hits, coverage: this.coverage() };
  }

  *run(shards: Iterable<Shard>): Generator<Batch> {
    let number = 0;
    this.judge();
    for (const shard of shards) {
      if (this.ended) break;
      const asked = this.question.paths ? askedOf(shard, this.question.paths) : null;
      yield* this.shard(shard, number++, asked);
      if (this.ended) break;
      this.reach(shard, shard.parts.length, asked);
      this.filesBefore = this.reached;
      this.excludedBefore = this.excluded;
    }
    this.ended ??= 'complete';
    yield this.batch();
  }

  private *shard(shard: Shard, number: number, asked: Asked | null): Generator<Batch> {
    const set = candidates(this.need, shard);
    const scan = new BlockScan(shard, this.matching, this.finder, this.mostWork);
    const before = this.bytesRead;
    let quiet = 0;
    for (let at = 0; at < set.length; at++) {
      const counted = this.shown >= this.question.most && this.counter ? this.countFrom(at, set, shard, scan, asked, this.counter) : -1;
      if (counted >= 0) {
        this.bytesRead = before + scan.bytesRead;
        at = counted;
        this.judge();
        if (this.ended) return;
        if (this.stretch > 0 && ++quiet < quietBlocks) continue;
        quiet = 0;
        yield this.batch();
        this.judge();
        if (this.ended) return;
        continue;
      }
      const block = set[at] as number;
      const part = shard.partOf[block] as number;
      const { path, dropped } = shard.parts[part] as FilePart;
      if (dropped || (asked && !asked.wanted[part])) continue;
      this.reading(shard, block, asked);
      for (const found of scan.lines(block)) {
        this.bytesRead = before + scan.bytesRead;
        this.take(found, scan, path, number);
        this.judge();
        if (this.ended) return;
        if (this.hits.length === 0 && ++quiet < quietBlocks) continue;
        quiet = 0;
        yield this.batch();
        this.judge();
        if (this.ended) return;
      }
    }
  }

  /** Counts the lines of blocks from this one of the set on, and says which is the last; -1 where it cannot be done so. */
  private countFrom(at: number, set: Uint16Array, shard: Shard, scan: BlockScan, asked: Asked | null, counter: Counter): number {
    const isWanted = (block: number): boolean => {
      const part = shard.partOf[block] as number;
      return !(shard.parts[part] as FilePart).dropped && (!asked || asked.wanted[part] === 1);
    };
    const first = set[at] as number;
    if (!isWanted(first)) return -1;
    const borders: number[] = [];
    const from = shard.starts[first] as number;
    let end = at;
    for (let last = first; end + 1 < set.length; end++) {
      const next = set[end + 1] as number;
      if (next - last > readThrough || (shard.starts[next + 1] as number) - from > this.stretch || !isWanted(next)) break;
      for (; last < next; last++) if (shard.partOf[last + 1] !== shard.partOf[last]) borders.push(shard.starts[last + 1] as number);
    }
    const before = this.matching.work;
    const counted = scan.count(counter, first, set[end] as number, borders);
    if (!counted) return -1;
    this.stretch = this.matching.work - before > costlyWork ? 0 : Math.min(countedBytes, Math.max(blockBytes, this.stretch * 2));
    this.lines += counted.lines;
    let last = at;
    for (let i = at; i <= end && (shard.starts[set[i] as number] as number) < counted.to; i++) {
      this.reading(shard, set[i] as number, asked);
      last = i;
    }
    return last;
  }

  /** A block is read: its file, too. */
  private reading(shard: Shard, block: number, asked: Asked | null): void {
    const part = shard.partOf[block] as number;
    const { path } = shard.parts[part] as FilePart;
    if (path !== this.lastRead) this.read++;
    this.lastRead = path;
    this.reach(shard, part + 1, asked);
    this.blocksRead++;
  }

  private take(found: readonly FoundLine[], scan: BlockScan, path: string, shard: number): void {
    const { most, counts } = this.question;
    for (const line of found) {
      if (this.shown < most) this.hits.push(scan.show(line, path, shard));
      else if (!counts) return;
      if (this.shown < most) this.shown++;
      this.lines++;
    }
  }

  /** One has come to the end of so many parts of the shard. */
  private reach(shard: Shard, parts: number, asked: Asked | null): void {
    this.reached = this.filesBefore + shard.filesIn(parts);
    if (asked) this.excluded = this.excludedBefore + (asked.excluded[parts] as number);
  }

  private judge(): void {
    if (this.signal?.aborted) this.ended = 'cancelled';
    else if (this.shown >= this.question.most && !this.question.counts) this.ended = 'enough';
    else if (this.matching.work > this.mostWork) this.ended = 'too-costly';
  }
}

/** The batches of an answer; the last one says how it ended. A pattern that is none of ours is refused at once. */
export function search(manifest: Manifest, shards: Iterable<Shard>, question: Question, options: SearchOptions = {}): Generator<Batch> {
  return new Search(manifest, question, options).run(shards);
}
