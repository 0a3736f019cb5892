/** The league of providers: rates, trend and how soon what was found there is gone. */
import { z } from 'zod';
import { endpoint } from '#kit/endpoint';
import { Count, Day, Period } from './model.ts';

const Rate = z.number().nullable();

export const leagueApi = {
  ispLeague: endpoint({
    method: 'GET',
    path: '/api/isp-league',
    summary: 'Providers by infected addresses for each ten thousand of their own, over six months, with how soon their findings are remedied.',
    input: z.strictObject({ month: Period.optional() }),
    output: z.strictObject({
      month: z.string(), from: Day, to: Day, computedAt: z.iso.datetime(), monthsKnown: z.array(z.string()),
      /** How many have a base and are ranked; the middle one of their rates. */
      population: Count, medianRate: Rate,
      items: z.array(z.strictObject({
        id: z.string(), name: z.string(),
        /** The fewest first, equal rates share; null without a base. */
        rank: Count.nullable(),
        /** Infected IPv4 addresses for each ten thousand of its own registered prefixes at the end of the month. */
        rate: Rate, infected: Count, base: Count,
        /** Infected addresses it answers for outside those prefixes, and of IPv6: they are in no rate. */
        beside: Count, v6: Count,
        /** Six months, oldest first; null without a row or a base. */
        trend: z.array(z.strictObject({ period: z.string(), rate: Rate })),
        /** Findings that began in the six months, those still open, and the hours by which half were closed (Kaplan-Meier). */
        findings: Count, open: Count, medianHours: z.number().nullable(),
      })),
    }),
    needs: { right: 'event.list', by: 'role' },
  }),
} as const;
