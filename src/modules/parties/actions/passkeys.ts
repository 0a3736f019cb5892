/**
 * Passkeys (WebAuthn level 2 through SimpleWebAuthn), with user verification always required. A challenge answers
 * once, within five minutes, for the purpose and the subject it was made for; the origin and RP id are the hub's own.
 */
import {
  generateAuthenticationOptions, generateRegistrationOptions, verifyAuthenticationResponse,
  verifyRegistrationResponse, type AuthenticationResponseJSON, type RegistrationResponseJSON,
} from '@simplewebauthn/server';
import type { Actions, Actor } from '#kit/endpoint';
import { Refusal, noSuch } from '#kit/refusal';
import { lockUntilCommit } from '#world/db/kysely';
import type { Queryable } from '#world/db/port';
import type { partiesApi } from '../api.ts';
import type { Person } from '../model.ts';
import { freshMs, notFresh } from '../rules.ts';
import {
  insertChallenge, insertPasskey, passkeyById, passkeysOf, personById, removePasskey, takeChallenge, touchPasskey,
  type ChallengeRow, type PasskeyRow,
} from '../store.ts';
import { done, laterIso, self, state, type PartiesParts } from './parts.ts';

type Passkeys = Pick<Actions<typeof partiesApi>,
  'passkeys.list' | 'passkeys.challenge' | 'passkeys.add' | 'passkeys.remove'>;

export interface Challenge {
  challengeId: string;
  options: Record<string, unknown>;
}
type Purpose = 'sign-in' | 'add' | 'accept' | 'touch';

const wrong = (): Refusal =>
  new Refusal('unauthenticated', 'passkey.not-accepted', 'The passkey was not accepted.', {
    hint: 'Try again; if it keeps failing, ask your administrator for a new invitation.',
  });

async function remember(parts: PartiesParts, challenge: string, purpose: Purpose, subject: string | null) {
  const row: ChallengeRow = {
    id: parts.ids.next('cha'), challenge, purpose, subject, expires_at: laterIso(parts.clock, 5 * 60_000),
  };
  await insertChallenge(parts.db, row);
  return row.id;
}

async function recall(parts: PartiesParts, id: string, purpose: Purpose, subject: string | null): Promise<string> {
  const row = await takeChallenge(parts.db, id);
  const fits = row && row.purpose === purpose && row.subject === subject && row.expires_at > parts.clock.iso();
  if (!fits) throw wrong();
  return row.challenge;
}

const relyingParty = (parts: PartiesParts): string => new URL(parts.hub.passkeyOrigin).hostname;

export async function signInChallenge(parts: PartiesParts): Promise<Challenge> {
  const options = await generateAuthenticationOptions({ rpID: relyingParty(parts), userVerification: 'required' });
  return {
    challengeId: await remember(parts, options.challenge, 'sign-in', null),
    options: { ...options },
  };
}

/** A challenge that only the person's own passkeys answer. */
export async function touchChallenge(parts: PartiesParts, person: string): Promise<Challenge> {
  const mine = await passkeysOf(parts.db, person);
  const options = await generateAuthenticationOptions({
    rpID: relyingParty(parts), userVerification: 'required', allowCredentials: mine.map(({ id }) => ({ id })),
  });
  return { challengeId: await remember(parts, options.challenge, 'touch', person), options: { ...options } };
}

/** Verifies that the person is there, by one of their own passkeys. */
export async function verifyTouch(
  parts: PartiesParts, person: string, challengeId: string, response: Record<string, unknown>,
): Promise<void> {
  const proved = await verifyAssertion(parts, await recall(parts, challengeId, 'touch', person), response);
  if (proved.id !== person) throw wrong();
}

/** Verifies a sign-in; every way to fail is one refusal, so that nothing tells whether an account exists. */
export async function verifySignIn(
  parts: PartiesParts, challengeId: string, response: Record<string, unknown>,
): Promise<Person> {
  return verifyAssertion(parts, await recall(parts, challengeId, 'sign-in', null), response);
}

async function verifyAssertion(
  parts: PartiesParts, expectedChallenge: string, response: Record<string, unknown>,
): Promise<Person> {
  const answer = response as Partial<AuthenticationResponseJSON> as AuthenticationResponseJSON;
  const passkey = typeof answer.id === 'string' ? await passkeyById(parts.db, answer.id) : null;
  if (!passkey) throw wrong();
  const verified = await verifyAuthenticationResponse({
    response: answer, expectedChallenge, expectedOrigin: parts.hub.passkeyOrigin,
    expectedRPID: relyingParty(parts), requireUserVerification: true, credential: credentialOf(passkey),
  }).catch(() => null);
  if (!verified?.verified) throw wrong();
  const person = await personById(parts.db, passkey.person);
  if (!person || person.status !== 'active') throw wrong();
  await touchPasskey(parts.db, passkey.id, verified.authenticationInfo.newCounter, parts.clock.iso());
  return person;
}

