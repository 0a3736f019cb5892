/** The succession of an organisation: its place in agreements, what it answers for, its record and its registry pass to another. */
import { z } from 'zod';
import { OrganisationId, PersonId } from '#modules/parties/index';
import { AgreementId } from './model.ts';

export const SuccessionId = z.string().regex(/^suc_[0-9a-z]{3,40}$/);

export const Succession = z.strictObject({
  id: SuccessionId,
  from: OrganisationId,
  to: OrganisationId,
  reason: z.string(),
  /** Takes effect at the first moment from here on at which the successor has accepted. */
  effectiveAt: z.string(),
  state: z.enum(['proposed', 'accepted', 'effective', 'withdrawn']),
  proposedBy: PersonId, proposedAt: z.string(),
  acceptedBy: PersonId.nullable(), acceptedAt: z.string().nullable(),
  tookEffectAt: z.string().nullable(),
  /** Other sides of agreements that gave the predecessor something, and when each said that the successor may have it. */
  consents: z.array(z.strictObject({ organisation: OrganisationId, person: PersonId, at: z.string() })),
});
export type Succession = z.infer<typeof Succession>;

/** One agreement that passes. */
export const Passing = z.strictObject({
  agreement: AgreementId, title: z.string(), titleVi: z.string(), other: OrganisationId, otherName: z.string(),
  otherNameLocal: z.string().nullable(), standing: z.string(),
  /** Rights that pass with it, as they are: none is added. */
  rights: z.array(z.string()),
  /** Duties that pass with it: obligations of that side. */
  duties: z.number().int(),
  /** The other side gives something: until it consents, the agreement is suspended for the successor. */
  needsConsent: z.boolean(), consented: z.boolean(),
});
export type Passing = z.infer<typeof Passing>;

/** What would pass, computed from the records. */
export const SuccessionPlan = z.strictObject({
  from: OrganisationId, fromName: z.string(), fromNameLocal: z.string().nullable(),
  to: OrganisationId, toName: z.string(), toNameLocal: z.string().nullable(),
  agreements: z.array(Passing),
  /** Sponsored agencies that the successor answers for from then on. */
  sponsored: z.number().int(),
  /** People of the predecessor who cannot act any more; their passkeys and tokens end. */
  people: z.number().int(),
  /** Facts that the successor may read from then on. */
  facts: z.number().int(),
  /** Records of later modules that pass, by their noun. */
  records: z.record(z.string(), z.number().int()),
});
export type SuccessionPlan = z.infer<typeof SuccessionPlan>;
