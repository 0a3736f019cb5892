/**
 * Sign-in by the organisation's identity provider. It opens accounts that an administrator linked and no other: an
 * invitation, or a word about a colleague, names issuer and one claim; whoever accepts it must be exactly that. An e-mail
 * alone never links, and every way to fail is one answer. A passage belongs to the browser that began it.
 */
import type { Actions, Actor, Caller } from '#kit/endpoint';
import { Refusal, noSuch } from '#kit/refusal';
import { IdentityError, type Claims, type IdentityProvider } from '#world/identity/port';
import type { Queryable } from '#world/db/port';
import type { partiesApi } from '../api.ts';
import type { Person } from '../model.ts';
import {
  dropExpectation, endIdentities, expectationOf, identityOf, insertPassage, linkIdentity, personByIdentity, setExpectation,
  takePassage, type PassageRow,
} from '../oidc-store.ts';
import { keepScimNames } from '../scim-store.ts';
import { invitationById, insertPerson, passkeysOf, peopleOf, personById, useInvitation, type InvitationRow } from '../store.ts';
import { openInvitation, personFrom } from './people.ts';
import { openSession } from './sessions.ts';
import { done, laterIso, sha256Hex, state, viewOf, type PartiesParts } from './parts.ts';

type Oidc = Pick<Actions<typeof partiesApi>,
  'oidc.start' | 'oidc.accept' | 'oidc.link' | 'oidc.finish' | 'oidc.identity' | 'oidc.unlink' | 'people.expect'>;

const passageMs = 10 * 60_000;

const notAccepted = (): Refusal =>
  new Refusal('unauthenticated', 'oidc.not-accepted', 'The identity provider’s answer opens no account here.', {
    hint: 'Ask an administrator of your organisation to link it, and try again.',
  });

function providerOf(parts: PartiesParts): IdentityProvider {
  if (parts.identity) return parts.identity;
  throw new Refusal('not-found', 'identity-provider.not-found', 'This hub knows no identity provider.');
}

const redirectOf = (parts: PartiesParts): string => `${parts.hub.passkeyOrigin}/sign-in/provider`;

export function oidcActions(parts: PartiesParts): Oidc {
  return { ...departing(parts), ...arriving(parts), ...linking(parts) };
}

/** Begins a passage; `flow` stays in the browser that began it, and only its digest here. */
async function begin(
  parts: PartiesParts, purpose: PassageRow['purpose'], subject: string | null,
): Promise<{ flow: string; url: string }> {
  const { url, ...passage } = await orUnavailable(parts, () => providerOf(parts).depart(redirectOf(parts)));
  const flow = parts.ids.secret();
  await insertPassage(parts.db, {
    id: parts.ids.next('oid'), flow_sha256: sha256Hex(flow), ...passage, purpose, subject,
    expires_at: laterIso(parts.clock, passageMs),
  });
  return { flow, url };
}

async function orUnavailable<T>(parts: PartiesParts, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof IdentityError)) throw error;
    parts.note('identity.unavailable', { why: error.message });
    throw new Refusal('unavailable', 'oidc.unavailable', 'The identity provider cannot be reached.', {
      hint: 'Try again, or sign in with a passkey.',
    });
  }
}

function departing(parts: PartiesParts): Pick<Oidc, 'oidc.start' | 'oidc.accept' | 'oidc.link'> {
  return {
    'oidc.start': () => begin(parts, 'sign-in', null),
    'oidc.accept': async (input) => {
      const invitation = await openInvitation(parts, input.secret);
      if (!invitation.issuer || invitation.issuer !== parts.identity?.issuer) throw noSuch('invitation');
      return begin(parts, 'accept', invitation.id);
    },
    'oidc.link': async (_, { actor }) => {
      const expected = await expectationOf(parts.db, actor.person);
      if (!expected || expected.issuer !== parts.identity?.issuer) {
        throw new Refusal('forbidden', 'oidc.not-expected', 'No administrator has said which account of the identity provider is yours.', {
          ask: 'an administrator of your organisation',
        });
      }
      return begin(parts, 'link', actor.person);
    },
  };
}

function arriving(parts: PartiesParts): Pick<Oidc, 'oidc.finish'> {
  return {
    'oidc.finish': async ({ flow, ...brought }, caller) => {
      const provider = providerOf(parts);
      const passage = await takePassage(parts.db, sha256Hex(flow));
      if (!passage || passage.expires_at <= parts.clock.iso()) throw notAccepted();
      const claims = await provider.arrive(redirectOf(parts), given(brought), passage).catch((error: unknown) => {
        if (!(error instanceof IdentityError)) throw error;
        parts.note('identity.refused', { why: error.message.slice(0, 300) });
        throw notAccepted();
      });
      const person = await (passage.purpose === 'sign-in' ? signIn(parts, claims, caller)
        : passage.purpose === 'accept' ? accept(parts, passage.subject ?? '', claims, caller)
          : link(parts, passage.subject ?? '', claims, caller));
      return viewOf(parts, parts.db, person);
    },
  };
}

