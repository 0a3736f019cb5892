/**
 * The decision: may this organisation do this to that one's record, now? Pure, total, deny by default, and it always
 * says why, as a tree from the act down to the clause. Unknown rights, labels, purposes and unreadable clocks deny.
 */
import type { ClauseRef } from '#kit/refusal';
import type { Agreement, Clause, Decision, GrantSpec, Part, Reason } from './model.ts';

export interface Question {
  readonly right: string;
  readonly subject: string;
  readonly owner: string;
  readonly kind: string;
  readonly purpose: string;
  readonly products?: readonly string[] | undefined;
  readonly tlp?: string | undefined;
  readonly level?: number | undefined;
}

/** Names for the sentences; ids stand in where a name is not known. */
export type NameOf = (organisation: string) => string;

/** The resource kind that a right is about: its noun, but where people say it otherwise. */
export function kindOfRight(right: string): string {
  const noun = right.split('.')[0] ?? right;
  const said = new Map([['centre', 'visit'], ['investigation', 'request']]);
  return said.get(noun) ?? noun;
}

const tlpOrder: readonly string[] = ['CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT', 'RED'];

/**
 * Decides a question on the agreements between its two sides. `now` is RFC 3339 UTC. Among several reasons to deny,
 * the one that came furthest is first: it is the one to mend.
 */
export function decide(agreements: readonly Agreement[], ask: Question, now: string, nameOf: NameOf): Decision {
  const between = agreements.filter((a) => sidesOf(a, ask) !== null);
  const tried = between.map((agreement) => tryAgreement(agreement, ask, now));
  const forbidding = tried.filter((t) => t.forbidden);
  const allowing = forbidding.length > 0 ? [] : tried.filter((t) => t.grants.length > 0);
  const base = {
    right: ask.right, subject: ask.subject, owner: ask.owner, purpose: ask.purpose as Decision['purpose'],
  };
  const act = `${nameOf(ask.subject)} may ${ask.right} towards ${nameOf(ask.owner)}`;
  if (allowing.length > 0) {
    const reason: Reason = { code: 'allowed', holds: true, sentence: `${act}.`, children: allowing.map((t) => t.reason) };
    return { ...base, outcome: 'allow', grantIds: allowing.flatMap((t) => t.grants), deniedBy: [], reason, ask: null };
  }
  const ranked = [...(forbidding.length > 0 ? forbidding : tried)].sort((a, b) => b.depth - a.depth);
  const none: Reason = {
    code: 'no-agreement', holds: false, children: [],
    sentence: `There is no agreement between ${nameOf(ask.subject)} and ${nameOf(ask.owner)}.`,
  };
  const children = ranked.length > 0 ? ranked.map((t) => t.reason) : [none];
  return {
    ...base, outcome: 'deny', grantIds: [], ask: nameOf(ask.owner),
    deniedBy: ranked.length > 0 ? ranked.map((t) => t.code) : ['no-agreement'],
    reason: { code: 'denied', holds: false, sentence: `${nameOf(ask.subject)} may not ${ask.right}.`, children },
  };
}

interface Tried {
  readonly grants: readonly string[];
  readonly forbidden: boolean;
  readonly code: string;
  /** How many checks were passed: the larger, the closer to a yes. */
  readonly depth: number;
  readonly reason: Reason;
}

function sidesOf(a: Agreement, ask: Question): 'authority' | 'counterpart' | null {
  if (a.authority === ask.subject && a.counterpart === ask.owner) return 'authority';
  if (a.counterpart === ask.subject && a.authority === ask.owner) return 'counterpart';
  return null;
}

