/**
 * Finds the values of an index in a stream of bytes of any format, line by line or not: a window moves over the stream, so that memory stays
 * what it is however long the stream or a line, and no value is cut where two chunks meet.
 */
import { classes, word } from './bytes.ts';
import { Scan } from './scan.ts';
import { MatchIndex } from './table.ts';
import { longestValue } from './url.ts';
import type { Value, ValueKind } from './value.ts';

export interface Hit {
  /** Bytes from the beginning of the stream to the value. */
  readonly offset: number;
  /** From 1. */
  readonly line: number;
  /** What the indicator is. */
  readonly kind: ValueKind;
  /** What stands there, as it stands there: of a domain or an address that is covered, the whole. */
  readonly found: string;
  /** The indicator's number in the index; `index.valueOf` says it. */
  readonly entry: number;
}

export function buildIndex(values: Iterable<Value>, seed?: number): MatchIndex {
  const index = new MatchIndex(seed);
  for (const value of values) index.add(value);
  index.seal();
  return index;
}

/** What is kept before what is read next, and what must have come before it is read. */
const behind = longestValue + 128;
const ahead = 3 * longestValue;
const room = 256 * 1024;
/** Room before the first byte and behind the last one, so that nothing is read outside. */
const margin = 16;

export class StreamMatcher {
  private readonly index: MatchIndex;
  private readonly window = new Uint8Array(margin + behind + room + ahead + margin);
  private readonly scan: Scan;
  private filled = margin;
  private next = margin;
  /** Offset of the window's first byte in the stream. */
  private base = -margin;
  /** Within a word of more bytes than any value has. */
  private within = false;
  private hits: Hit[] = [];

  constructor(index: MatchIndex) {
    index.seal();
    this.index = index;
    this.scan = new Scan(index, this.window, (entry, from, to) => this.tell(entry, from, to));
  }

  private tell(entry: number, from: number, to: number): void {
    this.hits.push({
      offset: this.base + from, line: this.scan.line, kind: this.index.valueOf(entry).kind,
      found: new TextDecoder().decode(this.window.subarray(from, to)), entry,
    });
  }

  private take(): Hit[] {
    const { hits } = this;
    this.hits = [];
    return hits;
  }

  /** What is found once these bytes have come; it may lie in bytes before them. */
  *push(chunk: Uint8Array): Generator<Hit> {
    let taken = 0;
    const end = this.window.length - margin;
    while (taken < chunk.length) {
      const piece = chunk.subarray(taken, taken + end - this.filled);
      this.window.set(piece, this.filled);
      this.filled += piece.length;
      taken += piece.length;
      if (this.filled === end) {
        this.read(this.filled - ahead);
        yield* this.take();
      }
    }
  }

  /** What is found in the last bytes. */
  *end(): Generator<Hit> {
    this.read(this.filled);
    yield* this.take();
  }

  private read(limit: number): void {
    const { window, filled } = this;
    window.fill(0, filled, filled + margin);
    let from = this.next;
    if (this.within) while (from < filled && (classes[window[from] as number] as number) >= word) from++;
    this.within = false;
    if (from < limit) {
      from = this.scan.run(from, limit);
      this.within = from === filled;
    } else this.within = from === filled;
    const moved = Math.max(0, from - behind - margin);
    window.copyWithin(0, moved, filled);
    this.scan.moved(moved);
    this.base += moved;
    this.filled -= moved;
    this.next = from - moved;
  }
}

/** All occurrences of the index's values, in about the order in which they stand. */
export async function* match(index: MatchIndex, chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Hit> {
  const matcher = new StreamMatcher(index);
  for await (const chunk of chunks) yield* matcher.push(chunk);
  yield* matcher.end();
}
