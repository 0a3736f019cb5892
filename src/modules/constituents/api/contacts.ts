/**
 * What one may ask of contacts, of claims, and of the registry as a whole. The centre's by role; what a constituent says of
 * itself by the clause that lets it.
 */
import { z } from 'zod';
import { endpoint } from '#kit/endpoint';
import { AssetClaim, ClaimDecision, ClaimState, Contact, ContactState, NewClaim, NewContact, RegistryDoubt, WhoGets } from '../model/contacts.ts';
import { Asset, Moment } from '../model/registry.ts';

const Id = z.string().min(1).max(60);
const Mine = z.strictObject({ constituent: Id.optional() });

export const contactsApi = {
  contacts: endpoint({
    method: 'GET',
    path: '/api/constituents/:constituent/contacts',
    summary: 'Whom one reaches at a constituent, and how fresh that is.',
    input: z.strictObject({ constituent: Id }),
    output: z.strictObject({ contacts: z.array(Contact) }),
    needs: { right: 'contact.list', by: 'role' },
  }),
  addContact: endpoint({
    method: 'POST',
    path: '/api/constituents/:constituent/contacts',
    summary: 'Adds a contact; it counts as unconfirmed until they or their organisation say that it is right.',
    input: z.strictObject({ constituent: Id, ...NewContact.shape }),
    output: z.strictObject({ contact: Contact }),
    needs: { right: 'contact.add', by: 'role' },
    status: 201,
  }),
  removeContact: endpoint({
    method: 'POST',
    path: '/api/constituents/:constituent/contacts/:contact/remove',
    summary: 'Takes a contact out: nothing is sent there from now on.',
    input: z.strictObject({ constituent: Id, contact: Id }),
    output: z.strictObject({ contacts: z.array(Contact) }),
    needs: { right: 'contact.remove', by: 'role' },
  }),
  allContacts: endpoint({
    method: 'GET',
    path: '/api/registry/contacts',
    summary: 'All contacts of the registry by state, and the share of constituents that can be reached.',
    input: z.strictObject({ state: ContactState.optional() }),
    output: z.strictObject({
      contacts: z.array(z.strictObject({ ...Contact.shape, constituentName: z.string() })),
      counts: z.record(ContactState, z.number().int()),
      constituents: z.number().int(), reachable: z.number().int(), unreachable: z.array(z.strictObject({ id: z.string(), name: z.string() })),
    }),
    needs: { right: 'contact.list', by: 'role' },
  }),
  whoGets: endpoint({
    method: 'GET',
    path: '/api/registry/who-gets',
    summary: 'Dry run: who would be told of this address, domain, network or certificate at a time, and by which claim.',
    input: z.strictObject({
      ip: z.string().max(60).optional(), domain: z.string().max(253).optional(),
      asn: z.coerce.number().int().min(1).max(4_294_967_295).optional(), certificate: z.string().max(100).optional(),
      website: z.enum(['yes', 'no']).default('no'), at: Moment.optional(),
    }),
    output: WhoGets,
    needs: { right: 'constituent.view', by: 'role' },
  }),
  doubts: endpoint({
    method: 'GET',
    path: '/api/registry/doubts',
    summary: 'Holdings within another’s, contested ones, and those on no proof or on one that has lapsed.',
    input: z.strictObject({}),
    output: z.strictObject({ doubts: z.array(RegistryDoubt), total: z.number().int() }),
    needs: { right: 'constituent.view', by: 'role' },
  }),
  claims: endpoint({
    method: 'GET',
    path: '/api/registry/claims',
    summary: 'What constituents say they answer for, waiting first.',
    input: z.strictObject({ state: ClaimState.optional() }),
    output: z.strictObject({ claims: z.array(AssetClaim) }),
    needs: { right: 'claim.list', by: 'role' },
  }),
  decideClaim: endpoint({
    method: 'POST',
    path: '/api/registry/claims/:claim/decide',
    summary: 'Takes a claim into the registry with its proof, or refuses it with a reason.',
    input: z.strictObject({ claim: Id, decision: ClaimDecision }),
    output: z.strictObject({ claim: AssetClaim }),
    needs: { right: 'claim.decide', by: 'role' },
  }),
  mine: endpoint({
    method: 'GET',
    path: '/api/my/registry',
    summary: 'What the centre’s registry says of one’s own organisation: assets, claims, contacts.',
    input: z.strictObject({}),
    output: z.strictObject({
      constituents: z.array(z.strictObject({ id: z.string(), name: z.string() })),
      assets: z.array(Asset), claims: z.array(AssetClaim), contacts: z.array(Contact),
    }),
    needs: { right: 'notice.receive', by: 'mandate', agreedBy: 'notice.agree' },
  }),
  claim: endpoint({
    method: 'POST',
    path: '/api/my/claims',
    summary: 'Says that one answers for an asset. It attributes nothing until the centre has taken it.',
    input: z.strictObject({ ...Mine.shape, ...NewClaim.shape }),
    output: z.strictObject({ claim: AssetClaim }),
    needs: { right: 'notice.answer', by: 'mandate', agreedBy: 'notice.agree' },
    status: 201,
  }),
  checkClaim: endpoint({
    method: 'POST',
    path: '/api/my/claims/:claim/check',
    summary: 'Lets the hub look for the record that proves a claimed domain.',
    input: z.strictObject({ claim: Id }),
    output: z.strictObject({ claim: AssetClaim }),
    needs: { right: 'notice.answer', by: 'mandate', agreedBy: 'notice.agree' },
  }),
  addMyContact: endpoint({
    method: 'POST',
    path: '/api/my/contacts',
    summary: 'Adds a contact of one’s own organisation; saying it oneself confirms it.',
    input: z.strictObject({ ...Mine.shape, ...NewContact.shape }),
    output: z.strictObject({ contact: Contact }),
    needs: { right: 'notice.answer', by: 'mandate', agreedBy: 'notice.agree' },
    status: 201,
  }),
  confirmMyContact: endpoint({
    method: 'POST',
    path: '/api/my/contacts/:contact/confirm',
    summary: 'Confirms a contact of one’s own organisation without change.',
    input: z.strictObject({ contact: Id }),
    output: z.strictObject({ contact: Contact }),
    needs: { right: 'notice.answer', by: 'mandate', agreedBy: 'notice.agree' },
  }),
  removeMyContact: endpoint({
    method: 'POST',
    path: '/api/my/contacts/:contact/remove',
    summary: 'Takes a contact of one’s own organisation out.',
    input: z.strictObject({ contact: Id }),
    output: z.strictObject({ contacts: z.array(Contact) }),
    needs: { right: 'notice.answer', by: 'mandate', agreedBy: 'notice.agree' },
  }),
} as const;
