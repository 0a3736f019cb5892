/** The nouns of parcels: a *site* whose key is pinned, a *parcel* that was made for one, one that was taken in, a *receipt*. */
import { z } from 'zod';
import { TlpLabel } from './peers.ts';

const Count = z.number().int().nonnegative();
const Moment = z.iso.datetime();

export const NewSite = z.strictObject({
  title: z.string().trim().min(1).max(120),
  /** Verifier key of C2SP signed-note, as `sites.list` of the other hub shows it. */
  vkey: z.string().trim().min(20).max(400),
  /** The highest label that is taken in from it. */
  ceiling: TlpLabel.exclude(['RED']), agreement: z.string().min(1).max(60).nullable().default(null),
});
export type NewSite = z.infer<typeof NewSite>;

export const Site = z.strictObject({
  id: z.string(), title: z.string(), vkey: z.string(), keyName: z.string(), ceiling: TlpLabel, agreement: z.string().nullable(), source: z.string(),
  pinnedAt: Moment, pinnedBy: z.string(),
});
export type Site = z.infer<typeof Site>;

export const Receipt = z.strictObject({
  series: z.string(), number: Count, root: z.string(), takenAt: Moment, accepted: Count, duplicate: Count, refused: Count, retracted: Count,
});
export type Receipt = z.infer<typeof Receipt>;

export const Made = z.strictObject({
  site: z.string(), series: z.string(), title: z.string(), number: Count, objects: Count, retractions: Count, bytes: Count, root: z.string(), madeAt: Moment,
  madeBy: z.string(), receipt: Receipt.nullable(),
});
export type Made = z.infer<typeof Made>;

export const Taken = z.strictObject({
  id: z.string(), site: z.string(), series: z.string(), number: Count, title: z.string(), ceiling: TlpLabel, root: z.string(), madeAt: Moment, takenAt: Moment,
  takenBy: z.string(), accepted: Count, duplicate: Count, quarantined: Count, refused: Count, retracted: Count,
});
export type Taken = z.infer<typeof Taken>;
