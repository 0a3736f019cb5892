/**
 * One JSON document as a whole (RFC 8259), for formats that are no list of rows: kept up to a bound, checked to be text, and the
 * elements of its inner lists cut out with their places, so that what is wrong with one can be found in the file.
 */
import { isUtf8 } from 'node:buffer';
import { excerptOf, type Place, type Reader, type Trouble } from './lines.ts';

export interface DocumentSink {
  /** Once at most; without its byte order mark. */
  document(text: string): void;
  trouble(t: Trouble): void;
}

export const longestDocument = 32 * 1_048_576;

export class DocumentReader implements Reader {
  private readonly sink: DocumentSink;
  private readonly longest: number;
  private chunks: Buffer[] = [];
  private size = 0;

  constructor(sink: DocumentSink, longest = longestDocument) {
    this.sink = sink;
    this.longest = longest;
  }

  push(chunk: Uint8Array): void {
    this.size += chunk.length;
    // What is too long is not kept, only counted.
    if (this.size > this.longest) this.chunks = [];
    else this.chunks.push(Buffer.from(chunk));
  }

  end(): void {
    if (this.size === 0) return;
    if (this.size > this.longest) {
      return this.tell('json.too-long', `the document has more than ${this.longest} bytes`, '', 0);
    }
    const bytes = Buffer.concat(this.chunks);
    this.chunks = [];
    const nul = bytes.indexOf(0);
    if (!isUtf8(bytes)) return this.tell('text.not-utf8', 'the document is not UTF-8', bytes.subarray(0, 300).toString('latin1'), firstBad(bytes));
    if (nul >= 0) return this.tell('text.nul', 'the document holds a NUL', bytes.subarray(nul, nul + 300).toString('utf8'), nul, bytes);
    this.sink.document(bytes.toString('utf8').replace(/^\ufeff/, ''));
  }

  private tell(reason: string, detail: string, excerpt: string, offset: number, bytes?: Buffer): void {
    let line = 1;
    if (bytes !== undefined) for (let at = bytes.indexOf(10); at >= 0 && at < offset; at = bytes.indexOf(10, at + 1)) line += 1;
    this.sink.trouble({ line, offset, reason, detail, excerpt: excerptOf(excerpt), rows: 1 });
  }
}

/** Offset of the first byte that belongs to no character. */
function firstBad(bytes: Buffer): number {
  let [good, bad] = [0, bytes.length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    // A cut within a character is no fault of the text: three more bytes back there is a whole one.
    const whole = [0, 1, 2, 3].some((back) => isUtf8(bytes.subarray(0, Math.max(0, middle - back))) && middle - back > good);
    if (whole) good = middle;
    else bad = middle;
  }
  return good;
}

/** Names and numbers from the top of a document to a value. */
export type Path = readonly (string | number)[];

/** An element of a list within a document, as its own text. */
export interface Element extends Place {
  readonly path: Path;
  readonly text: string;
}

/**
 * The elements of all lists that `wanted` names by their paths, in the order of the text, which must be sound JSON (it was parsed).
 */
export function* elementsOf(text: string, wanted: (path: Path) => boolean): Generator<Element> {
  const place = placesIn(text);
  for (const { path, from, to } of new Walk(text).values([], 0, wanted)) yield { path, text: text.slice(from, to), ...place(from) };
}

/** The values of a text one after the other, as `{...} {...}`; the last runs to the end where it does not close. */
export function* valuesOf(text: string): Generator<Omit<Element, 'path'>> {
  const walk = new Walk(text);
  const place = placesIn(text);
  for (let at = walk.blank(0); at < text.length;) {
    const end = walk.over(at);
    yield { text: text.slice(at, end), ...place(at) };
    at = walk.blank(end);
  }
}

/** Lines and byte offsets of positions that only grow, each part of the text counted once. */
function placesIn(text: string): (position: number) => Place {
  let [line, offset, done] = [1, 0, 0];
  return (position) => {
    for (let at = text.indexOf('\n', done); at >= 0 && at < position; at = text.indexOf('\n', at + 1)) line += 1;
    offset += Buffer.byteLength(text.slice(done, position), 'utf8');
    done = position;
    return { line, offset };
  };
}

interface Found { readonly path: Path; readonly from: number; readonly to: number }

/** Lists that are asked for lie higher; what is deeper is passed over without being looked into. */
const deepest = 16;

class Walk {
  private readonly text: string;
  /** Where the last value ended. */
  private end = 0;
  constructor(text: string) {
    this.text = text;
  }

  * values(path: Path, from: number, wanted: (path: Path) => boolean): Generator<Found> {
    const at = this.blank(from);
    if (path.length > deepest) this.end = this.over(at);
    else if (this.text[at] === '{') yield* this.object(path, at, wanted);
    else if (this.text[at] === '[') yield* this.list(path, at, wanted);
    else this.end = this.scalar(at);
  }

  private * object(path: Path, from: number, wanted: (path: Path) => boolean): Generator<Found> {
    let at = this.blank(from + 1);
    while (this.text[at] === '"') {
      const close = this.scalar(at);
      const name = JSON.parse(this.text.slice(at, close)) as string;
      yield* this.values([...path, name], this.blank(close) + 1, wanted);
      at = this.blank(this.end);
      if (this.text[at] === ',') at = this.blank(at + 1);
    }
    this.end = at + 1;
  }

  private * list(path: Path, from: number, wanted: (path: Path) => boolean): Generator<Found> {
    const asked = wanted(path);
    let at = this.blank(from + 1);
    for (let i = 0; at < this.text.length && this.text[at] !== ']'; i++) {
      const here = [...path, i];
      if (asked) {
        // What is given out whole is not looked into.
        this.end = this.over(at);
        yield { path: here, from: at, to: this.end };
      } else {
        yield* this.values(here, at, wanted);
      }
      at = this.blank(this.end);
      if (this.text[at] === ',') at = this.blank(at + 1);
    }
    this.end = at + 1;
  }

  /** End of any value, by its brackets. */
  over(from: number): number {
    let depth = 0;
    for (let at = from; at < this.text.length;) {
      const c = this.text[at];
      if (c === '{' || c === '[') depth += 1;
      if (c === '}' || c === ']') depth -= 1;
      at = c === '{' || c === '[' || c === '}' || c === ']' || c === ',' || c === ':' ? at + 1 : this.scalar(at);
      if (depth <= 0) return at;
      at = this.blank(at);
    }
    return this.text.length;
  }

  /** End of a string, number or word. */
  scalar(from: number): number {
    if (this.text[from] !== '"') {
      let at = from + 1;
      while (at < this.text.length && !/[,\]}\s]/.test(this.text[at] ?? '')) at += 1;
      return at;
    }
    for (let at = from + 1; at < this.text.length; at++) {
      const c = this.text.charCodeAt(at);
      if (c === 92) at += 1;
      else if (c === 34) return at + 1;
    }
    return this.text.length;
  }

  blank(from: number): number {
    let at = from;
    for (let c = this.text.charCodeAt(at); c === 32 || c === 10 || c === 13 || c === 9; c = this.text.charCodeAt(at)) at += 1;
    return at;
  }
}
