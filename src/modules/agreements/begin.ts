/**
 * What happens by the clock alone: an agreement takes effect, and what it renews ends with that; an agreement expires. Each
 * is told once, as a fact, so that others can follow. The decision reads the clock itself and waits for none of this.
 */
import type { Clock } from '#world/clock';
import type { Db, Queryable } from '#world/db/port';
import { stateFact, type Json } from '#world/facts';
import type { Agreement } from './model.ts';
import { readersOf } from './actions/parts.ts';
import { end } from './rules.ts';
import { agreementOf, agreementsToBegin, agreementsToExpire, noteTold, saveAgreement } from './store.ts';

type Parts = { readonly clock: Clock };

/** In the transaction that signs, or in the chore's: told with its fact, or told in the next round. */
export async function beginAgreement(parts: Parts, tx: Queryable, a: Agreement): Promise<void> {
  const at = parts.clock.iso();
  await noteTold(tx, a.id, 'began_at', at);
  await tell(parts, tx, a, 'agreement.began', { predecessor: a.predecessor });
  const old = a.predecessor === null ? null : await agreementOf(tx, a.authority, a.predecessor);
  if (!old || old.status === 'ended') return;
  // Whoever changed the old one at this moment goes first: the transaction is repeated by the chore.
  if (!(await saveAgreement(tx, end(old)))) throw new Error(`${old.id} changed while its renewal began`);
  await noteTold(tx, old.id, 'over_at', at);
  await tell(parts, tx, old, 'agreement.ended', { reason: 'superseded', successor: a.id });
}

/** One round: everything that began or expired since the last one. */
export async function followTheClock(parts: Parts & { readonly db: Db }): Promise<void> {
  await parts.db.transaction(async (tx) => {
    const now = parts.clock.iso();
    for (const a of await agreementsToBegin(tx, now)) await beginAgreement(parts, tx, a);
    for (const a of await agreementsToExpire(tx, now)) {
      await noteTold(tx, a.id, 'over_at', now);
      await tell(parts, tx, a, 'agreement.expired', { expiresOn: a.expiresOn, zone: a.zone });
    }
  });
}

async function tell(parts: Parts, tx: Queryable, a: Agreement, fact: string, body: Readonly<Record<string, Json>>): Promise<void> {
  await stateFact(tx, {
    class: fact, at: parts.clock.iso(), actor: 'system', org: a.authority, subject: a.id,
    readers: await readersOf(tx, a), clauses: [], body,
  });
}
