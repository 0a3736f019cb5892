/** The exchange as people use it: what is shared with whom, what comes in and from where, finding objects, what was set aside. */
import { z } from 'zod';
import { endpoint, raw } from '#kit/endpoint';
import {
  Alias, Ceiling, Collection, CollectionPreview, CollectionShown, ObjectView, ObjectRow, Quarantined, Source, StixType, TlpLabel,
} from '../model/exchange.ts';
import { passingActs, recipients } from '../rules/passing.ts';

const Id = z.string().min(1).max(60);
const Thing = z.string().min(1).max(300);
const Cursor = z.string().max(300).optional();
const reading = { right: 'threat.read', by: 'mandate', ownToo: true } as const;
const opening = {
  agreement: Id, ceiling: Ceiling, types: z.array(StixType).min(1).max(60).nullable().default(null),
};

export const exchangeApi = {
  'collections.list': endpoint({
    method: 'GET', path: '/api/collections', summary: 'Collections that one holds and shares, and those that others share with one.',
    input: z.strictObject({}), output: z.strictObject({ own: z.array(CollectionShown), shared: z.array(CollectionShown) }), needs: reading,
  }),
  'collections.preview': endpoint({
    method: 'POST', path: '/api/collections/preview',
    summary: 'Who would see what, and why, if a collection were opened so: how many objects of which type and label, under which clause.',
    input: z.strictObject(opening), output: CollectionPreview, needs: { right: 'collection.open', by: 'role' },
  }),
  'collections.open': endpoint({
    method: 'POST', path: '/api/collections', status: 201, summary: 'Begins to share with the other side of an agreement, up to a label.',
    input: z.strictObject({
      ...opening, title: z.string().trim().min(1).max(120), description: z.string().trim().max(500).default(''), alias: Alias.nullable().default(null),
      accepts: z.boolean().default(false),
    }),
    output: z.strictObject({ collection: Collection, objects: z.number().int() }), needs: { right: 'collection.open', by: 'role' },
  }),
  'collections.close': endpoint({
    method: 'POST', path: '/api/collections/:collection/close', summary: 'Ends the sharing: nothing of it is read any more.',
    input: z.strictObject({ collection: Id, reason: z.string().trim().min(1).max(300) }), output: z.strictObject({ collection: Collection }),
    needs: { right: 'collection.close', by: 'role' },
  }),
  'threats.import': raw(endpoint({
    method: 'POST', path: '/api/threats/imports', status: 200, upload: true,
    summary: 'Takes STIX (a bundle, a list, lines) or events of MISP into one’s own library; answers line by line how far it is, and last what became of it.',
    input: z.strictObject({
      source: z.string().trim().min(1).max(80).default('own'), unmarked: TlpLabel.default('RED'), file: z.string().max(255).optional(),
      dry: z.enum(['yes', 'no']).default('no'),
    }),
    output: z.unknown(), needs: { right: 'threat.import', by: 'role' },
  })),
  'threats.search': endpoint({
    method: 'GET', path: '/api/threats', summary: 'Objects within reach, found by the beginnings of words, the newest first.',
    input: z.strictObject({ q: z.string().trim().max(200).default(''), type: StixType.optional(), collection: Id.optional(), cursor: Cursor }),
    output: z.strictObject({ items: z.array(ObjectRow), next: z.string().nullable() }), needs: reading,
  }),
  'threats.view': endpoint({
    method: 'GET', path: '/api/threats/:object', summary: 'An object with its versions, markings, audience, and what it is connected to.',
    input: z.strictObject({ object: Thing }), output: ObjectView, needs: reading,
  }),
  'threats.mayShare': endpoint({
    method: 'POST', path: '/api/threats/may-share',
    summary: 'Whether an object may be shared with an organisation, or the public: by its label, with the rule, and by the agreement, with the clause.',
    input: z.strictObject({ object: Thing, with: Id, act: z.enum(passingActs).default('show') }),
    output: z.strictObject({
      may: z.boolean(), tlp: TlpLabel, recipient: z.enum(recipients), act: z.enum(passingActs), rule: z.string(), labelAllows: z.boolean(),
      /** Where its source has let it go further than its label. */
      permission: z.strictObject({ request: z.string(), until: z.iso.datetime() }).nullable(),
      /** Null where no agreement is asked: of oneself, and of the public. */
      agreementAllows: z.boolean().nullable(),
      clauses: z.array(z.strictObject({ agreementId: z.string(), agreementTitle: z.string(), clause: z.string() })), refusal: z.string().nullable(),
    }),
    needs: reading,
  }),
  'threats.sources': endpoint({
    method: 'GET', path: '/api/threat-sources', summary: 'Where the objects of one’s library come from.',
    input: z.strictObject({}), output: z.strictObject({ items: z.array(Source) }), needs: { right: 'threat.list', by: 'role' },
  }),
  'threats.setAside': endpoint({
    method: 'GET', path: '/api/quarantined-threats', summary: 'Objects that were offered and not taken in, each beside what was kept.',
    input: z.strictObject({ state: z.enum(['open', 'decided']).default('open'), cursor: Cursor }),
    output: z.strictObject({ items: z.array(Quarantined), next: z.string().nullable() }), needs: { right: 'threat.list', by: 'role' },
  }),
  'threats.decide': endpoint({
    method: 'POST', path: '/api/quarantined-threats/:offer/decide',
    summary: 'Decides an offer that was set aside: leave what is kept, or let its source speak for the creator and take it in.',
    input: z.strictObject({ offer: Id, decision: z.enum(['leave', 'take']), note: z.string().trim().min(1).max(300) }),
    output: z.strictObject({ offer: Quarantined }), needs: { right: 'threat.decide', by: 'role' },
  }),
} as const;
