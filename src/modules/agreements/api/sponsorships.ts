/** What a sponsor may ask: whom it answers for, a new one, an end. */
import { z } from 'zod';
import { endpoint } from '#kit/endpoint';
import { OrganisationId } from '#modules/parties/index';
import { AgreementId, AgreementView } from '../model.ts';
import { Narrowing } from '../sponsorship.ts';
import { Side } from '../terms.ts';

const Liability = z.strictObject({
  id: AgreementId,
  /** The sponsor's own agreement. */
  agreement: AgreementId,
  agency: OrganisationId, agencyName: z.string(), agencyNameLocal: z.string().nullable(),
  provider: OrganisationId, providerName: z.string(), title: z.string(), titleVi: z.string(),
  standing: AgreementView.shape.standing, documentSha256: z.string(), signed: z.array(Side),
  expiresAt: z.string(), zone: z.string(), rights: z.array(z.string()),
  /** Acts recorded under it, and the latest of them: what, when and under which clause, not what about. */
  acts: z.number().int(),
  latest: z.array(z.strictObject({ index: z.number().int(), fact: z.string(), at: z.string(), clause: z.string() })),
});

export const sponsorshipsApi = {
  'sponsorships.list': endpoint({
    method: 'GET', path: '/api/sponsorships', summary: 'Lists the agencies one’s own organisation sponsors, and what they do under it.',
    input: z.strictObject({}), output: z.strictObject({ sponsorships: z.array(Liability) }),
    needs: { right: 'sponsorship.list', by: 'role' },
  }),
  'sponsorships.ask': endpoint({
    method: 'POST', path: '/api/agreements/:agreement/sponsorships', status: 201,
    summary: 'Asks a provider to let an agency in under one’s own agreement; each grant must be narrower than one’s own.',
    input: z.strictObject({
      agreement: AgreementId, agency: OrganisationId, grants: z.array(Narrowing).min(1).max(50),
      effectiveOn: z.iso.date().optional(), expiresOn: z.iso.date().optional(),
    }),
    output: Liability, needs: { right: 'sponsorship.ask', by: 'role' },
  }),
  'sponsorships.end': endpoint({
    method: 'POST', path: '/api/sponsorships/:sponsored/end',
    summary: 'Stops answering for a sponsored agency: what it did under it is refused from the next request on.',
    input: z.strictObject({ sponsored: AgreementId, reason: z.string().trim().min(3).max(500) }),
    output: Liability, needs: { right: 'sponsorship.end', by: 'role' },
  }),
} as const;
