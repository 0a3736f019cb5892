/**
 * The paper as data: an agreement between two organisations, its pillars or authorisations, its clauses with their
 * words and their machine form, and the decision that follows from them. FIRST's TLP 2.0 names the labels.
 */
import { z } from 'zod';
import { OrganisationId, PersonId } from '#modules/parties/index';
import { Machine, PurposeName, Side } from './terms.ts';

export { GrantSpec, Machine, PurposeName, Side, TlpLabel } from './terms.ts';

export const AgreementId = z.string().regex(/^agr_[0-9a-z]{3,40}$/);

/** Of an agreement copy (passing.ts). */
export const maxCopyBytes = 4_000_000;

export const TemplateName = z.enum(['mou', 'programme', 'warning-service']);
export type TemplateName = z.infer<typeof TemplateName>;

/** A part of the agreement that stands or falls as one: a pillar of an MoU, an authorisation of a programme. */
export const Part = z.strictObject({
  id: z.string(),
  title: z.string(),
  titleVi: z.string(),
  summary: z.string(),
  summaryVi: z.string(),
  state: z.enum(['in-force', 'withdrawn', 'not-included']),
  /** Rights that only this part can give: a denial names the part that is absent. */
  rights: z.array(z.string()),
});
export type Part = z.infer<typeof Part>;

/**
 * A person's word that the machine form says what the text says. It covers only what does not benefit that person:
 * a grant counts once two people have covered it (`rules.ts`).
 */
export const Attestation = z.strictObject({
  person: PersonId,
  personName: z.string(),
  organisation: OrganisationId,
  at: z.string(),
  /** SHA-256 over the RFC 8785 form of the clause's number, text digest and machine form. */
  clauseSha256: z.string(),
  /** Ids of the grants, prohibitions, obligations, quotas, handling and oversight that it covers. */
  covers: z.array(z.string()),
});
export type Attestation = z.infer<typeof Attestation>;

export const Clause = z.strictObject({
  /** As printed: `2.1`. */
  number: z.string(),
  part: z.string().nullable(),
  title: z.string(),
  titleVi: z.string(),
  text: z.string(),
  textVi: z.string(),
  /** Lower-case hex over the UTF-8 of `text`. */
  textSha256: z.string(),
  kind: z.enum(['grant', 'prohibition', 'obligation', 'oversight', 'handling', 'quota', 'narrative']),
  machine: Machine,
  /** Not part of what is signed: it is given to the draft before. */
  attestations: z.array(Attestation),
});
export type Clause = z.infer<typeof Clause>;

export const Ground = z.enum(['political', 'legal', 'security', 'breach', 'technical', 'other']);

/** A pause of the whole agreement or of one part, on a stated ground; lifted, it is as it was. */
export const Suspension = z.strictObject({
  id: z.string(),
  /** Null: the whole agreement. */
  part: z.string().nullable(),
  ground: Ground,
  statement: z.string(),
  side: Side,
  person: PersonId,
  at: z.string(),
  liftedAt: z.string().nullable(),
  liftedBy: PersonId.nullable(),
  /** When the other side said that it has seen it. */
  acknowledgedAt: z.string().nullable(),
  acknowledgedBy: PersonId.nullable(),
});
export type Suspension = z.infer<typeof Suspension>;

/** A grant taken back before its time. */
export const Revocation = z.strictObject({
  grant: z.string(), person: PersonId, side: Side, at: z.string(), reason: z.string(),
});
export type Revocation = z.infer<typeof Revocation>;

/**
 * An agreement between a provider and an agency that another one, the sponsor, answers for. Each grant is narrower, in
 * every dimension, than the sponsor's own grant that it comes from, and counts only while that one does.
 */
export const Sponsorship = z.strictObject({
  sponsor: OrganisationId,
  /** The sponsor's own agreement with the same provider. */
  agreement: AgreementId,
  /** Id of each grant here to the id of the sponsor's grant it comes from. */
  parents: z.record(z.string(), z.string()),
});
export type Sponsorship = z.infer<typeof Sponsorship>;

/** One side's place taken by a successor: the text, its signatures and attestations stay those that were given. */
export const Succeeded = z.strictObject({
  side: Side, from: OrganisationId, to: OrganisationId, at: z.string(), succession: z.string(),
});
export type Succeeded = z.infer<typeof Succeeded>;

/** A right of one side that is there after a change and was not before, or the reverse. */
export const Change = z.strictObject({
  side: Side, right: z.string(), part: z.string().nullable(),
  /** What it comes to, dimension by dimension; empty on the side where the right is not given at all. */
  before: z.array(z.string()), after: z.array(z.string()),
});
export const GainsAndLosses = z.strictObject({ gains: z.array(Change), losses: z.array(Change) });
export type GainsAndLosses = z.infer<typeof GainsAndLosses>;

