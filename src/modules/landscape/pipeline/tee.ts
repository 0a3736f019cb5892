/**
 * One source read by two, at the pace of the slower: the parser, and the store that keeps the raw bytes. What the parser
 * leaves unread still reaches the store, and the store is told of the end only once the rows are in: it keeps no bytes of a file
 * that was not taken.
 */

/** Chunks that the store may lag behind. */
const lag = 8;

export class Tee {
  private readonly source: AsyncIterator<Uint8Array>;
  private readonly queue: Uint8Array[] = [];
  private ended = false;
  private kept = false;
  private failure: { error: unknown } | null = null;
  private wakeCopy: (() => void) | null = null;
  private wakeMain: (() => void) | null = null;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.source = source[Symbol.asyncIterator]();
  }

  /** One side has failed: the other fails with it. */
  stop(error: unknown): void {
    this.failure ??= { error };
    this.wakeMain?.();
    this.wakeCopy?.();
  }

  /** All rows of it are in: the store may have the end. */
  keep(): void {
    this.kept = true;
    this.wakeCopy?.();
  }

  /** The parser's side. */
  async *main(): AsyncGenerator<Uint8Array> {
    for (let chunk = await this.next(); chunk !== null; chunk = await this.next()) yield chunk;
  }

  /** Reads what the parser left, for the store. */
  async finish(): Promise<void> {
    while (await this.next() !== null);
  }

  private async next(): Promise<Uint8Array | null> {
    while (this.queue.length >= lag && this.failure === null) {
      await new Promise<void>((resolve) => { this.wakeMain = resolve; });
    }
    if (this.failure !== null) throw this.failure.error;
    if (this.ended) return null;
    try {
      const step = await this.source.next();
      if (step.done) this.ended = true;
      else this.queue.push(step.value);
      return step.done ? null : step.value;
    } catch (error) {
      this.failure ??= { error };
      throw error;
    } finally {
      this.wakeCopy?.();
    }
  }

  /** The store's side: ends with the source once it is kept, fails with it. */
  async *copy(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.queue.shift();
      if (chunk !== undefined) {
        this.wakeMain?.();
        yield chunk;
      } else if (this.failure !== null) {
        throw this.failure.error;
      } else if (this.ended && this.kept) {
        return;
      } else {
        await new Promise<void>((resolve) => { this.wakeCopy = resolve; });
      }
    }
  }
}
