/** What one may ask of the agreements: read, draft, sign, withdraw a part, end; and who may what, and why. */
import { z } from 'zod';
import { endpoint } from '#kit/endpoint';
import { OrganisationId } from '#modules/parties/index';
import {
  AgreementId, AgreementView, Decision, Part, PurposeName, TemplateName, TlpLabel,
} from './model.ts';

const reason = z.string().trim().min(3).max(500);

export const agreementsApi = {
  'agreements.list': endpoint({
    method: 'GET', path: '/api/agreements', summary: 'Lists the agreements one’s own organisation is a party to.',
    input: z.strictObject({}), output: z.strictObject({ agreements: z.array(AgreementView) }),
    needs: { right: 'agreement.list', by: 'role' },
  }),
  'agreements.view': endpoint({
    method: 'GET', path: '/api/agreements/:agreement', summary: 'Shows one agreement with its clauses and signatures.',
    input: z.strictObject({ agreement: AgreementId }), output: AgreementView,
    needs: { right: 'agreement.view', by: 'role' },
  }),
  'agreements.templates': endpoint({
    method: 'GET', path: '/api/agreement-templates', summary: 'Lists the templates an agreement can be drafted from.',
    input: z.strictObject({}),
    output: z.strictObject({
      templates: z.array(z.strictObject({
        name: TemplateName, title: z.string(), titleVi: z.string(), summary: z.string(), summaryVi: z.string(),
        partNoun: z.enum(['pillar', 'authorisation', 'service']), parts: z.array(Part),
      })),
    }),
    needs: { right: 'agreement.draft', by: 'role' },
  }),
  'agreements.draft': endpoint({
    method: 'POST', path: '/api/agreements', status: 201,
    summary: 'Drafts an agreement with an organisation that one’s own has introduced.',
    input: z.strictObject({
      template: TemplateName, counterpart: OrganisationId, parts: z.array(z.string()).min(1).max(20),
      products: z.array(z.string().min(1).max(200)).max(200).default([]),
      effectiveOn: z.iso.date(), expiresOn: z.iso.date(), zone: z.string().max(60),
    }),
    output: AgreementView, needs: { right: 'agreement.draft', by: 'role' },
  }),
  'agreements.sign': endpoint({
    method: 'POST', path: '/api/agreements/:agreement/sign',
    summary: 'Signs for one’s own side exactly the text whose digest is given; two signatures put it in force.',
    input: z.strictObject({ agreement: AgreementId, documentSha256: z.string().regex(/^[0-9a-f]{64}$/) }),
    output: AgreementView, needs: { right: 'agreement.sign', by: 'role', fresh: true },
  }),
  'agreements.withdraw-part': endpoint({
    method: 'POST', path: '/api/agreements/:agreement/parts/:part/withdraw',
    summary: 'Withdraws a pillar or authorisation, with a reason; what rested on it is denied from the next request on.',
    input: z.strictObject({ agreement: AgreementId, part: z.string().max(60), reason }),
    output: AgreementView, needs: { right: 'agreement.withdraw-part', by: 'role' },
  }),
  'agreements.end': endpoint({
    method: 'POST', path: '/api/agreements/:agreement/end', summary: 'Ends an agreement, with a reason.',
    input: z.strictObject({ agreement: AgreementId, reason }),
    output: AgreementView, needs: { right: 'agreement.end', by: 'role' },
  }),
  'agreements.matrix': endpoint({
    method: 'GET', path: '/api/agreements/:agreement/matrix',
    summary: 'Who may what under this agreement at this moment: each right of its parts, for each side.',
    input: z.strictObject({ agreement: AgreementId }),
    output: z.strictObject({
      sides: z.array(z.strictObject({ organisation: OrganisationId, name: z.string() })),
      rows: z.array(z.strictObject({
        right: z.string(), part: z.string(), purpose: PurposeName, cells: z.array(z.enum(['allow', 'deny'])),
      })),
    }),
    needs: { right: 'agreement.view', by: 'role' },
  }),
  'decisions.explain': endpoint({
    method: 'GET', path: '/api/decisions/explain',
    summary: 'Explains, for a yes as for a no, whether one party of one’s own agreements may do something to the other.',
    input: z.strictObject({
      right: z.string().max(80), agreement: AgreementId,
      subject: OrganisationId.optional(), purpose: PurposeName, product: z.string().max(200).optional(),
      tlp: TlpLabel.optional(), level: z.coerce.number().int().min(0).max(4).optional(),
    }),
    output: Decision, needs: { right: 'agreement.view', by: 'role' },
  }),
  'offerings.open': endpoint({
    method: 'GET', path: '/api/offerings',
    summary: 'Asks whether one’s own organisation may use an offering of a provider now; a no names what is missing.',
    input: z.strictObject({ right: z.string().max(80), owner: OrganisationId, purpose: PurposeName }),
    output: z.strictObject({
      clauses: z.array(z.strictObject({
        agreementId: z.string(), agreementTitle: z.string(), clause: z.string(), textSha256: z.string(),
      })),
    }),
    needs: { right: 'offering.open', by: 'mandate' },
  }),
} as const;
