/**
 * The chooser of the demonstration: continue as any person of the story, without a passkey. It exists only in the
 * demonstration's composition; a production hub does not register it, and a test finds its addresses absent there.
 */
import { z } from 'zod';
import { endpoint } from '#kit/endpoint';
import { noSuch } from '#kit/refusal';
import { Organisation, Person, SessionView } from '../../modules/parties/model.ts';
import { openSession } from '../../modules/parties/actions/sessions.ts';
import { viewOf, type PartiesParts } from '../../modules/parties/actions/parts.ts';
import { organisationById, personById } from '../../modules/parties/store.ts';
import type { Room } from '../room.ts';
import { organisations, people } from './story.ts';

export const demoApi = {
  people: endpoint({
    method: 'GET', path: '/api/demo/people', summary: 'The people of the story, and what each comes to do.',
    input: z.strictObject({}),
    output: z.strictObject({
      people: z.array(z.strictObject({
        id: z.string(), name: z.string(), roles: Person.shape.roles, organisation: Organisation,
        purpose: z.string(), purposeVi: z.string(),
      })),
    }),
    needs: { right: 'demo.choose', by: 'public' },
  }),
  continue: endpoint({
    method: 'POST', path: '/api/demo/continue', summary: 'Continues as a person of the story.',
    input: z.strictObject({ person: z.string().max(60) }), output: SessionView,
    needs: { right: 'demo.choose', by: 'public' },
  }),
} as const;

export function demoRoom(parts: PartiesParts): Room {
  return {
    name: 'demo', api: demoApi, routes: [],
    actions: {
      people: async () => ({
        people: await Promise.all(people.map(async (p) => ({
          id: p.id, name: p.name, roles: [...p.roles], purpose: p.purpose, purposeVi: p.purposeVi,
          organisation: await organisationById(parts.db, p.organisation) ?? organisations[0],
        }))),
      }),
      continue: async (input: { person: string }, caller: never) => {
        const person = people.some((p) => p.id === input.person) ? await personById(parts.db, input.person) : null;
        if (!person) throw noSuch('person');
        await parts.db.transaction((tx) => openSession(parts, tx, person, caller, 'demonstration'));
        return viewOf(parts, parts.db, person);
      },
    },
  };
}
