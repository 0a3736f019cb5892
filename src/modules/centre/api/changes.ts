/**
 * What changed since the last review, and a file from release to release. Both tell places and counts: the text of a change is read in
 * windows, each counted and in the ledger, and that of an older release in a visit to that release.
 */
import { z } from 'zod';
import { endpoint } from '#kit/endpoint';
import { OlderRelease, ChangedFile, changedKinds, ChangedLines, Fate } from '../model/changes.ts';

const Id = z.string().min(1).max(60);
const reading = { right: 'source.view', by: 'mandate', agreedBy: 'visit.decide' } as const;

export const changesApi = {
  'reviews.changes': endpoint({
    method: 'GET', path: '/api/reviews/:review/changes',
    summary: 'Which files changed since the release that one’s organisation last reviewed, or since another that is named.',
    input: z.strictObject({ review: Id, since: Id.optional(), cursor: z.coerce.number().int().min(0).default(0) }),
    output: z.strictObject({
      /** Null where no older release is known; then there is nothing to compare with. */
      since: OlderRelease.nullable(), bases: z.array(OlderRelease), items: z.array(ChangedFile), counts: z.record(z.enum(changedKinds), z.number().int()),
      next: z.number().int().nullable(),
    }),
    needs: reading,
  }),
  'reviews.history': endpoint({
    method: 'GET', path: '/api/reviews/:review/history',
    summary: 'A file from release to release, and at which of its lines it differs from the release that was last reviewed, or from one that is named.',
    input: z.strictObject({ review: Id, path: z.string().min(1).max(4_096), since: Id.optional() }),
    output: z.strictObject({
      path: z.string(), since: OlderRelease.nullable(),
      /** Where it lay in that release; null where it was not there. */
      was: z.string().nullable(),
      /** Null where there is nothing to compare with, or the two are too large or too far apart for lines. */
      lines: z.array(ChangedLines).nullable(), releases: z.array(Fate),
    }),
    needs: reading,
  }),
} as const;
