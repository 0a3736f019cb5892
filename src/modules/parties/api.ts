/** What one may ask of the parties: signing in, people, roles, tokens, the organisations one has introduced. */
import { z } from 'zod';
import { endpoint } from '#kit/endpoint';
import { breakGlassRights } from './roles.ts';
import {
  Approval, ApprovalId, BreakGlass, BreakGlassId, ListedPerson, Organisation, OrganisationId, Passkey, Person, PersonId, Role, Session, SessionView, Token,
} from './model.ts';
import { protectionApi } from './protection/api.ts';

const none = z.strictObject({});
const done = z.strictObject({ done: z.literal(true) });
const name = z.string().trim().min(1).max(120);
/** Another administrator or the principal agrees to whoever is to become one. */
const raising = { from: 'own-organisation', right: 'person.approve', when: 'sometimes' } as const;
/** WebAuthn's JSON: checked by the WebAuthn library, not here. */
const ceremony = z.record(z.string(), z.unknown());
const challenge = z.strictObject({ challengeId: z.string(), options: ceremony });
const answer = { challengeId: z.string().max(64), response: ceremony };
const secret = z.string().min(20).max(100);

const sessionApi = {
  'session.view': endpoint({
    method: 'GET', path: '/api/session', summary: 'Who is signed in, for whom, with which rights.',
    input: none, output: SessionView, needs: { right: 'session.view', by: 'public' },
  }),
  'session.challenge': endpoint({
    method: 'POST', path: '/api/session/challenge', summary: 'Asks for a passkey challenge to sign in with.',
    input: none, output: challenge, needs: { right: 'session.start', by: 'public' },
  }),
  'session.start': endpoint({
    method: 'POST', path: '/api/session', summary: 'Signs in with a passkey; sets the session cookie.',
    input: z.strictObject(answer), output: SessionView, needs: { right: 'session.start', by: 'public' },
  }),
  'session.end': endpoint({
    method: 'DELETE', path: '/api/session', summary: 'Signs out.',
    input: none, output: done, needs: { right: 'session.end', by: 'self' },
  }),
  'session.touch-challenge': endpoint({
    method: 'POST', path: '/api/session/touch/challenge',
    summary: 'Asks for a challenge of one’s own passkeys, to prove presence for a weighty act.',
    input: none, output: challenge, needs: { right: 'session.touch', by: 'self' },
  }),
  'session.touch': endpoint({
    method: 'POST', path: '/api/session/touch',
    summary: 'Proves presence with one’s own passkey; weighty acts are open for five minutes. The session gets a new secret.',
    input: z.strictObject(answer), output: done, needs: { right: 'session.touch', by: 'self' },
  }),
  'sessions.list': endpoint({
    method: 'GET', path: '/api/sessions', summary: 'Lists one’s own open sessions.',
    input: none, output: z.strictObject({ sessions: z.array(Session) }), needs: { right: 'session.list', by: 'self' },
  }),
  'sessions.revoke': endpoint({
    method: 'DELETE', path: '/api/sessions/:session', summary: 'Ends one of one’s own sessions.',
    input: z.strictObject({ session: z.string() }), output: done, needs: { right: 'session.revoke', by: 'self' },
  }),
  'sessions.revoke-others': endpoint({
    method: 'DELETE', path: '/api/sessions', summary: 'Ends all of one’s own sessions but this one.',
    input: none, output: z.strictObject({ ended: z.number().int() }), needs: { right: 'session.revoke', by: 'self' },
  }),
} as const;

const glass = z.strictObject({ grant: BreakGlassId });

