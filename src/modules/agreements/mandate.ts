/**
 * Asks the decision for a caller and turns a no into the Refusal the caller may see: 404 where the object must stay
 * unknown, else 403 with the clause and whom to ask. Read afresh for each request: an ended agreement ends at once.
 */
import type { About, Actor, Allowed } from '#kit/endpoint';
import { Refusal, noSuch, type ClauseRef } from '#kit/refusal';
import type { Clock } from '#world/clock';
import type { Queryable } from '#world/db/port';
import { organisationById } from '#modules/parties/index';
import { clauseOf, explain, flatten, stopOf } from './decide/explain.ts';
import { compilePolicy } from './decide/policy.ts';
import type { Asker, Request } from './decide/request.ts';
import type { Decision } from './model.ts';
import { agreementsBetween } from './store.ts';

export type Mandate = (actor: Actor, right: string, about: About, from?: { readonly address: string }) => Promise<Allowed>;

interface Parts {
  readonly db: Queryable;
  readonly clock: Clock;
}

export function mandateBy(parts: Parts): Mandate {
  return async (actor, right, about, from) => {
    // One's own record touches no other party: the role, already checked, is enough.
    if (about.owner === actor.org) return { grantIds: [], clauses: [] };
    const { purpose, ...resource } = about;
    const decision = await decisionFor(parts, { actor: askerOf(actor, from?.address), action: right, resource, purpose });
    if (decision.outcome === 'allow') return { grantIds: decision.grantIds, clauses: clausesOf(decision) };
    if (!about.known) throw noSuch(about.noun);
    throw refusalOf(decision);
  };
}

/** A caller as the decision knows one. Every session begins with a passkey and user verification; no token does. */
export function askerOf(actor: Actor, address?: string): Asker {
  return { org: actor.org, person: actor.person, roles: actor.roles, mfa: actor.via === 'session', address };
}

export async function decisionFor(parts: Parts, asked: Omit<Request, 'now'>): Promise<Decision> {
  const [subject, owner] = [asked.actor.org, asked.resource.owner];
  const [agreements, one, other] = await Promise.all([
    agreementsBetween(parts.db, subject, owner), organisationById(parts.db, subject), organisationById(parts.db, owner),
  ]);
  const names = new Map([one, other].flatMap((o) => (o ? [[o.id, o.name] as const] : [])));
  const policy = compilePolicy(agreements.map((agreement) => ({ agreement })));
  return explain(policy, { ...asked, now: parts.clock.iso() }, (id) => names.get(id) ?? id);
}

export function refusalOf(decision: Decision): Refusal {
  const clause = clauseOf(decision.reason);
  return new Refusal('forbidden', `mandate.${decision.deniedBy[0] ?? 'denied'}`, stopOf(decision.reason).sentence, {
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
