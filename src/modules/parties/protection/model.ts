/** What data protection speaks of: how long each class of record is kept, holds that keep longer, what is left of what went. */
import { z } from 'zod';

export const HoldId = z.string().regex(/^hld_[0-9a-z]{3,40}$/);

/** Keeps everything of a person, or of the whole organisation, whatever the retention says, until two people lift it. */
export const Hold = z.strictObject({
  id: HoldId,
  /** A person of the organisation, or the organisation itself. */
  subject: z.string(),
  reason: z.string(),
  placedBy: z.string(),
  placedAt: z.iso.datetime(),
  liftedBy: z.string().nullable(),
  liftedAt: z.iso.datetime().nullable(),
});
export type Hold = z.output<typeof Hold>;

/** What stays of a record that went: that it was, when and why it went, and the SHA-256 of what it said. */
export const Tombstone = z.strictObject({
  id: z.string(),
  class: z.string(),
  subject: z.string(),
  sha256: z.string(),
  why: z.enum(['retention', 'erasure']),
  removedAt: z.iso.datetime(),
});
export type Tombstone = z.output<typeof Tombstone>;

/** One class of records as the page shows it. */
export const RetentionView = z.strictObject({
  name: z.string(),
  days: z.number().int(),
  /** Records of one's own organisation that are past their time and kept by a hold. */
  held: z.number().int(),
});

export const PersonRecord = z.strictObject({
  person: z.strictObject({
    id: z.string(), name: z.string(), email: z.string().nullable(), roles: z.array(z.string()), status: z.string(), createdAt: z.string(),
  }),
  passkeys: z.array(z.strictObject({ name: z.string(), createdAt: z.string(), lastUsedAt: z.string().nullable() })),
  sessions: z.array(z.strictObject({ startedAt: z.string(), lastSeenAt: z.string(), expiresAt: z.string(), device: z.string() })),
  tokens: z.array(z.strictObject({ name: z.string(), scopes: z.array(z.string()), createdAt: z.string(), expiresAt: z.string() })),
  approvals: z.array(z.strictObject({ id: z.string(), operation: z.string(), reason: z.string(), requestedAt: z.string() })),
  /** Facts about the person, and facts of what the person did, that one's own organisation may read. */
  facts: z.array(z.strictObject({ index: z.number().int(), class: z.string(), at: z.string(), about: z.boolean() })),
  holds: z.array(Hold),
});