const breakGlassApi = {
  'break-glass.list': endpoint({
    method: 'GET', path: '/api/break-glass', summary: 'Lists rights taken in an hour of need, and what their review found.',
    input: none, output: z.strictObject({ grants: z.array(BreakGlass) }), needs: { right: 'break-glass.list', by: 'role' },
  }),
  'break-glass.start': endpoint({
    method: 'POST', path: '/api/break-glass', status: 201,
    summary: 'Takes listed rights of one’s own organisation for four hours; reviewed within 72.',
    input: z.strictObject({
      rights: z.array(z.enum(breakGlassRights)).min(1).max(breakGlassRights.length), reason: z.string().trim().min(10).max(500),
    }),
    output: BreakGlass,
    needs: {
      right: 'break-glass.start', by: 'role', fresh: true,
      approval: { from: 'own-organisation', right: 'break-glass.approve', when: 'always' },
    },
  }),
  'break-glass.end': endpoint({
    method: 'POST', path: '/api/break-glass/:grant/end', summary: 'Ends it before its four hours are over.',
    input: glass, output: BreakGlass, needs: { right: 'break-glass.list', by: 'role' },
  }),
  'break-glass.close': endpoint({
    method: 'POST', path: '/api/break-glass/:grant/close',
    summary: 'Closes its review with a finding; not by whoever took the rights or agreed to it.',
    input: glass.extend({ finding: z.string().trim().min(10).max(2000) }), output: BreakGlass,
    needs: { right: 'break-glass.review', by: 'role', fresh: true },
  }),
} as const;

/** One claim of the identity provider, and what it must say letter for letter. */
const expected = z.strictObject({ claim: z.enum(['sub', 'email', 'preferred_username']), value: z.string().trim().min(1).max(254) });
const departure = z.strictObject({ flow: z.string(), url: z.string() });
const brought = z.string().max(4000).optional();

const identityApi = {
  'oidc.start': endpoint({
    method: 'POST', path: '/api/session/provider',
    summary: 'Begins signing in with the identity provider: where to go, and what this browser keeps until it is back.',
    input: none, output: departure, needs: { right: 'session.start', by: 'public' },
  }),
  'oidc.accept': endpoint({
    method: 'POST', path: '/api/session/provider/accept',
    summary: 'Begins accepting an invitation with the account of the identity provider that it names.',
    input: z.strictObject({ secret }), output: departure, needs: { right: 'invitation.accept', by: 'public' },
  }),
  'oidc.link': endpoint({
    method: 'POST', path: '/api/session/provider/link',
    summary: 'Begins linking one’s own account of the identity provider, as an administrator expects it.',
    input: none, output: departure, needs: { right: 'identity.link', by: 'self', fresh: true },
  }),
  'oidc.finish': endpoint({
    method: 'POST', path: '/api/session/provider/finish',
    summary: 'Ends what was begun with what the identity provider sent back; signs in, or links.',
    input: z.strictObject({ flow: z.string().max(100), code: brought, state: brought, iss: brought, error: brought }),
    output: SessionView, needs: { right: 'session.start', by: 'public' },
  }),
  'oidc.identity': endpoint({
    method: 'GET', path: '/api/identity', summary: 'Whether one’s own account is linked to the identity provider, or expected to be.',
    input: none, output: z.strictObject({
      provider: z.string().nullable(), linked: z.strictObject({ issuer: z.string(), since: z.string() }).nullable(),
      expected: z.strictObject({ claim: z.string(), value: z.string() }).nullable(),
    }),
    needs: { right: 'identity.link', by: 'self' },
  }),
  'oidc.unlink': endpoint({
    method: 'DELETE', path: '/api/identity', summary: 'Unlinks one’s own account from the identity provider; a passkey stays.',
    input: none, output: done, needs: { right: 'identity.link', by: 'self', fresh: true },
  }),
  'people.expect': endpoint({
    method: 'PUT', path: '/api/people/:person/provider',
    summary: 'Says which account of the identity provider is a colleague’s; they link it themselves, signed in.',
    input: expected.extend({ person: PersonId }), output: done, needs: { right: 'person.recover', by: 'role' },
  }),
} as const;

const page = z.string().max(1000).optional();
const provision = { right: 'person.provision', by: 'role' } as const;
const scim = (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, summary: string) =>
  ({ method, path: `/scim/v2/${path}`, summary, transport: 'raw', output: z.unknown(), needs: provision }) as const;
