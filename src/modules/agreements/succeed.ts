/**
 * A succession takes effect, in one transaction of the caller's: agreements, people and their keys, introductions, the
 * readers of the record. Whatever later modules hold passes in the same transaction (`passOn`), so that there is no moment
 * between; if we crash, none of it is done and the next round does it.
 */
import type { Clock } from '#world/clock';
import type { Queryable } from '#world/db/port';
import { stateFact } from '#world/facts';
import { passOnReaders } from '#modules/ledger/index';
import { retireOrganisation } from '#modules/parties/index';
import { passOnDuties } from './decide/obligation-store.ts';
import { documentSha256Of } from './document.ts';
import { succeed } from './rules/succeeding.ts';
import { agreementsOf, noteTold, saveAgreement } from './store.ts';
import { dueSuccession, saveSuccession } from './successions-store.ts';
import type { Succession } from './succession.ts';

export type PassOn = (tx: Queryable, from: string, to: string) => Promise<void>;

/** Lets the next due succession take effect; null where none is due. */
export async function succeedNext(parts: { readonly clock: Clock }, tx: Queryable, passOn: PassOn): Promise<Succession | null> {
  const at = parts.clock.iso();
  const due = await dueSuccession(tx, at);
  if (!due) return null;
  const done: Succession = { ...due, state: 'effective', tookEffectAt: at };
  await saveSuccession(tx, done);
  const others = new Set<string>();
  const agreements: string[] = [];
  for (const before of await agreementsOf(tx, due.from)) {
    const next = succeed(before, due, at, documentSha256Of);
    if (next === before) continue;
    // Whoever changed it at this moment goes first: the next round begins anew.
    if (!(await saveAgreement(tx, next))) throw new Error(`${before.id} changed while a succession took effect`);
    const readers = [before.authority, before.counterpart, due.to];
    readers.forEach((org) => others.add(org));
    agreements.push(next.id);
    const ended = next.status === 'ended';
    if (ended) await noteTold(tx, next.id, 'over_at', at);
    await stateFact(tx, {
      class: ended ? 'agreement.ended' : 'agreement.succeeded', at, actor: 'system', org: due.to, subject: next.id, readers, clauses: [],
      body: { from: due.from, to: due.to, succession: due.id, status: next.status, documentSha256: next.documentSha256,
        ...(ended ? { reason: 'both sides are one organisation' } : {}) },
    });
  }
  const people = await retireOrganisation(tx, due.from, due.to);
  await passOnReaders(tx, due.from, due.to);
  const duties = await passOnDuties(tx, due.from, due.to);
  await passOn(tx, due.from, due.to);
  await stateFact(tx, {
    class: 'succession.took-effect', at, actor: 'system', org: due.to, subject: due.id, readers: [due.from, ...others], clauses: [],
    body: { from: due.from, to: due.to, agreements, duties, retired: people },
  });
  return done;
}
