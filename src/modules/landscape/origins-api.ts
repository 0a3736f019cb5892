/** Where attacks come from: the ranking of origins with shares, the matrix of origins and targets, the networks behind one's own part. */
import { z } from 'zod';
import { endpoint } from '#kit/endpoint';
import { Area, Count, Period } from './model.ts';

const Share = z.number().min(0).max(100);

export const originsApi = {
  attackOrigins: endpoint({
    method: 'GET',
    path: '/api/public/attack-origins',
    summary: 'Where attacks of a period came from: each area with rank, share of the world and the period before; the home area over eight periods.',
    input: z.strictObject({ period: Period }),
    output: z.strictObject({
      period: z.string(), periodBefore: z.string(), home: z.string(), computedAt: z.iso.datetime(),
      total: Count, totalBefore: Count.nullable(),
      /** How many areas are ranked. */
      population: Count,
      items: z.array(z.strictObject({
        area: z.string(),
        /** Null for ZZ: what no list places has a share and no rank. */
        rank: Count.nullable(), attacks: Count, share: Share, before: Count.nullable(), change: z.number().nullable(),
      })),
      /** The home area, oldest first; null where a period has no attack at all. */
      series: z.array(z.strictObject({
        period: z.string(), attacks: Count.nullable(), total: Count.nullable(), share: Share.nullable(), rank: Count.nullable(),
        population: Count.nullable(),
      })),
      definition: z.string(), method: z.string(), source: z.string(), caution: z.string(),
    }),
    needs: { right: 'statistic.view', by: 'public' },
  }),
  attackMatrix: endpoint({
    method: 'GET',
    path: '/api/public/attack-matrix',
    summary: 'How many attacks of a period went from each area to each; areas no list knows are ZZ, rows that name no other side have none.',
    input: z.strictObject({
      period: Period, origin: Area.optional(), target: Area.optional(), limit: z.coerce.number().int().min(1).max(2000).default(500),
    }),
    output: z.strictObject({
      period: z.string(), home: z.string(), computedAt: z.iso.datetime(),
      /** Of the whole period: all attacks, and those that name no other side. */
      total: Count, untold: Count,
      /** Of what was asked for, and what of it is not listed. */
      asked: Count, left: z.strictObject({ pairs: Count, attacks: Count }),
      items: z.array(z.strictObject({ origin: z.string(), target: z.string().nullable(), attacks: Count })),
      definition: z.string(), method: z.string(),
    }),
    needs: { right: 'statistic.view', by: 'public' },
  }),
  attackNetworks: endpoint({
    method: 'GET',
    path: '/api/attack-networks',
    summary: 'The networks of the home area that hosted sources of attacks in a period, by attacks, with how many addresses of each.',
    input: z.strictObject({ period: Period, limit: z.coerce.number().int().min(1).max(200).default(20) }),
    output: z.strictObject({
      period: z.string(), home: z.string(), computedAt: z.iso.datetime(), total: Count,
      items: z.array(z.strictObject({
        /** Null: no list knows a network for the address. */
        asn: Count.nullable(),
        /** Who answers for the network in the registry today. */
        name: z.string().nullable(), attacks: Count, addresses: Count, share: Share,
      })),
      left: z.strictObject({ networks: Count, attacks: Count }),
    }),
    needs: { right: 'event.list', by: 'role' },
  }),
} as const;
