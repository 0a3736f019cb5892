/** A *re-share request*: who received something asks its source whether it may go further than its label lets it (FIRST, TLP 2.0, 1). */
import { z } from 'zod';
import { TlpLabel } from './exchange.ts';

export const reshareStates = ['open', 'granted', 'refused', 'lapsed'] as const;
export const Reshare = z.strictObject({
  id: z.string(), object: z.string(), name: z.string(), tlp: TlpLabel,
  asker: z.string(), askerName: z.string(), source: z.string(), sourceName: z.string(),
  /** To whom it would go: an organisation, or `public`; the name as the asker knows it. */
  with: z.string(), withName: z.string(), reason: z.string(), askedAt: z.iso.datetime(),
  state: z.enum(reshareStates), answeredAt: z.iso.datetime().nullable(), until: z.iso.datetime().nullable(), note: z.string().nullable(),
});
export type Reshare = z.infer<typeof Reshare>;
