/** Parts of a file that lies somewhere, from memory where they were read a moment ago; and growing rows of places in it. */
import type { OpenRange } from '#kit/archive/member';
import { ArchiveError } from '#kit/archive/refused';

const pageBytes = 1_048_576;
const pagesMost = 32;

export class Window {
  readonly #open: OpenRange;
  readonly #size: number;
  readonly #pages = new Map<number, Buffer>();
  constructor(open: OpenRange, size: number) {
    [this.#open, this.#size] = [open, size];
  }

  async bytes(from: number, to: number): Promise<Buffer> {
    if (from < 0 || to > this.#size || to < from) throw new ArchiveError('The archive breaks off.', `byte ${this.#size}`);
    if (to - from > 4 * pageBytes) return this.#readPart(from, to);
    const parts: Buffer[] = [];
    for (let page = Math.floor(from / pageBytes); page * pageBytes < to; page++) {
      const bytes = await this.#page(page);
      const start = page * pageBytes;
      parts.push(bytes.subarray(Math.max(0, from - start), Math.min(pageBytes, to - start)));
    }
    return parts.length === 1 ? parts[0] as Buffer : Buffer.concat(parts);
  }

  async #page(page: number): Promise<Buffer> {
    const known = this.#pages.get(page);
    if (known) {
      // The one used last is dropped last.
      this.#pages.delete(page);
      this.#pages.set(page, known);
      return known;
    }
    const bytes = await this.#readPart(page * pageBytes, Math.min(this.#size, (page + 1) * pageBytes));
    this.#pages.set(page, bytes);
    for (const [oldest] of this.#pages) {
      if (this.#pages.size <= pagesMost) break;
      this.#pages.delete(oldest);
    }
    return bytes;
  }

  async #readPart(from: number, to: number): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    if (to > from) for await (const part of await this.#open(from, to)) parts.push(Uint8Array.from(part));
    const bytes = Buffer.concat(parts);
    if (bytes.length !== to - from) throw new ArchiveError('The archive breaks off.', `byte ${from + bytes.length}`);
    return bytes;
  }
}

/** Places in ascending order, eight bytes each. */
export class Places {
  #places = new Float64Array(1024);
  length = 0;
  push(place: number): void {
    if (this.length === this.#places.length) {
      const larger = new Float64Array(this.length * 2);
      larger.set(this.#places);
      this.#places = larger;
    }
    this.#places[this.length++] = place;
  }
  get(n: number): number {
    return this.#places[n] as number;
  }
  /** Which stands exactly there; -1 for none. */
  find(place: number): number {
    let [low, high] = [0, this.length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = this.#places[middle] as number;
      if (found === place) return middle;
      if (found < place) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }
}
