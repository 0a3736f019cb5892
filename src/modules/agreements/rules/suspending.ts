/**
 * Taking rights away for a while or for good: a suspension of the whole or of one part on a stated ground, lifted by the
 * side that set it; a grant revoked by itself. Pure; either side may, since both only take away.
 */
import { Refusal, noSuch } from '#kit/refusal';
import type { Agreement, Revocation, Suspension } from '../model.ts';
import type { Side } from '../terms.ts';

export interface Suspending extends Pick<Suspension, 'id' | 'part' | 'ground' | 'statement' | 'person' | 'at'> {
  readonly side: Side;
}

/** Those that hold now, of the whole first. */
export function openSuspensions(agreement: Agreement): Suspension[] {
  return agreement.suspensions.filter((s) => s.liftedAt === null)
    .sort((a, b) => Number(a.part !== null) - Number(b.part !== null));
}

function mustBind(agreement: Agreement): void {
  if (agreement.status === 'draft') {
    throw new Refusal('conflict', 'agreement.not-in-force', 'Only an agreement that both sides signed can be taken from.');
  }
  if (agreement.status === 'ended') {
    throw new Refusal('conflict', 'agreement.already-ended', 'This agreement has been ended already.');
  }
}

export function suspend(agreement: Agreement, by: Suspending): Agreement {
  mustBind(agreement);
  if (by.part !== null && !agreement.parts.some((p) => p.id === by.part && p.state === 'in-force')) throw noSuch('part');
  if (openSuspensions(agreement).some((s) => s.part === by.part && s.side === by.side)) {
    throw new Refusal('conflict', 'agreement.already-suspended', 'Your side has suspended this already.');
  }
  const fresh = { ...by, liftedAt: null, liftedBy: null, acknowledgedAt: null, acknowledgedBy: null };
  return settled({ ...agreement, suspensions: [...agreement.suspensions, fresh] });
}

/** Only the side that suspended lifts it: otherwise a suspension would protect nobody. */
export function lift(agreement: Agreement, id: string, by: { side: Side; person: string; at: string }): Agreement {
  mustBind(agreement);
  const found = agreement.suspensions.find((s) => s.id === id);
  if (!found) throw noSuch('suspension');
  if (found.side !== by.side) {
    throw new Refusal('forbidden', 'suspension.not-yours', 'The side that suspended it lifts it.', { ask: 'the other side' });
  }
  if (found.liftedAt !== null) throw new Refusal('conflict', 'suspension.already-lifted', 'This suspension has been lifted already.');
  const suspensions = agreement.suspensions.map((s) => (s.id === id ? { ...s, liftedAt: by.at, liftedBy: by.person } : s));
  return settled({ ...agreement, suspensions });
}

/** The other side says that it has seen it; the clock of that duty stops with the fact. */
export function acknowledge(agreement: Agreement, id: string, by: { side: Side; person: string; at: string }): Agreement {
  const found = agreement.suspensions.find((s) => s.id === id);
  if (!found) throw noSuch('suspension');
  if (found.side === by.side) {
    throw new Refusal('forbidden', 'suspension.own', 'The side that did not suspend acknowledges.', { ask: 'the other side' });
  }
  if (found.acknowledgedAt !== null) {
    throw new Refusal('conflict', 'suspension.already-acknowledged', 'This suspension has been acknowledged already.');
  }
  const suspensions = agreement.suspensions.map((s) => (s.id === id ? { ...s, acknowledgedAt: by.at, acknowledgedBy: by.person } : s));
  return { ...agreement, suspensions, version: agreement.version + 1 };
}

/** The status of the whole follows from the suspensions of the whole that hold. */
function settled(agreement: Agreement): Agreement {
  const whole = openSuspensions(agreement).some((s) => s.part === null);
  return { ...agreement, status: whole ? 'suspended' : 'active', version: agreement.version + 1 };
}

export function revoke(agreement: Agreement, revocation: Revocation): Agreement {
  mustBind(agreement);
  if (!agreement.clauses.some((c) => c.machine.grants.some((g) => g.id === revocation.grant))) throw noSuch('grant');
  if (agreement.revocations.some((r) => r.grant === revocation.grant)) {
    throw new Refusal('conflict', 'grant.already-revoked', 'This grant has been revoked already.');
  }
  return { ...agreement, revocations: [...agreement.revocations, revocation], version: agreement.version + 1 };
}
