/**
 * An *export* is a selection of what one may read, in one form, for one's own tools; a *release* is what was given out of it from one
 * moment to the next, byte for byte. What would be too strange a release is held until a second person has looked.
 */
import { z } from 'zod';
import { exportForms, leavingReasons } from '#kit/export/export';
import { valueKinds } from '#kit/match/value';
import { Ceiling, StixType, TlpLabel } from './exchange.ts';

export const ExportForm = z.enum(exportForms);
export const ValueKind = z.enum(valueKinds);

export const heldReasons = ['empty', 'too-many', 'too-great-a-change'] as const;
export const releaseActs = ['released', 'renewed', 'rolled-back'] as const;
export const releaseStates = ['held', 'given', 'dropped'] as const;

/** What is chosen, and how it is given. */
export const Selection = z.strictObject({
  form: ExportForm,
  /** One collection; null for all that one may read. */
  collection: z.string().max(60).nullable().default(null),
  words: z.string().trim().max(200).default(''), type: StixType.nullable().default(null),
  /** Kinds of values; null for all that the form can say. */
  kinds: z.array(ValueKind).min(1).max(valueKinds.length).nullable().default(null),
  ceiling: Ceiling.default('GREEN'),
  /** How long a release may be used, in hours. */
  hours: z.number().int().min(1).max(720).default(24),
  /** More values than this are held. */
  most: z.number().int().min(1).max(200_000).default(50_000),
  /** So many hundredths may come and go against the release before; more is held. */
  swing: z.number().int().min(1).max(1_000).default(50),
});
export type Selection = z.infer<typeof Selection>;

export const LeftOutShown = z.strictObject({
  reason: z.enum(leavingReasons), count: z.number().int(), by: z.array(z.tuple([z.string(), z.number().int()])),
});
export const Release = z.strictObject({
  number: z.number().int(), state: z.enum(releaseStates), act: z.enum(releaseActs), madeAt: z.iso.datetime(), madeBy: z.string(), endsAt: z.iso.datetime(),
  count: z.number().int(), tlp: TlpLabel, leftOut: z.array(LeftOutShown), held: z.array(z.enum(heldReasons)), sha256: z.string(), sizeBytes: z.number().int(),
  restores: z.number().int().nullable(), agreedBy: z.string().nullable(),
});
export type Release = z.infer<typeof Release>;

export const Export = z.strictObject({
  ...Selection.shape, id: z.string(), title: z.string(), openedAt: z.iso.datetime(), openedBy: z.string(), endedAt: z.iso.datetime().nullable(),
  endReason: z.string().nullable(),
  /** The release that is given now; 0 before the first. */
  current: z.number().int(),
  /** After a way back: stays until its end, and is not renewed by itself. */
  pinned: z.boolean(),
});
export type Export = z.infer<typeof Export>;
