/**
 * What comes one by one, handed on together: what came within so many milliseconds of the first of them, and so many at most. So whoever
 * must do something costly for each batch does it seldom, and nobody waits longer than that for the first.
 */
export interface Gathering {
  readonly most: number;
  /** Waits for what may still come to a batch that has begun. */
  readonly wait: () => Promise<void>;
}

/** Leaving the loop early ends the source. */
export async function* gathered<T>(source: AsyncIterable<T>, { most, wait }: Gathering): AsyncGenerator<T[]> {
  const items = source[Symbol.asyncIterator]();
  let next = items.next();
  const late = Symbol('late');
  let ended = false;
  try {
    while (!ended) {
      const batch: T[] = [];
      let over: Promise<typeof late> | null = null;
      while (batch.length < most) {
        const got: IteratorResult<T> | typeof late = over === null ? await next : await Promise.race([next, over]);
        if (got === late) break;
        if (got.done === true) {
          ended = true;
          break;
        }
        batch.push(got.value);
        over ??= wait().then(() => late);
        next = items.next();
      }
      if (batch.length > 0) yield batch;
    }
  } finally {
    if (!ended) {
      // Nobody wants what is on its way any more, nor hears how it fails.
      next.catch(() => undefined);
      await items.return?.();
    }
  }
}
