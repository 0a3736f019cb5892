/**
 * What one may ask of the agreements: draft, edit, compare, attest, sign; suspend, revoke, withdraw a part, end; and who may
 * what, and why.
 */
import { z } from 'zod';
import { endpoint } from '#kit/endpoint';
import { OrganisationId, PersonId, Role } from '#modules/parties/index';
import { sponsorshipsApi } from './api/sponsorships.ts';
import { successionsApi } from './api/successions.ts';
import { EditedDocument } from './edited.ts';
import { copiesApi } from './api/copies.ts';
import { eligibilityApi } from './api/eligibility.ts';
import { noticesApi } from './api/notices.ts';
import {
  AgreementId, AgreementView, Decision, GainsAndLosses, Ground, Part, PurposeName, Side, TemplateName, TlpLabel,
} from './model.ts';

const reason = z.string().trim().min(3).max(500);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const Runs = z.array(z.strictObject({ is: z.enum(['same', 'gone', 'new']), text: z.string() }));
const Fields = z.array(z.strictObject({ path: z.string(), before: z.string().nullable(), after: z.string().nullable() }));
const Comparison = z.strictObject({
  terms: Fields,
  clauses: z.array(z.strictObject({
    is: z.enum(['same', 'changed', 'new', 'gone']), before: z.string().nullable(), after: z.string().nullable(),
    part: z.string().nullable(), title: z.string(), titleVi: z.string(), text: Runs, textVi: Runs, machine: Fields,
  })),
});

/** Before it binds: the text, its versions, who attests and signs it. */
const paperApi = {
  'agreements.edit': endpoint({
    method: 'PUT', path: '/api/agreements/:agreement/document',
    summary: 'Saves a draft anew, over exactly the version that was read; signatures over the older text go.',
    input: z.strictObject({ agreement: AgreementId, version: z.number().int().min(1), document: EditedDocument }),
    output: AgreementView, needs: { right: 'agreement.edit', by: 'role' },
  }),
  'agreements.versions': endpoint({
    method: 'GET', path: '/api/agreements/:agreement/versions',
    summary: 'Lists the texts that a draft had, and those that came too late and are kept aside.',
    input: z.strictObject({ agreement: AgreementId }),
    output: z.strictObject({
      versions: z.array(z.strictObject({
        id: z.string(), version: z.number().int(), kind: z.enum(['saved', 'rival']), at: z.string(),
        personName: z.string().nullable(), documentSha256: z.string(),
      })),
    }),
    needs: { right: 'agreement.view', by: 'role' },
  }),
  'agreements.compare': endpoint({
    method: 'GET', path: '/api/agreements/:agreement/compare',
    summary: 'Compares two texts, word by word and machine field by field: what it renews or an older version, and the present one.',
    input: z.strictObject({
      agreement: AgreementId, from: z.string().max(60).default('predecessor'), to: z.string().max(60).default('current'),
    }),
    output: Comparison, needs: { right: 'agreement.view', by: 'role' },
  }),
  'agreements.attest': endpoint({
    method: 'POST', path: '/api/agreements/:agreement/attest',
    summary: 'States that the machine form of clauses says what their words say, but for what benefits oneself.',
    input: z.strictObject({
      agreement: AgreementId,
      clauses: z.array(z.strictObject({ clause: z.string().max(20), clauseSha256: sha256 })).min(1).max(200),
    }),
    output: AgreementView, needs: { right: 'agreement.attest', by: 'role' },
  }),
  'agreements.gains': endpoint({
    method: 'GET', path: '/api/agreements/:agreement/gains',
    summary: 'Who gains and loses what when this agreement comes into force, beside what holds between the two now.',
    input: z.strictObject({ agreement: AgreementId }), output: GainsAndLosses, needs: { right: 'agreement.view', by: 'role' },
  }),
  'agreements.renew': endpoint({
    method: 'POST', path: '/api/agreements/:agreement/renew', status: 201,
    summary: 'Drafts the renewal or amendment of an agreement as its copy; three years from the end of the old one unless said.',
    input: z.strictObject({
      agreement: AgreementId, effectiveOn: z.iso.date().optional(), expiresOn: z.iso.date().optional(),
    }),
    output: AgreementView, needs: { right: 'agreement.draft', by: 'role' },
  }),
  'agreements.duties': endpoint({
    method: 'GET', path: '/api/agreements/:agreement/duties',
    summary: 'The duties whose clocks run or ran under an agreement, and how much of each quota has been used.',
    input: z.strictObject({ agreement: AgreementId }),
    output: z.strictObject({
      duties: z.array(z.strictObject({
        id: z.string(), agreement: z.string(), obligation: z.string(), subject: z.string(), debtor: z.string(), creditor: z.string(),
        begunAt: z.string(), dueAt: z.string(), doneAt: z.string().nullable(), state: z.enum(['open', 'done', 'late', 'done-late']),
      })),
      quotas: z.array(z.strictObject({
        quota: z.string(), clause: z.string(), from: z.string(), to: z.string(), used: z.string(), left: z.string(),
      })),
    }),
    needs: { right: 'agreement.view', by: 'role' },
  }),
  'agreements.usage': endpoint({
    method: 'GET', path: '/api/agreements/:agreement/usage',
    summary: 'The renewal pack: what each part was used for in a time, counted from the record, with the latest acts.',
    input: z.strictObject({ agreement: AgreementId, from: z.iso.datetime().optional(), to: z.iso.datetime().optional() }),
    output: z.strictObject({
      parts: z.array(z.strictObject({
        part: z.string().nullable(), acts: z.number().int(), clauses: z.array(z.string()),
        byClass: z.array(z.strictObject({ class: z.string(), count: z.number().int() })),
      })),
      acts: z.number().int(),
      latest: z.array(z.strictObject({ index: z.number().int(), fact: z.string(), at: z.string(), clause: z.string() })),
      /** Days from now to the end, and the reminders of 90, 30 and 7 days that are due. */
      daysLeft: z.number().int(), reminder: z.union([z.literal(90), z.literal(30), z.literal(7)]).nullable(),
      renewedBy: AgreementId.nullable(),
    }),
    needs: { right: 'agreement.view', by: 'role' },
  }),
} as const;

