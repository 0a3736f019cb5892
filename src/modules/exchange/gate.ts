/**
 * The one gate. A *reach* says which collections somebody may read, and only this file makes one: every read path of the module
 * (TAXII, search, look-up, export, history, counts, graph, feeds) takes it, so none can forget to ask. It is made of decisions of the
 * agreements, asked anew for each request.
 */
import { sql, type RawBuilder } from 'kysely';
import type { Actor, Allowed, Caller, Tlp } from '#kit/endpoint';
import { noSuch, nullIfRefused } from '#kit/refusal';
import type { Queryable } from '#world/db/port';
import { collectionById, collectionsAround, type CollectionRecord } from './store/collections.ts';
import { tlpLabels } from './model/exchange.ts';
import { rankOf } from './rules/tlp.ts';

/** What somebody may read. Its private mark keeps every other file from making one. */
class Made {
  readonly #made = true;
  /** Collections of which every entry may be read. */
  readonly open: readonly CollectionRecord[];
  /** Collections of which one may read what one is named for. */
  readonly eyes: readonly CollectionRecord[];
  readonly person: string;
  constructor({ person }: Pick<Actor, 'person'>, collections: readonly CollectionRecord[]) {
    this.open = collections.filter((c) => c.kind !== 'eyes');
    this.eyes = collections.filter((c) => c.kind === 'eyes');
    this.person = person;
  }
  static isOne(value: object): boolean {
    return #made in value;
  }
}
export type Reach = Made;

/** What of something shared a decision is about. */
export type Shared = Pick<CollectionRecord, 'owner' | 'id' | 'ceiling'>;

/** Asks for a right on what another organisation shares: for every label that the collection may carry, the highest first. */
export async function mayUse(caller: Pick<Caller, 'may'>, right: 'threat.read' | 'threat.share', collection: Shared): Promise<Allowed> {
  const about = { owner: collection.owner, kind: 'threat', id: collection.id, purpose: 'incident-response', level: 3, known: false,
    noun: 'collection' } as const;
  const allowed = await caller.may(right, { ...about, tlp: collection.ceiling });
  // One's own record: all of it.
  if (allowed.labels === undefined) return allowed;
  const wanted = tlpLabels.slice(0, rankOf(collection.ceiling) + 1);
  if (!wanted.every((label: Tlp) => allowed.labels?.includes(label))) throw noSuch('collection');
  return allowed;
}

const lets = async (caller: Caller, right: 'threat.read' | 'threat.share', shared: Shared): Promise<boolean> =>
  await mayUse(caller, right, shared).catch(nullIfRefused) !== null;

/** Whether the caller may see what another shares so, or it is its own. */
export const maySee = async (caller: Caller, shared: Shared): Promise<boolean> =>
  shared.owner === caller.actor.org || await lets(caller, 'threat.read', shared);

export interface Access { readonly read: boolean; readonly write: boolean }

/** What the caller may do with a collection: its own as its roles let it, another's as the agreement between them says. */
export async function accessTo(caller: Caller, collection: CollectionRecord): Promise<Access> {
  if (collection.owner === caller.actor.org) return { read: true, write: collection.kind !== 'eyes' };
  const read = await lets(caller, 'threat.read', collection);
  const write = collection.accepts && await lets(caller, 'threat.share', collection);
  return { read, write };
}

/** One collection, for reading. Throws what one that never was would answer. */
export async function reachInto(q: Queryable, caller: Caller, id: string): Promise<{ reach: Reach; collection: CollectionRecord; access: Access }> {
  const collection = await collectionById(q, caller.actor.org, id);
  if (!collection || collection.closedAt !== null) throw noSuch('collection');
  const access = await accessTo(caller, collection);
  if (!access.read && !access.write) throw noSuch('collection');
  return { reach: new Made(caller.actor, access.read ? [collection] : []), collection, access };
}

/** Everything that the caller may read: its own, and what others share with it under agreements in force. */
export async function wholeReach(q: Queryable, caller: Caller): Promise<Reach> {
  const { actor } = caller;
  const { own, others } = await collectionsAround(q, actor.org);
  const open: CollectionRecord[] = [];
  for (const collection of others) {
    if (await lets(caller, 'threat.read', collection)) open.push(collection);
  }
  return new Made(actor, [...own, ...open]);
}

/** The condition that is true of exactly the entries within a reach; `entry` is what the statement calls exchange_entry. */
export function within(reach: Reach, entry = 'e'): RawBuilder<boolean> {
  if (!Made.isOne(reach)) throw new Error('a reach that the gate did not make');
  const e = sql.ref(`${entry}.coll`);
  const open = reach.open.map((c) => c.coll);
  const eyes = reach.eyes.map((c) => c.coll);
  const named = sql`exists (select 1 from exchange_named x where x.obj = ${sql.ref(`${entry}.obj`)} and x.person = ${reach.person})`;
  if (eyes.length === 0) return sql<boolean>`${e} = any(${open}::int[])`;
  return sql<boolean>`(${e} = any(${open}::int[]) or (${e} = any(${eyes}::int[]) and ${named}))`;
}

/** What one shares oneself, for a hub that sends it on: the collection of one's own that is open, and nothing else. */
export async function reachOfShared(q: Queryable, org: string, id: string): Promise<{ reach: Reach; collection: CollectionRecord } | null> {
  const collection = await collectionById(q, org, id);
  if (!collection || collection.owner !== org || collection.kind !== 'shared' || collection.closedAt !== null) return null;
  return { reach: new Made({ person: '' }, [collection]), collection };
}
