/**
 * What became of an indicator where it was used, told back to whoever shared it: an *outcome* is one organisation's word on one object;
 * a *source card* counts the outcomes of a month by source.
 */
import { z } from 'zod';

export const usefulness = ['useful', 'not-useful', 'false'] as const;
export const actionsTaken = ['blocked', 'notified', 'investigated', 'none'] as const;

export const GivenOutcome = z.strictObject({
  object: z.string(), outcome: z.enum(usefulness), action: z.enum(actionsTaken), actedAt: z.iso.datetime().nullable(), note: z.string(),
  givenAt: z.iso.datetime(),
  /** Organisation that says so; null for a source that is not its holder: between them it is the holder who knows. */
  reporter: z.string().nullable(), reporterName: z.string().nullable(),
});
export type GivenOutcome = z.infer<typeof GivenOutcome>;

/** A count, and its share of what was judged: in percent to a tenth, null where nothing was. */
const Part = z.strictObject({ count: z.number().int(), percent: z.number().nullable() });
export const SourceCard = z.strictObject({
  source: z.string(), name: z.string(), org: z.string().nullable(),
  /** Objects that came in this month for the first time; words on objects of the source that were given in it. */
  received: z.number().int(), judged: z.number().int(), useful: Part, notUseful: Part, false: Part,
  /** Of those on which something was done: hours from its coming in to the act, in the middle. */
  acted: z.number().int(), medianHours: z.number().nullable(),
});
export type SourceCard = z.infer<typeof SourceCard>;
