/**
 * One question for all who ask in the same turn of the event loop: it begins after the last of them has asked, so that nobody gets an answer
 * that is older than the asking.
 */
export function together<T>(ask: () => Promise<T>): () => Promise<T> {
  const state: { waiting: Promise<T> | null } = { waiting: null };
  return () => state.waiting ??= new Promise((resolve, reject) => {
    setImmediate(() => {
      state.waiting = null;
      ask().then(resolve, reject);
    });
  });
}
