/** Notices of joining and leaving a sharing arrangement: the noun, and what one may ask of it. */
import { z } from 'zod';
import { endpoint } from '#kit/endpoint';
import { OrganisationId } from '#modules/parties/index';
import { AgreementId } from '../model.ts';

export const ArrangementNotice = z.strictObject({
  id: z.string(), agreement: AgreementId,
  kind: z.enum(['joined', 'left']),
  /** Who joined or left, and the authority it is told to. */
  entity: OrganisationId, authority: OrganisationId,
  /** Why it left: `ended`, `expired`, `part-withdrawn`; null where it joined. */
  cause: z.string().nullable(), part: z.string().nullable(),
  state: z.enum(['produced', 'filed']),
  /** Number of the fact in the ledger that it follows from. */
  because: z.number().int(),
  happenedAt: z.string(), producedAt: z.string(), filedAt: z.string().nullable(),
  /** The words as filed, in both languages. */
  text: z.string(), textVi: z.string(),
});
export type ArrangementNotice = z.infer<typeof ArrangementNotice>;

export const noticesApi = {
  'arrangement-notices.list': endpoint({
    method: 'GET', path: '/api/arrangement-notices',
    summary: 'Lists the notices of joining and leaving sharing arrangements that one’s own organisation made or received.',
    input: z.strictObject({}), output: z.strictObject({ notices: z.array(ArrangementNotice) }),
    needs: { right: 'arrangement-notice.list', by: 'role' },
  }),
} as const;
