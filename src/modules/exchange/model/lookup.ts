/** What a look-up answers, and a list of what is harmless. */
import { z } from 'zod';
import { valueKinds } from '#kit/match/value';
import { TlpLabel } from './exchange.ts';

export const LookedUp = z.strictObject({
  asked: z.string(), kind: z.enum(valueKinds).nullable(), value: z.string().nullable(),
  hits: z.array(z.strictObject({
    id: z.string(), type: z.string(), name: z.string(), tlp: TlpLabel, owner: z.string(),
    /** The value that the object states, and how it covers what was asked. */
    value: z.string(), covers: z.enum(['exact', 'parent', 'prefix', 'path']), expired: z.boolean(),
  })),
  /** Confidential lists of others on which the value stands: what it means there, its owner says. */
  blind: z.array(z.strictObject({ list: z.string(), title: z.string(), owner: z.string(), contact: z.string() })),
  /** Warninglists on which the value, or what covers it, stands. */
  benign: z.array(z.string()),
});
export type LookedUp = z.infer<typeof LookedUp>;

export const Warninglist = z.strictObject({
  id: z.string(), name: z.string(), description: z.string(), kind: z.string(), version: z.string(), names: z.number().int(), leftOff: z.number().int(),
  uploadedAt: z.iso.datetime(),
});
export type Warninglist = z.infer<typeof Warninglist>;
