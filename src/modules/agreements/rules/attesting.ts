/**
 * Attestation: two people say that the machine form of a clause says what its words say, and none of them of what is to
 * their own benefit. Until then the clause does not count. Pure; digests are handed in.
 */
import { Refusal } from '#kit/refusal';
import { roleMatrix } from '#modules/parties/index';
import type { Agreement, Attestation, Clause } from '../model.ts';
import type { GrantSpec, Machine, QuotaSpec } from '../terms.ts';

export interface Attester {
  readonly person: string;
  readonly personName: string;
  readonly org: string;
  readonly roles: readonly string[];
}

/** So many people must have covered an item before it counts. */
export const attestersNeeded = 2;

type Who = Pick<Attester, 'person' | 'org' | 'roles'>;
type Parties = Pick<Agreement, 'authority' | 'counterpart'>;

/** Ids of everything in a clause that a machine acts on. */
export function itemsOf(machine: Machine): string[] {
  return [
    ...machine.grants, ...machine.prohibitions, ...machine.obligations, ...machine.quotas,
    ...(machine.handling ? [machine.handling] : []), ...(machine.oversight ? [machine.oversight] : []),
  ].map((item) => item.id);
}

function holdsRight(who: Who, actions: readonly string[], roles: readonly string[] | null): boolean {
  const held = who.roles.filter((role) => roles === null || roles.includes(role));
  return actions.some((right) => (roleMatrix[right] ?? []).some((role) => held.includes(role)));
}

const grantBenefits = (grant: GrantSpec, who: Who, parties: Parties): boolean =>
  parties[grant.grantee] === who.org && (grant.persons !== null
    ? grant.persons.includes(who.person) : holdsRight(who, grant.actions, grant.roles));
const quotaBenefits = (quota: QuotaSpec, who: Who, parties: Parties): boolean =>
  parties[quota.holder] === who.org && holdsRight(who, [quota.action], null);

/**
 * Items of the clause that are to the person's own benefit: a grant or a quota that reaches them, by name or by a role
 * through which the right comes; the eyes of a monitor that they are. Duties, prohibitions and handling only bind.
 */
export function benefitsOf(who: Who, clause: Pick<Clause, 'machine'>, parties: Parties): string[] {
  const { grants, quotas, oversight } = clause.machine;
  return [
    ...grants.filter((g) => grantBenefits(g, who, parties)), ...quotas.filter((q) => quotaBenefits(q, who, parties)),
    ...(oversight && oversight.monitor === who.org && who.roles.includes('monitor') ? [oversight] : []),
  ].map((item) => item.id);
}

/** Ids of the clause's items that enough people have covered. */
export function attestedItems(clause: Pick<Clause, 'machine' | 'attestations'>): string[] {
  return itemsOf(clause.machine).filter((id) =>
    new Set(clause.attestations.filter((a) => a.covers.includes(id)).map((a) => a.person)).size >= attestersNeeded);
}

export interface Attested {
  readonly clause: string;
  readonly clauseSha256: string;
}

/**
 * Attests some clauses, all of them or none. `digestOf` gives the digest of a clause as it stands here; one that reads
 * otherwise than what the person has seen is refused.
 */
export function attest(
  agreement: Agreement, who: Attester, wanted: readonly Attested[], digestOf: (clause: Clause) => string, at: string,
): Agreement {
  if (agreement.status === 'ended') {
    throw new Refusal('conflict', 'agreement.already-ended', 'This agreement has been ended already.');
  }
  const next = new Map<string, Attestation>();
  for (const { clause: number, clauseSha256 } of wanted) {
    const clause = agreement.clauses.find((c) => c.number === number);
    if (!clause) throw new Refusal('not-found', 'clause.not-found', 'There is no such clause in this agreement.', { at: number });
    if (digestOf(clause) !== clauseSha256) {
      throw new Refusal('conflict', 'clause.changed', 'The clause you read is not the clause that stands here now.', {
        at: number, hint: 'Read it again, then attest.',
      });
    }
    next.set(number, {
      person: who.person, personName: who.personName, organisation: who.org, at, clauseSha256,
      covers: coverable(agreement, clause, who),
    });
  }
  const clauses = agreement.clauses.map((c) => {
    const given = next.get(c.number);
    return given ? { ...c, attestations: [...c.attestations, given] } : c;
  });
  return { ...agreement, clauses, version: agreement.version + 1 };
}

function coverable(agreement: Agreement, clause: Clause, who: Attester): string[] {
  const items = itemsOf(clause.machine);
  if (items.length === 0) {
    throw new Refusal('conflict', 'clause.nothing-to-attest', 'This clause has no machine form: it is read, never enforced.', {
      at: clause.number,
    });
  }
  if (clause.attestations.some((a) => a.person === who.person)) {
    throw new Refusal('conflict', 'clause.already-attested', 'You have attested this clause already.', { at: clause.number });
  }
  const own = new Set(benefitsOf(who, clause, agreement));
  const covers = items.filter((id) => !own.has(id));
  if (covers.length === 0) {
    throw new Refusal('forbidden', 'clause.own-benefit', 'Nobody attests what is to their own benefit.', {
      at: clause.number, ask: 'a colleague whom the clause gives nothing, or the other side',
    });
  }
  return covers;
}

/** How far each clause with a machine form is attested, and what is left for one reader. */
export function attestingOf(agreement: Agreement, who: Who, digestOf: (clause: Clause) => string) {
  return agreement.clauses.filter((c) => itemsOf(c.machine).length > 0).map((c) => {
    const items = itemsOf(c.machine);
    const done = c.attestations.some((a) => a.person === who.person);
    const mine = done ? 'done' as const : benefitsOf(who, c, agreement).length === items.length ? 'benefits' as const : 'open' as const;
    return { clause: c.number, sha256: digestOf(c), items: items.length, attested: attestedItems(c).length, mine };
  });
}