/** Taking rights away, for a while or for good. */
const takingApi = {
  'agreements.suspend': endpoint({
    method: 'POST', path: '/api/agreements/:agreement/suspend',
    summary: 'Suspends an agreement or one part of it on a stated ground; both sides see ground and date; it can be lifted.',
    input: z.strictObject({
      agreement: AgreementId, part: z.string().max(60).nullable().default(null), ground: Ground, statement: reason,
    }),
    output: AgreementView, needs: { right: 'agreement.suspend', by: 'role' },
  }),
  'agreements.lift': endpoint({
    method: 'POST', path: '/api/agreements/:agreement/suspensions/:suspension/lift',
    summary: 'Lifts a suspension that one’s own side has set: everything is as it was before.',
    input: z.strictObject({ agreement: AgreementId, suspension: z.string().max(60), reason }),
    output: AgreementView, needs: { right: 'agreement.suspend', by: 'role' },
  }),
  'agreements.acknowledge-suspension': endpoint({
    method: 'POST', path: '/api/agreements/:agreement/suspensions/:suspension/acknowledge',
    summary: 'Says that one’s own side has seen the other’s suspension.',
    input: z.strictObject({ agreement: AgreementId, suspension: z.string().max(60) }),
    output: AgreementView, needs: { right: 'agreement.acknowledge-suspension', by: 'role' },
  }),
  'agreements.revoke-grant': endpoint({
    method: 'POST', path: '/api/agreements/:agreement/revoke',
    summary: 'Takes one grant back before its time, with a reason.',
    input: z.strictObject({ agreement: AgreementId, grant: z.string().min(1).max(120), reason }),
    output: AgreementView, needs: { right: 'agreement.revoke-grant', by: 'role' },
  }),
} as const;

export const agreementsApi = {
  ...paperApi,
  ...takingApi,
  ...sponsorshipsApi,
  ...successionsApi,
  ...noticesApi,
  ...eligibilityApi,
  ...copiesApi,
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
      effectiveOn: z.iso.date(), zone: z.string().max(60),
      /** Three years after the first day unless said. */
      expiresOn: z.iso.date().optional(),
    }),
    output: AgreementView, needs: { right: 'agreement.draft', by: 'role' },
  }),
  'agreements.sign': endpoint({
    method: 'POST', path: '/api/agreements/:agreement/sign',
    summary: 'Signs for one’s own side exactly the text whose digest is given; two signatures put it in force.',
    input: z.strictObject({ agreement: AgreementId, documentSha256: sha256 }),
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
      /** Clause by clause, for the sides and for each role and person that a grant names. */
      columns: z.array(z.strictObject({
        side: Side, organisation: OrganisationId, name: z.string(), role: z.string().nullable(), person: z.string().nullable(),
      })),
      clauses: z.array(z.strictObject({
        clause: z.string(), part: z.string().nullable(), right: z.string(), purpose: z.string(),
        /** The most telling reason beside a no. */
        cells: z.array(z.strictObject({ outcome: z.enum(['allow', 'deny']), code: z.string() })),
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
      tlp: TlpLabel.optional(), level: z.coerce.number().int().min(0).max(4).optional(), kind: z.string().max(60).optional(),
      // As if another asked; without these, the caller as they are, or somebody of the other side who holds the right.
      role: Role.optional(), person: PersonId.optional(), mfa: z.enum(['true', 'false']).optional(),
      address: z.string().max(45).optional(),
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
    needs: { right: 'offering.open', by: 'mandate', agreedBy: 'offering.agree' },
  }),
} as const;