const user = z.strictObject({ user: z.string().max(80) });
const projection = { attributes: page, excludedAttributes: page };

/** SCIM 2.0: shapes and errors are RFC 7643's and 7644's, see `routes.ts`. */
const scimApi = {
  'scim.config': endpoint({ ...scim('GET', 'ServiceProviderConfig', 'What this SCIM service can do.'), input: none }),
  'scim.types': endpoint({ ...scim('GET', 'ResourceTypes', 'The kinds of SCIM resources: users.'), input: none }),
  'scim.type': endpoint({ ...scim('GET', 'ResourceTypes/:type', 'One kind of SCIM resource.'), input: z.strictObject({ type: z.string().max(200) }) }),
  'scim.schemas': endpoint({ ...scim('GET', 'Schemas', 'The attributes of SCIM resources.'), input: none }),
  'scim.schema': endpoint({ ...scim('GET', 'Schemas/:schema', 'One SCIM schema.'), input: z.strictObject({ schema: z.string().max(200) }) }),
  'scim.list': endpoint({
    ...scim('GET', 'Users', 'Lists the people of one’s own organisation, those invited included; filter by eq.'),
    input: z.strictObject({ filter: page, startIndex: page, count: page, ...projection, sortBy: page, sortOrder: page }),
  }),
  'scim.view': endpoint({ ...scim('GET', 'Users/:user', 'Shows one person.'), input: user.extend(projection) }),
  'scim.create': endpoint({ ...scim('POST', 'Users', 'Invites a person: there is no account before they accept.'), input: none, status: 201 }),
  'scim.replace': endpoint({ ...scim('PUT', 'Users/:user', 'Replaces what SCIM may say of a person; inactive suspends at once.'), input: user }),
  'scim.patch': endpoint({ ...scim('PATCH', 'Users/:user', 'Changes what SCIM may say of a person; inactive suspends at once.'), input: user }),
  'scim.remove': endpoint({ ...scim('DELETE', 'Users/:user', 'Voids an invitation or suspends an account; it is gone for SCIM.'), input: user, status: 204 }),
} as const;

const passkeyApi = {
  'passkeys.list': endpoint({
    method: 'GET', path: '/api/passkeys', summary: 'Lists one’s own passkeys.',
    input: none, output: z.strictObject({ passkeys: z.array(Passkey) }), needs: { right: 'passkey.list', by: 'self' },
  }),
  'passkeys.challenge': endpoint({
    method: 'POST', path: '/api/passkeys/challenge', summary: 'Asks for a challenge to register one more passkey.',
    input: none, output: challenge, needs: { right: 'passkey.add', by: 'self' },
  }),
  'passkeys.add': endpoint({
    method: 'POST', path: '/api/passkeys', summary: 'Registers one more passkey.', status: 201,
    input: z.strictObject({ ...answer, name }), output: Passkey, needs: { right: 'passkey.add', by: 'self' },
  }),
  'passkeys.remove': endpoint({
    method: 'DELETE', path: '/api/passkeys/:passkey', summary: 'Removes one of one’s own passkeys, never the last.',
    input: z.strictObject({ passkey: z.string() }), output: done, needs: { right: 'passkey.remove', by: 'self', fresh: true },
  }),
} as const;

const tokenApi = {
  'tokens.list': endpoint({
    method: 'GET', path: '/api/tokens', summary: 'Lists one’s own API tokens.',
    input: none, output: z.strictObject({ tokens: z.array(Token), scopes: z.array(z.string()) }),
    needs: { right: 'token.list', by: 'self' },
  }),
  'tokens.create': endpoint({
    method: 'POST', path: '/api/tokens', summary: 'Makes an API token; its secret is shown this once.', status: 201,
    input: z.strictObject({
      name, scopes: z.array(z.string().max(80)).min(1).max(60), days: z.coerce.number().int().min(1).max(365),
      addresses: z.array(z.string().trim().min(2).max(60)).max(20).default([]),
    }),
    output: z.strictObject({ token: Token, secret: z.string() }), needs: { right: 'token.create', by: 'self' },
  }),
  'tokens.revoke': endpoint({
    method: 'DELETE', path: '/api/tokens/:token', summary: 'Revokes one of one’s own tokens, at once.',
    input: z.strictObject({ token: z.string() }), output: done, needs: { right: 'token.revoke', by: 'self' },
  }),
} as const;

