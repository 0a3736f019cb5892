/** What an agreement comes to at an instant, whatever its stored status says. Runs in the browser too. */
import type { Agreement } from '../model.ts';

export interface Standing {
  readonly inForce: boolean;
  readonly code: string;
  readonly sentence: string;
}

/** `now` is RFC 3339 UTC; one that cannot be read is a no. */
export function standingOf(a: Agreement, now: string): Standing {
  const code = standingCode({
    status: a.status, suspended: isSuspended(a, null), from: Date.parse(a.effectiveAt), until: Date.parse(a.expiresAt),
  }, Date.parse(now));
  return { inForce: code === 'agreement-in-force', code, sentence: standingSentence(a, code) };
}

export interface Term {
  readonly status: Agreement['status'];
  readonly suspended: boolean;
  /** Milliseconds since the epoch; NaN where it cannot be read. From is included, until is not. */
  readonly from: number;
  readonly until: number;
}

export function standingCode(term: Term, now: number): string {
  if (!Number.isFinite(now) || !Number.isFinite(term.from) || !Number.isFinite(term.until)) return 'clock-unreadable';
  if (term.status === 'draft') return 'agreement-not-signed';
  if (term.status === 'ended') return 'agreement-ended';
  if (term.suspended || term.status === 'suspended') return 'agreement-suspended';
  if (now < term.from) return 'agreement-not-yet-effective';
  if (now >= term.until) return 'agreement-expired';
  return term.status === 'active' ? 'agreement-in-force' : 'agreement-not-signed';
}

export function standingSentence(
  a: Pick<Agreement, 'title' | 'effectiveOn' | 'expiresOn' | 'zone'>, code: string,
): string {
  const said = new Map([
    ['agreement-not-signed', 'is not signed by both sides'],
    ['agreement-suspended', 'is suspended'],
    ['agreement-ended', 'has been ended'],
    ['agreement-not-yet-effective', `takes effect on ${a.effectiveOn}`],
    ['agreement-expired', `expired on ${a.expiresOn}, 00:00 ${a.zone}`],
    ['agreement-in-force', `is in force until ${a.expiresOn}`],
  ]).get(code);
  return said === undefined ? 'The time cannot be told.' : `“${a.title}” ${said}.`;
}

/** Whether a suspension of the whole (`null`) or of one part has not been lifted. */
export function isSuspended(a: Pick<Agreement, 'suspensions'>, part: string | null): boolean {
  return a.suspensions.some((s) => s.part === part && s.liftedAt === null);
}
