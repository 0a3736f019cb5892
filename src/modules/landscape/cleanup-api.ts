/** Botnet clean-up month by month: what is infected, what is new, what stays, what is cured, how long it takes and where it lies. */
import { z } from 'zod';
import { endpoint } from '#kit/endpoint';
import { Area, Count, Day, Period } from './model.ts';

const Month = z.strictObject({
  period: z.string(),
  /** Distinct addresses; null where the month has no row. */
  infected: Count.nullable(),
  /** Of them in networks of state bodies; one that moved between bodies counts at both. */
  state: Count.nullable(),
  /** Fresh, persisting and cured make all. Null of months whose rows are gone; fresh and persisting also of the first that is kept. */
  fresh: Count.nullable(), persisting: Count.nullable(), cured: Count.nullable(),
  /** Of the cured, those first seen in the month. */
  curedFresh: Count.nullable(),
});

const Part = z.strictObject({ addresses: Count, before: Count.nullable() });

export const cleanupApi = {
  botnetCleanUp: endpoint({
    method: 'GET',
    path: '/api/botnet-clean-up',
    summary: 'Infected addresses of a month: new, persisting and cured, how long stays last, by family and provider; and the months before it.',
    input: z.strictObject({ month: Period.optional() }),
    output: z.strictObject({
      month: z.string(), monthBefore: z.string(), yearBefore: z.string(), area: Area, from: Day, to: Day, computedAt: z.iso.datetime(),
      /** Months with any row of an infection, newest first. */
      monthsKnown: z.array(z.string()),
      /** First day of which rows are kept: what came before is not known. */
      historyFrom: Day.nullable(),
      /** Oldest first; the last is the month asked for. Thirteen, so that the same month a year before is among them. */
      months: z.array(Month),
      stays: z.strictObject({
        /** Stays that began in the month; those not known to have ended. */
        total: Count, open: Count,
        /** Days from the first to the last sighting by which half had ended (Kaplan-Meier); null where so many are not known to have ended. */
        medianDays: z.number().nullable(),
        steps: z.array(z.strictObject({ days: Count, atRisk: Count, ended: Count, lasting: z.number() })),
      }),
      families: z.array(z.strictObject({ family: z.string(), ...Part.shape })),
      providers: z.array(z.strictObject({ id: z.string(), name: z.string(), ...Part.shape })),
      /** Addresses with a row that no provider of the registry answered for. */
      elsewhere: Count,
      /** Observations of a feed without the address that make it cured. */
      cureAfter: Count,
    }),
    needs: { right: 'event.list', by: 'role' },
  }),
} as const;