const given = (brought: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(brought).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));

async function signIn(parts: PartiesParts, claims: Claims, caller: Caller<Actor | null>): Promise<Person> {
  return parts.db.transaction(async (tx) => {
    const id = await personByIdentity(tx, claims.issuer, claims.subject);
    const person = id === null ? null : await personById(tx, id);
    if (!person || person.status !== 'active') throw notAccepted();
    await openSession(parts, tx, person, caller, 'oidc');
    return person;
  });
}

/** Whether who came is who was expected: one claim, letter for letter. An e-mail counts only as the provider verified it. */
function isExpected(expected: { issuer: string | null; claim: string | null; value: string | null }, claims: Claims): boolean {
  const said = { sub: claims.subject, email: claims.email, preferred_username: claims.username };
  const found = Object.hasOwn(said, expected.claim ?? '') ? said[expected.claim as keyof typeof said] : null;
  return expected.issuer === claims.issuer && found !== null && expected.value !== null && found === expected.value;
}

async function accept(parts: PartiesParts, id: string, claims: Claims, caller: Caller<Actor | null>): Promise<Person> {
  return parts.db.transaction(async (tx) => {
    const row: InvitationRow | null = await invitationById(tx, id);
    const expected = row && { issuer: row.issuer, claim: row.claim, value: row.claim_value };
    if (!row || row.person !== null || !expected || row.expires_at <= parts.clock.iso() || !isExpected(expected, claims)) throw notAccepted();
    const now = parts.clock.iso();
    if (!(await useInvitation(tx, row.id, now))) throw notAccepted();
    const person = personFrom(parts, row);
    await insertPerson(tx, person);
    await keepScimNames(tx, row.id, person.id);
    if (!(await linkIdentity(tx, { issuer: claims.issuer, subject: claims.subject, person: person.id, linked_at: now }))) throw notAccepted();
    const self = { person: person.id, org: person.organisation };
    await state(parts, tx, self, { class: 'invitation.accepted', subject: person.id, body: { roles: person.roles } });
    await state(parts, tx, self, { class: 'identity.linked', subject: person.id, body: { issuer: claims.issuer } });
    await openSession(parts, tx, person, caller, 'oidc');
    return person;
  });
}

/** Links to the account that is signed in, and to no other: the one who came back must be the one who went. */
async function link(parts: PartiesParts, id: string, claims: Claims, caller: Caller<Actor | null>): Promise<Person> {
  return parts.db.transaction(async (tx) => {
    const person = caller.actor?.via === 'session' && caller.actor.person === id ? await personById(tx, id) : null;
    const expected = await expectationOf(tx, id);
    if (!person || person.status !== 'active' || !expected || !isExpected(expected, claims)) throw notAccepted();
    const now = parts.clock.iso();
    await endIdentities(tx, person.id, now);
    if (!(await linkIdentity(tx, { issuer: claims.issuer, subject: claims.subject, person: person.id, linked_at: now }))) throw notAccepted();
    await dropExpectation(tx, person.id);
    await state(parts, tx, { person: person.id, org: person.organisation }, {
      class: 'identity.linked', subject: person.id, body: { issuer: claims.issuer, expectedBy: expected.set_by },
    });
    return person;
  });
}

function linking(parts: PartiesParts): Pick<Oidc, 'oidc.identity' | 'oidc.unlink' | 'people.expect'> {
  return {
    'oidc.identity': async (_, { actor }) => {
      const [linked, expected] = [await identityOf(parts.db, actor.person), await expectationOf(parts.db, actor.person)];
      return {
        provider: parts.identity?.name ?? null,
        linked: linked ? { issuer: linked.issuer, since: linked.linked_at } : null,
        expected: expected ? { claim: expected.claim, value: expected.value } : null,
      };
    },
    'oidc.unlink': (_, { actor }) => parts.db.transaction(async (tx) => {
      if ((await passkeysOf(tx, actor.person)).length === 0) {
        throw new Refusal('conflict', 'passkey.last', 'Without a passkey you could not sign in again.', { hint: 'Add one first.' });
      }
      if (!(await endIdentities(tx, actor.person, parts.clock.iso()))) throw noSuch('identity');
      await state(parts, tx, actor, { class: 'identity.unlinked', subject: actor.person, body: {} });
      return done;
    }),
    'people.expect': (input, { actor }) => parts.db.transaction(async (tx) => expect(parts, tx, actor, input)),
  };
}

async function expect(
  parts: PartiesParts, tx: Queryable, actor: Actor, input: { person: string; claim: string; value: string },
): Promise<typeof done> {
  const provider = providerOf(parts);
  const person = (await peopleOf(tx, actor.org)).find((p) => p.id === input.person);
  if (!person) throw noSuch('person');
  await setExpectation(tx, {
    person: person.id, issuer: provider.issuer, claim: input.claim, value: input.value, set_by: actor.person, set_at: parts.clock.iso(),
  });
  await state(parts, tx, actor, { class: 'identity.expected', subject: person.id, body: { issuer: provider.issuer, claim: input.claim } });
  return done;
}
