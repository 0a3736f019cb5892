/**
 * The elements of one JSON array (RFC 8259), chunk by chunk, each as its own text with its place, so that a file of
 * millions costs the memory of one. Elements are cut, not parsed. Where brackets or strings do not close, the element
 * is reported, and reading goes on at the next thing that looks like one.
 */
import { isUtf8 } from 'node:buffer';
import { excerptOf, type Reader, type Trouble } from './lines.ts';

export interface ElementSink {
  element(text: string, line: number, offset: number): void;
  trouble(t: Trouble): void;
}

export const longestElement = 1_048_576;

type State = 'start' | 'between' | 'after' | 'dead';

export class ElementReader implements Reader {
  private readonly sink: ElementSink;
  private rest: Buffer = Buffer.alloc(0);
  /** Offset in the stream of `rest`'s first byte, and its line. */
  private offset = 0;
  private line = 1;
  private state: State = 'start';

  constructor(sink: ElementSink) {
    this.sink = sink;
  }

  push(chunk: Uint8Array): void {
    const fresh = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const bytes = this.rest.length === 0 ? fresh : Buffer.concat([this.rest, fresh]);
    const used = this.read(bytes, false);
    this.advance(bytes, used);
    this.rest = Buffer.from(bytes.subarray(used));
  }

  end(): void {
    const bytes = this.rest;
    this.rest = Buffer.alloc(0);
    const used = this.read(bytes, true);
    this.advance(bytes, used);
    if (this.state !== 'after' && this.state !== 'dead') {
      this.tell('json.truncated', 'the array is not closed', bytes, used, bytes.length, 0);
    }
  }

  /** Reads as far as it can; answers how many bytes are done with. */
  private read(bytes: Buffer, last: boolean): number {
    let at = 0;
    while (at < bytes.length) {
      if (this.state === 'dead') return bytes.length;
      const byte = bytes[at] as number;
      if (byte === 32 || byte === 9 || byte === 10 || byte === 13) {
        at += 1;
      } else if (this.state === 'start') {
        at = this.opening(bytes, at);
        if (at < 0) return 0;
      } else if (this.state === 'after') {
        this.tellAt(bytes, at, 'json.after-array', 'something follows the end of the array', bytes.length, 1);
        this.state = 'dead';
      } else if (byte === 44) {
        at += 1;
      } else if (byte === 93) {
        this.state = 'after';
        at += 1;
      } else {
        const next = this.element(bytes, at, last);
        if (next < 0) return at;
        at = next;
      }
    }
    return at;
  }

  private opening(bytes: Buffer, at: number): number {
    if (bytes[at] === 0xef) {
      if (bytes.length < at + 3) return -1;
      return at + 3;
    }
    if (bytes[at] === 91) {
      this.state = 'between';
      return at + 1;
    }
    this.tellAt(bytes, at, 'json.no-array', 'the file does not begin with an array', bytes.length, 1);
    this.state = 'dead';
    return bytes.length;
  }

  /** One element from `at`: gives it out and answers its end; -1 where more bytes are needed. */
  private element(bytes: Buffer, at: number, last: boolean): number {
    const end = elementEnd(bytes, at);
    if (end > at) {
      this.give(bytes, at, end);
      return end;
    }
    if (end === 0 && bytes[at] !== 125 && !last && bytes.length - at <= longestElement) return -1;
    const open = end < 0 ? 'a line ends inside a string' : 'its brackets or strings are not closed';
    const why = bytes[at] === 125 ? 'a bracket closes nothing' : open;
    const next = nextStart(bytes, at + 1);
    if (next < 0 && !last && bytes.length - at <= 2 * longestElement) return -1;
    const stop = next < 0 ? bytes.length : next;
    this.tellAt(bytes, at, 'json.unclosed', why, stop, 1);
    return stop;
  }

  private give(bytes: Buffer, from: number, to: number): void {
    const part = bytes.subarray(from, to);
    if (to - from > longestElement) return this.tellAt(bytes, from, 'json.too-long', 'an element over 1 MiB', to, 1);
    if (!isUtf8(part)) return this.tellAt(bytes, from, 'text.not-utf8', 'not UTF-8', to, 1);
    if (part.includes(0)) return this.tellAt(bytes, from, 'text.nul', 'a NUL byte', to, 1);
    const place = this.placeOf(bytes, from);
    this.sink.element(part.toString('utf8', 0, part.length), place.line, place.offset);
  }

  private tellAt(bytes: Buffer, at: number, reason: string, detail: string, to: number, rows: 0 | 1): void {
    const place = this.placeOf(bytes, at);
    const excerpt = excerptOf(bytes.toString('latin1', at, Math.min(to, at + 300)));
    this.sink.trouble({ ...place, reason, detail: `${detail} (offset ${place.offset})`, excerpt, rows });
  }

  private tell(reason: string, detail: string, bytes: Buffer, from: number, to: number, rows: 0 | 1): void {
    const excerpt = excerptOf(bytes.toString('latin1', from, Math.min(to, from + 300)));
    this.sink.trouble({ line: this.line, offset: this.offset, reason, detail, excerpt, rows });
  }

  private marked = { bytes: null as Buffer | null, at: 0, line: 0 };

  /** Line and offset of a byte of the current stretch; lines are counted forward from the last asked place. */
  private placeOf(bytes: Buffer, at: number): { line: number; offset: number } {
    if (this.marked.bytes !== bytes || this.marked.at > at) this.marked = { bytes, at: 0, line: this.line };
    const mark = this.marked;
    for (let lf = bytes.indexOf(10, mark.at); lf >= 0 && lf < at; lf = bytes.indexOf(10, lf + 1)) mark.line += 1;
    mark.at = at;
    return { line: mark.line, offset: this.offset + at };
  }

  private advance(bytes: Buffer, used: number): void {
    this.line = this.placeOf(bytes, used).line;
    this.offset += used;
    this.marked = { bytes: null, at: 0, line: 0 };
  }
}

/** End of the element that starts at `at`; 0 where the bytes end first; -1 where a string holds a line end. */
function elementEnd(bytes: Buffer, at: number): number {
  let depth = 0;
  for (let i = at; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    if (byte === 34) {
      i += 1;
      for (; i < bytes.length; i++) {
        const inner = bytes[i] as number;
        if (inner === 34) break;
        if (inner === 92) i += 1;
        else if (inner === 10) return -1;
      }
      if (i >= bytes.length) return 0;
    } else if (byte === 123 || byte === 91) {
      depth += 1;
    } else if (byte === 125 || byte === 93) {
      if (depth === 0) return i;
      depth -= 1;
      if (depth === 0) return i + 1;
    } else if (depth === 0 && byte === 44) {
      return i;
    }
  }
  return 0;
}

/** The next `{` that follows `},` or a line's beginning: where a reader who lost the thread picks it up. */
function nextStart(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(123, from); at >= 0; at = bytes.indexOf(123, at + 1)) {
    let back = at - 1;
    let fresh = false;
    while (back >= from && isBlank(bytes[back] as number)) {
      if (bytes[back] === 10) fresh = true;
      back -= 1;
    }
    if (fresh) return at;
    if (bytes[back] !== 44) continue;
    back -= 1;
    while (back >= from && isBlank(bytes[back] as number)) back -= 1;
    if (bytes[back] === 125) return at;
  }
  return -1;
}

function isBlank(byte: number): boolean {
  return byte === 32 || byte === 9 || byte === 10 || byte === 13;
}
