/** The league of providers: rates, trend and how soon what was found there is gone. */
import { z } from 'zod';
import { endpoint } from '#kit/endpoint';
import { Count, Day, Period } from './model.ts';

const Rate = z.number().nullable();
const Trend = z.array(z.strictObject({ period: z.string(), rate: Rate }));

const Provider = z.strictObject({
  id: z.string(), name: z.string(),
  /** The fewest first, equal rates share; null without a base. */
  rank: Count.nullable(),
  /** Infected IPv4 addresses for each ten thousand of its own registered prefixes at the end of the month. */
  rate: Rate, infected: Count, base: Count,
  /** Infected addresses it answers for outside those prefixes, and of IPv6: they are in no rate. */
  beside: Count, v6: Count,
  /** Six months, oldest first; null without a row or a base. */
  trend: Trend,
  /** Findings that began in the six months, those still open, and the hours by which half were closed (Kaplan-Meier). */
  findings: Count, open: Count, medianHours: z.number().nullable(),
});
const About = {
  month: z.string(), from: Day, to: Day, computedAt: z.iso.datetime(), monthsKnown: z.array(z.string()),
  /** How many have a base and are ranked. */
  population: Count,
};

export const leagueApi = {
  ispLeague: endpoint({
    method: 'GET',
    path: '/api/isp-league',
    summary: 'Providers by infected addresses for each ten thousand of their own, over six months, with how soon their findings are remedied.',
    input: z.strictObject({ month: Period.optional() }),
    /** With the middle one of all rates. */
    output: z.strictObject({ ...About, medianRate: Rate, items: z.array(Provider) }),
    needs: { right: 'event.list', by: 'role' },
  }),
  myLeague: endpoint({
    method: 'GET',
    path: '/api/my/isp-league',
    summary: 'A provider’s own place in the league, beside the middle rate of the others; of no other provider anything.',
    input: z.strictObject({ month: Period.optional() }),
    output: z.strictObject({
      ...About,
      items: z.array(Provider),
      /** The middle rate of the ranked others, by month; null in a month with fewer than three of them: it would tell of one. */
      others: z.strictObject({ ranked: Count, medianRate: Rate, trend: Trend }),
    }),
    needs: { right: 'exposure.view', by: 'mandate', agreedBy: 'exposure.agree' },
  }),
} as const;