const peopleApi = {
  'people.list': endpoint({
    method: 'GET', path: '/api/people', summary: 'Lists the people of one’s own organisation.',
    input: none, output: z.strictObject({ people: z.array(ListedPerson) }), needs: { right: 'person.list', by: 'role' },
  }),
  'people.sessions': endpoint({
    method: 'GET', path: '/api/people/:person/sessions', summary: 'Lists the open sessions of a person of one’s own organisation.',
    input: z.strictObject({ person: PersonId }), output: z.strictObject({ sessions: z.array(Session) }),
    needs: { right: 'session.oversee', by: 'role' },
  }),
  'people.end-sessions': endpoint({
    method: 'DELETE', path: '/api/people/:person/sessions', summary: 'Ends all sessions of a person of one’s own organisation.',
    input: z.strictObject({ person: PersonId }), output: z.strictObject({ ended: z.number().int() }),
    needs: { right: 'session.oversee', by: 'role' },
  }),
  'people.activate': endpoint({
    method: 'POST', path: '/api/people/:person/activate', summary: 'Lets a suspended person in again.',
    input: z.strictObject({ person: PersonId }), output: Person,
    needs: { right: 'person.activate', by: 'role', approval: { ...raising, benefits: 'person' } },
  }),
  'people.recover': endpoint({
    method: 'POST', path: '/api/people/:person/recovery', status: 201,
    summary: 'Makes a link with which a person who lost the passkey makes a new one: 15 minutes, once; what was before ends.',
    input: z.strictObject({ person: PersonId }), output: z.strictObject({ link: z.string(), expiresAt: z.string() }),
    needs: { right: 'person.recover', by: 'role', fresh: true, approval: { ...raising, when: 'always', benefits: 'person' } },
  }),
  'people.assign': endpoint({
    method: 'PUT', path: '/api/people/:person/roles', summary: 'Sets the roles of a person of one’s own organisation.',
    input: z.strictObject({ person: PersonId, roles: z.array(Role).max(15) }), output: Person,
    needs: { right: 'person.assign', by: 'role', approval: { ...raising, benefits: 'person' } },
  }),
  'people.suspend': endpoint({
    method: 'POST', path: '/api/people/:person/suspend',
    summary: 'Suspends a person of one’s own organisation: sessions and tokens end at once.',
    input: z.strictObject({ person: PersonId }), output: Person, needs: { right: 'person.suspend', by: 'role' },
  }),
  'invitations.create': endpoint({
    method: 'POST', path: '/api/invitations', status: 201,
    summary: 'Invites a person into one’s own organisation, or the first administrator of one it introduced.',
    input: z.strictObject({
      organisation: OrganisationId.optional(), name, email: z.email().max(254).optional(),
      roles: z.array(Role).min(1).max(15), language: z.enum(['en', 'vi']).default('en'),
      /** Accepted with this account of the identity provider, and with no other. */
      provider: expected.optional(),
    }),
    output: z.strictObject({ link: z.string(), expiresAt: z.string() }),
    needs: { right: 'invitation.create', by: 'role', approval: { ...raising, benefits: 'email' } },
  }),
  'invitations.view': endpoint({
    method: 'POST', path: '/api/invitations/view', summary: 'Shows an invitation to whoever holds its secret.',
    input: z.strictObject({ secret }),
    output: z.strictObject({
      organisation: Organisation, name: z.string(), roles: z.array(Role), expiresAt: z.string(),
      /** Not a new account but new passkeys for the one that is there. */
      recovers: z.boolean(),
      /** Name of the identity provider by whose account it is accepted, or null: by a new passkey. */
      provider: z.string().nullable(),
    }),
    needs: { right: 'invitation.accept', by: 'public' },
  }),
  'invitations.challenge': endpoint({
    method: 'POST', path: '/api/invitations/challenge', summary: 'Asks for the challenge to register the first passkey.',
    input: z.strictObject({ secret }), output: challenge, needs: { right: 'invitation.accept', by: 'public' },
  }),
  'invitations.accept': endpoint({
    method: 'POST', path: '/api/invitations/accept', summary: 'Accepts an invitation with a new passkey and signs in.',
    input: z.strictObject({ secret, ...answer }), output: SessionView,
    needs: { right: 'invitation.accept', by: 'public' },
  }),
} as const;

