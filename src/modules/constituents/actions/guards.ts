/**
 * The guards of blocking lists: the lists of names that the centre imports, and what an entry collides with, by them and by
 * what the registry says is a constituent's own now. A new guard list is read aside and takes its place in one step; one that
 * lacks names of the old one would let one person block what took two, so a second person agrees.
 */
import type { Actions, Caller } from '#kit/endpoint';
import { Refusal, noSuch } from '#kit/refusal';
import { asHub } from '#world/db/scope';
import type { Queryable } from '#world/db/port';
import { stateFact } from '#world/facts';
import type { blockingApi } from '../api/blocking.ts';
import type { Collision, GuardKind, GuardList } from '../model/blocking.ts';
import { bornCollisions, GuardIndex, keyOf, mostCollisions, valueOfKey, type Target } from '../rules/blocking.ts';
import { holds } from '../rules/covering.ts';
import { GuardReader, guardBytesMax, refuseGuardFile } from '../rules/guards.ts';
import { listsOf, saveCollisions, standingEntries } from '../store/blocking.ts';
import {
  countGuardKeys, countMissing, dropStale, guardHits, guardListById, guardListsOf, holdGuards, insertGuardKeys, insertGuardList,
  markGuardList, removeDroppedKeys,
} from '../store/guards.ts';
import { allAssets, constituentNames } from '../store/registry.ts';
import type { ConstituentsParts } from './parts.ts';

type All = Actions<typeof blockingApi>;
type Parts = Pick<ConstituentsParts, 'db' | 'blobs' | 'clock' | 'ids'>;

/** What each of these things collides with now, by value. */
export async function collisionsOf(
  parts: Pick<Parts, 'clock'>, q: Queryable, scope: string, targets: readonly Target[],
): Promise<(target: Target) => readonly Collision[]> {
  const keys = new Map(targets.map((t) => [keyOf(t.value), t.value]));
  const found = new Map<string, Collision[]>();
  const add = (key: string, collision: Collision): void => { found.set(key, [...(found.get(key) ?? []), collision]); };
  for (const hit of await guardHits(q, scope, [...keys.keys()])) {
    add(hit.of, { with: hit.kind, name: valueOfKey(hit.key), how: hit.how, holder: null });
  }
  const now = parts.clock.now();
  const names = new Map([...await constituentNames(q, scope)].map(([name, id]) => [id, name]));
  const assets = new GuardIndex((await allAssets(q, scope))
    .filter((a) => (a.kind === 'prefix' || a.kind === 'domain') && holds(a, now))
    .map((a) => ({ key: keyOf(a.value), of: { value: a.value, holder: names.get(a.constituent) ?? a.constituent } })));
  for (const key of keys.keys()) {
    for (const { of, how } of assets.find(key)) add(key, { with: 'constituent', name: of.value, how, holder: of.holder });
  }
  return (target) => [...bornCollisions(target), ...found.get(keyOf(target.value)) ?? []].slice(0, mostCollisions);
}

/**
 * Of values that somebody's lists would block, what guards them, never whose it is: a list, a constituent, space and suffixes that strangers
 * share. Of an address on the web its host is asked for; what is no name and no address is guarded by nothing.
 */
export async function guardedBy(
  parts: Pick<Parts, 'clock'>, q: Queryable, scope: string, values: readonly Worth[],
): Promise<(value: Worth) => readonly string[]> {
  const targets = new Map(values.flatMap((value) => {
    const target = targetOf(value);
    return target ? [[`${value.kind} ${value.value}`, target] as const] : [];
  }));
  const collisions = await collisionsOf(parts, q, scope, [...targets.values()]);
  return (value) => {
    const target = targets.get(`${value.kind} ${value.value}`);
    return target ? [...new Set(collisions(target).map((c) => c.with))] : [];
  };
}

interface Worth { readonly kind: string; readonly value: string }
const targetKinds: Readonly<Record<string, Target['kind']>> = { domain: 'domain', ipv4: 'ip', ipv6: 'ip', prefix: 'cidr' };

