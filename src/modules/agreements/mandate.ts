/**
 * Asks the decision for a caller and turns a no into the Refusal the caller may see: 404 where the object must stay
 * unknown, else 403 with the clause and whom to ask. Read afresh for each request: an ended agreement ends at once. A yes
 * and a no are on the record before anything follows from them.
 */
import type { About, Actor, Agreed, Allowed, Approval, Tlp } from '#kit/endpoint';
import { Refusal, noSuch, type ClauseRef } from '#kit/refusal';
import type { Clock } from '#world/clock';
import { asHub } from '#world/db/scope';
import type { Db, Queryable } from '#world/db/port';
import { approverWords, organisationById } from '#modules/parties/index';
import { clauseOf, clauseRef, explain, flatten, stopOf } from './decide/explain.ts';
import { compilePolicy, rememberingPolicies, type CompiledGrant, type Policy, type Source } from './decide/policy.ts';
import { decisionTime, recordDecision, type Use } from './decide/record.ts';
import type { Asker, Request } from './decide/request.ts';
import { butForApproval, decide, leanedOn } from './decide/weigh.ts';
import { TlpLabel, type Agreement, type Decision } from './model.ts';
import { agreementsBetween, agreementsNamed } from './store.ts';

/** How it is asked. */
export interface Asking {
  readonly address?: string | undefined;
  /** Of an answer that lasts, asked again: only a no is written down, and nothing is used up. */
  readonly again?: boolean | undefined;
  /** The act, where others can be asked to agree to it. */
  readonly act?: AgreeableAct | undefined;
  /** Approvals of others that came along; of those the yes leans on each is used up by `use`, if one is given. */
  readonly agreed?: readonly Agreed[] | undefined;
  readonly use?: Use | undefined;
}
/** An act that a clause may let be done only with the approval of others. */
export interface AgreeableAct {
  readonly operation: string;
  /** The right that whoever agrees holds, by whose person that is. */
  readonly rights: Readonly<Record<Approval['from'], string>>;
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
  return async (actor, right, about, { address, again, act, agreed, use } = {}) => {
    // One's own record touches no other party: the role, already checked, is enough.
    if (about.owner === actor.org) return { grantIds: [], clauses: [] };
    const { known, noun } = about;
    const { decision, id, labels, approvals, wanted } = await decideOnRecord(parts, questionOf(actor, right, about, address),
      { known, again, compile, agreed, use });
    if (decision.outcome === 'allow') {
      return { grantIds: decision.grantIds, clauses: clausesOf(decision), labels, decision: id, approvals };
    }
    if (!known) throw noSuch(noun);
    throw act && wanted.length > 0 ? agreementRefusal(decision, act, wanted) : refusalOf(decision);
  };
}

function questionOf(
  actor: Actor, right: string, { purpose, known: _known, noun: _noun, ...resource }: About, address?: string,
): Omit<Request, 'now'> {
  return { actor: askerOf(actor, address), action: right, resource, purpose };
}

/** What a clause wants of others before an act may be done: how many of whose people. */
export interface Wanted {
  readonly from: Approval['from'];
  readonly count: number;
  readonly clauses: readonly ClauseRef[];
}

/** What others have to agree to for an act to be allowed: one way for each side that may, the one that wants the fewest first. */
export interface WantedOf {
  readonly owner: string;
  readonly ways: readonly Wanted[];
}

/**
 * Whom the actor has to ask before the act. Where it is denied for another reason, throws what the act would; where nobody
 * has to agree, says so. What is only asked about here is not done: of it a no alone is written down.
 */
export async function wantedBy(parts: Writing, actor: Actor, right: string, about: About, address?: string): Promise<WantedOf> {
  if (about.owner === actor.org) throw notWanted();
  const asked = questionOf(actor, right, about, address);
  const { policy, request } = await weighed(parts, asked);
  const ways = about.known && decide(policy, request).outcome === 'deny' ? wantedOf(butForApproval(policy, request)) : [];
  if (ways.length > 0) return { owner: about.owner, ways };
  const { decision } = await decideOnRecord(parts, asked, { known: about.known, again: true });
  if (decision.outcome === 'allow') throw notWanted();
  throw about.known ? refusalOf(decision) : noSuch(about.noun);
}

