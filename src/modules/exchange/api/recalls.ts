/** Calling back what was shared: begin, follow who has acknowledged, acknowledge, lift; and what left a collection, for who follows it. */
import { z } from 'zod';
import { endpoint } from '#kit/endpoint';
import { ReceivedRecall, SentRecall, recallSayings } from '../model/recalls.ts';

const Id = z.string().min(1).max(60);
const Thing = z.string().min(1).max(300);
const Sentence = z.string().trim().min(1).max(500);
const Cursor = z.string().max(60).optional();

export const recallsApi = {
  'recalls.begin': endpoint({
    method: 'POST', path: '/api/recalls', status: 201,
    summary: 'Calls objects back: they leave every collection at once, and whoever could have had them is told and asked to remove its copies.',
    input: z.strictObject({ objects: z.array(Thing).min(1).max(500), reason: Sentence, hours: z.number().int().min(1).max(720).default(24) }),
    output: z.strictObject({ recall: SentRecall }), needs: { right: 'recall.begin', by: 'role' },
  }),
  'recalls.list': endpoint({
    method: 'GET', path: '/api/recalls', summary: 'What one’s own organisation has called back, with who has not acknowledged yet; newest first.',
    input: z.strictObject({ state: z.enum(['all', 'outstanding', 'overdue']).default('all'), cursor: Cursor }),
    output: z.strictObject({ items: z.array(SentRecall), next: z.string().nullable() }), needs: { right: 'recall.list', by: 'role' },
  }),
  'recalls.view': endpoint({
    method: 'GET', path: '/api/recalls/:recall', summary: 'One recall of one’s own, with every recipient and what it said.',
    input: z.strictObject({ recall: Id }), output: z.strictObject({ recall: SentRecall }), needs: { right: 'recall.list', by: 'role' },
  }),
  'recalls.lift': endpoint({
    method: 'POST', path: '/api/recalls/:recall/lift', summary: 'Lifts a recall: its objects may be shared again. Nobody is given them back by itself.',
    input: z.strictObject({ recall: Id, reason: Sentence }), output: z.strictObject({ recall: SentRecall }), needs: { right: 'recall.begin', by: 'role' },
  }),
  'recalls.received': endpoint({
    method: 'GET', path: '/api/my/recalls', summary: 'What others have called back from one’s own organisation; what is not acknowledged comes first.',
    input: z.strictObject({ state: z.enum(['all', 'outstanding']).default('all'), cursor: Cursor }),
    output: z.strictObject({ items: z.array(ReceivedRecall), next: z.string().nullable() }), needs: { right: 'recall.list', by: 'role' },
  }),
  'recalls.acknowledge': endpoint({
    method: 'POST', path: '/api/my/recalls/:recall/acknowledge',
    summary: 'Says what became of one’s copies. With `remove`, what one’s own library holds is destroyed, and called back from whoever had it from there.',
    input: z.strictObject({
      recall: Id, said: z.enum(recallSayings), note: z.string().trim().max(500).default(''), remove: z.boolean().default(false),
    }),
    output: z.strictObject({ recall: ReceivedRecall, destroyed: z.number().int() }), needs: { right: 'recall.acknowledge', by: 'role' },
  }),
  'collections.retractions': endpoint({
    method: 'GET', path: '/api/collections/:collection/retractions',
    summary: 'What left a collection, in the order in which it left: for who follows it, since absence tells nobody.',
    input: z.strictObject({ collection: Id, after: z.coerce.number().int().min(-1).max(9e15).default(-1) }),
    output: z.strictObject({
      items: z.array(z.strictObject({
        /** Number in the log of the collection (µs), unique among entries and retractions. */
        number: z.number().int(), object: z.string(), reason: z.enum(['raised', 'deleted', 'recalled', 'ended']), at: z.iso.datetime(),
      })),
      more: z.boolean(),
    }),
    needs: { right: 'threat.read', by: 'mandate', ownToo: true },
  }),
} as const;
