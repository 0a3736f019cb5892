/**
 * The day's totals, signed: how many leaves of each class the log took in, over a range of leaves that follows on the range
 * of the day before. Leaves and classes are public, so anyone counts them again from the entries; nothing of any content is
 * in it. Ranges leave no gap: the totals of all days are those of the whole log.
 *
 * If we crash before a summary is kept, the next round makes it; two replicas that make one at once keep the first.
 */
import { parseLeaf } from '#kit/bundle/leaf';
import { concatBytes, fromBase64, fromDecimal, fromUtf8, sameBytes, toBase64 } from '#kit/encoding';
import { nodeTreeHash, nodeVerifying } from '#kit/hash/node';
import { consistencyProof, verifyConsistency } from '#kit/merkle/proofs';
import { TileGrower, edgeWidths, hashesAtLevel, tileWidth } from '#kit/merkle/tiles';
import { formatNote, parseNote, signNote, verifyNote } from '#kit/note/note';
import type { Policy } from '#kit/note/policy';
import type { Clock } from '#world/clock';
import type { Db } from '#world/db/port';
import { dayAt, keepDay, lastDay } from './day-store.ts';
import { rootOfPartials, stride } from './growth.ts';
import { committedRoot, storedCheckpoint } from './head-store.ts';
import type { LogSigner } from './log.ts';
import { LogFault, leavesOf, readLog, tilesOf } from './objects.ts';
import type { ReadObject } from './objects.ts';
import { leavesFrom } from './store.ts';

const magic = 'entente-ledger-day/v1';

export interface Day {
  readonly origin: string;
  /** `2026-01-31`, UTC. */
  readonly day: string;
  /** Leaves [from, to). */
  readonly from: number;
  readonly to: number;
  /** Root of the tree of `to` leaves. */
  readonly root: Uint8Array;
  /** By class, in the order of their names. */
  readonly counts: readonly (readonly [name: string, count: number])[];
}

export function formatDay({ origin, day, from, to, root, counts }: Day): string {
  const lines = counts.map(([name, count]) => `${name} ${count}\n`).join('');
  return `${magic}\n${origin}\n${day}\n${from} ${to}\n${toBase64(root)}\n${lines}`;
}

/** The summary that a note's text spells, or null; what is read is spelt back the same. */
export function parseDay(text: string): Day | null {
  const [first, origin = '', day = '', range = '', rootText = '', ...lines] = text.slice(0, -1).split('\n');
  const [, fromText = '', toText = ''] = /^(\d+) (\d+)$/.exec(range) ?? [];
  const [from, to, root] = [fromDecimal(fromText), fromDecimal(toText), fromBase64(rootText)];
  if (first !== magic || !/^\d{4}-\d\d-\d\d$/.test(day) || from === null || to === null || root?.length !== 32) return null;
  const counts = lines.map((line) => {
    const [, name = '', count = ''] = /^(\S+) (\d+)$/.exec(line) ?? [];
    return [name, fromDecimal(count) ?? 0] as const;
  });
  const read: Day = { origin, day, from, to, root, counts };
  return formatDay(read) === text ? read : null;
}

const byName = (totals: ReadonlyMap<string, number>): Day['counts'] => [...totals].sort(([a], [b]) => (a < b ? -1 : 1));

function add(totals: Map<string, number>, leaf: string): void {
  const name = parseLeaf(leaf)?.class ?? 'unreadable';
  totals.set(name, (totals.get(name) ?? 0) + 1);
}

interface DayParts {
  readonly db: Db;
  readonly clock: Clock;
  readonly signer: LogSigner;
}

/** Makes the summary of the last day that is over, unless it is there. A hub that was off makes one for all it missed. */
export async function summarise({ db, clock, signer }: DayParts): Promise<void> {
  const over = new Date(clock.now() - 86_400_000).toISOString().slice(0, 10);
  const [last, stored] = [await lastDay(db), await storedCheckpoint(db)];
  if (!stored || (last && last.day >= over)) return;
  const [from, to] = [last?.to ?? 0, stored.size];
  const totals = new Map<string, number>();
  for (let at = from; at < to; at += stride) {
    for (const { leaf } of await leavesFrom(db, at, Math.min(stride, to - at))) add(totals, leaf);
  }
  const root = to === 0 ? nodeTreeHash.sha256(new Uint8Array(0)) : await committedRoot(db, to);
  if (!root) throw new Error(`no head of ${to} was ever committed`);
  const text = formatDay({ origin: signer.key.name, day: over, from, to, root, counts: byName(totals) });
  await keepDay(db, { day: over, from, to, note: formatNote(await signNote(text, [signer])) });
}

/** The signed summary of a day, or null where there is none. */
export async function dayNote(db: Db, day: string): Promise<string | null> {
  return (await dayAt(db, day))?.note ?? null;
}

export interface CheckedDay {
  readonly day: Day;
  readonly leaves: number;
}

/**
 * Counts again what a summary says, from the published entries of `read`, and holds its tree against the log's. Throws a
 * LogFault where it does not hold.
 */
export async function checkDay(bytes: Uint8Array, read: ReadObject, policy: Policy): Promise<CheckedDay> {
  const note = parseNote(bytes);
  const day = note && parseDay(note.text);
  if (!note || !day) throw new LogFault('summary', 'it is not a signed summary of a day');
  const keys = policy.logs.filter((key) => key.name === day.origin);
  const signed = await verifyNote(nodeVerifying, note, keys);
  if (!signed.ok) throw new LogFault('summary', keys.length ? signed.why : `the policy names no log ${day.origin}`);
  const { checkpoint: { origin, size, root } } = await readLog(read);
  if (origin !== day.origin || size < day.to) throw new LogFault('checkpoint', `it is not of ${day.origin} with ${day.to} leaves`);
  const proof = await consistencyProof(nodeTreeHash, day.to, size, tilesOf(read));
  const sha256 = (of: Uint8Array) => nodeTreeHash.sha256(of);
  if (!await verifyConsistency(sha256, { from: day.to, fromRoot: day.root, to: size, toRoot: root }, proof)) {
    throw new LogFault('summary', 'its tree is no beginning of the log');
  }
  const totals = new Map<string, number>();
  const leaves = leavesOf(read, size);
  const grower = new TileGrower(nodeTreeHash, day.from, await edgeAt(read, day.from));
  for (let at = day.from - (day.from % tileWidth); at < day.to; at += stride) {
    const some = (await leaves(at, Math.min(stride, day.to - at))).slice(Math.max(0, day.from - at));
    for (const { bytes: leaf } of some) add(totals, fromUtf8(leaf) ?? '');
    grower.append(concatBytes(...some.map(({ hash }) => hash)), () => undefined);
  }
  // The root binds both the tiles before the range and every entry in it.
  if (!sameBytes(rootOfPartials(day.to, grower.partials()), day.root)) throw new LogFault('summary', 'its tree is not that of the entries');
  const counted = formatDay({ ...day, counts: byName(totals) });
  if (counted !== note.text) throw new LogFault('summary', 'its totals are not those of its leaves');
  return { day, leaves: day.to - day.from };
}

/** The partial tiles of the tree of this size, level 0 first. */
async function edgeAt(read: ReadObject, size: number): Promise<Uint8Array[]> {
  const tiles = tilesOf(read);
  return Promise.all(edgeWidths(size).map((width, level) => {
    const index = Math.floor(hashesAtLevel(size, level) / tileWidth);
    return width === 0 ? new Uint8Array(0) : tiles({ level, index, width });
  }));
}
