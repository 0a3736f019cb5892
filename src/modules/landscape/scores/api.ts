/** Score cards of sources by month: all of them for whoever receives the feeds, its own for a provider. */
import { z } from 'zod';
import { endpoint } from '#kit/endpoint';
import { Count, Id, Period } from '../model.ts';

/** Part and whole beside the percent; null of nothing, never 0. */
const Share = z.strictObject({ part: z.number(), whole: z.number(), percent: z.number().nullable() });

const Score = z.strictObject({
  /** Findings in notices that were let go in the month. */
  told: Count,
  /** Of those that were judged: acted on by their owner or closed by observation. */
  useful: Share,
  /** Of those that were judged: disputed by their owner. */
  false: Share,
  /** Of those that were told. */
  notJudged: Share,
  /** From letting go to the first act on it, of the useful ones; null where there is none. */
  medianHours: z.number().nullable(),
  batches: Count,
  rows: z.strictObject({ read: Count, stored: Count, duplicate: Count, quarantined: Count }),
  duplicate: Share,
  quarantined: Share,
  /** Hours overdue of the hours since the feed first came; null where nothing is promised. */
  late: Share.nullable(),
  gaps: Count,
  gapHours: z.number(),
  /** Things that nobody else reported; null where the month's rows are past their time and gone. */
  alone: Share.nullable(),
});

const Report = z.strictObject({
  month: z.string(),
  /** Months in which a file came, newest first. */
  monthsKnown: z.array(z.string()),
  feeds: z.array(z.strictObject({
    id: Id, name: z.string(), title: z.string(), provider: z.string().nullable(), providerName: z.string().nullable(), score: Score,
  })),
  /** All feeds of one provider as one source. */
  providers: z.array(z.strictObject({ id: Id, name: z.string(), feeds: Count, score: Score })),
  method: z.string(),
  csv: z.string(),
  computedAt: z.iso.datetime(),
});

export const scoresApi = {
  sourceScores: endpoint({
    method: 'GET',
    path: '/api/source-scores',
    summary: 'Score cards of the feeds received and of their providers in a month: what owners made of what they said, how they deliver, what only they saw.',
    input: z.strictObject({ month: Period.optional() }),
    output: Report,
    needs: { right: 'feed.view', by: 'role' },
  }),
  mySourceScore: endpoint({
    method: 'GET',
    path: '/api/my/source-score',
    summary: 'The score card of the feeds that one’s own organisation provides, and of no others.',
    input: z.strictObject({ month: Period.optional() }),
    output: Report,
    needs: { right: 'feed.deliver', by: 'mandate', agreedBy: 'feed.agree' },
  }),
} as const;
