/**
 * Checks a whole log anew and names the first place that is wrong: the checkpoint's signatures by a policy, every entry
 * against the tiles, every tile against those below it, all of it against the root; and, at the hub, the records against
 * all of that. Reads in order, holds one tile a level and a stretch of leaves.
 */
import { commitmentOf, minuteOf, parseLeaf } from '#kit/bundle/leaf';
import { concatBytes, sameBytes, toHex, toUtf8 } from '#kit/encoding';
import { nodeTreeHash, nodeVerifying } from '#kit/hash/node';
import { TileGrower, tilePath } from '#kit/merkle/tiles';
import type { BuiltTile } from '#kit/merkle/tiles';
import { append, emptyFrontier, hashBytes, rootOfFrontier } from '#kit/merkle/tree';
import { verifyCheckpoint } from '#kit/note/proof';
import type { Policy } from '#kit/note/policy';
import type { Queryable } from '#world/db/port';
import { rootOfPartials, stride } from './growth.ts';
import type { Leaf } from './growth.ts';
import { saltOf } from './log.ts';
import { LogFault, leavesOf, readLog, tilesOf } from './objects.ts';
import type { ReadLog, ReadObject } from './objects.ts';
import { headsBetween, readHead } from './head-store.ts';
import { recordsFrom } from './store.ts';
import type { RecordedLeaf } from './store.ts';

export interface Checked {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
  /** Names of the keys that signed, by the policy; null where there was none. */
  readonly signedBy: readonly string[] | null;
}

/** Refuses by what the policy says; without one only the form was checked. */
async function signersOf({ note, checkpoint }: ReadLog, policy: Policy | null): Promise<string[] | null> {
  if (!policy) return null;
  const verdict = await verifyCheckpoint(nodeVerifying, note, checkpoint, policy);
  if (!verdict.ok) throw new LogFault('checkpoint', verdict.why);
  return verdict.by.map((key) => key.name);
}

/** Throws a LogFault where a tile is not the one that the leaves make. */
async function checkTile(read: ReadObject, { level, index, hashes }: BuiltTile): Promise<void> {
  const id = { level, index, width: hashes.length / hashBytes };
  const found = await tilesOf(read)(id);
  if (sameBytes(found, hashes)) return;
  const at = Array.from({ length: id.width }, (_, i) => i).find((i) =>
    !sameBytes(found.subarray(i * hashBytes, (i + 1) * hashBytes), hashes.subarray(i * hashBytes, (i + 1) * hashBytes))) ?? 0;
  if (level === 0) {
    throw new LogFault(`entry ${index * 256 + at}`, `it does not have the hash that ${tilePath(id)} holds for it`);
  }
  throw new LogFault(tilePath(id), `its hash ${at} is not the head of the tile below it`);
}

/** Checks everything that is published. `each` is told every stretch of leaves, in order, once its tiles were found right. */
export async function checkObjects(
  read: ReadObject, policy: Policy | null, each: (first: number, leaves: readonly Leaf[]) => Promise<void> = async () => undefined,
): Promise<Checked> {
  const log = await readLog(read);
  const { origin, size, root } = log.checkpoint;
  const signedBy = await signersOf(log, policy);
  const leaves = leavesOf(read, size);
  const grower = new TileGrower(nodeTreeHash);
  for (let at = 0; at < size; at += stride) {
    const some = await leaves(at, Math.min(stride, size - at));
    const full: BuiltTile[] = [];
    grower.append(concatBytes(...some.map(({ hash }) => hash)), (tile) => full.push(tile));
    for (const tile of full) await checkTile(read, tile);
    await each(at, some);
  }
  const partials = grower.partials();
  for (const tile of partials) await checkTile(read, tile);
  if (!sameBytes(rootOfPartials(size, partials), root)) throw new LogFault('checkpoint', 'the leaves do not give its root');
  return { origin, size, root, signedBy };
}

/** An opening against its leaf: the commitment, the class and the minute. */
function checkOpening({ index, leaf, opening }: RecordedLeaf): void {
  const place = `opening ${index}`;
  const parsed = parseLeaf(leaf);
  if (!parsed) throw new LogFault(`record ${index}`, 'it is not a leaf');
  if (!opening) return;
  const { text, subjectKey, readers } = opening;
  const fact = JSON.parse(text) as { class: string; at: string; readers: string[] };
  if (fact.class !== parsed.class || minuteOf(fact.at) !== parsed.time) throw new LogFault(place, 'it is of another class or time');
  if ([...fact.readers].sort().join() !== [...readers].sort().join()) throw new LogFault(place, 'other readers are recorded than it names');
  const commitment = commitmentOf(nodeTreeHash.sha256, saltOf(subjectKey, index), toUtf8(text));
  if (commitment !== parsed.commitment) throw new LogFault(place, 'it is not what its leaf committed to');
}

/**
 * Checks the records of the hub against themselves and against what is published: leaves, openings and readers, every head
 * that was ever committed, the head now. Answers how many leaves have an opening.
 */
export async function checkRecords(db: Queryable, read: ReadObject): Promise<{ readonly size: number; readonly openings: number }> {
  const head = await readHead(db);
  const published = (await readLog(read)).checkpoint;
  const entries = leavesOf(read, published.size);
  let frontier = emptyFrontier;
  let openings = 0;
  for (let at = 0; at < head.size; at += stride) {
    const count = Math.min(stride, head.size - at);
    const rows = await recordsFrom(db, at, count);
    const shown = at < published.size ? await entries(at, Math.min(count, published.size - at)) : [];
    const hashes = rows.map((row, i) => {
      checkOpening(row);
      if (row.opening) openings++;
      const hash = nodeTreeHash.leaf(toUtf8(row.leaf));
      if (toHex(hash) !== row.leafHash) throw new LogFault(`record ${row.index}`, 'its recorded hash is not its hash');
      const entry = shown[i];
      if (entry && !sameBytes(entry.bytes, toUtf8(row.leaf))) throw new LogFault(`record ${row.index}`, 'another leaf was published for it');
      return hash;
    });
    let done = at;
    for (const { size, root } of await headsBetween(db, at, at + count)) {
      frontier = append(nodeTreeHash, frontier, concatBytes(...hashes.slice(done - at, size - at)));
      done = size;
      if (!sameBytes(rootOfFrontier(nodeTreeHash, frontier), root)) throw new LogFault(`head ${size}`, 'the records do not give its root');
    }
    frontier = append(nodeTreeHash, frontier, concatBytes(...hashes.slice(done - at)));
  }
  if (!sameBytes(rootOfFrontier(nodeTreeHash, frontier), head.root)) throw new LogFault('head', 'the records do not give its root');
  return { size: head.size, openings };
}
