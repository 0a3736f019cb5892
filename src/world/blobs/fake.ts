/** Blobs in memory, for tests: fails by name, with or without having done what it was asked. */
import { createHash } from 'node:crypto';
import { checkObjectName, isSha256 } from './names.ts';
import type { Blobs } from './port.ts';

export type BlobsMethod = 'put' | 'size' | 'open' | 'discard' | 'write' | 'read' | 'list' | 'remove';

export interface FakeBlobs extends Blobs {
  /**
   * Makes the next call of this method (on this object name, where one is given) throw: `failAndForget` before it did
   * anything, `failButPersist` after it had done everything.
   */
  fail(method: BlobsMethod, how: 'failAndForget' | 'failButPersist', name?: string): void;
  /** Object names in the order of writing, removals as `-name`. */
  readonly journal: readonly string[];
  /** Named objects as they stand. */
  readonly objects: ReadonlyMap<string, Uint8Array>;
}

interface Order { readonly method: BlobsMethod; readonly how: string; readonly name: string | undefined }

export function fakeBlobs(): FakeBlobs {
  const contents = new Map<string, Uint8Array>();
  const objects = new Map<string, Uint8Array>();
  const journal: string[] = [];
  const orders: Order[] = [];
  const claims = new Map<string, number>();
  const doing = async <T>(method: BlobsMethod, name: string | undefined, work: () => T | Promise<T>): Promise<T> => {
    const at = orders.findIndex((o) => o.method === method && (o.name === undefined || o.name === name));
    const [order] = at < 0 ? [] : orders.splice(at, 1);
    if (order?.how === 'failAndForget') throw new Error(`blobs fail as told: ${method} ${name ?? ''}, nothing done`);
    const result = await work();
    if (order) throw new Error(`blobs fail as told: ${method} ${name ?? ''}, but it is done`);
    return result;
  };
  const write = (name: string, bytes: Uint8Array): Promise<void> => doing('write', name, () => {
    checkObjectName(name);
    objects.set(name, new Uint8Array(bytes));
    journal.push(name);
  });
  return {
    journal,
    objects,
    fail: (method, how, name) => { orders.push({ method, how, name }); },
    put: (content) => doing('put', undefined, async () => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of content instanceof Uint8Array ? [content] : content) chunks.push(new Uint8Array(chunk));
      const bytes = new Uint8Array(Buffer.concat(chunks));
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      contents.set(sha256, bytes);
      return { sha256, sizeBytes: bytes.length };
    }),
    size: (sha256) => doing('size', sha256, () => (isSha256(sha256) ? contents.get(sha256)?.length ?? null : null)),
    open: (sha256, from = 0, to = Infinity) => doing('open', sha256, () => {
      const bytes = isSha256(sha256) ? contents.get(sha256)?.subarray(from, Math.max(from, to)) : undefined;
      return bytes ? (async function* one() { if (bytes.length > 0) yield bytes; })() : null;
    }),
    discard: (sha256) => doing('discard', sha256, () => { contents.delete(sha256); }),
    write,
    async writeAll(all) {
      for (const [name, bytes] of all) await write(name, bytes);
    },
    async replace(name, bytes, fence) {
      checkObjectName(name);
      if (!fence.holds() || fence.epoch < (claims.get(name) ?? 0)) return false;
      await write(name, bytes);
      return true;
    },
    async claim(name, epoch) {
      checkObjectName(name);
      // The last claim counts: records that were put back begin again at a lower epoch, alone.
      claims.set(name, epoch);
    },
    read: (name) => doing('read', name, () => {
      checkObjectName(name);
      return objects.get(name) ?? null;
    }),
    list: (prefix) => doing('list', prefix, () => [...objects.keys()].filter((n) => n.startsWith(prefix)).sort()),
    remove: (name) => doing('remove', name, () => {
      checkObjectName(name);
      if (objects.delete(name)) journal.push(`-${name}`);
    }),
  };
}
