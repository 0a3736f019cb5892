/** An exchange for tests and benchmarks: one holder with its library, makers of objects, and a caller who may what its roles say. */
import type { Actor, Caller } from '#kit/endpoint';
import type { Db } from '#world/db/port';
import { asHub } from '#world/db/scope';
import { offerOf } from './actions/offers.ts';
import type { Offer } from './rules/versions.ts';
import { rankOf } from './rules/tlp.ts';
import { collectionsOf, insertCollection, ownCollections, sourceNamed, type CollectionRecord, type NewCollection } from './store/collections.ts';
import { take, type Taken } from './store/log.ts';

export const holder = 'org_holder';
const began = '2026-01-01T00:00:00.000Z';

export const uuidAt = (n: number): string => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;

export function indicator(n: number, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    type: 'indicator', spec_version: '2.1', id: `indicator--${uuidAt(n)}`, created: began, modified: began, name: `Indicator ${n}`,
    pattern: `[ipv4-addr:value = '10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}']`, pattern_type: 'stix', valid_from: began,
    object_marking_refs: ['marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb'], ...more,
  };
}

export function offered(object: Readonly<Record<string, unknown>>, receivedUs = 0): Offer {
  const read = offerOf(object, JSON.stringify(object), { definitions: () => undefined, unmarked: 'GREEN', receivedUs });
  if ('refused' in read) throw new Error(read.refused);
  return read.offer;
}

/** Who calls for the holder; nothing of another's is asked for. */
export const callerOf = (org = holder, person = 'per_one'): Caller => ({
  actor: { person, org, roles: ['duty-officer'], via: 'session', credential: 'x' } satisfies Actor, traceId: 't', address: '',
  until: new AbortController().signal, holds: () => undefined, approved: () => Promise.reject(new Error('not asked here')),
  may: () => Promise.resolve({ grantIds: [], clauses: [] }), reply: { setSession: () => undefined, clearSession: () => undefined },
});

export interface Shelf {
  readonly library: CollectionRecord;
  readonly shared: CollectionRecord;
  /** Takes offers in as the holder's own, in one transaction; `before` runs within it, before the commit. */
  take(offers: readonly Offer[], nowUs: () => number, before?: () => Promise<void>): Promise<Taken>;
}

/** A library, and one collection that is shared up to AMBER. */
export async function openShelf(db: Db, newId: () => string, more: Partial<NewCollection> = {}): Promise<Shelf> {
  return asHub('a shelf for tests', async () => {
    const own = await db.transaction((tx) => ownCollections(tx, holder, newId, 'per_one', began));
    const shared = await db.transaction((tx) => insertCollection(tx, {
      id: newId(), kind: 'shared', title: 'Shared', description: '', alias: null, owner: holder, agreement: 'agr_one', partner: 'org_partner',
      ceiling: 'AMBER', types: null, accepts: false, openedAt: began, openedBy: 'per_one', ...more,
    }));
    const source = await sourceNamed(db, holder, { id: 'src_own', kind: 'own', name: 'own', org: holder }, began);
    const rules = (await collectionsOf(db, holder)).map((c) => ({ coll: c.coll, kind: c.kind, ceiling: rankOf(c.ceiling), types: c.types }));
    return {
      library: own.library, shared,
      take: (offers, nowUs, before) => asHub('a delivery for tests', () => db.transaction(async (tx) => {
        const taken = await take(tx, { scope: holder, source: source.id, creators: new Set(), own: true, rules, nowUs, eyes: [], by: 'per_one' }, offers);
        await before?.();
        return taken;
      })),
    };
  });
}
