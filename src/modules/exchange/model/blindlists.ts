/**
 * A *blind list* holds confidential indicators as keys alone (HMAC-SHA-256 of kind and value under the list's secret, cut to 16 bytes), so
 * that the hub can tell who looks a value up that it stands on the list, and nobody can read the list from it. Whoever holds the secret
 * can test a guess: what is confidential is the list, not that a guessed value is on it.
 */
import { z } from 'zod';

export const BlindKey = z.string().regex(/^[0-9a-f]{32}$/);
export const BlindList = z.strictObject({
  id: z.string(), title: z.string(), owner: z.string(), ownerName: z.string(), agreement: z.string(), partner: z.string(), partnerName: z.string(),
  /** What somebody should do who finds a value on it. */
  contact: z.string(), openedAt: z.iso.datetime(), closedAt: z.iso.datetime().nullable(),
  /** Only its owner is told: how many keys there are, how often one was found, and when last. */
  keys: z.number().int().nullable(), found: z.number().int().nullable(), lastAt: z.iso.datetime().nullable(),
});
export type BlindList = z.infer<typeof BlindList>;
export const BlindHit = z.strictObject({ key: BlindKey, found: z.number().int(), lastAt: z.iso.datetime() });
