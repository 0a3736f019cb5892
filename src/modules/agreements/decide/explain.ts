/**
 * Why: the same decision with its reasons as a tree from the act down to the clause. It walks the rules that decided, so it
 * cannot say otherwise, and is built only when somebody asks.
 */
import type { ClauseRef } from '#kit/refusal';
import type { Agreement, Clause, Decision, Reason } from '../model.ts';
import { askedOf, rules, turnTo, type Asked, type Check } from './checks.ts';
import type { Bound, CompiledGrant, Policy } from './policy.ts';
import type { Request } from './request.ts';
import { standingSentence } from './standing.ts';
import { boundsOf, decide, failedCheck, forbidsOf, partToName, weigh, type Weighed } from './weigh.ts';

/** Names for the sentences; ids stand in where a name is not known. */
export type NameOf = (organisation: string) => string;

/** Decides and explains. Outcome, grants and codes are those of `decide`. */
export function explain(policy: Policy, request: Request, nameOf: NameOf): Decision {
  const ruling = decide(policy, request);
  const [subject, owner] = [request.actor.org, request.resource.owner];
  const asked = askedOf(request);
  const bounds = boundsOf(policy, request)
    .map((bound) => ({ bound, weighed: weigh(rules, bound, asked) }))
    .sort((x, y) => y.weighed.depth - x.weighed.depth);
  const allowed = ruling.outcome === 'allow';
  const shown = bounds.filter(({ weighed }) => (allowed ? weighed.grants.length > 0 : ruling.deniedBy.includes(weighed.code)));
  const none: Reason = {
    code: 'no-agreement', holds: false, children: [],
    sentence: `There is no agreement between ${nameOf(subject)} and ${nameOf(owner)}.`,
  };
  const children = shown.map(({ bound, weighed }) => agreementReason(bound, weighed, asked, nameOf));
  const sentence = allowed
    ? `${nameOf(subject)} may ${request.action} towards ${nameOf(owner)}.` : `${nameOf(subject)} may not ${request.action}.`;
  return {
    outcome: ruling.outcome, right: request.action, subject, owner, purpose: request.purpose as Decision['purpose'],
    grantIds: ruling.grants.map((g) => g.spec.id), deniedBy: [...ruling.deniedBy], ask: allowed ? null : nameOf(owner),
    reason: {
      code: allowed ? 'allowed' : 'denied', holds: allowed, sentence, children: children.length > 0 ? children : [none],
    },
  };
}

export function clauseRef(a: Pick<Agreement, 'id' | 'title'>, clause: Pick<Clause, 'number' | 'textSha256'>): ClauseRef {
  return { agreementId: a.id, agreementTitle: a.title, clause: clause.number, textSha256: clause.textSha256 };
}

function agreementReason(bound: Bound, weighed: Weighed, asked: Asked, nameOf: NameOf): Reason {
  const holds = weighed.grants.length > 0;
  return {
    code: 'agreement', holds, sentence: bound.of.agreement.title, children: stepsOf(bound, weighed, asked, nameOf),
  };
}

/** The steps of one agreement up to the one that stopped it. */
function stepsOf(bound: Bound, weighed: Weighed, asked: Asked, nameOf: NameOf): Reason[] {
  const { agreement } = bound.of;
  const code = rules.standing(bound.of, asked.now);
  const inForce = code === 'agreement-in-force';
  const standing: Reason = { code, holds: inForce, sentence: standingSentence(agreement, code), children: [] };
  const forbidden = forbidsOf(rules, bound, asked);
  if (forbidden) {
    const forbids = forbidReason(forbidden, asked);
    return inForce ? [standing, forbids] : [forbids, standing];
  }
  if (!inForce) return [standing];
  const part = partReason(bound, asked);
  const before = part ? [standing, part] : [standing];
  if (part && !part.holds) return before;
  const candidates = bound.of.granted[bound.side].get(asked.request.action) ?? [];
  if (candidates.length === 0) {
    return [...before, {
      code: 'right-not-granted', holds: false, children: [],
      sentence: `No clause in force grants ${asked.request.action} to this side.`,
    }];
  }
  turnTo(asked, bound.of);
  const shown = weighed.grants.length > 0 ? weighed.grants : candidates;
  // The one that came furthest first: it is the one to mend, and the one whose code the refusal bears.
  const furthest = shown.map((grant) => ({ grant, failed: failedCheck(rules, grant, asked) })).sort((x, y) => y.failed - x.failed);
  return [...before, ...furthest.map(({ grant, failed }) => grantReason(grant, failed, asked, nameOf))];
}

