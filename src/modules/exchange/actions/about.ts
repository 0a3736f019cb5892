/**
 * What a later module may ask of the exchange: through which collections of others the caller reads, through which of its own something
 * may be shared, and which objects within reach are about a vulnerability. All of it passes the gate.
 */
import type { Caller, Tlp } from '#kit/endpoint';
import type { Queryable } from '#world/db/port';
import { wholeReach } from '../gate.ts';
import { rankOf } from '../rules/tlp.ts';
import { collectionsOf } from '../store/collections.ts';
import { neighboursWithin, objectWithin, questionOf, search } from '../store/objects.ts';

/** Numbers of the collections that others share with the caller, each decided now. */
export async function collectionsWithinReach(q: Queryable, caller: Caller): Promise<number[]> {
  return (await wholeReach(q, caller)).open.filter((c) => c.owner !== caller.actor.org).map((c) => c.coll);
}

/** A collection of one's own that shares with the other side of an agreement, by its id or alias; null where there is none. */
export async function ownShared(q: Queryable, org: string, id: string): Promise<{ coll: number; ceiling: number; partner: string | null } | null> {
  const found = (await collectionsOf(q, org)).find((c) => c.kind === 'shared' && (c.id === id || c.alias === id));
  return found === undefined ? null : { coll: found.coll, ceiling: rankOf(found.ceiling), partner: found.partner };
}

export interface AboutObject {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  /** How it is joined to the vulnerability; null for the object that is the vulnerability. */
  readonly relation: string | null;
  readonly tlp: Tlp | null;
}

const mostObjects = 20;
const mostNeighbours = 50;

/** Vulnerability objects of one of these names within reach, and what they are joined to as far as that is within reach too. */
export async function objectsAbout(q: Queryable, caller: Caller, names: readonly string[]): Promise<AboutObject[]> {
  const reach = await wholeReach(q, caller);
  const found = new Map<string, AboutObject>();
  for (const name of names.slice(0, mostObjects)) {
    const rows = await search(q, reach, { words: questionOf(name), type: 'vulnerability', before: null, limit: mostObjects });
    for (const { row } of rows.filter((r) => r.row.name.toUpperCase() === name.toUpperCase() && !r.row.revoked)) {
      found.set(row.id, { id: row.id, type: row.type, name: row.name, relation: null, tlp: row.tlp });
      const object = await objectWithin(q, reach, caller.actor.org, row.id);
      const joined = object ? await neighboursWithin(q, reach, object.scope, row.id, mostNeighbours) : [];
      for (const n of joined.filter((j) => j.name !== null && !found.has(j.id))) {
        found.set(n.id, { id: n.id, type: n.id.slice(0, n.id.indexOf('--')), name: n.name ?? n.id, relation: n.relation, tlp: null });
      }
    }
  }
  return [...found.values()];
}