function credentialOf(row: PasskeyRow) {
  return {
    id: row.id, publicKey: new Uint8Array(row.public_key), counter: Number(row.counter),
    transports: row.transports as never,
  };
}

export async function registrationChallenge(
  parts: PartiesParts, who: { id: string; name: string; existing: readonly string[] }, purpose: Purpose, subject: string,
): Promise<Challenge> {
  const options = await generateRegistrationOptions({
    rpName: parts.hub.name, rpID: relyingParty(parts), userName: who.name, userDisplayName: who.name,
    userID: new TextEncoder().encode(who.id), attestationType: 'none',
    excludeCredentials: who.existing.map((id) => ({ id })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
  return {
    challengeId: await remember(parts, options.challenge, purpose, subject),
    options: { ...options },
  };
}

/** Verifies a registration and returns the row to store for `person`. */
export async function verifyRegistration(
  parts: PartiesParts, about: { challengeId: string; purpose: Purpose; subject: string; person: string; name: string },
  response: Record<string, unknown>,
): Promise<PasskeyRow> {
  const expectedChallenge = await recall(parts, about.challengeId, about.purpose, about.subject);
  const verified = await verifyRegistrationResponse({
    response: response as Partial<RegistrationResponseJSON> as RegistrationResponseJSON, expectedChallenge,
    expectedOrigin: parts.hub.passkeyOrigin, expectedRPID: relyingParty(parts), requireUserVerification: true,
  }).catch(() => null);
  if (!verified?.verified) throw wrong();
  const { credential } = verified.registrationInfo;
  if (await passkeyById(parts.db, credential.id)) throw wrong();
  return {
    id: credential.id, person: about.person, name: about.name, public_key: Buffer.from(credential.publicKey),
    counter: String(credential.counter), transports: [...(credential.transports ?? [])],
    created_at: parts.clock.iso(), last_used_at: null,
  };
}

/** One who holds a passkey proves it before adding another: a session left open adds nobody's key. */
async function refuseUnproved(parts: PartiesParts, actor: Actor): Promise<void> {
  const mine = await passkeysOf(parts.db, actor.person);
  const age = parts.clock.now() - (actor.provedAt ?? -Infinity);
  if (mine.length === 0 || (age >= 0 && age < freshMs)) return;
  throw notFresh();
}

export function passkeyActions(parts: PartiesParts): Passkeys {
  return {
    'passkeys.list': async (_, { actor }) => ({ passkeys: await passkeysOf(parts.db, actor.person) }),
    'passkeys.challenge': async (_, { actor }) => {
      const person = await self(parts.db, actor);
      await refuseUnproved(parts, actor);
      const existing = (await passkeysOf(parts.db, person.id)).map((p) => p.id);
      return registrationChallenge(parts, { ...person, existing }, 'add', person.id);
    },
    'passkeys.add': async (input, { actor }) => {
      await refuseUnproved(parts, actor);
      const about = {
        challengeId: input.challengeId, purpose: 'add' as const, subject: actor.person, person: actor.person,
        name: input.name,
      };
      const row = await verifyRegistration(parts, about, input.response);
      await parts.db.transaction(async (tx) => {
        await insertPasskey(tx, row);
        await state(parts, tx, actor, { class: 'passkey.added', subject: actor.person, body: { passkey: row.id } });
      });
      return { id: row.id, name: row.name, createdAt: row.created_at, lastUsedAt: null };
    },
    'passkeys.remove': async (input, { actor }) => {
      await parts.db.transaction((tx) => remove(parts, tx, actor, input.passkey));
      return done;
    },
  };
}

async function remove(
  parts: PartiesParts, tx: Queryable, actor: { person: string; org: string }, passkey: string,
): Promise<void> {
  await lockUntilCommit(tx, `passkeys:${actor.person}`);
  const mine = await passkeysOf(tx, actor.person);
  if (!mine.some((p) => p.id === passkey)) throw noSuch('passkey');
  if (mine.length === 1) {
    throw new Refusal('conflict', 'passkey.last', 'The last passkey cannot be removed.', { hint: 'Add another first.' });
  }
  await removePasskey(tx, passkey, actor.person);
  await state(parts, tx, actor, { class: 'passkey.removed', subject: actor.person, body: { passkey } });
}
