/**
 * Reads blocks of a shard, in pieces where they are long, and tells each line that matches with its number, its place and as much of
 * its text as one wants to show. Memory does not depend on the length of a line.
 */
import type { FileEncoding } from '../index/encodings.ts';
import type { FilePart } from '../index/layout.ts';
import type { Shard } from '../index/shard.ts';
import type { Matching, Span } from '../regex/matching.ts';
import { lineFeed } from '../regex/syntax.ts';
import type { Counter, Finder } from './finder.ts';
import { kernelBytes } from './kernel-program.ts';

/** Read at once, and what a finder can hold: a block is rarely longer. */
const pieceBytes = kernelBytes;
/** Between two looks at what the pattern has cost so far. */
const stepBytes = 8192;
/** Of a line that is shown, and of one that is looked through for the place of its match. */
export const shownBytes = 400;
const lookedAtBytes = 64 * 1024;

export interface Hit {
  readonly path: string;
  /** Which of the index's shards. */
  readonly shard: number;
  readonly block: number;
  /** Number of the line within its file, from 1. */
  readonly line: number;
  /** Whether the line is of the file's bytes, or of its text in UTF-8. */
  readonly encoding: FileEncoding;
  /** Where the line begins in the file, and where the match that is shown stands in the line, in bytes; null where it is not known. */
  readonly offset: number;
  readonly match: Span | null;
  /** A part of the line, and where in it this part begins. */
  readonly text: Uint8Array;
  readonly textFrom: number;
  /** Whether the line goes on behind it. */
  readonly cut: boolean;
}

/** A line that matched, before its text is read. */
export interface FoundLine {
  readonly block: number;
  readonly line: number;
  /** Places in the shard's text: of the line, and of a byte before which a match ends. */
  readonly start: number;
  readonly at: number;
  /** Where the match stands in the line, where the finder has told it already. */
  readonly span: Span | null;
}

export class BlockScan {
  private readonly shard: Shard;
  private readonly matching: Matching;
  bytesRead = 0;
  private found: FoundLine[] = [];
  /** The text that the finder holds, until anything else is read: what is found in it is shown from there. */
  private held: { readonly from: number; readonly bytes: Uint8Array } | null = null;
  private readonly mostWork: number;
  private readonly finder: Finder | null;

  constructor(shard: Shard, matching: Matching, finder: Finder | null, mostWork: number) {
    this.shard = shard;
    this.finder = finder;
    this.matching = matching;
    this.mostWork = mostWork;
  }

  /** The matching lines of one block, piece by piece. */
  *lines(block: number): Generator<readonly FoundLine[]> {
    const { shard } = this;
    const [from, to] = [shard.starts[block] as number, shard.starts[block + 1] as number];
    const { fromLine } = shard.parts[shard.partOf[block] as number] as FilePart;
    const state = { block, line: fromLine + (shard.linesBefore[block] as number) + 1, start: from, span: null };
    if (this.finder && to - from <= pieceBytes) {
      this.found = [];
      this.around(this.finder, from, to, state);
      yield this.found;
      return;
    }
    this.held = null;
    this.matching.begin();
    for (let at = from; at < to; at += pieceBytes) {
      const end = Math.min(to, at + pieceBytes);
      this.found = [];
      this.piece(at, end, state, end === to);
      yield this.found;
    }
  }

  /**
   * How many lines match of some blocks, which follow one another and are read at once, and up to which place: `borders` are those where
   * files begin among them, and a file whose last line has no line feed ends it. Null where they cannot be read at once.
   */
  count(counter: Counter, first: number, last: number, borders: readonly number[]): { readonly lines: number; readonly to: number } | null {
    const from = this.shard.starts[first] as number;
    let to = this.shard.starts[last + 1] as number;
    if (to - from > pieceBytes) return null;
    this.held = null;
    const bytes = this.loaded(counter, from, to);
    const open = borders.find((border) => bytes[border - from - 1] !== lineFeed);
    if (open !== undefined) this.loaded(counter, from, to = open);
    return { lines: counter.count(this.mostWork), to };
  }

  private loaded(counter: Counter, from: number, to: number): Uint8Array {
    const bytes = counter.room(to - from);
    this.shard.textInto(from, bytes);
    this.bytesRead += bytes.length;
    return bytes;
  }

