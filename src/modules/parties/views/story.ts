/** What the demonstration's hub answers beside the modules; a production hub has no such address. */
import { z } from 'zod';
import { endpoint } from '#kit/endpoint';
import { Organisation, Role, SessionView } from '../model.ts';

const Person = z.strictObject({
  id: z.string(), name: z.string(), roles: z.array(Role), organisation: Organisation, purpose: z.string(), purposeVi: z.string(),
});
export type StoryPerson = z.infer<typeof Person>;

export const demoApi = {
  people: endpoint({
    method: 'GET', path: '/api/demo/people', summary: 'The people of the story.',
    input: z.strictObject({}), output: z.strictObject({ people: z.array(Person) }),
    needs: { right: 'demo.choose', by: 'public' },
  }),
  continue: endpoint({
    method: 'POST', path: '/api/demo/continue', summary: 'Continues as a person of the story.',
    input: z.strictObject({ person: z.string() }), output: SessionView,
    needs: { right: 'demo.choose', by: 'public' },
  }),
} as const;
