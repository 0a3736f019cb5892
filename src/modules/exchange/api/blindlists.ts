/** Blind lists: confidential indicators that are matched and not read. */
import { z } from 'zod';
import { endpoint } from '#kit/endpoint';
import { BlindHit, BlindKey, BlindList } from '../model/blindlists.ts';

const Id = z.string().min(1).max(60);
const one = z.strictObject({ list: BlindList });

export const blindListsApi = {
  'blindlists.list': endpoint({
    method: 'GET', path: '/api/blind-lists',
    summary: 'Blind lists of one’s own, with what was found; and those of others that one’s look-ups are matched against.',
    input: z.strictObject({}), output: z.strictObject({ own: z.array(BlindList), others: z.array(BlindList) }), needs: { right: 'threat.list', by: 'role' },
  }),
  'blindlists.open': endpoint({
    method: 'POST', path: '/api/blind-lists', status: 201,
    summary: 'Opens a blind list for the other side of an agreement. Its keys are made with its secret, at home.',
    input: z.strictObject({
      agreement: Id, title: z.string().trim().min(1).max(120), contact: z.string().trim().min(1).max(300),
    }),
    output: z.strictObject({ list: BlindList, secret: z.string() }), needs: { right: 'collection.open', by: 'role' },
  }),
  'blindlists.secret': endpoint({
    method: 'POST', path: '/api/blind-lists/:blindlist/secret', summary: 'The secret of a list of one’s own, in hex; that it was asked for is a fact.',
    input: z.strictObject({ blindlist: Id }), output: z.strictObject({ secret: z.string() }), needs: { right: 'collection.open', by: 'role' },
  }),
  'blindlists.change': endpoint({
    method: 'POST', path: '/api/blind-lists/:blindlist/keys', summary: 'Adds keys to a list of one’s own, or takes them away.',
    input: z.strictObject({ blindlist: Id, add: z.array(BlindKey).max(10_000).default([]), remove: z.array(BlindKey).max(10_000).default([]) }),
    output: z.strictObject({ list: BlindList, added: z.number().int(), removed: z.number().int() }), needs: { right: 'threat.import', by: 'role' },
  }),
  'blindlists.hits': endpoint({
    method: 'GET', path: '/api/blind-lists/:blindlist/hits',
    summary: 'Keys of a list of one’s own that were found, the last first, with no word on who looked.',
    input: z.strictObject({ blindlist: Id }), output: z.strictObject({ items: z.array(BlindHit) }), needs: { right: 'threat.list', by: 'role' },
  }),
  'blindlists.close': endpoint({
    method: 'POST', path: '/api/blind-lists/:blindlist/close',
    summary: 'Ends a list: nothing is matched against it any more, and its keys and secret are destroyed.',
    input: z.strictObject({ blindlist: Id, reason: z.string().trim().min(1).max(300) }), output: one, needs: { right: 'collection.close', by: 'role' },
  }),
} as const;
