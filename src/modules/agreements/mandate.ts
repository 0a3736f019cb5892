/**
 * Asks the decision for a caller and turns a no into the Refusal the caller may see: 404 where the object must stay
 * unknown, else 403 with the clause and whom to ask. Read afresh for each request: an ended agreement ends at once. A yes
 * and a no are on the record before anything follows from them.
 */
import type { About, Actor, Allowed, Tlp } from '#kit/endpoint';
import { Refusal, noSuch, type ClauseRef } from '#kit/refusal';
import type { Clock } from '#world/clock';
import { asHub } from '#world/db/scope';
import type { Db, Queryable } from '#world/db/port';
import { organisationById } from '#modules/parties/index';
import { clauseOf, explain, flatten, stopOf } from './decide/explain.ts';
import { compilePolicy, rememberingPolicies, type Policy, type Source } from './decide/policy.ts';
import { decisionTime, recordDecision } from './decide/record.ts';
import type { Asker, Request } from './decide/request.ts';
import { decide } from './decide/weigh.ts';
import { TlpLabel, type Agreement, type Decision } from './model.ts';
import { agreementsBetween, agreementsNamed } from './store.ts';

/** How it is asked: from which address; and whether again, for an answer that lasts, of which only a no is written down. */
export interface Asking {
  readonly address?: string | undefined;
  readonly again?: boolean | undefined;
}
export type Mandate = (actor: Actor, right: string, about: About, asking?: Asking) => Promise<Allowed>;

interface Parts {
  readonly db: Queryable;
  readonly clock: Clock;
}
type Writing = Parts & { readonly db: Db };
type Compile = (sources: readonly Source[]) => Policy;

export function mandateBy(parts: Writing): Mandate {
  const compile = rememberingPolicies();
  return async (actor, right, about, { address, again } = {}) => {
    // One's own record touches no other party: the role, already checked, is enough.
    if (about.owner === actor.org) return { grantIds: [], clauses: [] };
    const { purpose, known, noun, ...resource } = about;
    const asked = { actor: askerOf(actor, address), action: right, resource, purpose };
    const { decision, id, labels } = await decideOnRecord(parts, asked, { known, again, compile });
    if (decision.outcome === 'allow') return { grantIds: decision.grantIds, clauses: clausesOf(decision), labels, decision: id };
    if (!known) throw noSuch(noun);
    throw refusalOf(decision);
  };
}

/** Decides, and writes the decision down before anything is done about it. */
export async function decideOnRecord(
  parts: Writing, asked: Omit<Request, 'now'>,
  { known = true, again = false, compile = compilePolicy }: { known?: boolean; again?: boolean | undefined; compile?: Compile } = {},
): Promise<{ readonly decision: Decision; readonly id: string; readonly labels: readonly Tlp[] }> {
  const { decision, request, policy } = await weighed(parts, asked, compile);
  const allowed = decision.outcome === 'allow';
  const labels = TlpLabel.options.filter((tlp) =>
    decide(policy, { ...request, resource: { ...request.resource, tlp } }).outcome === 'allow');
  if (allowed && again) return { decision, id: '', labels };
  const stopped = clauseOf(decision.reason);
  const clauses = allowed ? clausesOf(decision) : stopped ? [stopped] : [];
  const id = await recordDecision(parts, { request, decision, clauses, policyVersion: policy.version, unseen: !allowed && !known });
  return { decision, id, labels };
}

/** A caller as the decision knows one. Every session begins with a passkey and user verification; no token does. */
export function askerOf(actor: Actor, address?: string): Asker {
  return { org: actor.org, person: actor.person, roles: actor.roles, mfa: actor.via === 'session', address };
}

/** The decision for a page or a list that tells what would be allowed: nothing is done, and nothing written. */
export async function decisionFor(parts: Parts, asked: Omit<Request, 'now'>): Promise<Decision> {
  return (await weighed(parts, asked)).decision;
}

async function weighed(
  parts: Parts, asked: Omit<Request, 'now'>, compile: Compile = compilePolicy,
): Promise<{ decision: Decision; request: Request; policy: Policy }> {
  const [subject, owner] = [asked.actor.org, asked.resource.owner];
  const [agreements, one, other, now] = await Promise.all([
    agreementsBetween(parts.db, subject, owner), organisationById(parts.db, subject), organisationById(parts.db, owner),
    decisionTime(parts.db, parts.clock),
  ]);
  const names = new Map([one, other].flatMap((o) => (o ? [[o.id, o.name] as const] : [])));
  const policy = compile(await sourcesOf(parts.db, agreements));
  const request = { ...asked, now };
  return { decision: explain(policy, request, (id) => names.get(id) ?? id), request, policy };
}

/** Agreements with what they rest on: a sponsored one with its sponsor's. */
export async function sourcesOf(q: Queryable, agreements: readonly Agreement[]): Promise<Source[]> {
  const above = await asHub('the sponsor’s own agreement, on which a sponsored one rests', () =>
    agreementsNamed(q, agreements.flatMap((a) => (a.sponsorship ? [a.sponsorship.agreement] : []))));
  return agreements.map((agreement): Source => {
    const { sponsorship } = agreement;
    if (!sponsorship) return { agreement };
    const found = above.find((a) => a.id === sponsorship.agreement);
    // Without the sponsor's agreement no grant has a parent, and none counts.
    return { agreement, sponsor: { agreement: found ?? agreement, parents: found ? sponsorship.parents : {} } };
  });
}

export function refusalOf(decision: Decision): Refusal {
  const clause = clauseOf(decision.reason);
  return new Refusal('forbidden', `mandate.${decision.deniedBy[0] ?? 'denied'}`, stopOf(decision.reason).sentence, {
    ...(clause ? { clause } : {}),
    ...(decision.ask ? { ask: decision.ask } : {}),
    ...(clause ? { decision: { right: decision.right, purpose: decision.purpose, subject: decision.subject } } : {}),
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
