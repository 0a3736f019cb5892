/** Blind communities, for who holds them: open one, admit the other side of an agreement, dismiss it, close. */
import { z } from 'zod';
import { endpoint } from '#kit/endpoint';
import { Community } from '../model/communities.ts';
import { Alias, Ceiling, StixType } from '../model/exchange.ts';

const Id = z.string().min(1).max(60);
const Sentence = z.string().trim().min(1).max(300);
const one = z.strictObject({ community: Community });

export const communitiesApi = {
  'communities.list': endpoint({
    method: 'GET', path: '/api/communities', summary: 'Communities that one holds, with their members, whom no member sees.',
    input: z.strictObject({}), output: z.strictObject({ items: z.array(Community) }), needs: { right: 'collection.open', by: 'role' },
  }),
  'communities.open': endpoint({
    method: 'POST', path: '/api/communities', status: 201,
    summary: 'Opens a community: what any member adds, all members read, and none of them learns who else is in it.',
    input: z.strictObject({
      title: z.string().trim().min(1).max(120), description: z.string().trim().max(500).default(''), alias: Alias.nullable().default(null),
      ceiling: Ceiling, types: z.array(StixType).min(1).max(60).nullable().default(null),
    }),
    output: one, needs: { right: 'collection.open', by: 'role' },
  }),
  'communities.admit': endpoint({
    method: 'POST', path: '/api/communities/:community/members', status: 201,
    summary: 'Admits the other side of an agreement: it reads what the community holds, and may add to it.',
    input: z.strictObject({ community: Id, agreement: Id }), output: one, needs: { right: 'collection.open', by: 'role' },
  }),
  'communities.dismiss': endpoint({
    method: 'POST', path: '/api/communities/:community/members/:collection/dismiss',
    summary: 'Ends a membership: nothing is read by it any more. What the member added stays until it is called back.',
    input: z.strictObject({ community: Id, collection: Id, reason: Sentence }), output: one, needs: { right: 'collection.close', by: 'role' },
  }),
  'communities.close': endpoint({
    method: 'POST', path: '/api/communities/:community/close', summary: 'Ends a community for all its members.',
    input: z.strictObject({ community: Id, reason: Sentence }), output: one, needs: { right: 'collection.close', by: 'role' },
  }),
} as const;
