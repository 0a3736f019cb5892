/**
 * Ports that a simulated process dies through. A plan says at which write from now on it dies, before it or after it; from
 * then on every port of that process is dead, as the memory of a killed process is. What was committed stays, for the next
 * process to find.
 */
import type { KyselyPlugin } from 'kysely';
import type { Blobs } from '#world/blobs/port';
import type { Db, Queryable } from '#world/db/port';

export class Crash extends Error {}

export interface Life {
  /** Dies at the write that is `writes` writes away; `after` says whether that write is still done. */
  doom(writes: number, after: boolean): void;
  /** No death planned any more. */
  spare(): void;
  readonly dead: boolean;
  /** Where it died, for the counts: `statement`, `commit`, `blob`. */
  readonly diedIn: string | null;
  /** A write is about to be done or has just been done; throws where this is the end. */
  step(where: string, done: boolean): void;
  /** Throws where the process is dead. */
  alive(): void;
}

export function newLife(): Life {
  const plan = { left: -1, after: false };
  const state: { dead: boolean; diedIn: string | null } = { dead: false, diedIn: null };
  const alive = (): void => {
    if (state.dead) throw new Crash('this process is dead');
  };
  return {
    get dead() { return state.dead; },
    get diedIn() { return state.diedIn; },
    doom: (writes, after) => { Object.assign(plan, { left: writes, after }); },
    spare: () => { plan.left = -1; },
    alive,
    step(where, done) {
      alive();
      if (plan.left < 0) return;
      if (!done) plan.left -= 1;
      if (plan.left !== 0 || plan.after !== done) return;
      Object.assign(state, { dead: true, diedIn: where });
      throw new Crash(`killed ${done ? 'after' : 'before'} a ${where}`);
    },
  };
}

const writing = new Set(['InsertQueryNode', 'UpdateQueryNode', 'DeleteQueryNode', 'MergeQueryNode']);

/** Each statement that writes is a place to die, before it and after it. */
function pluginOf(life: Life): KyselyPlugin {
  const writes = new WeakSet<object>();
  return {
    transformQuery({ node, queryId }) {
      life.alive();
      if (writing.has(node.kind)) {
        writes.add(queryId);
        life.step('statement', false);
      }
      return node;
    },
    async transformResult({ result, queryId }) {
      if (writes.has(queryId)) life.step('statement', true);
      return result;
    },
  };
}

export function mortalDb(db: Db, life: Life): Db {
  const plugin = pluginOf(life);
  const mortal = (q: Queryable): Queryable => ({ ...q, as: <T>() => q.as<T>().withPlugin(plugin) });
  return {
    ...db, ...mortal(db),
    async transaction(work) {
      life.alive();
      const result = await db.transaction(async (tx) => {
        const done = await work(mortal(tx));
        life.step('commit', false);
        return done;
      });
      life.step('commit', true);
      return result;
    },
  };
}

export function mortalBlobs(blobs: Blobs, life: Life, written: (name: string, bytes: Uint8Array) => void): Blobs {
  const around = async <T>(work: () => Promise<T>): Promise<T> => {
    life.step('blob', false);
    const result = await work();
    life.step('blob', true);
    return result;
  };
  const reading = async <T>(work: () => Promise<T>): Promise<T> => {
    life.alive();
    return work();
  };
  return {
    put: (content) => around(() => blobs.put(content)),
    write: (name, bytes) => around(async () => {
      written(name, bytes);
      await blobs.write(name, bytes);
    }),
    // Several at once are in no order: one after the other is one of the orders, with a place to die between each two.
    async writeAll(objects) {
      for (const [name, bytes] of objects) await around(() => blobs.write(name, bytes));
    },
    replace: (name, bytes, fence) => around(() => {
      written(name, bytes);
      return blobs.replace(name, bytes, fence);
    }),
    claim: (name, epoch) => around(() => blobs.claim(name, epoch)),
    remove: (name) => around(() => blobs.remove(name)),
    size: (sha256) => reading(() => blobs.size(sha256)),
    open: (sha256, from, to) => reading(() => blobs.open(sha256, from, to)),
    discard: (sha256) => around(() => blobs.discard(sha256)),
    read: (name) => reading(() => blobs.read(name)),
    list: (prefix) => reading(() => blobs.list(prefix)),
  };
}
