/** What one may ask of sources: where a feed's files are fetched from, what came of each run, and how all feeds are. */
import { z } from 'zod';
import { endpoint } from '#kit/endpoint';
import { Count, Feed, Id } from '../model.ts';
import { FeedDay, GivenSecrets, NewSource, Run, Source } from './model.ts';

const change = { right: 'feed-source.change', by: 'role' } as const;

export const sourcesApi = {
  feedSources: endpoint({
    method: 'GET',
    path: '/api/feeds/:feed/sources',
    summary: 'Where a feed’s files are fetched from, with the last run of each. Secrets are never answered.',
    input: z.strictObject({ feed: Id }),
    output: z.strictObject({
      items: z.array(Source),
      /** Whether the operator has set a place for files that are laid down. */
      inbox: z.boolean(),
    }),
    needs: { right: 'feed-source.list', by: 'role' },
  }),
  viewFeedSource: endpoint({
    method: 'GET',
    path: '/api/feeds/:feed/sources/:feedSource',
    summary: 'One source with its latest runs; runs are kept for 90 days.',
    input: z.strictObject({ feed: Id, feedSource: Id }),
    output: z.strictObject({ source: Source, runs: z.array(Run) }),
    needs: { right: 'feed-source.view', by: 'role' },
  }),
  createFeedSource: endpoint({
    method: 'POST',
    path: '/api/feeds/:feed/sources',
    summary: 'Adds a source: HTTP, a folder of the inbox, a mailbox, a bucket, Shadowserver’s API or a MISP feed. It is first asked at once.',
    input: z.strictObject({ feed: Id, ...NewSource.shape }),
    output: z.strictObject({ source: Source }),
    needs: change,
    status: 201,
  }),
  changeFeedSource: endpoint({
    method: 'PUT',
    path: '/api/feeds/:feed/sources/:feedSource',
    summary: 'Changes a source. A secret that is not given stays, unless it would be said at another place; then it is given anew.',
    input: z.strictObject({ feed: Id, feedSource: Id, ...NewSource.shape, on: z.boolean(), secrets: GivenSecrets.default({}) }),
    output: z.strictObject({ source: Source }),
    needs: change,
  }),
  endFeedSource: endpoint({
    method: 'POST',
    path: '/api/feeds/:feed/sources/:feedSource/end',
    summary: 'Ends a source: it is asked no more, and its secrets are removed. What came of it stays.',
    input: z.strictObject({ feed: Id, feedSource: Id }),
    output: z.strictObject({ items: z.array(Source) }),
    needs: change,
  }),
  runFeedSource: endpoint({
    method: 'POST',
    path: '/api/feeds/:feed/sources/:feedSource/run',
    summary: 'Fetches now, beside the request; `hours` takes again what came in so many hours, which changes no count.',
    input: z.strictObject({ feed: Id, feedSource: Id, hours: z.number().int().min(1).max(24 * 366).optional() }),
    output: z.strictObject({ run: z.string() }),
    needs: { right: 'feed-source.run', by: 'role' },
    status: 202,
  }),
  feedHealth: endpoint({
    method: 'GET',
    path: '/api/feed-health',
    summary: 'All feeds: whether each keeps to its cadence, its last thirty days, what was lost, what came of its rows, when it is fetched next.',
    input: z.strictObject({}),
    output: z.strictObject({
      at: z.iso.datetime(),
      items: z.array(z.strictObject({
        feed: Feed,
        /** Since when it is late, as was said; null while it is not. */
        lateSince: z.iso.datetime().nullable(),
        /** Thirty days, oldest first, the last is today (UTC). */
        days: z.array(FeedDay),
        read: Count, stored: Count, duplicate: Count, quarantined: Count,
        /** Hours lost for good within the thirty days. */
        lostHours: z.number(),
        /** Batches of the thirty days whose columns were others than published. */
        drifts: Count,
        sources: Count, failing: Count,
        nextAt: z.iso.datetime().nullable(),
      })),
    }),
    needs: { right: 'feed.list', by: 'role' },
  }),
} as const;