  /** Of a block that is read at once only those lines are tried that hold what every match holds. */
  private around(finder: Finder, from: number, to: number, state: { readonly block: number; line: number; start: number }): void {
    const bytes = this.loaded(finder, from, to);
    this.held = { from, bytes };
    const { whole, exact, sets } = finder.shape;
    let counted = 0;
    for (let place = finder.next(0); place >= 0 && this.matching.work <= this.mostWork;) {
      for (let feed = bytes.indexOf(lineFeed, counted); feed >= 0 && feed < place; feed = bytes.indexOf(lineFeed, feed + 1)) {
        state.line++;
        state.start = from + feed + 1;
      }
      counted = place;
      const feed = bytes.indexOf(lineFeed, place);
      const end = feed < 0 ? bytes.length : feed;
      const at = whole ? place + sets.length : this.matchIn(bytes, state.start - from, end);
      if (at >= 0) {
        const span = exact ? { from: from + place - state.start, to: from + at - state.start } : null;
        this.found.push({ block: state.block, line: state.line, start: state.start, at: from + at, span });
      }
      place = finder.next(end);
    }
  }

  /** A place in this line before which a match ends, or -1. */
  private matchIn(bytes: Uint8Array, from: number, to: number): number {
    let found = -1;
    this.matching.begin();
    this.matching.feed(bytes, from, to, (at) => {
      found = at;
    });
    return found < 0 && this.matching.end() ? to : found;
  }

  private piece(from: number, to: number, state: { readonly block: number; line: number; start: number; readonly span: null }, last: boolean): void {
    const bytes = this.shard.text(from, to);
    this.bytesRead += bytes.length;
    let counted = 0;
    /** Walks over the line feeds before a place. */
    const count = (until: number): void => {
      for (let at = bytes.indexOf(lineFeed, counted); at >= 0 && at < until; at = bytes.indexOf(lineFeed, at + 1)) {
        state.line++;
        state.start = from + at + 1;
      }
      counted = Math.max(counted, until);
    };
    for (let at = 0; at < bytes.length; at += stepBytes) {
      this.matching.feed(bytes, at, Math.min(bytes.length, at + stepBytes), (place) => {
        count(place);
        this.found.push({ ...state, at: from + place });
      });
      if (this.matching.work > this.mostWork) return;
    }
    if (last && bytes[bytes.length - 1] !== lineFeed && this.matching.end()) {
      count(bytes.length);
      this.found.push({ ...state, at: to });
    } else if (!last) count(bytes.length);
  }

  private text(from: number, to: number): Uint8Array {
    const { held, shard } = this;
    return held && from >= held.from && to <= held.from + held.bytes.length ? held.bytes.subarray(from - held.from, to - held.from) : shard.text(from, to);
  }

  /** What is shown of a line, before the next lines are looked for. Of one that is long the match that ends first is shown, looked for within some KiB. */
  show({ block, line, start, at, span: known }: FoundLine, path: string, number: number): Hit {
    const { shard, matching } = this;
    const blockEnd = shard.starts[block + 1] as number;
    const windowFrom = at - start > lookedAtBytes ? at - lookedAtBytes : start;
    let windowTo = Math.min(blockEnd, at + shownBytes);
    let bytes = this.text(windowFrom, windowTo);
    let feed = bytes.indexOf(lineFeed, at - windowFrom);
    if (feed < 0 && windowTo < blockEnd) {
      windowTo = Math.min(blockEnd, Math.max(at, windowFrom + lookedAtBytes) + shownBytes);
      bytes = this.text(windowFrom, windowTo);
      feed = bytes.indexOf(lineFeed, at - windowFrom);
    }
    const whole = feed >= 0 || windowTo === blockEnd;
    const shown = feed < 0 ? bytes : bytes.subarray(0, feed);
    const before = windowFrom - start;
    const span = before === 0 && known ? known : before === 0 && whole ? matching.first(shown) : matching.endingAt(shown, at - windowFrom, before > 0 ? 1 : 0);
    const anchor = span?.from ?? at - windowFrom;
    const textFrom = anchor + shownBytes / 2 > shownBytes ? Math.max(0, Math.min(anchor - shownBytes / 4, shown.length - shownBytes)) : 0;
    const text = new Uint8Array(shown.subarray(textFrom, textFrom + shownBytes));
    const part = shard.parts[shard.partOf[block] as number] as FilePart;
    return {
      path, shard: number, block, line, encoding: part.encoding, offset: start - (shard.starts[part.firstBlock] as number) + part.fromByte,
      match: span && { from: span.from + before, to: span.to + before },
      text, textFrom: textFrom + before, cut: !whole || textFrom + text.length < shown.length,
    };
  }
}
