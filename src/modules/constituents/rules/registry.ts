/** What may happen in the registry. Pure: the browser runs it too, so that a form says what the server would say. */
import { parsePrefix, formatPrefix } from '#kit/ip/ip';
import { Refusal } from '#kit/refusal';
import type { Asset, AssetKind, Proof } from '../model/registry.ts';

/** A moment as RFC 3339 in UTC with milliseconds; a day is its midnight UTC. */
export function instant(moment: string): string {
  return new Date(/^\d{4}-\d{2}-\d{2}$/.test(moment) ? `${moment}T00:00:00Z` : moment).toISOString();
}

/** The one way to write an asset's value, or the Refusal that says why it is none. */
export function canonicalValue(kind: AssetKind, value: string): string {
  const word = value.trim();
  if (kind === 'prefix') {
    const prefix = parsePrefix(word);
    if (prefix !== null) return formatPrefix(prefix);
    throw new Refusal('invalid', 'asset.not-a-prefix', 'This is no prefix.', {
      at: 'value', hint: 'Write 203.0.113.0/24 or 2001:db8::/32, with no bit set behind the length.',
    });
  }
  if (kind === 'asn') {
    const match = /^(?:AS)?(\d{1,10})$/i.exec(word);
    const number = Number(match?.[1] ?? 0);
    if (number > 0 && number <= 4_294_967_295) return String(number);
    throw new Refusal('invalid', 'asset.not-an-asn', 'This is no AS number.', { at: 'value', hint: 'Write 64512 or AS64512.' });
  }
  if (kind === 'certificate') {
    const hex = word.toLowerCase().replaceAll(':', '');
    if (/^[0-9a-f]{64}$/.test(hex)) return hex;
    throw new Refusal('invalid', 'asset.not-a-certificate', 'This is no SHA-256 of a certificate.', {
      at: 'value', hint: 'Write its 64 hex digits, with or without colons.',
    });
  }
  const domain = word.toLowerCase().replace(/\.$/, '');
  const label = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
  if (domain.length <= 253 && new RegExp(`^(?:${label}\\.)+[a-z0-9-]{2,63}$`).test(domain)) return domain;
  throw new Refusal('invalid', 'asset.not-a-domain', 'This is no domain.', {
    at: 'value', hint: 'Write example.gov.vn; other scripts in their xn-- form.',
  });
}

/** From is before to. */
export function checkTerm(from: string, to: string | null): void {
  if (to !== null && Date.parse(to) <= Date.parse(from)) {
    throw new Refusal('invalid', 'asset.empty-term', 'It must end after it begins.', { at: 'to' });
  }
}

/** Longest that a proof stands before it is shown anew: two years, but for the registry's own record. */
const proofDays = 731;

export function checkProof(proof: Proof): void {
  const until = proof.until === null ? null : Date.parse(proof.until);
  if (until === null && proof.kind !== 'registry-record') {
    throw new Refusal('invalid', 'proof.endless', 'A letter or a token proves for a time only.', {
      at: 'until', hint: 'Say until when, two years at most.',
    });
  }
  if (until === null) return;
  const days = (until - Date.parse(proof.at)) / 86_400_000;
  if (days <= 0 || days > proofDays) {
    throw new Refusal('invalid', 'proof.term', 'A proof stands from now on for two years at most.', { at: 'until' });
  }
}

/** Whether what was shown still stands at a moment. */
export function proofState(proof: Proof | null, at: number): 'none' | 'stands' | 'lapsed' {
  if (proof === null) return 'none';
  return proof.until !== null && Date.parse(proof.until) <= at ? 'lapsed' : 'stands';
}

type Term = Pick<Asset, 'from' | 'to'>;

export function overlap(x: Term, y: Term): boolean {
  return (y.to === null || Date.parse(x.from) < Date.parse(y.to)) && (x.to === null || Date.parse(y.from) < Date.parse(x.to));
}

/** One holder at a time: `others` are the registry's assets of the same kind and value. */
export function checkFree(asset: Term, others: readonly Term[]): void {
  if (!others.some((other) => overlap(asset, other))) return;
  throw new Refusal('conflict', 'asset.already-held', 'Somebody answers for this already in that time.', {
    at: 'value', hint: 'End the other one first; the moment it ends may be the moment this one begins.',
  });
}

/** Ends an asset at a moment after its beginning. An end may be moved while nobody follows. */
export function end(asset: Asset, to: string): Asset {
  checkTerm(asset.from, to);
  return { ...asset, to };
}
