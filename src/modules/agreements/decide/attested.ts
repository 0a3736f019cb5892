/**
 * Whether two people have given their word that an item of a clause's machine form says what its text says. The word is
 * bound to the digest of number, text and machine form: changed meanwhile, it covers nothing.
 */
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { check } from '#kit/refusal';
import type { Clause } from '../model.ts';

/** SHA-256 over the RFC 8785 form of what an attestation is about, lower-case hex. */
export function clauseDigest(clause: Pick<Clause, 'number' | 'textSha256' | 'machine'>): string {
  const { number, textSha256, machine } = clause;
  const text = canonicalize({ number, textSha256, machine });
  check(text !== undefined, 'a clause is plain JSON');
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** People whose word covers the item as it stands now, each once. */
export function attestersOf(clause: Clause, item: string): string[] {
  if (clause.attestations.length === 0) return [];
  const digest = clauseDigest(clause);
  const covering = clause.attestations.filter((t) => t.clauseSha256 === digest && t.covers.includes(item));
  return [...new Set(covering.map((t) => t.person))];
}

export const isAttested = (clause: Clause, item: string): boolean => attestersOf(clause, item).length >= 2;
