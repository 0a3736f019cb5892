/** What somebody adds to a collection, by TAXII or from a page: it enters the library of whoever holds it, by the source that the adder is there. */
import type { Caller } from '#kit/endpoint';
import type { ClauseRef } from '#kit/refusal';
import { asHub } from '#world/db/scope';
import { sourceNamed, type CollectionRecord } from '../store/collections.ts';
import { deliver, type Piece, type Report } from './intake.ts';
import type { ExchangeParts } from './parts.ts';

/** The holder's library is seen by no partner: after the gate's yes, what a partner does to it is the hub's own work. */
export const forHolder = <T>(own: boolean, work: () => Promise<T>): Promise<T> => (own ? work() : asHub('a partner adds to what another holds', work));

export interface Addition { readonly caller: Caller; readonly into: CollectionRecord; readonly clauses: readonly ClauseRef[] }

/** The caller has been let write by the gate, under these clauses. */
export function addTo(parts: ExchangeParts, { caller, into, clauses }: Addition, pieces: AsyncIterable<Piece>): Promise<Report> {
  const { actor, until } = caller;
  const own = into.owner === actor.org;
  return forHolder(own, async () => {
    const source = await sourceNamed(parts.db, into.owner, {
      id: parts.ids.next('src'), ...own ? { kind: 'own', name: 'own' } : { kind: 'partner', name: actor.org }, org: actor.org,
    }, parts.clock.iso());
    return deliver(parts, {
      scope: into.owner, source, actor, clauses, own, into, unmarked: into.ceiling, confirm: () => until.throwIfAborted(),
    }, pieces);
  });
}
