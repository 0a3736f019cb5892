/**
 * Quotas as arithmetic: exact decimals, the period an instant falls into, and what is left. Ten hours and a half are ten hours
 * and a half: nothing here is a floating number.
 */
import { localDay, midnight } from '#kit/zone/midnight';
import type { Agreement } from '../model.ts';
import type { QuotaSpec } from '../terms.ts';

/** Six places: a microhour is less than any booking. */
const places = 6;

/** An amount in millionths; null where the text is no plain decimal of up to six places, or is not positive. */
export function exactly(amount: number | string): bigint | null {
  const found = /^(\d{1,13})(?:\.(\d{1,6}))?$/.exec(String(amount));
  if (!found) return null;
  return BigInt(`${found[1]}${(found[2] ?? '').padEnd(places, '0')}`);
}

/** As a person writes it: `10.5`. */
export function decimalText(millionths: bigint): string {
  const digits = millionths.toString().padStart(places + 1, '0');
  const fraction = digits.slice(-places).replace(/0+$/, '');
  return fraction === '' ? digits.slice(0, -places) : `${digits.slice(0, -places)}.${fraction}`;
}

export interface Period {
  /** RFC 3339 UTC; from is included, until is not. */
  readonly from: string;
  readonly until: string;
}

/** The calendar day, month or year in the agreement's zone that an instant falls into, or its term. Null outside the term. */
export function periodOf(
  quota: Pick<QuotaSpec, 'per'>, a: Pick<Agreement, 'effectiveAt' | 'expiresAt' | 'zone'>, at: string,
): Period | null {
  if (!(at >= a.effectiveAt && at < a.expiresAt)) return null;
  if (quota.per === 'term') return { from: a.effectiveAt, until: a.expiresAt };
  const [year = 0, month = 1, day = 1] = localDay(Date.parse(at), a.zone).split('-').map(Number);
  const spans = {
    day: [[year, month, day], [year, month, day + 1]], month: [[year, month, 1], [year, month + 1, 1]],
    year: [[year, 1, 1], [year + 1, 1, 1]],
  } as const;
  const [from, until] = spans[quota.per].map(([y, m, d]) =>
    midnight(new Date(Date.UTC(y, m - 1, d)).toISOString().slice(0, 10), a.zone)) as [string, string];
  return { from, until };
}

export type Drawing = 'within' | 'needs-approval' | 'denied';

/** What drawing so much more comes to. All in millionths. */
export function drawing(quota: Pick<QuotaSpec, 'beyond'>, { allowed, used, wanted }: { allowed: bigint; used: bigint; wanted: bigint }): Drawing {
  if (used + wanted <= allowed) return 'within';
  return quota.beyond === 'approval' ? 'needs-approval' : 'denied';
}