export const Signature = z.strictObject({
  side: Side,
  organisation: OrganisationId,
  person: z.string(),
  personName: z.string(),
  at: z.string(),
  /** What was signed: SHA-256 of the canonical agreement text and machine form. */
  documentSha256: z.string(),
});
export type Signature = z.infer<typeof Signature>;

export const Status = z.enum(['draft', 'active', 'suspended', 'ended']);

export const Agreement = z.strictObject({
  id: AgreementId,
  template: TemplateName,
  title: z.string(),
  titleVi: z.string(),
  authority: OrganisationId,
  counterpart: OrganisationId,
  products: z.array(z.string()),
  /** Ordered list of pillars (MoU), authorisations (programme) or services. */
  parts: z.array(Part),
  partNoun: z.enum(['pillar', 'authorisation', 'service']),
  clauses: z.array(Clause),
  status: Status,
  /** First and last-excluded day, `YYYY-MM-DD` in the governing zone; access starts and stops at its 00:00. */
  effectiveOn: z.iso.date(),
  expiresOn: z.iso.date(),
  zone: z.string(),
  /** The same as instants, UTC. */
  effectiveAt: z.string(),
  expiresAt: z.string(),
  signatures: z.array(Signature),
  suspensions: z.array(Suspension),
  revocations: z.array(Revocation),
  /** The agreement that this one renews, amends or succeeds; ended as superseded when this one takes effect. */
  predecessor: AgreementId.nullable(),
  sponsorship: Sponsorship.nullable(),
  successions: z.array(Succeeded),
  /** What the second signature changed, as both signers were shown it; null before. */
  activation: GainsAndLosses.nullable(),
  documentSha256: z.string(),
  version: z.number().int(),
  createdAt: z.string(),
});
export type Agreement = z.infer<typeof Agreement>;

/** As a party sees it: with the other's name, and what holds at this moment. */
export const AgreementView = Agreement.extend({
  authorityName: z.string(),
  authorityNameLocal: z.string().nullable(),
  counterpartName: z.string(),
  counterpartNameLocal: z.string().nullable(),
  /** What `status` comes to at this moment: an active agreement past its end is `expired`. */
  standing: z.enum(['draft', 'awaiting-signature', 'not-yet-effective', 'in-force', 'suspended', 'ended', 'expired']),
  mySide: Side,
  /** Whether the reader's side has still to sign. */
  mayISign: z.boolean(),
  /** How far each clause with a machine form is attested, in the order of the clauses. */
  attesting: z.array(z.strictObject({
    clause: z.string(),
    /** What one attests: SHA-256 over number, text digest and machine form. */
    sha256: z.string(),
    /** Machine items, and how many of them two people have covered. */
    items: z.number().int(), attested: z.number().int(),
    /** What is left for the reader: `open` to attest, `done`, or `benefits`: everything in it is to the reader's benefit. */
    mine: z.enum(['open', 'done', 'benefits']),
  })),
});
export type AgreementView = z.infer<typeof AgreementView>;

/** One step of the reasoning, a tree: green where it holds, red where it stops. */
export interface Reason {
  /** Stable code, translated in the browser: `agreement.in-force`, `part.absent`, `purpose.not-granted`. */
  readonly code: string;
  readonly holds: boolean;
  /** The sentence in English, complete in itself. */
  readonly sentence: string;
  readonly clause?: { agreementId: string; agreementTitle: string; clause: string; textSha256: string } | undefined;
  readonly children: readonly Reason[];
}
export const Reason: z.ZodType<Reason> = z.lazy(() =>
  z.strictObject({
    code: z.string(),
    holds: z.boolean(),
    sentence: z.string(),
    clause: z
      .strictObject({
        agreementId: z.string(), agreementTitle: z.string(), clause: z.string(), textSha256: z.string(),
      })
      .optional(),
    children: z.array(Reason),
  }),
);

export const Decision = z.strictObject({
  outcome: z.enum(['allow', 'deny']),
  right: z.string(),
  subject: OrganisationId,
  owner: OrganisationId,
  purpose: PurposeName,
  grantIds: z.array(z.string()),
  /** Why not, most telling first: `no-agreement`, `part-absent`, `expired`, … Empty when allowed. */
  deniedBy: z.array(z.string()),
  reason: Reason,
  /** Whom to ask. */
  ask: z.string().nullable(),
});
export type Decision = z.infer<typeof Decision>;
