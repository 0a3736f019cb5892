/**
 * What is signed, as bytes: the RFC 8785 form of the agreement without what happens to it
 * afterwards, and SHA-256 over it. Both sides, and another hub, come to the same digest from the same terms.
 */
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { check } from '#kit/refusal';
import type { Agreement } from './model.ts';
import type { Side } from './terms.ts';

export const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/** RFC 8785, so that two hash the same bytes. */
export function canonical(document: unknown): string {
  const text = canonicalize(document);
  check(text !== undefined, 'an agreement is plain JSON');
  return text;
}

/**
 * The terms alone: no id, no signature, no attestation, no suspension. A part that was withdrawn afterwards stands as it
 * was signed, and where a successor took a side's place the one that signed stands. Who sponsors and what is renewed are
 * terms; an agreement that has neither has no field for it.
 */
export function termsOf(a: Agreement): Readonly<Record<string, unknown>> {
  const signedBy = (side: Side): string => a.successions.find((s) => s.side === side)?.from ?? a[side];
  return {
    template: a.template, title: a.title, titleVi: a.titleVi, authority: signedBy('authority'),
    counterpart: signedBy('counterpart'),
    products: a.products, partNoun: a.partNoun, effectiveOn: a.effectiveOn, expiresOn: a.expiresOn, zone: a.zone,
    parts: a.parts.map((p) => (p.state === 'withdrawn' ? { ...p, state: 'in-force' } : p)),
    clauses: a.clauses.map(({ attestations: _, ...clause }) => clause),
    ...(a.predecessor ? { predecessor: a.predecessor } : {}), ...(a.sponsorship ? { sponsorship: a.sponsorship } : {}),
  };
}

/** The text that both sides sign. */
export const canonicalText = (a: Agreement): string => canonical(termsOf(a));
export const documentSha256Of = (a: Agreement): string => sha256(canonicalText(a));
