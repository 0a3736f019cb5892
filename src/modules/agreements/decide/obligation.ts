/**
 * Duties with a clock, pure: which fact begins one, which fact does it, and when it is late. Begun by a fact of the other side
 * that both sides read, done by one of the debtor about the same subject. At the very instant it is due it is late.
 */
import type { Agreement, Clause } from '../model.ts';
import type { ObligationSpec, Side } from '../terms.ts';
import { isAttested } from './attested.ts';
import { binds } from './checks.ts';
import { partStanding } from './policy.ts';
import { isSuspended } from './standing.ts';

export interface Obligation {
  readonly agreement: Agreement;
  readonly clause: Clause;
  readonly spec: ObligationSpec;
}

/** What of a fact matters here. */
export interface Heard {
  readonly index: number;
  readonly class: string;
  readonly at: string;
  readonly org: string;
  readonly subject: string;
  readonly readers: readonly string[];
}

/** Obligations that count: attested by two people, in a part that was not withdrawn. */
export function obligationsOf(agreement: Agreement): Obligation[] {
  return agreement.clauses.flatMap((clause) => clause.machine.obligations.map((spec) => ({ agreement, clause, spec })))
    .filter(({ clause, spec }) => isAttested(clause, spec.id) && ['in-force', 'suspended'].includes(partStanding(agreement, clause.part)));
}

export const debtorOf = ({ agreement, spec }: Obligation): string => agreement[spec.debtor];
export const creditorOf = ({ agreement, spec }: Obligation): string => agreement[other(spec.debtor)];
const other = (side: Side): Side => (side === 'authority' ? 'counterpart' : 'authority');

/** Whether a fact begins it: of the other side, known to the debtor, within the agreement's term. */
export function begins(obligation: Obligation, fact: Heard): boolean {
  const { agreement: a, spec } = obligation;
  // A pause takes no duty away: it may be what begins one.
  const term = { status: a.status, suspended: isSuspended(a, null), from: Date.parse(a.effectiveAt), until: Date.parse(a.expiresAt) };
  return fact.class === spec.begunBy && fact.org === creditorOf(obligation) && fact.readers.includes(debtorOf(obligation))
    && binds(term, Date.parse(fact.at));
}

/** When it is due, RFC 3339 UTC. */
export const dueAt = (begunAt: string, withinSeconds: number): string => new Date(Date.parse(begunAt) + withinSeconds * 1000).toISOString();

export const isInTime = (doneAt: string, due: string): boolean => Date.parse(doneAt) < Date.parse(due);
