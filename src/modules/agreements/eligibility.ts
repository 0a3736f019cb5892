/** Who may join a programme: public criteria as data, an application with evidence, a decision with its reasons, an appeal. */
import { z } from 'zod';
import { OrganisationId, PersonId } from '#modules/parties/index';

const id = z.string().regex(/^[a-z][a-z0-9-]{0,58}[a-z0-9]$/);
const line = z.string().trim().min(1).max(300);
const words = z.string().trim().min(3).max(2000);

export const Criterion = z.strictObject({
  id, title: line, titleVi: line, text: words, textVi: words,
  /** What the applicant is asked to show. */
  evidence: words, evidenceVi: words,
});

/** One version of a provider's criteria; a later version never changes what was decided by an earlier one. */
export const CriteriaSet = z.strictObject({
  provider: OrganisationId, version: z.number().int().min(1), title: line, titleVi: line,
  criteria: z.array(Criterion).min(1).max(50), publishedAt: z.string(), publishedBy: PersonId,
});
export type CriteriaSet = z.infer<typeof CriteriaSet>;

export const Answered = z.strictObject({
  criterion: id, statement: z.string().trim().max(2000),
  /** Names and digests of what was handed over; the files themselves go by their own way. */
  evidence: z.array(z.strictObject({ name: line, sha256: z.string().regex(/^[0-9a-f]{64}$/).nullable() })).max(20),
});
export type Answered = z.infer<typeof Answered>;

export const Finding = z.strictObject({ criterion: id, met: z.boolean(), reason: words });
export type Finding = z.infer<typeof Finding>;

/** What the findings come to: computed, never typed. */
export const Outcome = z.strictObject({
  outcome: z.enum(['eligible', 'not-eligible']),
  /** Criteria that fail, in their order, with the reason and the evidence asked for. */
  failing: z.array(z.strictObject({ criterion: id, title: z.string(), titleVi: z.string(), reason: z.string(), evidence: z.string(), evidenceVi: z.string() })),
});
export type Outcome = z.infer<typeof Outcome>;

/** One assessment by two people: the second states that the first one's findings are their own too. */
export const Assessment = z.strictObject({
  findings: z.array(Finding), findingsSha256: z.string(),
  by: z.array(z.strictObject({ person: PersonId, at: z.string() })).min(1).max(2),
  outcome: Outcome.nullable(),
});

export const Application = z.strictObject({
  id: z.string().regex(/^apl_[0-9a-z]{3,40}$/), applicant: OrganisationId, provider: OrganisationId, criteriaVersion: z.number().int(),
  answers: z.array(Answered), submittedAt: z.string(), submittedBy: PersonId,
  state: z.enum(['submitted', 'decided', 'appealed', 'appeal-decided']),
  first: Assessment.nullable(),
  /** Against the first decision: why, since when, and until when others than before decide. */
  appeal: z.strictObject({ reason: words, at: z.string(), by: PersonId, dueAt: z.string() }).nullable(),
  second: Assessment.nullable(),
});
export type Application = z.infer<typeof Application>;
