/**
 * Finds the values of an index in a stream of bytes of any format, line by line or not: a window moves over the stream, so that memory stays
 * what it is however long the stream or a line, and no value is cut where two chunks meet.
 */
import { classes, word } from './bytes.ts';
import { startKernel, type Kernel } from './kernel.ts';
import { windowAt, windowMost } from './program.ts';
import { Scan } from './scan.ts';
import { MatchIndex } from './table.ts';
import { longestValue } from './url.ts';
import type { Value, ValueKind } from './value.ts';

export interface Hit {
  /** Bytes from the beginning of the stream to the value. */
  readonly offset: number;
  /** Bytes that it has there. */
  readonly length: number;
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
const margin = 128;
const windowBytes = margin + behind + room + ahead + margin;

export class StreamMatcher {
  private readonly index: MatchIndex;
  private readonly kernel: Kernel | null;
  private readonly window: Uint8Array;
  private readonly scan: Scan;
  private filled = margin;
  private next = margin;
  /** Offset of the window's first byte in the stream. */
  private base = -margin;
  /** Within a word of more bytes than any value has. */
  private within = false;
  private hits: Hit[] = [];
  /** URLs found of late, and where. */
  private readonly urls = new Map<string, number>();

  /** What is added to the index later is not found. Without a kernel it is slower, and finds the same. */
  constructor(index: MatchIndex, kernel: (index: MatchIndex) => Kernel | null = startKernel) {
    index.seal();
    this.index = index;
    this.kernel = windowBytes <= windowMost ? kernel(index) : null;
    this.window = this.kernel?.memory.subarray(windowAt, windowAt + windowBytes) ?? new Uint8Array(windowBytes);
    // One kernel may serve one stream after the other.
    this.window.fill(0, 0, margin);
    this.scan = new Scan(index, this.window, (entry, from, to) => this.tell(entry, from, to));
  }

  private tell(entry: number, from: number, to: number): void {
    const { kind } = this.index.valueOf(entry);
    const found = new TextDecoder().decode(this.window.subarray(from, to));
    const hit: Hit = { offset: this.base + from, length: to - from, line: this.scan.line, kind, found, entry };
    if (kind === 'url' && this.wasTold(hit)) return;
    this.hits.push(hit);
  }

  /** A URL whose marks change nothing is found as it stands, and again without them. */
  private wasTold({ offset, length, entry }: Hit): boolean {
    const key = `${offset} ${length} ${entry}`;
    if (this.urls.has(key)) return true;
    if (this.urls.size > 1000) for (const [known, at] of this.urls) if (at < offset - ahead) this.urls.delete(known);
    this.urls.set(key, offset);
    return false;
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
    if (from < limit) from = this.kernel ? this.byKernel(this.kernel, from, limit) : this.scan.run(from, limit);
    this.within = from === filled;
    const moved = Math.max(0, from - behind - margin);
    window.copyWithin(0, moved, filled);
    this.scan.moved(moved);
    this.base += moved;
    this.filled -= moved;
    this.next = from - moved;
  }

  /** Up to the end of the word that holds `limit`, as `Scan.run` does. */
  private byKernel(kernel: Kernel, from: number, limit: number): number {
    const { window, filled, scan } = this;
    let to = limit;
    while (to < filled && (classes[window[to - 1] as number] as number) >= word) to++;
    scan.line = kernel.scan(from + windowAt, to + windowAt, scan.line, (place, line) => scan.at(place - windowAt, line));
    return to;
  }
}

/** All occurrences of the index's values, in about the order in which they stand. */
export async function* match(index: MatchIndex, chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Hit> {
  const matcher = new StreamMatcher(index);
  for await (const chunk of chunks) yield* matcher.push(chunk);
  yield* matcher.end();
}
