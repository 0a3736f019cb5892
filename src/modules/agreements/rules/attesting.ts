/**
 * Attestation: two people say that the machine form of a clause says what its words say, and none of them of what is to
 * their own benefit. Until then the clause does not count. Pure; digests are handed in.
 */
import { Refusal } from '#kit/refusal';
import { attestable } from '../decide/benefits.ts';
import type { Agreement, Attestation, Clause } from '../model.ts';
import type { Machine } from '../terms.ts';

export interface Attester {
  readonly person: string;
  readonly personName: string;
  readonly org: string;
  readonly roles: readonly string[];
}

type Who = Pick<Attester, 'person' | 'org' | 'roles'>;

/** Ids of everything in a clause that a machine acts on. */
export function itemsOf(machine: Machine): string[] {
  return [
    ...machine.grants, ...machine.prohibitions, ...machine.obligations, ...machine.quotas,
    ...(machine.handling ? [machine.handling] : []), ...(machine.oversight ? [machine.oversight] : []),
  ].map((item) => item.id);
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
  const covers = attestable({ ...who, id: who.person }, agreement, clause.machine);
  if (covers.length === 0) {
    throw new Refusal('forbidden', 'clause.own-benefit', 'Nobody attests what is to their own benefit.', {
      at: clause.number, ask: 'a colleague whom the clause gives nothing, or the other side',
    });
  }
  return covers;
}

/** What needs a digest is handed in, so that the browser can run this file. */
export interface Reading {
  readonly digestOf: (clause: Clause) => string;
  readonly isAttested: (clause: Clause, item: string) => boolean;
}

/** How far each clause with a machine form is attested, and what is left for one reader. */
export function attestingOf(agreement: Agreement, who: Who, reads: Reading) {
  return agreement.clauses.filter((c) => itemsOf(c.machine).length > 0).map((c) => {
    const items = itemsOf(c.machine);
    const done = c.attestations.some((a) => a.person === who.person);
    const covers = attestable({ ...who, id: who.person }, agreement, c.machine);
    const mine = done ? 'done' as const : covers.length === 0 ? 'benefits' as const : 'open' as const;
    return { clause: c.number, sha256: reads.digestOf(c), items: items.length, attested: items.filter((id) => reads.isAttested(c, id)).length, mine };
  });
}