/** What an agreement comes to at an instant, whatever its stored status says. */
export function standingOf(a: Agreement, now: string): { inForce: boolean; code: string; sentence: string } {
  const readable = [now, a.effectiveAt, a.expiresAt].every((t) => Number.isFinite(Date.parse(t)));
  if (!readable) return { inForce: false, code: 'clock-unreadable', sentence: 'The time cannot be told.' };
  const at = Date.parse(now);
  if (a.status === 'draft') return no('agreement-not-signed', 'is not signed by both sides');
  if (a.status === 'suspended') return no('agreement-suspended', 'is suspended');
  if (a.status === 'ended') return no('agreement-ended', 'has been ended');
  if (at < Date.parse(a.effectiveAt)) return no('agreement-not-yet-effective', `takes effect on ${a.effectiveOn}`);
  if (at >= Date.parse(a.expiresAt)) return no('agreement-expired', `expired on ${a.expiresOn}, 00:00 ${a.zone}`);
  return { inForce: true, code: 'agreement-in-force', sentence: `“${a.title}” is in force until ${a.expiresOn}.` };

  function no(code: string, what: string): { inForce: boolean; code: string; sentence: string } {
    return { inForce: false, code, sentence: `“${a.title}” ${what}.` };
  }
}

export function clauseRef(a: Agreement, clause: Clause): ClauseRef {
  return { agreementId: a.id, agreementTitle: a.title, clause: clause.number, textSha256: clause.textSha256 };
}

function tryAgreement(a: Agreement, ask: Question, now: string): Tried {
  const standing = standingOf(a, now);
  const inForce: Reason = { code: standing.code, holds: standing.inForce, sentence: standing.sentence, children: [] };
  if (!standing.inForce) return stopped(a, standing.code, 0, [inForce]);
  const forbidding = a.clauses.find((c) => c.machine.prohibitions.some((p) => p.actions.includes(ask.right)));
  if (forbidding) {
    const sentence = `Clause ${forbidding.number} forbids ${ask.right}.`;
    const reason = { code: 'prohibited', holds: false, sentence, clause: clauseRef(a, forbidding), children: [] };
    return { ...stopped(a, 'prohibited', 9, [inForce, reason]), forbidden: true };
  }
  const part = partReason(a, ask.right);
  if (part && !part.holds) return stopped(a, part.code, 1, [inForce, part]);
  return tryGrants(a, ask, part ? [inForce, part] : [inForce]);
}

/** The part that the right rests on, and whether it stands. Null where no part claims the right. */
function partReason(a: Agreement, right: string): Reason | null {
  const claiming = a.parts.filter((p) => p.rights.includes(right));
  if (claiming.length === 0) return null;
  const standing = claiming.find((p) => p.state === 'in-force');
  const part = standing ?? (claiming[0] as Part);
  const clause = a.clauses.find((c) => c.part === part.id) ?? a.clauses.find((c) => c.kind === 'narrative');
  const sentence = standing
    ? `The ${a.partNoun} “${part.title}” is in force.`
    : `No authorisation: the ${a.partNoun} “${part.title}” is ${part.state === 'withdrawn' ? 'withdrawn' : 'absent'}.`;
  return {
    code: standing ? `${a.partNoun}-in-force` : `${a.partNoun}-absent`, holds: standing !== undefined, sentence,
    ...(clause ? { clause: clauseRef(a, clause) } : {}), children: [],
  };
}

function tryGrants(a: Agreement, ask: Question, before: readonly Reason[]): Tried {
  const side = sidesOf(a, ask);
  const standing = new Set(a.parts.filter((p) => p.state === 'in-force').map((p) => p.id));
  const candidates = a.clauses
    .filter((clause) => clause.kind === 'grant' && (clause.part === null || standing.has(clause.part)))
    .flatMap((clause) => clause.machine.grants.map((grant) => ({ clause, grant })))
    .filter(({ grant }) => grant.grantee === side && grant.actions.includes(ask.right));
  if (candidates.length === 0) {
    const reason = { code: 'right-not-granted', holds: false, children: [],
      sentence: `No clause in force grants ${ask.right} to this side.` };
    return stopped(a, 'right-not-granted', 2, [...before, reason]);
  }
  const checked = candidates.map(({ clause, grant }) => ({ clause, grant, ...tryGrant(a, clause, grant, ask) }));
  const holding = checked.filter((c) => c.reason.holds);
  const shown = holding.length > 0 ? holding : checked;
  const best = checked.reduce((x, y) => (y.depth > x.depth ? y : x));
  const children = [...before, ...shown.map((c) => c.reason)];
  if (holding.length === 0) return stopped(a, best.code, 3 + best.depth, children);
  return {
    grants: holding.map((c) => c.grant.id), forbidden: false, code: 'allowed', depth: 9,
    reason: { code: 'agreement', holds: true, sentence: a.title, children },
  };
}

