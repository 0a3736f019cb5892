/**
 * A *recall* calls back what was shared: it leaves every collection at once, each organisation that could have had it is told by its
 * next sync and asked to remove its copies, and says so, or is overdue.
 */
import { z } from 'zod';
import { TlpLabel } from './exchange.ts';

/** What a recipient says of its copies. */
export const recallSayings = ['removed', 'had-none', 'cannot-remove'] as const;
export type RecallSaying = typeof recallSayings[number];

export const recallStates = ['outstanding', 'overdue', 'acknowledged'] as const;

export const RecalledObject = z.strictObject({ id: z.string(), name: z.string(), tlp: TlpLabel });

export const RecallRecipient = z.strictObject({
  org: z.string(), name: z.string(), state: z.enum(recallStates),
  /** When a sync or a page first told it; null where neither has. */
  deliveredAt: z.iso.datetime().nullable(), acknowledgedAt: z.iso.datetime().nullable(), said: z.enum(recallSayings).nullable(), note: z.string().nullable(),
});

const base = {
  id: z.string(), reason: z.string(), begunAt: z.iso.datetime(), acknowledgeBy: z.iso.datetime(), liftedAt: z.iso.datetime().nullable(),
  objects: z.array(RecalledObject),
};
/** As who called back sees it. */
export const SentRecall = z.strictObject({
  ...base, counts: z.strictObject({ recipients: z.number().int(), acknowledged: z.number().int(), outstanding: z.number().int(), overdue: z.number().int() }),
  recipients: z.array(RecallRecipient),
});
export type SentRecall = z.infer<typeof SentRecall>;

/** As a recipient sees it: its own copies, and nobody else. */
export const ReceivedRecall = z.strictObject({
  ...base, from: z.string(), fromName: z.string(), state: z.enum(recallStates), acknowledgedAt: z.iso.datetime().nullable(),
  said: z.enum(recallSayings).nullable(), note: z.string().nullable(),
  /** How many of the objects stand in one's own library. */
  held: z.number().int(),
});
export type ReceivedRecall = z.infer<typeof ReceivedRecall>;
