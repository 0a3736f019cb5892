/** Where a bundle is wrong, and reading its lines so that each problem has a place. */
import type { RunningDigest } from '#kit/hash/port';
import { LineCutter } from './lines.ts';
import type { Line } from './lines.ts';
import { maxLineBytes } from './plan.ts';

export interface Place {
  /** `file`, `checkpoint`, `edge`, `tile 0/12`, `entry 123`, `opening 123` or `seal`. */
  readonly what: string;
  /** Leaf index, where it is about one. */
  readonly entry: number | null;
  /** The wrong bytes lie from here, */
  readonly offset: number;
  /** over this many. */
  readonly length: number;
}

/** The bundle is not what it claims to be. */
export class BundleFailure extends Error {
  override readonly name = 'BundleFailure';
  readonly place: Place;
  constructor(place: Place, why: string) {
    super(why);
    this.place = place;
  }
}

/** Lines of a bundle, and the digest of the bytes that were read. */
export class BundleReader {
  readonly #cutter = new LineCutter();
  readonly #chunks: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  readonly #digest: RunningDigest;
  #unread: Line | null = null;
  /** The digest was taken: what follows is the seal, which it does not cover. */
  #closed = false;

  constructor(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, digest: RunningDigest) {
    this.#chunks = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
    this.#digest = digest;
  }

  /** The next line if it has been read already; else ask `more`. Two steps, since most lines need no waiting. */
  ready(): Line | null {
    const line = this.#unread ?? this.#cutter.next();
    this.#unread = null;
    return line;
  }

  /** Gives the line read last back, for whoever reads next. */
  unread(line: Line): void {
    this.#unread = line;
  }

  /** The next line; a file that ends before it is a failure. */
  async more(what: string, entry: number | null): Promise<Line> {
    for (;;) {
      const line = this.#cutter.next();
      if (line) return line;
      if (this.#cutter.rest.length > maxLineBytes) this.fail(what, entry, this.#cutter, 'a line is too long');
      if (!await this.#feed()) this.fail(what, entry, this.#cutter, `the file ends before ${what} is complete`);
    }
  }

  async line(what: string, entry: number | null = null): Promise<Line> {
    return this.ready() ?? await this.more(what, entry);
  }

  async #feed(): Promise<boolean> {
    const passed = this.#cutter.take(this.#cutter.offset);
    if (!this.#closed) this.#digest.update(passed);
    const { done, value } = await this.#chunks.next();
    if (done) return false;
    this.#cutter.feed(value);
    return true;
  }

  /** SHA-256 of every byte before this offset, which must be the start of the line read last. Asked once. */
  digestBefore(offset: number): Uint8Array {
    this.#digest.update(this.#cutter.take(offset));
    this.#closed = true;
    return this.#digest.digest();
  }

  /** Fails unless the file ends here. */
  async end(): Promise<void> {
    const { offset } = this.#cutter;
    for (;;) {
      const more = this.#cutter.rest.length;
      if (more) throw new BundleFailure({ what: 'file', entry: null, offset, length: more }, 'bytes follow the end');
      const { done, value } = await this.#chunks.next();
      if (done) return;
      this.#cutter.feed(value);
    }
  }

  /** Lets the source close its file when reading stops early. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  /** Fails at this line, or at what no newline has ended. */
  fail(what: string, entry: number | null, at: Line | LineCutter, why: string): never {
    const length = at instanceof LineCutter ? at.rest.length : at.bytes.length + 1;
    throw new BundleFailure({ what, entry, offset: at.offset, length }, why);
  }
}