function tryGrant(
  a: Agreement, clause: Clause, grant: GrantSpec, ask: Question,
): { reason: Reason; code: string; depth: number } {
  const checks = checksOf(grant, ask, a.products);
  const failed = checks.findIndex((c) => !c.holds);
  const children = failed < 0 ? checks : checks.slice(0, failed + 1);
  const holds = failed < 0;
  const verb = holds ? 'grants it' : 'does not reach that far';
  return {
    code: holds ? 'granted' : (checks[failed]?.code ?? 'denied'),
    depth: failed < 0 ? checks.length : failed,
    reason: {
      code: 'clause', holds, sentence: `Clause ${clause.number}, ${clause.title}, ${verb}.`,
      clause: clauseRef(a, clause), children,
    },
  };
}

/** The conditions of one grant, in order. Each is total: what it does not know, it denies. */
function checksOf(grant: GrantSpec, ask: Question, named: readonly string[]): Reason[] {
  const products = ask.products ?? [];
  const all = grant.products === 'ALL_NAMED';
  const scope = grant.products === 'ALL_NAMED' ? named : grant.products;
  // All, not any: one product outside the scope is enough for a no. What concerns no product needs ALL_NAMED.
  const inScope = products.length > 0 ? products.every((p) => scope.includes(p)) : all;
  const asked = ask.tlp === undefined ? -1 : tlpOrder.indexOf(ask.tlp);
  const tlpHolds = ask.tlp === undefined || (asked >= 0 && asked <= tlpOrder.indexOf(grant.maxTlp));
  const levelHolds = ask.level === undefined || (Number.isInteger(ask.level) && ask.level >= 0 && ask.level <= grant.maxLevel);
  const kindHolds = grant.kinds.includes(ask.kind);
  const purposeHolds = (grant.purposes as readonly string[]).includes(ask.purpose);
  const leaf = (name: string, holds: boolean, yes: string, no: string): Reason =>
    ({ code: holds ? `${name}-granted` : `${name}-not-granted`, holds, sentence: holds ? yes : no, children: [] });
  return [
    leaf('kind', kindHolds, `It covers ${ask.kind}.`, `It does not cover ${ask.kind}.`),
    leaf('purpose', purposeHolds, `The purpose ${ask.purpose} is named.`, `The purpose ${ask.purpose} is not named.`),
    leaf('product', inScope, 'Every product asked for is in scope.', 'A product asked for is outside its scope.'),
    leaf('tlp', tlpHolds, `TLP up to ${grant.maxTlp}.`, `TLP:${ask.tlp} is above TLP:${grant.maxTlp}.`),
    leaf('level', levelHolds, `Level up to ${grant.maxLevel}.`, `Level ${ask.level} is above level ${grant.maxLevel}.`),
  ];
}

function stopped(a: Agreement, code: string, depth: number, children: readonly Reason[]): Tried {
  return {
    grants: [], forbidden: false, code, depth, reason: { code: 'agreement', holds: false, sentence: a.title, children },
  };
}

/** The first clause that the reasoning stopped at, else the first it rested on. */
export function clauseOf(reason: Reason): ClauseRef | null {
  const all = flatten(reason);
  const stop = all.find((r) => !r.holds && r.clause) ?? all.find((r) => r.clause);
  return stop?.clause ?? null;
}

/** The sentence at which the reasoning stopped: the deepest that does not hold. */
export function stopSentence(reason: Reason): string {
  const failed = reason.children.find((r) => !r.holds);
  return failed ? stopSentence(failed) : reason.sentence;
}

export function flatten(reason: Reason): Reason[] {
  return [reason, ...reason.children.flatMap(flatten)];
}
