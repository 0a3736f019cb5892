/** Systems open to attack: what the centre says of them, which they are, and what of it is one's own. */
import { z } from 'zod';
import { endpoint, raw } from '#kit/endpoint';
import { Advisory, NewAdvisory } from './exposures.ts';
import { Count, Id } from './model.ts';

const Counts = z.strictObject({
  /** Addresses or names with a port, each while one owner answered for it. */
  systems: Count,
  owners: Count,
  stateSystems: Count,
  stateBodies: Count,
  unattributed: Count,
  rows: Count,
  /** Seen since with a version that is not spoken of; in none of the others. */
  updated: Count,
  /** Of the products, and nobody saw which version; in none of the others. */
  versionUnknown: Count,
});
const System = z.strictObject({
  asset: z.string(), port: Count.nullable(), owner: z.string().nullable(), ownerName: z.string().nullable(), state: z.boolean(),
  product: z.string().nullable(), version: z.string().nullable(), first: z.iso.datetime(), last: z.iso.datetime(), rows: Count,
});
const Which = {
  who: z.enum(['all', 'state', 'unattributed']).default('all'),
  /** Constituent id. */
  owner: Id.optional(),
};

export const exposuresApi = {
  exposureAdvisories: endpoint({
    method: 'GET',
    path: '/api/exposure-advisories',
    summary: 'Advisories on open systems, newest first, each with how many systems it speaks of now.',
    input: z.strictObject({ cursor: z.string().max(200).optional(), limit: z.coerce.number().int().min(1).max(50).default(20) }),
    output: z.strictObject({ items: z.array(z.strictObject({ ...Advisory.shape, counts: Counts })), next: z.string().nullable() }),
    needs: { right: 'event.list', by: 'role' },
  }),
  exposureAdvisory: endpoint({
    method: 'GET',
    path: '/api/exposure-advisories/:advisory',
    summary: 'One advisory with its affected systems out of the rows, state bodies first.',
    input: z.strictObject({
      advisory: Id, ...Which, cursor: z.string().max(200).optional(), limit: z.coerce.number().int().min(1).max(500).default(100),
    }),
    output: z.strictObject({ advisory: Advisory, counts: Counts, items: z.array(System), next: z.string().nullable(), computedAt: z.iso.datetime() }),
    needs: { right: 'event.list', by: 'role' },
  }),
  advisoryTable: raw(endpoint({
    method: 'GET',
    path: '/api/exposure-advisories/:advisory/table',
    summary: 'All its affected systems as CSV.',
    input: z.strictObject({ advisory: Id, ...Which }),
    output: z.string(),
    needs: { right: 'event.list', by: 'role' },
  })),
  previewAdvisory: endpoint({
    method: 'POST',
    path: '/api/exposure-advisories/preview',
    summary: 'How many systems an advisory would speak of; nothing is kept.',
    input: NewAdvisory,
    output: z.strictObject({ counts: Counts, items: z.array(System) }),
    needs: { right: 'event.list', by: 'role' },
  }),
  publishAdvisory: endpoint({
    method: 'POST',
    path: '/api/exposure-advisories',
    summary: 'Says which systems are open to attack: its owners are told, of what is stored and of what comes in while it is in force.',
    input: NewAdvisory,
    output: z.strictObject({ advisory: Advisory }),
    needs: { right: 'exposure-advisory.publish', by: 'role' },
    status: 201,
  }),
  withdrawAdvisory: endpoint({
    method: 'POST',
    path: '/api/exposure-advisories/:advisory/withdraw',
    summary: 'Ends an advisory, with the reason: nobody is told of it any more.',
    input: z.strictObject({ advisory: Id, reason: z.string().trim().min(3).max(500) }),
    output: z.strictObject({ advisory: Advisory }),
    needs: { right: 'exposure-advisory.publish', by: 'role' },
  }),
  myAdvisories: endpoint({
    method: 'GET',
    path: '/api/exposure/advisories',
    summary: 'The advisories in force that speak of systems of your own organisation, and of which.',
    input: z.strictObject({}),
    output: z.strictObject({
      items: z.array(z.strictObject({
        id: Id, title: z.string(), cves: z.array(z.string()), severity: z.string(), source: z.string(), publishedAt: z.iso.datetime(),
        systems: Count,
        /** At most 200 of them. */
        shown: z.array(System),
      })),
    }),
    needs: { right: 'exposure.view', by: 'mandate', agreedBy: 'exposure.agree' },
  }),
} as const;