function forbidReason({ forbid, code }: NonNullable<ReturnType<typeof forbidsOf>>, asked: Asked): Reason {
  const { number } = forbid.clause;
  const sentence = code === 'prohibited'
    ? `Clause ${number} forbids ${asked.request.action}.`
    : `Clause ${number} may forbid ${asked.request.action}: what it depends on is not known.`;
  return { code, holds: false, sentence, clause: clauseRef(forbid.agreement.agreement, forbid.clause), children: [] };
}

/** The part that the right rests on, and whether it stands. Null where no part claims the right. */
function partReason(bound: Bound, asked: Asked): Reason | null {
  const part = partToName(bound, asked.request.action);
  if (!part) return null;
  const a = bound.of.agreement;
  const standing = bound.of.partStandings.get(part.id) ?? 'not-included';
  const holds = standing === 'in-force';
  const clause = a.clauses.find((c) => c.part === part.id) ?? a.clauses.find((c) => c.kind === 'narrative');
  const state = new Map([['withdrawn', 'withdrawn'], ['suspended', 'suspended']]).get(standing) ?? 'absent';
  return {
    code: `${a.partNoun}-${holds ? 'in-force' : standing === 'suspended' ? 'suspended' : 'absent'}`, holds,
    sentence: holds
      ? `The ${a.partNoun} “${part.title}” is in force.` : `No authorisation: the ${a.partNoun} “${part.title}” is ${state}.`,
    ...(clause ? { clause: clauseRef(a, clause) } : {}), children: [],
  };
}

function grantReason(grant: CompiledGrant, failed: number, asked: Asked, nameOf: NameOf): Reason {
  const holds = failed === rules.checks.length;
  const { clause, agreement } = grant;
  return {
    code: 'clause', holds,
    sentence: `Clause ${clause.number}, ${clause.title}, ${holds ? 'grants it' : 'does not reach that far'}.`,
    clause: clauseRef(agreement.agreement, clause),
    children: rules.checks.slice(0, failed + 1).map((check, i) => checkReason(check, i < failed, grant, asked, nameOf)),
  };
}

function checkReason(check: Check, holds: boolean, grant: CompiledGrant, asked: Asked, nameOf: NameOf): Reason {
  const code = holds ? check.yes : check.no;
  return { code, holds, sentence: sentences[code]?.(grant, asked, nameOf) ?? code, children: [] };
}

type Sentence = (g: CompiledGrant, q: Asked, nameOf: NameOf) => string;
const day = (ms: number): string => (Number.isFinite(ms) ? new Date(ms).toISOString() : 'an unreadable time');

