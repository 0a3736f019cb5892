/** People and organisations: invite, accept, assign roles, suspend, introduce. Accounts exist by invitation only. */
import type { Actions, Actor, Caller } from '#kit/endpoint';
import { Refusal, check, noSuch } from '#kit/refusal';
import { lockUntilCommit } from '#world/db/kysely';
import { asHub } from '#world/db/scope';
import type { Queryable } from '#world/db/port';
import type { partiesApi } from '../api.ts';
import type { Person, Role } from '../model.ts';
import { activate, assign, hasSecond, invite, raises, recover, suspend } from '../rules.ts';
import {
  endCredentials, endSessions, insertInvitation, insertOrganisation, insertPasskey, insertPerson, invitationBySecret,
  invitationTarget, listedPeople, organisationById, organisationsKnownTo, peopleOf, personById, replacePasskeys, savePerson,
  useInvitation, voidInvitations, voidRecoveries,
  type InvitationRow,
} from '../store.ts';
import { endIdentities } from '../oidc-store.ts';
import { keepScimNames } from '../scim-store.ts';
import { registrationChallenge, verifyRegistration } from './passkeys.ts';
import { openSession, openSessions } from './sessions.ts';
import { laterIso, sha256Hex, state, viewOf, type PartiesParts } from './parts.ts';

type People = Pick<Actions<typeof partiesApi>,
  | 'people.list' | 'people.assign' | 'people.suspend' | 'people.activate' | 'people.recover' | 'people.sessions'
  | 'people.end-sessions' | 'invitations.create' | 'invitations.view'
  | 'invitations.challenge' | 'invitations.accept' | 'organisations.list' | 'organisations.introduce'>;

export const weekMs = 7 * 86_400_000;
/** A recovery opens an account that is there: it is handed over at once, or made anew. */
const recoveryMs = 15 * 60_000;

export function peopleActions(parts: PartiesParts): People {
  return { ...staff(parts), ...credentials(parts), ...invitations(parts), ...organisations(parts) };
}

function staff(parts: PartiesParts): Pick<People, 'people.list' | 'people.assign' | 'people.suspend' | 'people.activate'> {
  /** Loads the person within the actor's organisation, lets the rule decide, saves, states. */
  const change = (
    { actor, approved }: Pick<Caller, 'actor' | 'approved'>, id: string, fact: string, rule: (p: Person, all: Person[]) => Person,
  ) => parts.db.transaction(async (tx) => {
      // Two administrators suspending each other at one moment would each see the other still there.
      await lockUntilCommit(tx, `people:${actor.org}`);
      const all = await peopleOf(tx, actor.org);
      const person = all.find((p) => p.id === id);
      if (!person) throw noSuch('person');
      const next = rule(person, all);
      const raised = raises(person.roles, next.roles) || (person.status === 'suspended' && next.status === 'active');
      const by = raised && hasSecond(actor.person, next.id, all) ? await approved(tx) : null;
      await savePerson(tx, next);
      if (next.status === 'suspended') await endCredentials(tx, next.id);
      // Who has other rights now signs in anew: a session never grows under the hands that hold it.
      else if (next.roles.join() !== person.roles.join()) await endSessions(tx, next.id);
      await state(parts, tx, actor, {
        class: fact, subject: next.id, body: { roles: next.roles, status: next.status, ...(by ? { approval: by.approval } : {}) },
      });
      return next;
    });
  return {
    'people.list': async (_, { actor }) => ({ people: await listedPeople(parts.db, actor.org, parts.clock.iso()) }),
    'people.activate': (input, caller) => change(caller, input.person, 'person.activated', (p) => activate(p)),
    'people.assign': (input, caller) =>
      change(caller, input.person, 'person.assigned', (p, all) => assign(p, input.roles, caller.actor, all)),
    'people.suspend': (input, caller) =>
      change(caller, input.person, 'person.suspended', (p, all) => suspend(p, caller.actor, all)),
  };
}

/** What an administrator may do about a colleague's credentials: see and end sessions, and have a lost passkey replaced. */
function credentials(parts: PartiesParts): Pick<People, 'people.recover' | 'people.sessions' | 'people.end-sessions'> {
  const colleague = async (q: Queryable, actor: Actor, id: string): Promise<Person> => {
    const person = (await peopleOf(q, actor.org)).find((p) => p.id === id);
    if (!person) throw noSuch('person');
    return person;
  };
  return {
    'people.sessions': async (input, { actor }) => {
      const person = await colleague(parts.db, actor, input.person);
      return { sessions: await openSessions(parts, person.id, actor.credential) };
    },
    'people.end-sessions': (input, { actor }) => parts.db.transaction(async (tx) => {
      const person = await colleague(tx, actor, input.person);
      const ended = await endSessions(tx, person.id);
      await state(parts, tx, actor, { class: 'session.revoked', subject: person.id, body: { ended } });
      return { ended };
    }),
    'people.recover': (input, { actor, approved }) => parts.db.transaction(async (tx) => {
      const person = await colleague(tx, actor, input.person);
      recover(person, actor);
      const { approval, by } = await approved(tx);
      await voidRecoveries(tx, person.id);
      const expiresAt = laterIso(parts.clock, recoveryMs);
      const link = await writeInvitation(parts, tx, {
        organisation: person.organisation, name: person.name, email: person.email, roles: person.roles,
        language: person.language, expires_at: expiresAt, created_by: actor.person, person: person.id, approved_by: by,
      }, actor, { class: 'person.recovery-offered', subject: person.id, body: { approval, approver: by } });
      return { link, expiresAt };
    }),
  };
}

