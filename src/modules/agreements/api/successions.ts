/** What one may ask of a succession: what would pass, propose, accept, consent, withdraw. */
import { z } from 'zod';
import { endpoint } from '#kit/endpoint';
import { OrganisationId } from '#modules/parties/index';
import { Succession, SuccessionId, SuccessionPlan } from '../succession.ts';

const reason = z.string().trim().min(3).max(500);
const Shown = Succession.extend({ plan: SuccessionPlan, mine: z.enum(['predecessor', 'successor', 'other']) });

export const successionsApi = {
  'successions.list': endpoint({
    method: 'GET', path: '/api/successions', summary: 'Lists the successions that concern one’s own organisation, with what passes.',
    input: z.strictObject({}), output: z.strictObject({ successions: z.array(Shown) }),
    needs: { right: 'succession.list', by: 'role' },
  }),
  'successions.plan': endpoint({
    method: 'GET', path: '/api/succession-plan', summary: 'What would pass if another organisation took the place of one’s own.',
    input: z.strictObject({ to: OrganisationId }), output: SuccessionPlan, needs: { right: 'succession.propose', by: 'role' },
  }),
  'successions.propose': endpoint({
    method: 'POST', path: '/api/successions', status: 201,
    summary: 'Proposes that another organisation takes the place of one’s own; a second person of one’s own agrees first.',
    input: z.strictObject({ to: OrganisationId, effectiveAt: z.iso.datetime().optional(), reason }), output: Shown,
    needs: {
      right: 'succession.propose', by: 'role', fresh: true,
      approval: { from: 'own-organisation', right: 'succession.agree', when: 'always' },
    },
  }),
  'successions.accept': endpoint({
    method: 'POST', path: '/api/successions/:succession/accept', summary: 'Accepts to take another organisation’s place.',
    input: z.strictObject({ succession: SuccessionId }), output: Shown,
    needs: { right: 'succession.accept', by: 'role', fresh: true },
  }),
  'successions.consent': endpoint({
    method: 'POST', path: '/api/successions/:succession/consent',
    summary: 'Says that the successor may have what one’s own side gives the predecessor.',
    input: z.strictObject({ succession: SuccessionId }), output: Shown,
    needs: { right: 'succession.consent', by: 'role', fresh: true },
  }),
  'successions.withdraw': endpoint({
    method: 'POST', path: '/api/successions/:succession/withdraw', summary: 'Withdraws a succession that has not taken effect.',
    input: z.strictObject({ succession: SuccessionId }), output: Shown, needs: { right: 'succession.propose', by: 'role' },
  }),
} as const;
