/** Whether a body's monitoring still reports to the centre: one connection for each source it runs, each with its last heartbeat. */
import { z } from 'zod';
import { constituentKinds } from './registry.ts';

/** Without a heartbeat for so long a source is silent. */
export const silentAfterMs = 24 * 3_600_000;
/** How often a source should be heard, in seconds: told in each answer. */
export const beatEverySeconds = 900;

export const Source = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/);

export const Beat = z.strictObject({
  /** Whose product sends it, as its vendor is called. */
  vendor: z.string().trim().min(1).max(80),
  version: z.string().trim().max(40).nullable().default(null),
  /** Machines that it watches, where it counts them. */
  watched: z.number().int().min(0).max(100_000_000).nullable().default(null),
});

export const Connection = z.strictObject({
  constituent: z.string(), source: z.string(), vendor: z.string(), version: z.string().nullable(), watched: z.number().int().nullable(),
  firstAt: z.iso.datetime(), lastAt: z.iso.datetime(), beats: z.number().int(),
  /** Since when it has been silent; null while it is heard. */
  silentSince: z.iso.datetime().nullable(),
});
export type Connection = z.infer<typeof Connection>;

export const bodyStates = ['connected', 'silent', 'never'] as const;
export const BodyConnection = z.strictObject({
  id: z.string(), name: z.string(), kind: z.enum(constituentKinds),
  /** Connected while any source is heard, silent once none is, never where none ever was. */
  state: z.enum(bodyStates), lastAt: z.iso.datetime().nullable(), sources: z.array(Connection),
});
export type BodyConnection = z.infer<typeof BodyConnection>;

/** A whole and its part, with the share in percent to one decimal; null of nothing. */
export const Share = z.strictObject({ connected: z.number().int(), total: z.number().int(), percent: z.number().nullable() });
