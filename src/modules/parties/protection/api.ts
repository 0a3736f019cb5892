/** What one may ask of data protection: what is kept and how long, holds, what is held on a person, and to erase it. */
import { z } from 'zod';
import { endpoint } from '#kit/endpoint';
import { PersonId } from '../model.ts';
import { Hold, HoldId, PersonRecord, RetentionView, Tombstone } from './model.ts';

const reason = z.string().trim().min(3).max(500);

export const protectionApi = {
  'protection.view': endpoint({
    method: 'GET', path: '/api/protection',
    summary: 'How long each class of record is kept, what is held beyond that, and what is left of what went.',
    input: z.strictObject({}),
    output: z.strictObject({ classes: z.array(RetentionView), holds: z.array(Hold), removed: z.array(Tombstone) }),
    needs: { right: 'protection.view', by: 'role' },
  }),
  'holds.place': endpoint({
    method: 'POST', path: '/api/holds', status: 201,
    summary: 'Holds everything of a person, or of one’s whole organisation, whatever the retention says.',
    input: z.strictObject({ subject: z.string().regex(/^(per|org)_[0-9a-z]{3,40}$/), reason }), output: Hold,
    needs: { right: 'hold.place', by: 'role' },
  }),
  'holds.lift': endpoint({
    method: 'POST', path: '/api/holds/:hold/lift', summary: 'Lifts a hold; a second person agrees.',
    input: z.strictObject({ hold: HoldId, reason }), output: Hold,
    needs: { right: 'hold.lift', by: 'role', approval: { from: 'own-organisation', right: 'hold.lift', when: 'always' }, fresh: true },
  }),
  'people.export': endpoint({
    method: 'GET', path: '/api/people/:person/record', summary: 'Everything that the hub holds on a person of one’s own organisation.',
    input: z.strictObject({ person: PersonId }), output: PersonRecord, needs: { right: 'person.export', by: 'role' },
  }),
  'people.erase': endpoint({
    method: 'POST', path: '/api/people/:person/erase',
    summary: 'Erases what the hub holds on a suspended person; a second person agrees. Ids and digests stay.',
    input: z.strictObject({ person: PersonId, reason }), output: Tombstone,
    needs: {
      right: 'person.erase', by: 'role', fresh: true,
      approval: { from: 'own-organisation', right: 'person.erase', when: 'always', benefits: 'person' },
    },
  }),
} as const;