const organisationApi = {
  'organisations.list': endpoint({
    method: 'GET', path: '/api/organisations', summary: 'Lists one’s own organisation and those it has introduced.',
    input: none, output: z.strictObject({ organisations: z.array(Organisation) }),
    needs: { right: 'organisation.list', by: 'role' },
  }),
  'organisations.introduce': endpoint({
    method: 'POST', path: '/api/organisations', status: 201,
    summary: 'Introduces an organisation to the hub, so that an agreement with it can be drafted.',
    input: Organisation.omit({ id: true }), output: Organisation, needs: { right: 'organisation.introduce', by: 'role' },
  }),
} as const;

const one = z.strictObject({ approval: ApprovalId });

const approvalApi = {
  'approvals.list': endpoint({
    method: 'GET', path: '/api/approvals', summary: 'Lists what waits for a second person, and what became of it.',
    input: none, output: z.strictObject({ approvals: z.array(Approval) }), needs: { right: 'approval.list', by: 'role' },
  }),
  'approvals.view': endpoint({
    method: 'GET', path: '/api/approvals/:approval', summary: 'Shows what exactly a second person is asked to agree to.',
    input: one, output: Approval, needs: { right: 'approval.list', by: 'role' },
  }),
  'approvals.request': endpoint({
    method: 'POST', path: '/api/approvals', status: 201,
    summary: 'Asks a second person to agree to an act, given as operation and whole input.',
    input: z.strictObject({
      operation: z.string().max(80), input: z.record(z.string().max(80), z.unknown()),
      reason: z.string().trim().min(3).max(500),
      /** Of an act by mandate, where clauses leave the choice: whose people are asked. */
      from: z.enum(['own-organisation', 'other-party']).optional(),
    }),
    output: Approval, needs: { right: 'approval.request', by: 'role' },
  }),
  'approvals.approve': endpoint({
    method: 'POST', path: '/api/approvals/:approval/approve',
    summary: 'Agrees to exactly the content whose digest is given; it may then be done once, within 24 hours.',
    input: one.extend({ inputSha256: z.string().regex(/^[0-9a-f]{64}$/) }), output: Approval,
    needs: { right: 'approval.decide', by: 'role', fresh: true },
  }),
  'approvals.deny': endpoint({
    method: 'POST', path: '/api/approvals/:approval/deny', summary: 'Denies it, with a reason that the one who asked sees.',
    input: one.extend({ reason: z.string().trim().min(3).max(500) }), output: Approval,
    needs: { right: 'approval.decide', by: 'role' },
  }),
  'approvals.withdraw': endpoint({
    method: 'POST', path: '/api/approvals/:approval/withdraw', summary: 'Withdraws what one asked for oneself.',
    input: one, output: Approval, needs: { right: 'approval.request', by: 'role' },
  }),
} as const;

export const partiesApi = {
  ...sessionApi, ...passkeyApi, ...tokenApi, ...peopleApi, ...organisationApi, ...approvalApi, ...breakGlassApi,
  ...identityApi, ...scimApi, ...protectionApi,
} as const;