const notWanted = (): Refusal => new Refusal('conflict', 'approval.not-wanted', 'No clause wants anybody’s approval for this.', {
  hint: 'Do it without.',
});

function wantedOf(grants: readonly CompiledGrant[]): Wanted[] {
  return (['own-organisation', 'other-party'] as const).flatMap((from) => {
    const mine = grants.filter((g) => g.conditions.approvals?.from === from);
    if (mine.length === 0) return [];
    const count = Math.min(...mine.map((g) => g.conditions.approvals?.count ?? 1));
    const clauses = new Map(mine.map(({ agreement: { agreement: a }, clause }) => [`${a.id} ${clause.number}`, clauseRef(a, clause)]));
    return [{ from, count, clauses: [...clauses.values()] }];
  }).sort((x, y) => x.count - y.count);
}

/** A no for want of somebody's approval says whom to ask, and for what. */
function agreementRefusal(decision: Decision, act: AgreeableAct, wanted: readonly Wanted[]): Refusal {
  const { kind, code, message, detail } = refusalOf(decision);
  const ask = wanted.map(({ from, count }) => approverWords({ from, right: act.rights[from] }, count)).join(', or ');
  return new Refusal(kind, code, message, {
    ...detail, ask, hint: 'Ask for their approval, then do it with that.', operation: act.operation,
  });
}

/** Decides, and writes the decision down before anything is done about it. */
export async function decideOnRecord(
  parts: Writing, asked: Omit<Request, 'now'>,
  { known = true, again = false, compile = compilePolicy, agreed = [], use }: Recording = {},
): Promise<Decided> {
  const { decision, request, policy, approvals } = await weighed(parts, asked, compile, agreed);
  const allowed = decision.outcome === 'allow';
  // A list shows what the act reaches with what it leaned on: what was not used up opens nothing further.
  const labels = TlpLabel.options.filter((tlp) =>
    decide(policy, { ...request, resource: { ...request.resource, tlp } }).outcome === 'allow');
  const wanted = allowed ? [] : wantedOf(butForApproval(policy, request));
  if (allowed && again) return { decision, id: '', labels, approvals, wanted };
  const stopped = clauseOf(decision.reason);
  const clauses = allowed ? clausesOf(decision) : stopped ? [stopped] : [];
  const id = await recordDecision(parts, {
    request, decision, clauses, policyVersion: policy.version, unseen: !allowed && !known, leaned: approvals,
  }, use);
  return { decision, id, labels, approvals, wanted };
}

interface Recording {
  readonly known?: boolean;
  readonly again?: boolean | undefined;
  readonly compile?: Compile;
  readonly agreed?: readonly Agreed[] | undefined;
  readonly use?: Use | undefined;
}
interface Decided {
  readonly decision: Decision;
  readonly id: string;
  readonly labels: readonly Tlp[];
  /** What a yes leaned on, and nothing of a no. */
  readonly approvals: readonly Agreed[];
  /** What a no that wants nothing but approvals wants. */
  readonly wanted: readonly Wanted[];
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
  parts: Parts, asked: Omit<Request, 'now'>, compile: Compile = compilePolicy, agreed: readonly Agreed[] = [],
): Promise<{ decision: Decision; request: Request; policy: Policy; approvals: readonly Agreed[] }> {
  const [subject, owner] = [asked.actor.org, asked.resource.owner];
  const [agreements, one, other, now] = await Promise.all([
    agreementsBetween(parts.db, subject, owner), organisationById(parts.db, subject), organisationById(parts.db, owner),
    decisionTime(parts.db, parts.clock),
  ]);
  const names = new Map([one, other].flatMap((o) => (o ? [[o.id, o.name] as const] : [])));
  const policy = compile(await sourcesOf(parts.db, agreements));
  const leaned = agreed.length === 0 ? agreed : leanedOn(policy, { ...asked, now }, agreed);
  // A yes is made, and recorded, with what it leaned on alone; a no with all that was brought.
  const request = { ...asked, now, approvals: leaned ?? agreed };
  return { decision: explain(policy, request, (id) => names.get(id) ?? id), request, policy, approvals: leaned ?? [] };
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