function targetOf({ kind, value }: Worth): Target | null {
  const known = targetKinds[kind];
  if (known !== undefined) return { kind: known, value };
  const [, host] = kind === 'url' ? /^[a-z][a-z\d+.-]*:\/\/(\[[^\]]+\]|[^/?#:]+)/.exec(value) ?? [] : [];
  return host === undefined ? null : { kind: 'url-host', value: host.replaceAll(/[[\]]/g, '') };
}

/** Keys written at once: small enough that nobody waits long for the records. */
const keysTogether = 20_000;
const chunkBytes = 65_536;

/** Reads an uploaded file whole, keeps its bytes, and writes its names aside. If we crash here it is dropped after a week. */
export async function takeGuardFile(
  parts: Parts, { person, org }: { person: string; org: string }, kind: GuardKind, file: string, body: AsyncIterable<Uint8Array>,
): Promise<GuardList> {
  const bytes = await bounded(body);
  const counted = new GuardReader(() => undefined);
  for (const chunk of chunksOf(bytes)) counted.push(chunk);
  counted.end();
  refuseGuardFile(counted);
  const { sha256 } = await parts.blobs.put(bytes);
  const list: GuardList = {
    id: parts.ids.next('blg'), kind, file, sha256, names: 0, state: 'reading', uploadedAt: parts.clock.iso(), uploadedBy: person,
    adoptedAt: null,
  };
  await insertGuardList(parts.db, org, list);
  await asHub('a million names are written by the hub, not row by row by a party', () => writeKeys(parts, list.id, bytes));
  const names = await asHub('the names that were written', () => countGuardKeys(parts.db, list.id));
  await parts.db.transaction(async (tx) => {
    await markGuardList(tx, org, list.id, { state: 'ready', names });
    await stateFact(tx, {
      class: 'guard-list.uploaded', at: parts.clock.iso(), actor: person, org, subject: list.id, readers: [], clauses: [],
      body: { kind, sha256, names },
    });
  });
  return { ...list, names, state: 'ready' };
}

async function writeKeys(parts: Pick<Parts, 'db'>, guard: string, bytes: Uint8Array): Promise<void> {
  const waiting: string[] = [];
  const reader = new GuardReader((key) => void waiting.push(key));
  const flush = async (least: number): Promise<void> => {
    while (waiting.length > least) await insertGuardKeys(parts.db, guard, waiting.splice(0, keysTogether));
  };
  for (const chunk of chunksOf(bytes)) {
    reader.push(chunk);
    await flush(keysTogether);
  }
  reader.end();
  await flush(0);
}

function* chunksOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

async function bounded(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  const count = { bytes: 0 };
  for await (const piece of body) {
    count.bytes += piece.length;
    if (count.bytes > guardBytesMax) {
      throw new Refusal('too-large', 'guard.too-large', 'A guard list is 32 MB at most.', { at: `byte ${guardBytesMax}` });
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

export function guardActions(parts: Parts): Pick<All, 'guards' | 'adoptGuard'> {
  return {
    guards: async (_, { actor }) => ({ guards: await guardListsOf(parts.db, actor.org) }),
    adoptGuard: (input, caller) => parts.db.transaction((tx) => adopt(parts, tx, input, caller)),
  };
}

async function adopt(parts: Parts, tx: Queryable, input: { guard: string; sha256: string }, caller: Caller): ReturnType<All['adoptGuard']> {
  const { person, org } = caller.actor;
  await holdGuards(tx, org, 'changing');
  const list = await guardListById(tx, org, input.guard);
  if (!list) throw noSuch('guard-list');
  if (list.state !== 'ready' || list.sha256 !== input.sha256) {
    throw new Refusal('conflict', 'guard-list.changed-meanwhile', 'This is not a guard list that waits to be taken.', {
      hint: 'Look at the guard lists again.',
    });
  }
  // More than one where a registry passed to its successor.
  const before = (await guardListsOf(tx, org)).filter((l) => l.kind === list.kind && l.state === 'adopted');
  const missing = await Promise.all(before.map((l) => countMissing(tx, l.id, list.id)));
  const lacks = missing.reduce((sum, n) => sum + n, 0);
  const agreed = lacks > 0 ? await caller.approved(tx) : null;
  const at = parts.clock.iso();
  for (const l of before) await markGuardList(tx, org, l.id, { state: 'dropped' });
  await markGuardList(tx, org, list.id, { state: 'adopted', adopted_at: at });
  const colliding = await noteCollisions(parts, tx, org);
  await stateFact(tx, {
    class: 'guard-list.adopted', at, actor: person, org, subject: list.id, readers: [], clauses: [],
    body: {
      kind: list.kind, sha256: list.sha256, names: list.names, instead: before.map((l) => l.sha256), lacks, colliding,
      ...(agreed ? { approval: agreed.approval, approvedBy: agreed.by } : {}),
    },
  });
  return { guard: { ...list, state: 'adopted', adoptedAt: at }, lacks, colliding };
}

/** What stands on any list is held against the guards anew. It stays: taking it off could let in what it was put on for. */
async function noteCollisions(parts: Parts, tx: Queryable, org: string): Promise<number> {
  const entries = [];
  for (const list of await listsOf(tx, org, parts.clock.iso())) entries.push(...await standingEntries(tx, list.id));
  const collisions = await collisionsOf(parts, tx, org, entries);
  const found = entries.map((e) => ({ id: e.id, collides: collisions(e) }));
  await saveCollisions(tx, found);
  return found.filter((f) => f.collides.length > 0).length;
}

const dayMs = 86_400_000;
/** Names removed in one statement, and in one round. */
const removedTogether = 20_000;
const removedInRound = 400_000;

/** What nobody took and what was replaced goes, piece by piece. */
export async function sweepGuards(parts: Pick<Parts, 'db' | 'clock'>): Promise<void> {
  await dropStale(parts.db, new Date(parts.clock.now() - 7 * dayMs).toISOString());
  for (let gone = 0; gone < removedInRound;) {
    const removed = await removeDroppedKeys(parts.db, removedTogether);
    if (removed === 0) return;
    gone += removed;
  }
}
