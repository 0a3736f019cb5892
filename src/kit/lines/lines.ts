/**
 * A stream of bytes as lines with places. Lines end with LF or CRLF; a UTF-8 byte order mark at the start is dropped.
 * What is not UTF-8, holds a NUL or is longer than the bound is reported with line and byte offset and skipped;
 * everything else goes on. Memory is one chunk and one line.
 */
import { isAscii, isUtf8 } from 'node:buffer';

/** Where something begins: line from 1, byte offset from 0 in the decompressed stream. */
export interface Place {
  readonly line: number;
  readonly offset: number;
}

/** Something that cannot be taken. `rows` says how many rows it stands for in `read`: 0 for a remark on the file. */
export interface Trouble extends Place {
  /** Stable: `noun.what`. */
  readonly reason: string;
  readonly detail: string;
  readonly excerpt: string;
  readonly rows: 0 | 1;
}

export interface LineSink {
  /** `crlf` says how the line ended, for those who put lines together again. Empty lines come too. */
  line(text: string, line: number, offset: number, crlf: boolean): void;
  trouble(t: Trouble): void;
}

/** What reads a stream chunk by chunk: `push` every chunk in order, then `end` once. */
export interface Reader {
  push(chunk: Uint8Array): void;
  end(): void;
}

export const longestLine = 4 * 1_048_576;

const LF = 10;
const CR = 13;

export class LineReader implements Reader {
  private readonly sink: LineSink;
  private readonly longest: number;
  private rest: Buffer = Buffer.alloc(0);
  private offset = 0;
  private line = 1;
  private started = false;
  /** In a line that is too long: skip to its end. */
  private skipping = false;

  constructor(sink: LineSink, longest = longestLine) {
    this.sink = sink;
    this.longest = longest;
  }

  push(chunk: Uint8Array): void {
    const fresh = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let bytes = this.rest.length === 0 ? fresh : Buffer.concat([this.rest, fresh]);
    if (!this.started) {
      if (bytes.length < 3) {
        this.rest = Buffer.from(bytes);
        return;
      }
      bytes = this.begin(bytes);
    }
    this.cut(bytes);
  }

  end(): void {
    // A file of one or two bytes was held back for its byte order mark.
    if (!this.started) this.cut(this.begin(this.rest));
    const bytes = this.rest;
    this.rest = Buffer.alloc(0);
    if (this.skipping) return;
    if (bytes.length > 0) this.give(bytes, 0, bytes.length, false, isAscii(bytes), isUtf8(bytes) && !bytes.includes(0));
  }

  private begin(bytes: Buffer): Buffer {
    this.started = true;
    if (bytes[0] !== 0xef || bytes[1] !== 0xbb || bytes[2] !== 0xbf) return bytes;
    this.offset = 3;
    return bytes.subarray(3);
  }

  private cut(bytes: Buffer): void {
    const last = bytes.lastIndexOf(LF);
    if (last < 0) return this.keep(bytes);
    // One look at the whole stretch spares a look at each line, which is nearly always well formed.
    const whole = bytes.subarray(0, last + 1);
    const ascii = isAscii(whole);
    const sound = (ascii || isUtf8(whole)) && !whole.includes(0);
    let from = 0;
    while (from <= last) {
      const to = bytes.indexOf(LF, from);
      if (this.skipping) this.skipping = false;
      else {
        const crlf = to > from && bytes[to - 1] === CR;
        this.give(bytes, from, crlf ? to - 1 : to, crlf, ascii, sound);
      }
      this.offset += to + 1 - from;
      this.line += 1;
      from = to + 1;
    }
    this.keep(bytes.subarray(from));
  }

  /** Keeps an unfinished line, or starts skipping it where it grew past the bound. */
  private keep(bytes: Buffer): void {
    if (this.skipping) {
      this.offset += bytes.length;
      this.rest = Buffer.alloc(0);
      return;
    }
    if (bytes.length > this.longest) {
      this.tell('line.too-long', `the line is longer than ${this.longest} bytes`, bytes, 0, this.longest);
      this.skipping = true;
      this.offset += bytes.length;
      this.rest = Buffer.alloc(0);
      return;
    }
    this.rest = Buffer.from(bytes);
  }

  private give(bytes: Buffer, from: number, to: number, crlf: boolean, ascii: boolean, sound: boolean): void {
    if (to - from > this.longest) {
      this.tell('line.too-long', `the line is longer than ${this.longest} bytes`, bytes, from, to);
      return;
    }
    if (!sound) {
      const part = bytes.subarray(from, to);
      if (part.includes(0)) {
        this.tell('text.nul', `a NUL byte at offset ${this.offset + part.indexOf(0)}`, bytes, from, to);
        return;
      }
      if (!isUtf8(part)) {
        const at = this.offset + firstBadByte(part);
        this.tell('text.not-utf8', `not UTF-8 at offset ${at}`, bytes, from, to);
        return;
      }
    }
    this.sink.line(ascii ? bytes.toString('latin1', from, to) : bytes.toString('utf8', from, to), this.line, this.offset, crlf);
  }

  private tell(reason: string, detail: string, bytes: Buffer, from: number, to: number): void {
    const excerpt = excerptOf(bytes.toString('latin1', from, Math.min(to, from + 300)));
    this.sink.trouble({ line: this.line, offset: this.offset, reason, detail, excerpt, rows: 1 });
  }
}

/** Offset of the first byte that breaks UTF-8, by halving. */
export function firstBadByte(bytes: Buffer): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (soundPrefix(bytes, middle)) good = middle;
    else bad = middle;
  }
  return good;
}

/** Whether a prefix is UTF-8 up to a character that its end may have cut. */
function soundPrefix(bytes: Buffer, length: number): boolean {
  for (let cut = 0; cut < 4 && cut <= length; cut++) {
    if (isUtf8(bytes.subarray(0, length - cut)) && (cut === 0 || cutCharacter(bytes, length - cut, length))) return true;
  }
  return false;
}

function cutCharacter(bytes: Buffer, from: number, to: number): boolean {
  const lead = bytes[from] ?? 0;
  const size = lead >= 0xf0 && lead < 0xf5 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  if (size <= to - from || lead >= 0xf5) return false;
  for (let at = from + 1; at < to; at++) if (((bytes[at] ?? 0) & 0xc0) !== 0x80) return false;
  return true;
}

/** At most 300 characters on one line, control characters as escapes. */
export function excerptOf(text: string): string {
  const short = text.length > 300 ? `${text.slice(0, 299)}…` : text;
  return short.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff]/g, (c) =>
    `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
