/** An object store in memory, with one bucket. Fails on command. */
import { ObjectsError, type Objects } from './port.ts';

export interface FakeObjects extends Objects {
  put(key: string, text: string | Uint8Array): void;
  /** What the next question fails with. */
  fail(reason: ObjectsError['reason']): void;
}

export function fakeObjects(): FakeObjects {
  const kept = new Map<string, Uint8Array>();
  const state: { failing: ObjectsError['reason'] | null } = { failing: null };
  const failNow = (): void => {
    const { failing } = state;
    state.failing = null;
    if (failing !== null) throw new ObjectsError(failing, `fake: ${failing}`);
  };
  return {
    put: (key, text) => void kept.set(key, typeof text === 'string' ? new TextEncoder().encode(text) : text),
    fail: (reason) => { state.failing = reason; },
    async list(_, prefix, after) {
      failNow();
      return [...kept].filter(([key]) => key.startsWith(prefix) && (after === null || Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0))
        .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))).slice(0, 1000).map(([key, { length }]) => ({ key, sizeBytes: length }));
    },
    async open(_, key, bytesMax) {
      failNow();
      const bytes = kept.get(key);
      if (!bytes) throw new ObjectsError('refused', 'fake: The object store answered 404 (NoSuchKey).');
      return pieces(bytes, bytesMax);
    },
  };
}

async function* pieces(bytes: Uint8Array, most: number): AsyncGenerator<Uint8Array> {
  if (bytes.length > most) throw new ObjectsError('too-large', 'fake: too large');
  yield bytes;
}
