/**
 * A *community* is a circle that one organisation holds and whose members do not know of each other: what one of them adds, all
 * of them read. Each member sees a collection of its own agreement with the holder, and nothing that tells of another.
 */
import { z } from 'zod';
import { Alias, Ceiling, StixType } from './exchange.ts';

export const CommunityMember = z.strictObject({
  /** Collection by which it takes part. */
  collection: z.string(), agreement: z.string(), partner: z.string(), partnerName: z.string(),
  since: z.iso.datetime(), dismissedAt: z.iso.datetime().nullable(),
  /** Objects that it added and that are there; whether the agreement lets it read and add now. */
  added: z.number().int(), reads: z.boolean(), adds: z.boolean(),
});
export type CommunityMember = z.infer<typeof CommunityMember>;

export const Community = z.strictObject({
  id: z.string(), title: z.string(), description: z.string(), alias: Alias.nullable(), ceiling: Ceiling, types: z.array(StixType).nullable(),
  openedAt: z.iso.datetime(), closedAt: z.iso.datetime().nullable(),
  objects: z.number().int(), members: z.array(CommunityMember),
});
export type Community = z.infer<typeof Community>;
