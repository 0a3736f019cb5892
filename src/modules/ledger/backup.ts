/**
 * Records that were put back from a backup, against what was published since: by the hub's own tiles, a mirror, a copy.
 * Nothing of the published log may be missing from them or different. What is missing can be got back from the entries:
 * the leaves whole, of the openings those that still wait in the outbox of the backup. The others are lost to this hub and
 * are said to be; who holds a bundle still has them.
 */
import { canonicalText } from '#kit/canonical/canonical';
import { commitmentOf, parseLeaf } from '#kit/bundle/leaf';
import { concatBytes, fromUtf8, sameBytes, toHex, toUtf8 } from '#kit/encoding';
import { nodeTreeHash } from '#kit/hash/node';
import { tileWidth } from '#kit/merkle/tiles';
import { append, rootOfFrontier } from '#kit/merkle/tree';
import type { Clock } from '#world/clock';
import type { Db, Queryable } from '#world/db/port';
import { stride } from './growth.ts';
import type { Leaf } from './growth.ts';
import { saltOf } from './log.ts';
import { LogFault, leavesOf, readLog } from './objects.ts';
import type { ReadObject } from './objects.ts';
import { contentOf } from './sequencer.ts';
import { committedRoot, lockHead, moveHead, readHead } from './head-store.ts';
import { deleteOutbox, insertBareLeaves, insertOpenings, knownKeys, outboxHead } from './store.ts';
import type { Head } from './head-store.ts';
import type { NewLeaf } from './store.ts';

export interface BackupState {
  readonly recorded: number;
  readonly published: number;
  /** Published leaves that the records lack. */
  readonly missing: number;
}

/** The leaves from `from` on, in stretches; bundles begin at a multiple of 256. */
async function* leavesAfter(read: ReadObject, from: number, size: number): AsyncGenerator<readonly Leaf[]> {
  const leaves = leavesOf(read, size);
  for (let at = from - (from % tileWidth); at < size; at += stride) {
    const some = await leaves(at, Math.min(stride, size - at));
    yield some.slice(Math.max(0, from - at));
  }
}

/** Throws a LogFault where the published log is not the records or a continuation of them. */
export async function checkBackup(db: Queryable, read: ReadObject): Promise<BackupState> {
  const { size, root } = (await readLog(read)).checkpoint;
  const head = await readHead(db);
  const state = { recorded: head.size, published: size, missing: Math.max(0, size - head.size) };
  if (size <= head.size) {
    const recorded = size === head.size ? head.root : await committedRoot(db, size);
    if (size > 0 && !recorded) throw new LogFault('checkpoint', `the records never had a head of the ${size} leaves that are published`);
    if (recorded && size > 0 && !sameBytes(recorded, root)) throw new LogFault('checkpoint', `the records have another tree of ${size} leaves`);
    return state;
  }
  let frontier: Pick<Head, 'size' | 'peaks'> = head;
  for await (const some of leavesAfter(read, head.size, size)) {
    frontier = append(nodeTreeHash, frontier, concatBytes(...some.map(({ hash }) => hash)));
  }
  if (!sameBytes(rootOfFrontier(nodeTreeHash, frontier), root)) {
    throw new LogFault('checkpoint', `the tree of ${size} that was published does not continue the ${head.size} leaves of the records`);
  }
  return state;
}

interface Waiting {
  readonly seq: string;
  readonly key: Uint8Array;
  readonly leaf: Omit<NewLeaf, 'index' | 'leaf' | 'leafHash'>;
}

/** Facts that wait in the outbox, by class and minute: some were sequenced after the backup was taken. */
async function waiting(tx: Queryable): Promise<Map<string, Waiting[]>> {
  const rows = await outboxHead(tx, 100_000);
  const contents = rows.map((row) => ({ seq: row.seq, content: contentOf(row) }));
  const keys = await knownKeys(tx, contents.map(({ content }) => content.subject));
  const found = new Map<string, Waiting[]>();
  for (const { seq, content: { minute, ...content } } of contents) {
    const key = keys.get(content.subject);
    if (!key) continue;
    const { class: name, at, subject, readers } = content;
    const slot = `${name} ${minute}`;
    found.set(slot, [...found.get(slot) ?? [], { seq, key, leaf: { class: name, at, subject, readers, fact: canonicalText(content) } }]);
  }
  return found;
}

/** The published leaves that are missing, put back into the records; checked before anything is changed. */
export async function recoverLeaves(
  parts: { readonly db: Db; readonly clock: Clock }, read: ReadObject,
): Promise<BackupState & { readonly openings: number }> {
  const state = await checkBackup(parts.db, read);
  if (state.missing === 0) return { ...state, openings: 0 };
  return parts.db.transaction(async (tx) => {
    const { epoch, ...before } = await lockHead(tx);
    if (before.size !== state.recorded) throw new Error('the records changed meanwhile: is a hub running on them?');
    let head: Head = before;
    const facts = await waiting(tx);
    let openings = 0;
    for await (const some of leavesAfter(read, head.size, state.published)) {
      const rows = some.map(({ bytes, hash }, i) => ({ index: head.size + i, leaf: fromUtf8(bytes) ?? '', leafHash: toHex(hash) }));
      await insertBareLeaves(tx, rows);
      const opened = rows.flatMap(({ index, leaf }) => {
        const parsed = parseLeaf(leaf);
        const fits = parsed && facts.get(`${parsed.class} ${parsed.time}`)?.find(({ key, leaf: { fact } }) =>
          commitmentOf(nodeTreeHash.sha256, saltOf(key, index), toUtf8(fact)) === parsed.commitment);
        return fits ? [{ ...fits.leaf, index, seq: fits.seq }] : [];
      });
      await insertOpenings(tx, opened);
      await deleteOutbox(tx, opened.map(({ seq }) => seq));
      openings += opened.length;
      const frontier = append(nodeTreeHash, head, concatBytes(...some.map(({ hash }) => hash)));
      const next = { ...frontier, root: rootOfFrontier(nodeTreeHash, frontier) };
      await moveHead(tx, head, epoch, next, parts.clock.iso());
      head = next;
    }
    return { ...state, openings };
  });
}
