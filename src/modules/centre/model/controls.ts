/** What the controls of a reading room speak of. */
import { z } from 'zod';

/** The sitting whose mark a picture carries. */
export const MarkFound = z.strictObject({
  review: z.string(), visit: z.string(), product: z.string(), productName: z.string(), version: z.string(), org: z.string(), orgName: z.string(),
  person: z.string(), mark: z.string(), beganAt: z.iso.datetime(), endedAt: z.iso.datetime().nullable(),
  /** SHA-256 of the picture, as the record has it. */
  picture: z.string(),
});
export type MarkFound = z.infer<typeof MarkFound>;
