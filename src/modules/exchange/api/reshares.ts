/** Passing on: put objects into a collection, ask a source whether something may go further than its label, answer such a request. */
import { z } from 'zod';
import { endpoint } from '#kit/endpoint';
import { outcomes } from '../model/exchange.ts';
import { Reshare } from '../model/reshares.ts';

const Id = z.string().min(1).max(60);
const Thing = z.string().min(1).max(300);
const Sentence = z.string().trim().min(1).max(500);

export const resharesApi = {
  'collections.add': endpoint({
    method: 'POST', path: '/api/collections/:collection/objects',
    summary: 'Puts objects of one’s own library into a collection. What came from others goes where its label, or its source, lets it.',
    input: z.strictObject({ collection: Id, objects: z.array(Thing).min(1).max(500) }),
    output: z.strictObject({
      added: z.number().int(), lines: z.array(z.strictObject({ object: z.string(), outcome: z.enum([...outcomes, 'held']), text: z.string() })),
    }),
    needs: { right: 'threat.share', by: 'mandate', ownToo: true },
  }),
  'reshares.ask': endpoint({
    method: 'POST', path: '/api/reshares', status: 201,
    summary: 'Asks the source of an object whether it may go to somebody to whom its label does not let it go.',
    input: z.strictObject({ object: Thing, with: Id, reason: Sentence }), output: z.strictObject({ request: Reshare }),
    needs: { right: 'threat.read', by: 'mandate', ownToo: true },
  }),
  'reshares.list': endpoint({
    method: 'GET', path: '/api/reshares', summary: 'Requests to pass something on: those that one’s organisation made, or was asked; open ones first.',
    input: z.strictObject({ side: z.enum(['asked', 'received']).default('received'), cursor: z.string().max(80).optional() }),
    output: z.strictObject({ items: z.array(Reshare), next: z.string().nullable() }), needs: { right: 'threat.list', by: 'role' },
  }),
  'reshares.answer': endpoint({
    method: 'POST', path: '/api/reshares/:request/answer', summary: 'Grants a request, until a day, or refuses it.',
    input: z.strictObject({ request: Id, granted: z.boolean(), days: z.number().int().min(1).max(366).default(30),
      note: z.string().trim().max(500).default('') }),
    output: z.strictObject({ request: Reshare }), needs: { right: 'threat.decide', by: 'role' },
  }),
} as const;
