/**
 * Asks the decision for a caller and turns a no into the Refusal the caller may see: 404 where the object must stay
 * unknown, else 403 with the clause and whom to ask. Read afresh for each request: an ended agreement ends at once.
 */
import type { About, Actor, Allowed } from '#kit/endpoint';
import { Refusal, noSuch, type ClauseRef } from '#kit/refusal';
import type { Clock } from '#world/clock';
import type { Queryable } from '#world/db/port';
import { organisationById } from '#modules/parties/index';
import { clauseOf, decide, flatten, stopSentence, type Question } from './decide.ts';
import type { Decision } from './model.ts';
import { agreementsBetween } from './store.ts';

export type Mandate = (actor: Actor, right: string, about: About) => Promise<Allowed>;

export function mandateBy(parts: { readonly db: Queryable; readonly clock: Clock }): Mandate {
  return async (actor, right, about) => {
    // One's own record touches no other party: the role, already checked, is enough.
    if (about.owner === actor.org) return { grantIds: [], clauses: [] };
    const decision = await decisionFor(parts, { ...about, right, subject: actor.org });
    if (decision.outcome === 'allow') return { grantIds: decision.grantIds, clauses: clausesOf(decision) };
    if (!about.known) throw noSuch(about.noun);
    throw refusalOf(decision);
  };
}

export async function decisionFor(
  parts: { readonly db: Queryable; readonly clock: Clock }, question: Question,
): Promise<Decision> {
  const [agreements, subject, owner] = await Promise.all([
    agreementsBetween(parts.db, question.subject, question.owner),
    organisationById(parts.db, question.subject), organisationById(parts.db, question.owner),
  ]);
  const names = new Map([subject, owner].flatMap((o) => (o ? [[o.id, o.name] as const] : [])));
  return decide(agreements, question, parts.clock.iso(), (id) => names.get(id) ?? id);
}

export function refusalOf(decision: Decision): Refusal {
  const clause = clauseOf(decision.reason);
  return new Refusal('forbidden', `mandate.${decision.deniedBy[0] ?? 'denied'}`, stopSentence(decision.reason), {
    ...(clause ? { clause } : {}),
    ...(decision.ask ? { ask: decision.ask } : {}),
    hint: 'The agreement’s page shows who may what, and why.',
  });
}

/** The clauses that allowed, each once. */
export function clausesOf(decision: Decision): ClauseRef[] {
  const seen = new Map<string, ClauseRef>();
  for (const reason of flatten(decision.reason)) {
    if (reason.code === 'clause' && reason.holds && reason.clause) {
      seen.set(`${reason.clause.agreementId}:${reason.clause.clause}`, reason.clause);
    }
  }
  return [...seen.values()];
}
