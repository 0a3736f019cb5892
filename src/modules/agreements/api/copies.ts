/** What one may ask about copies between hubs: hand one's signed agreement out, take a copy in, look at what one holds. */
import { z } from 'zod';
import { endpoint } from '#kit/endpoint';
import { OrganisationId } from '#modules/parties/index';
import { AgreementId, maxCopyBytes } from '../model.ts';

const CopyFile = z.strictObject({ name: z.string().min(1).max(200), text: z.string().min(1).max(maxCopyBytes) });
const CopyId = z.string().regex(/^hcp_[0-9a-z]{3,40}$/);

const Act = z.strictObject({ organisation: z.string(), personName: z.string(), at: z.string(), clauses: z.array(z.string()) });
const HeldCopyView = z.strictObject({
  id: CopyId, origin: z.string(),
  /** Its id on the hub that recorded it. */
  agreement: AgreementId, title: z.string(), titleVi: z.string(), documentSha256: z.string(),
  /** As the sender names them, and which organisation of this hub each is. */
  authorityName: z.string(), counterpartName: z.string(), authority: OrganisationId.nullable(), counterpart: OrganisationId.nullable(),
  effectiveOn: z.string(), expiresOn: z.string(),
  signatures: z.array(Act), attestations: z.array(Act),
  /** Logs whose signature over all of it was verified when it was taken in. */
  logs: z.array(z.string()),
  takenAt: z.string(), takenBy: z.string(),
});
export type HeldCopyView = z.output<typeof HeldCopyView>;

export const copiesApi = {
  'agreements.export': endpoint({
    method: 'POST', path: '/api/agreements/:agreement/export',
    summary: 'Makes a copy of a signed agreement for the other party’s hub: text, signatures and attestations, each with its proof.',
    input: z.strictObject({ agreement: AgreementId }), output: CopyFile,
    needs: { right: 'agreement.export', by: 'role' },
  }),
  'agreements.import': endpoint({
    method: 'POST', path: '/api/held-copies', status: 201,
    summary: 'Takes in a copy of an agreement that one’s own organisation signed on another hub; it is evidence and gives no right.',
    input: z.strictObject({
      file: CopyFile,
      /** The other hub’s log and witnesses (C2SP tlog-policy), got by another way than the file. */
      policy: z.string().min(1).max(100_000),
      /** Which organisation of this hub each party is; one of them is one’s own. */
      authority: OrganisationId.nullable(), counterpart: OrganisationId.nullable(),
    }),
    output: HeldCopyView, needs: { right: 'agreement.import', by: 'role' },
  }),
  'held-copies.list': endpoint({
    method: 'GET', path: '/api/held-copies', summary: 'Lists the copies from other hubs that one’s own organisation holds.',
    input: z.strictObject({}), output: z.strictObject({ copies: z.array(HeldCopyView) }),
    needs: { right: 'held-copy.list', by: 'role' },
  }),
  'held-copies.view': endpoint({
    method: 'GET', path: '/api/held-copies/:copy', summary: 'The file of a held copy as it was taken in, and the policy that verified it.',
    input: z.strictObject({ copy: CopyId }),
    output: z.strictObject({ copy: HeldCopyView, text: z.string(), policy: z.string() }),
    needs: { right: 'held-copy.list', by: 'role' },
  }),
} as const;
