/** Bytes of a stream, as many as are asked for at a time. */
import { ArchiveError } from './refused.ts';

export class Supply {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);
  /** How many bytes were taken. */
  taken = 0;
  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }
  /** At least one byte and at most so many; null at the end. */
  async some(most: number): Promise<Buffer | null> {
    while (this.#rest.length === 0) {
      const next = await this.#chunks.next();
      if (next.done) return null;
      this.#rest = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.length);
    }
    const part = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(part.length);
    this.taken += part.length;
    return part;
  }
  /** Exactly so many; null where nothing is left at all. */
  async take(n: number): Promise<Buffer | null> {
    const parts: Buffer[] = [];
    for (let left = n; left > 0;) {
      const part = await this.some(left);
      if (part === null && left === n) return null;
      if (part === null) throw new ArchiveError('The archive breaks off.', `byte ${this.taken}`);
      parts.push(part);
      left -= part.length;
    }
    return parts.length === 1 ? parts[0] as Buffer : Buffer.concat(parts);
  }
  async pass(n: number): Promise<void> {
    for (let left = n; left > 0;) {
      const part = await this.some(left);
      if (part === null) throw new ArchiveError('The archive breaks off.', `byte ${this.taken}`);
      left -= part.length;
    }
  }
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}
