/** Lines of a byte stream with their offsets; memory is one chunk and one line. */

export interface Line {
  /** Without its newline; valid until the next line is asked for. */
  readonly bytes: Uint8Array;
  /** Offset of its first byte in the file. */
  readonly offset: number;
}

const newline = 10;

/**
 * Cuts chunks into lines. `next` answers null when the chunk is used up; `rest` is what no newline has ended yet.
 * `take` gives the bytes of the file between the last call and here, for a running digest.
 */
export class LineCutter {
  #chunk: Uint8Array = new Uint8Array(0);
  #start = 0;
  #offset = 0;
  #taken = 0;

  /** Only after `next` has answered null. */
  feed(chunk: Uint8Array): void {
    const rest = this.rest;
    if (rest.length === 0) {
      this.#chunk = chunk;
    } else {
      const joined = new Uint8Array(rest.length + chunk.length);
      joined.set(rest);
      joined.set(chunk, rest.length);
      this.#chunk = joined;
    }
    this.#taken -= this.#start;
    this.#start = 0;
  }

  next(): Line | null {
    const end = this.#chunk.indexOf(newline, this.#start);
    if (end < 0) return null;
    const line = { bytes: this.#chunk.subarray(this.#start, end), offset: this.#offset };
    this.#offset += end + 1 - this.#start;
    this.#start = end + 1;
    return line;
  }

  /** Offset of the next line. */
  get offset(): number {
    return this.#offset;
  }

  get rest(): Uint8Array {
    return this.#chunk.subarray(this.#start);
  }

  /** Bytes up to the end of the last line (or to the start of it), not taken before. */
  take(upTo: number): Uint8Array {
    const end = this.#start - (this.#offset - upTo);
    const bytes = this.#chunk.subarray(this.#taken, end);
    this.#taken = end;
    return bytes;
  }
}
