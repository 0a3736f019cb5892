/** A scan job as a noun: what may be looked at, from when until when, why and under which clause. */
import { z } from 'zod';
import { Id } from '../model.ts';

export const jobStates = ['waiting', 'running', 'over', 'stopped'] as const;
export const JobState = z.enum(jobStates);
export type JobState = z.infer<typeof JobState>;

export const Clause = z.strictObject({ agreementId: z.string(), agreementTitle: z.string(), clause: z.string(), textSha256: z.string() });

export const Job = z.strictObject({
  id: Id,
  constituent: Id,
  constituentName: z.string(),
  /** Prefixes and host names. */
  targets: z.array(z.string()),
  /** Ranges as `443` or `8000-8100`, in order, none touching another. */
  ports: z.array(z.string()),
  from: z.iso.datetime(),
  until: z.iso.datetime(),
  reason: z.string(),
  requestedAt: z.iso.datetime(),
  requestedBy: z.string(),
  /** Under which it stands; none where an organisation looks at its own. */
  clauses: z.array(Clause),
  state: JobState,
  stoppedAt: z.iso.datetime().nullable(),
  stoppedReason: z.string().nullable(),
});
export type Job = z.infer<typeof Job>;