/** Suspends a person of the actor's organisation in the given transaction, with all that the rule and the record ask. */
export async function suspendPerson(parts: PartiesParts, tx: Queryable, actor: Actor, id: string): Promise<Person> {
  const all = await peopleOf(tx, actor.org);
  const person = all.find((p) => p.id === id);
  if (!person) throw noSuch('person');
  const next = suspend(person, actor, all);
  await savePerson(tx, next);
  await endCredentials(tx, next.id);
  await state(parts, tx, actor, { class: 'person.suspended', subject: next.id, body: { roles: next.roles, status: next.status } });
  return next;
}

function organisations(parts: PartiesParts): Pick<People, 'organisations.list' | 'organisations.introduce'> {
  return {
    'organisations.list': async (_, { actor }) =>
      ({ organisations: await organisationsKnownTo(parts.db, actor.org) }),
    'organisations.introduce': async (input, { actor }) => {
      const organisation = { id: parts.ids.next('org'), ...input };
      await parts.db.transaction(async (tx) => {
        await insertOrganisation(tx, organisation, actor.org);
        await state(parts, tx, actor, {
          class: 'organisation.introduced', subject: organisation.id, readers: [organisation.id],
          body: { kind: organisation.kind, country: organisation.country },
        });
      });
      return organisation;
    },
  };
}

function invitations(
  parts: PartiesParts,
): Pick<People, 'invitations.create' | 'invitations.view' | 'invitations.challenge' | 'invitations.accept'> {
  const open = (secret: string): Promise<InvitationRow> => openInvitation(parts, secret);
  /** The same, for acceptance with a passkey: one that names the identity provider is accepted there. */
  const openToKeys = async (secret: string): Promise<InvitationRow> => {
    const row = await open(secret);
    if (row.issuer === null) return row;
    throw new Refusal('forbidden', 'invitation.by-provider', 'This invitation is accepted by signing in with the identity provider.');
  };
  return {
    'invitations.create': async (input, { actor, approved }) => {
      const target = await asHub('whether another organisation has people yet', () =>
        invitationTarget(parts.db, input.organisation ?? actor.org));
      invite(actor, target, input.roles);
      const organisation = target?.organisation.id ?? actor.org;
      const expiresAt = laterIso(parts.clock, weekMs);
      const link = await parts.db.transaction(async (tx) => {
        await lockUntilCommit(tx, `people:${actor.org}`);
        // The first administrator of an organisation that has nobody yet is its own beginning, not a raise in ours.
        const raised = organisation === actor.org && raises([], input.roles);
        if (raised && hasSecond(actor.person, null, await peopleOf(tx, actor.org))) await approved(tx);
        return writeInvitation(parts, tx, {
          organisation, name: input.name, email: input.email ?? null,
          roles: input.roles, language: input.language, expires_at: expiresAt, created_by: actor.person,
          ...expectedOf(parts, input.provider),
        }, actor);
      });
      return { link, expiresAt };
    },
    'invitations.view': async (input) => {
      const row = await open(input.secret);
      const organisation = await organisationById(parts.db, row.organisation);
      check(organisation, 'an invitation names an organisation');
      return {
        organisation, name: row.name, roles: row.roles as Role[], expiresAt: row.expires_at, recovers: row.person !== null,
        provider: row.issuer === null ? null : parts.identity?.name ?? row.issuer,
      };
    },
    'invitations.challenge': async (input) => {
      const row = await openToKeys(input.secret);
      return registrationChallenge(parts, { id: row.id, name: row.name, existing: [] }, 'accept', row.id);
    },
    'invitations.accept': async (input, caller) => {
      const row = await openToKeys(input.secret);
      const known = row.person === null ? null : await personById(parts.db, row.person);
      const person = known ?? personFrom(parts, row);
      const passkey = await verifyRegistration(parts, {
        challengeId: input.challengeId, purpose: 'accept', subject: row.id, person: person.id, name: 'First passkey',
      }, input.response);
      await parts.db.transaction(async (tx) => {
        // Whoever is second finds it used: one invitation makes one account.
        if (!(await useInvitation(tx, row.id, parts.clock.iso()))) throw noSuch('invitation');
        const self = { person: person.id, org: person.organisation };
        if (known) {
          // What opened the account before opens it no more, so that nobody can be in it unseen beside the person.
          await endCredentials(tx, person.id);
          await endIdentities(tx, person.id, parts.clock.iso());
          const recovery = { at: parts.clock.iso(), by: row.created_by, approvedBy: row.approved_by ?? '' };
          await replacePasskeys(tx, person.id, passkey, recovery);
          await state(parts, tx, self, {
            class: 'person.recovered', subject: person.id, body: { by: recovery.by, approver: recovery.approvedBy },
          });
        } else {
          await insertPerson(tx, person);
          await keepScimNames(tx, row.id, person.id);
          await insertPasskey(tx, passkey);
          await state(parts, tx, self, { class: 'invitation.accepted', subject: person.id, body: { roles: person.roles } });
        }
        await openSession(parts, tx, person, caller, 'passkey');
      });
      return viewOf(parts, parts.db, person);
    },
  };
}