/** What each check says, by its code. */
export const sentences: Readonly<Record<string, Sentence>> = {
  'part-in-force': () => 'Its part of the agreement is in force.',
  'part-not-in-force': (g) => `Its part of the agreement is ${g.part === 'not-included' ? 'not included' : g.part}.`,
  attested: () => 'Two people have attested that its machine form says what its text says.',
  'not-attested': () => 'It does not count yet: two people who do not benefit have to attest its machine form.',
  'not-revoked': () => 'The grant has not been taken back.',
  revoked: () => 'The grant has been taken back.',
  'sponsor-stands': (g) => (g.parent ? 'The sponsor’s own grant stands and reaches as far.' : 'It rests on no sponsor.'),
  'sponsor-absent': (g, _, nameOf) => (g.parent && g.parent.wider.length > 0 && g.parent.grant
    ? `It reaches further than the grant of its sponsor: ${g.parent.wider.join(', ')}.`
    : `The grant of its sponsor ${nameOf(g.parent?.sponsor ?? '')} does not stand.`),
  begun: () => 'Its term has begun.',
  'not-begun': (g) => `It begins at ${day(g.from)}.`,
  'not-over': () => 'Its term is not over.',
  'grant-expired': (g) => `It ended at ${day(g.until)}.`,
  'kind-granted': (_, q) => `It covers ${q.request.resource.kind}.`,
  'kind-not-granted': (_, q) => `It does not cover ${q.request.resource.kind}.`,
  'purpose-granted': (_, q) => `The purpose ${q.request.purpose} is named.`,
  'purpose-not-granted': (_, q) => `The purpose ${q.request.purpose} is not named.`,
  'product-granted': () => 'Every product asked for is in scope.',
  'product-not-granted': () => 'A product asked for is outside its scope.',
  'tlp-granted': (g) => `TLP up to ${g.spec.maxTlp}.`,
  'tlp-not-granted': (g, q) => `TLP:${q.request.resource.tlp ?? 'RED'} is above TLP:${g.spec.maxTlp}.`,
  'level-granted': (g) => `Level up to ${g.spec.maxLevel}.`,
  'level-not-granted': (g, q) => `Level ${q.request.resource.level ?? 'unknown'} is above level ${g.spec.maxLevel}.`,
  'audience-granted': () => 'The one who asks is among those who may see it.',
  'audience-not-granted': (_, q) => audienceSentence(q),
  'role-granted': (g) => (g.spec.roles ? `It is for the roles ${g.spec.roles.join(', ')}.` : 'It is for any role that has the right.'),
  'role-not-granted': (g) => `It is only for the roles ${(g.spec.roles ?? []).join(', ')}.`,
  'person-granted': (g) => (g.spec.persons ? 'The person is named in it.' : 'It names no people.'),
  'person-not-granted': () => 'It is only for people whom it names.',
  'mfa-given': (g) => (g.conditions.mfa ? 'Signed in with a verified passkey.' : 'It asks for no verified passkey.'),
  'mfa-missing': () => 'It asks for a person who signed in with a verified passkey.',
  'network-granted': (g) => (g.networks ? 'The request comes from a network that it names.' : 'It may be used from any network.'),
  'network-not-granted': () => 'The request does not come from a network that it names.',
  approved: (g) => (g.conditions.approvals ? 'Enough others have approved this act.' : 'Nobody else has to approve.'),
  'approval-missing': (g) => {
    const { count, from } = g.conditions.approvals ?? { count: 1, from: 'own-organisation' };
    return `It needs the approval of ${count} ${from === 'other-party' ? 'of the other party' : 'others of the same organisation'}.`;
  },
};

function audienceSentence({ request: { resource }, tlp }: Asked): string {
  if (tlp === 4) return 'TLP:RED is for people whom the grant names.';
  return resource.audience
    ? 'The one who asks is not among those whom its source named.'
    : `TLP:${resource.tlp ?? 'RED'} stays with the organisation that signed; one that it sponsors has no part in it.`;
}

/** The first clause that the reasoning stopped at, else the first it rested on. */
export function clauseOf(reason: Reason): ClauseRef | null {
  const all = flatten(reason);
  const stop = all.find((r) => !r.holds && r.clause) ?? all.find((r) => r.clause);
  return stop?.clause ?? null;
}

/** Where the reasoning stopped: the deepest that does not hold. */
export function stopOf(reason: Reason): Reason {
  const failed = reason.children.find((r) => !r.holds);
  return failed ? stopOf(failed) : reason;
}

export function flatten(reason: Reason): Reason[] {
  return [reason, ...reason.children.flatMap(flatten)];
}
