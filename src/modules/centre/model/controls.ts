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

export type ExcerptState = 'asked' | 'refused' | 'agreed';
export const Excerpt = z.strictObject({
  id: z.string(), visit: z.string(), path: z.string(), from: z.number().int(), to: z.number().int(), purpose: z.string(), at: z.iso.datetime(),
  endsAt: z.iso.datetime(), byName: z.string(), state: z.enum(['asked', 'refused', 'agreed']),
  /** For the provider, who reads what it is to let out; the other side has it as a copy. */
  text: z.string().nullable(), original: z.string(), cleared: z.string().nullable(),
  withheld: z.array(z.strictObject({ from: z.number().int(), to: z.number().int(), reason: z.string() })),
  clearedBy: z.boolean(), agreedBy: z.boolean(), reason: z.string(), mine: z.boolean(),
});
export type Excerpt = z.infer<typeof Excerpt>;

export const Copy = z.strictObject({
  id: z.string(), visit: z.string(), excerpt: z.string().nullable(), what: z.string(), mark: z.string(), holder: z.string(), madeAt: z.iso.datetime(),
  endsAt: z.iso.datetime(), destroyedAt: z.iso.datetime().nullable(), how: z.string(), overdue: z.boolean(),
});
export type Copy = z.infer<typeof Copy>;

export const Appeal = z.strictObject({
  note: z.string(), reason: z.string(), at: z.iso.datetime(), state: z.enum(['waiting', 'upheld', 'refused']), answer: z.string(),
  answeredAt: z.iso.datetime().nullable(),
  /** The note as it was let out on the appeal, and its SHA-256. */
  text: z.string().nullable(), hash: z.string().nullable(),
});
export type Appeal = z.infer<typeof Appeal>;

/** Seeing what was read before the agreed days. */
export const Early = z.strictObject({
  /** Windows that are asked for, drawn by a checkpoint; null is all. */
  sample: z.number().int().nullable(),
  reason: z.string(), at: z.iso.datetime(), state: z.enum(['waiting', 'agreed', 'refused']), answer: z.string(), answeredAt: z.iso.datetime().nullable(),
});
export type Early = z.infer<typeof Early>;

/** Who may open alone what was read in a visit, named by one side and agreed to by the other. */
export const Arbiter = z.strictObject({
  name: z.string(), fingerprint: z.string(), at: z.iso.datetime(),
  /** Whether the caller's side named it. */
  mine: z.boolean(), state: z.enum(['waiting', 'agreed', 'refused']), answer: z.string(), answeredAt: z.iso.datetime().nullable(),
});
export type Arbiter = z.infer<typeof Arbiter>;

/** The arbiter's share: what was read, sealed to its key when the visit ended. `facts` are in it, each with its proof. */
export const Escrow = z.strictObject({ digest: z.string(), bytes: z.number().int(), facts: z.number().int(), at: z.iso.datetime() });
export type Escrow = z.infer<typeof Escrow>;

export const Bait = z.strictObject({
  paths: z.array(z.string()), sealed: z.boolean(),
  opened: z.array(z.strictObject({ path: z.string(), at: z.iso.datetime(), review: z.string() })),
});
export type Bait = z.infer<typeof Bait>;