/** An invitation that is still open, by its secret; every other case is the same 404. */
export async function openInvitation(parts: PartiesParts, secret: string): Promise<InvitationRow> {
  const row = await invitationBySecret(parts.db, sha256Hex(secret));
  if (!row || row.used_at || row.expires_at <= parts.clock.iso()) throw noSuch('invitation');
  const recovers = row.person === null ? null : await personById(parts.db, row.person);
  if (row.person !== null && recovers?.status !== 'active') throw noSuch('invitation');
  return row;
}

function expectedOf(
  parts: PartiesParts, provider: { claim: string; value: string } | undefined,
): Pick<InvitationRow, 'issuer' | 'claim' | 'claim_value'> | object {
  if (!provider) return {};
  if (!parts.identity) throw noSuch('identity-provider');
  return { issuer: parts.identity.issuer, claim: provider.claim, claim_value: provider.value };
}

export function personFrom(parts: PartiesParts, row: InvitationRow): Person {
  return {
    id: row.becomes ?? parts.ids.next('per'), organisation: row.organisation, name: row.name, email: row.email,
    roles: row.roles as Role[], status: 'active', language: row.language as 'en' | 'vi', createdAt: parts.clock.iso(),
  };
}

type Optional = 'person' | 'approved_by' | 'issuer' | 'claim' | 'claim_value' | 'becomes' | 'user_name' | 'external_id' | 'created_at';
type Draft = Omit<InvitationRow, 'id' | 'secret_sha256' | 'used_at' | Optional> & Partial<Pick<InvitationRow, Optional>>;

/** Writes an invitation and returns its link: the path on the hub, with the secret in the fragment, which no log sees. */
export async function writeInvitation(
  parts: PartiesParts, tx: Queryable, draft: Draft, actor: Pick<Actor, 'person' | 'org'>,
  fact?: Parameters<typeof state>[3],
): Promise<string> {
  const secret = parts.ids.secret();
  const id = parts.ids.next('inv');
  await insertInvitation(tx, {
    person: null, approved_by: null, issuer: null, claim: null, claim_value: null, becomes: null, user_name: null, external_id: null,
    created_at: parts.clock.iso(), ...draft, id, secret_sha256: sha256Hex(secret), used_at: null,
  });
  await state(parts, tx, actor, fact ?? {
    class: 'invitation.created', subject: id, readers: [draft.organisation],
    body: { organisation: draft.organisation, roles: draft.roles },
  });
  return `${parts.hub.passkeyOrigin}/accept#${secret}`;
}

/**
 * The first run of a production hub: makes its own organisation if there is none, and, while nobody has an account, a
 * link for the administrator that lives fifteen minutes and opens once. An earlier unused link is void. Returns the link,
 * or null once the hub has people.
 */
export async function firstAdministratorLink(parts: PartiesParts, hubOrganisation: string): Promise<string | null> {
  return parts.db.transaction(async (tx) => {
    const existing = await peopleOf(tx, hubOrganisation);
    if (existing.length > 0) return null;
    if (!(await organisationById(tx, hubOrganisation))) {
      await insertOrganisation(tx, {
        id: hubOrganisation, name: parts.hub.name, nameLocal: parts.hub.nameLocal ?? null, kind: 'national-centre',
        country: parts.hub.country,
      }, null);
    }
    await voidInvitations(tx, 'system');
    return writeInvitation(parts, tx, {
      organisation: hubOrganisation, name: 'Administrator', email: null,
      roles: ['administrator', 'principal', 'duty-officer'], language: 'en',
      expires_at: laterIso(parts.clock, 15 * 60_000), created_by: 'system',
    }, { person: 'system', org: hubOrganisation });
  });
}
