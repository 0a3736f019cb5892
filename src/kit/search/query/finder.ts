/**
 * Finds where a shape stands in some lines, by looking for its rarest byte first. This is the plain way; `kernel.ts` does the same with
 * sixteen bytes at a time, and gives the same places.
 */
import type { Matching } from '../regex/matching.ts';
import { bytesIn, hasByte, lineFeed, type ByteSet } from '../regex/syntax.ts';
import { rarestOf, type Shape } from './shape.ts';

/** Used without a pause between `room` and the last `next`: whoever asks for room next takes its place. */
export interface Finder extends Counter {
  readonly shape: Shape;
  /** The first place from `from` on at which the shape's bytes stand, or -1. */
  next(from: number): number;
}

/** Counts the lines that match, of whole lines that were put where there was room. */
export interface Counter {
  room(bytes: number): Uint8Array;
  /** As many as were found when the pattern had cost so much. */
  count(mostWork: number): number;
}

/** Whether a shape stands there, in bytes with a line feed before and behind its line. */
function standsAt({ sets, before, after }: Shape, bytes: Uint8Array, from: number): boolean {
  for (let i = 0; i < sets.length; i++) if (!hasByte(sets[i] as ByteSet, bytes[from + i] as number)) return false;
  return (!before || hasByte(before, bytes[from - 1] as number)) && (!after || hasByte(after, bytes[from + sets.length] as number));
}

/** The first of some bytes from a place on, below another; -1 for none. */
type Look = (bytes: Uint8Array, from: number, to: number) => number;

function lookFor(set: ByteSet): Look {
  const [only, ...others] = bytesIn(set);
  if (only !== undefined && others.length === 0) {
    return (bytes, from, to) => {
      const at = bytes.indexOf(only, from);
      return at < to ? at : -1;
    };
  }
  return (bytes, from, to) => {
    for (let at = from; at < to; at++) if (hasByte(set, bytes[at] as number)) return at;
    return -1;
  };
}

export class PlainFinder implements Finder {
  readonly shape: Shape;
  private readonly rare: number;
  private readonly look: Look;
  /** With a line feed before the text and behind it. */
  private bytes = new Uint8Array(2);

  constructor(shape: Shape) {
    this.shape = shape;
    [this.rare] = rarestOf(shape.sets);
    this.look = lookFor(shape.sets[this.rare] as ByteSet);
  }

  room(bytes: number): Uint8Array {
    this.bytes = new Uint8Array(bytes + 2);
    this.bytes[0] = lineFeed;
    this.bytes[bytes + 1] = lineFeed;
    return this.bytes.subarray(1, bytes + 1);
  }

  next(from: number): number {
    const { bytes, shape, rare, look } = this;
    const to = bytes.length - shape.sets.length + rare;
    for (let at = from + 1 + rare; ; at++) {
      at = look(bytes, at, to);
      if (at < 0) return -1;
      if (standsAt(shape, bytes, at - rare)) return at - rare - 1;
    }
  }

  count(): number {
    let lines = 0;
    for (let place = this.next(0); place >= 0; lines++) {
      const feed = this.bytes.indexOf(lineFeed, place + 1);
      place = this.next(feed - 1);
    }
    return lines;
  }
}

/** Tries each line that holds the shape, of one that does not say all. */
export class PlainCounter implements Counter {
  private readonly finder: Finder;
  private readonly matching: Matching;
  private bytes: Uint8Array = new Uint8Array(0);

  constructor(finder: Finder, matching: Matching) {
    this.finder = finder;
    this.matching = matching;
  }

  room(bytes: number): Uint8Array {
    this.bytes = this.finder.room(bytes);
    return this.bytes;
  }

  count(mostWork: number): number {
    const { finder, matching, bytes } = this;
    let lines = 0;
    for (let place = finder.next(0); place >= 0 && matching.work <= mostWork;) {
      const feed = bytes.indexOf(lineFeed, place);
      const end = feed < 0 ? bytes.length : feed;
      if (matching.test(bytes.subarray(bytes.lastIndexOf(lineFeed, place) + 1, end))) lines++;
      place = finder.next(end);
    }
    return lines;
  }
}
