/** A renewal or an amendment begins as a copy of what it takes the place of, with a term of its own. Pure. */
import { Refusal } from '#kit/refusal';
import { midnight } from '#kit/zone/midnight';
import type { Agreement } from '../model.ts';

/** The same day some years on; the 29th of February becomes the 28th where that year has none. */
export function yearsAfter(day: string, years: number): string {
  const year = Number(day.slice(0, 4)) + years;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return `${String(year).padStart(4, '0')}${day.endsWith('-02-29') && !leap ? '-02-28' : day.slice(4)}`;
}

/** Whole days to the end, and the last of the reminders (90, 30, 7 days before) that is due; none once it is over. */
export function remindersOf(a: Pick<Agreement, 'expiresAt' | 'status'>, now: number): { daysLeft: number; reminder: 90 | 30 | 7 | null } {
  const left = (Date.parse(a.expiresAt) - now) / 86_400_000;
  const due = ([7, 30, 90] as const).find((days) => left <= days) ?? null;
  return { daysLeft: Math.max(0, Math.floor(left)), reminder: left > 0 && a.status !== 'ended' && a.status !== 'draft' ? due : null };
}

export interface Renewal {
  readonly id: string;
  readonly createdAt: string;
  readonly effectiveOn?: string | undefined;
  readonly expiresOn?: string | undefined;
}

/**
 * The copy, as a draft: clauses with their machine form and the attestations that cover them, the parts that still stand.
 * Grants whose own term lies outside the new one lose it; those revoked are left out.
 */
export function renewalOf(agreement: Agreement, renewal: Renewal): Agreement {
  if (agreement.status === 'draft') {
    throw new Refusal('conflict', 'agreement.not-in-force', 'A draft is edited, not renewed.', { hint: 'Open the editor.' });
  }
  const effectiveOn = renewal.effectiveOn ?? agreement.expiresOn;
  const expiresOn = renewal.expiresOn ?? yearsAfter(effectiveOn, 3);
  if (expiresOn <= effectiveOn) {
    throw new Refusal('invalid', 'agreement.empty-term', 'It must end after it begins.', { at: 'expiresOn' });
  }
  const [effectiveAt, expiresAt] = [midnight(effectiveOn, agreement.zone), midnight(expiresOn, agreement.zone)];
  const gone = new Set(agreement.revocations.map((r) => r.grant));
  const parts = agreement.parts.map((p) => (p.state === 'withdrawn' ? { ...p, state: 'not-included' as const } : p));
  const clauses = agreement.clauses
    .filter((c) => c.part === null || parts.some((p) => p.id === c.part && p.state === 'in-force'))
    .map((c) => ({ ...c, machine: { ...c.machine, grants: c.machine.grants.filter((g) => !gone.has(g.id)).map(termless) } }))
    .filter((c) => c.kind !== 'grant' || c.machine.grants.length > 0);
  return {
    ...agreement, id: renewal.id, createdAt: renewal.createdAt, parts, clauses, effectiveOn, expiresOn, effectiveAt, expiresAt, status: 'draft', signatures: [],
    suspensions: [], revocations: [], successions: [], activation: null, predecessor: agreement.id, version: 1, documentSha256: '',
  };

  function termless<G extends { notBefore: string | null; expires: string | null }>(grant: G): G {
    const outside = (at: string | null): boolean => at !== null && !(at >= effectiveAt && at <= expiresAt);
    return {
      ...grant, notBefore: outside(grant.notBefore) ? null : grant.notBefore, expires: outside(grant.expires) ? null : grant.expires,
    };
  }
}
