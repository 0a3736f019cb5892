/**
 * Searching in a sitting: what is indexed, asking, what is found as it is found, where a name is defined, files by a few letters, and what
 * was asked. By mandate, as each window is; what a search shows counts as a window does.
 */
import { z } from 'zod';
import { endpoint, raw } from '#kit/endpoint';
import { Asked, FoundLine, SearchLine, SearchNews, SourceIndex } from '../model/searching.ts';
import { ViewProof } from '../model.ts';

const Id = z.string().min(1).max(60);
const reading = { right: 'source.view', by: 'mandate', agreedBy: 'visit.decide' } as const;

export const searchingApi = {
  'reviews.index': endpoint({
    method: 'GET', path: '/api/reviews/:review/index', summary: 'Whether the source can be searched, how much of it, and what of it cannot be.',
    input: z.strictObject({ review: Id }), output: z.strictObject({ index: SourceIndex }), needs: reading,
  }),
  'reviews.files': endpoint({
    method: 'GET', path: '/api/reviews/:review/files', summary: 'Files whose paths hold a few letters in their order, the best first.',
    input: z.strictObject({ review: Id, text: z.string().max(100).default(''), most: z.coerce.number().int().min(1).max(200).default(50) }),
    output: z.strictObject({
      items: z.array(z.strictObject({ path: z.string(), at: z.array(z.number().int()), size: z.number().int() })), of: z.number().int(),
    }),
    needs: reading,
  }),
  'reviews.search': endpoint({
    method: 'POST', path: '/api/reviews/:review/searches', status: 201,
    summary: 'Asks for lines of the source under review (docs/specs/search.md); what is asked is in the ledger before anything is found.',
    input: z.strictObject({
      review: Id, text: Asked.shape.text, kind: z.enum(['text', 'regex', 'references']).default('text'), anyCase: z.boolean().default(false),
      wholeWord: z.boolean().default(false), globs: Asked.shape.globs.default([]), languages: Asked.shape.languages.default([]),
      path: Asked.shape.path.default(''),
    }),
    output: z.strictObject({ search: SearchLine }), needs: reading,
  }),
  'reviews.found': raw(endpoint({
    method: 'GET', path: '/api/reviews/:review/searches/:search',
    summary: 'What was asked for, as it is found, a JSON object a line: lines, each batch counted and in the ledger before it is shown; coverage; the end.',
    input: z.strictObject({ review: Id, search: Id, most: z.coerce.number().int().min(1).max(500).default(200) }), output: SearchNews, needs: reading,
  })),
  'reviews.define': endpoint({
    method: 'POST', path: '/api/reviews/:review/definitions',
    summary: 'Where a name is defined, what a reader looks for first; each line counts and is in the ledger before it is shown.',
    input: z.strictObject({ review: Id, name: z.string().min(1).max(200) }),
    output: z.strictObject({
      definitions: z.array(FoundLine), fresh: z.number().int(), left: z.number().int(), proof: ViewProof,
      /** Files that may define it, that were looked into, and those that are too long to be. */
      files: z.number().int(), scanned: z.number().int(), tooLong: z.array(z.string()),
    }),
    needs: reading,
  }),
  'visits.searches': endpoint({
    method: 'GET', path: '/api/visits/:visit/searches',
    summary: 'What was searched for: for the reviewer’s side at once, for the provider when the agreed days are over.',
    input: z.strictObject({ visit: Id, cursor: z.coerce.number().int().min(0).default(0) }),
    output: z.strictObject({ items: z.array(SearchLine), next: z.number().int().nullable(), opensAt: z.iso.datetime().nullable() }),
    needs: { right: 'visit.list', by: 'role' },
  }),
} as const;
