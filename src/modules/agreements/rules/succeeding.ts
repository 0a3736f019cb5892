/**
 * One organisation takes another's place. The text, its signatures and its attestations stay those that were given: what a
 * side had passes as it was, and nothing is added. Pure.
 */
import { Refusal } from '#kit/refusal';
import type { Agreement } from '../model.ts';
import type { Succession } from '../succession.ts';
import type { Side } from '../terms.ts';

const other = (side: Side): Side => (side === 'authority' ? 'counterpart' : 'authority');

export function sideHeld(a: Pick<Agreement, 'authority' | 'counterpart'>, org: string): Side | null {
  if (a.authority === org) return 'authority';
  return a.counterpart === org ? 'counterpart' : null;
}

/** Whether the other side gives this side something: then it has a say in who receives it. */
export const receives = (a: Agreement, side: Side): boolean =>
  a.clauses.some((c) => c.machine.grants.some((g) => g.grantee === side));

/** The agreement with the successor in its place. `digestOf` is asked for drafts only: nobody is bound by their text yet. */
export function succeed(
  a: Agreement, s: Pick<Succession, 'id' | 'from' | 'to' | 'consents' | 'proposedBy'>, at: string, digestOf: (a: Agreement) => string,
): Agreement {
  const side = sideHeld(a, s.from);
  if (side === null || a.status === 'ended') return a;
  const version = a.version + 1;
  // The successor was the other side: nobody agrees with oneself.
  if (a[other(side)] === s.to) return { ...a, status: 'ended', version };
  const placed: Agreement = { ...a, [side]: s.to, version };
  if (a.status === 'draft') {
    const draft = { ...placed, signatures: [] };
    return { ...draft, documentSha256: digestOf(draft) };
  }
  const succeeded: Agreement = { ...placed, successions: [...a.successions, { side, from: s.from, to: s.to, at, succession: s.id }] };
  const consented = s.consents.some((c) => c.organisation === a[other(side)]);
  if (consented || !receives(a, side)) return succeeded;
  const waiting = {
    id: `${s.id}-${a.id}`, part: null, ground: 'legal' as const, side: other(side), person: s.proposedBy, at,
    statement: 'The succession has not been consented to yet.', liftedAt: null, liftedBy: null, acknowledgedAt: null, acknowledgedBy: null,
  };
  return { ...succeeded, status: 'suspended', suspensions: [...a.suspensions, waiting] };
}

export function accept(s: Succession, actor: { org: string; person: string }, at: string): Succession {
  if (s.to !== actor.org) throw new Refusal('forbidden', 'succession.not-yours', 'Only the successor accepts.');
  if (s.state !== 'proposed') throw new Refusal('conflict', 'succession.not-open', 'This succession does not wait for an acceptance.');
  return { ...s, state: 'accepted', acceptedBy: actor.person, acceptedAt: at };
}

/** The other side of an agreement says that the successor may have what it gives; once is enough, before or after. */
export function consent(s: Succession, actor: { org: string; person: string }, at: string): Succession {
  if (s.state === 'withdrawn') throw new Refusal('conflict', 'succession.not-open', 'This succession was withdrawn.');
  if (s.consents.some((c) => c.organisation === actor.org)) {
    throw new Refusal('conflict', 'succession.already-consented', 'Your organisation has consented already.');
  }
  return { ...s, consents: [...s.consents, { organisation: actor.org, person: actor.person, at }] };
}

export function withdraw(s: Succession, org: string): Succession {
  if (s.from !== org && s.to !== org) throw new Refusal('forbidden', 'succession.not-yours', 'Predecessor or successor withdraws it.');
  if (s.state !== 'proposed' && s.state !== 'accepted') {
    throw new Refusal('conflict', 'succession.not-open', 'What has taken effect is not withdrawn: propose a succession back.');
  }
  return { ...s, state: 'withdrawn' };
}
