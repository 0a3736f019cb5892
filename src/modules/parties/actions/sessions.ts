/**
 * Sessions: begun by a passkey (or, in the demonstration only, by the chooser), twelve hours at most, less when left
 * alone, ended at once when revoked. The cookie holds a random secret; the database its SHA-256. A new sign-in always has a new secret.
 */
import type { Actions, Actor, Caller } from '#kit/endpoint';
import { noSuch } from '#kit/refusal';
import type { Queryable } from '#world/db/port';
import type { partiesApi } from '../api.ts';
import type { Person, Role, Session } from '../model.ts';
import { isAmong } from '../rules.ts';
import {
  endSessions, insertSession, personById, removeSession, renewSession, sessionById, sessionBySecret, sessionsOf, tokenById, tokenBySecret, touchSession,
  touchToken, type SessionRow,
} from '../store.ts';
import { signInChallenge, touchChallenge, verifySignIn, verifyTouch } from './passkeys.ts';
import { done, laterIso, self, sha256Hex, state, viewOf, type PartiesParts } from './parts.ts';

type Sessions = Pick<Actions<typeof partiesApi>,
    | 'session.view' | 'session.challenge' | 'session.start' | 'session.end' | 'session.touch-challenge' | 'session.touch'
  | 'sessions.list' | 'sessions.revoke' | 'sessions.revoke-others'>;

export const sessionSeconds = 12 * 3600;

/** Opens a session for a person in the given transaction and sets the cookie. */
export async function openSession(
  parts: PartiesParts, tx: Queryable, person: Person, caller: Caller<Actor | null>, how: string,
): Promise<void> {
  const secret = parts.ids.secret();
  const now = parts.clock.iso();
  // Whoever signs in anew in the same browser leaves no session behind that an old cookie could still open.
  if (caller.actor?.via === 'session') await removeSession(tx, caller.actor.credential, caller.actor.person);
  await insertSession(tx, {
    id: parts.ids.next('ses'), secret_sha256: sha256Hex(secret), person: person.id, started_at: now,
    last_seen_at: now, expires_at: laterIso(parts.clock, sessionSeconds * 1000), device: deviceOf(caller.agent ?? ''), how,
    place: parts.placeOf(caller.address ?? ''), proved_at: how === 'oidc' ? null : now,
  });
  const actor = { person: person.id, org: person.organisation };
  await state(parts, tx, actor, { class: 'session.started', subject: person.id, body: { how } });
  caller.reply.setSession(secret, sessionSeconds);
}

export function sessionActions(parts: PartiesParts): Sessions {
  return {
    'session.view': async (_, { actor }) => viewOf(parts, parts.db, actor ? await self(parts.db, actor) : null),
    'session.challenge': () => signInChallenge(parts),
    'session.start': async (input, caller) => {
      const person = await verifySignIn(parts, input.challengeId, input.response);
      await parts.db.transaction((tx) => openSession(parts, tx, person, caller, 'passkey'));
      return viewOf(parts, parts.db, person);
    },
    'session.end': async (_, caller) => {
      await parts.db.transaction(async (tx) => {
        await removeSession(tx, caller.actor.credential, caller.actor.person);
        await state(parts, tx, caller.actor, { class: 'session.ended', subject: caller.actor.person, body: {} });
      });
      caller.reply.clearSession();
      return done;
    },
    'session.touch-challenge': (_, { actor }) => touchChallenge(parts, actor.person),
    'session.touch': async (input, { actor, reply }) => {
      await verifyTouch(parts, actor.person, input.challengeId, input.response);
      const secret = parts.ids.secret();
      await parts.db.transaction(async (tx) => {
        if (!(await renewSession(tx, actor.credential, sha256Hex(secret), parts.clock.iso()))) throw noSuch('session');
        await state(parts, tx, actor, { class: 'session.touched', subject: actor.person, body: {} });
      });
      reply.setSession(secret, sessionSeconds);
      return done;
    },
    'sessions.list': async (_, { actor }) => ({ sessions: await openSessions(parts, actor.person, actor.credential) }),
    'sessions.revoke-others': (_, { actor }) => parts.db.transaction(async (tx) => {
      const ended = await endSessions(tx, actor.person, actor.credential);
      if (ended > 0) await state(parts, tx, actor, { class: 'session.revoked', subject: actor.person, body: { ended } });
      return { ended };
    }),
    'sessions.revoke': async (input, { actor }) => {
      await parts.db.transaction(async (tx) => {
        if (!(await removeSession(tx, input.session, actor.person))) throw noSuch('session');
        await state(parts, tx, actor, { class: 'session.revoked', subject: actor.person, body: {} });
      });
      return done;
    },
  };
}

/** A person's sessions as a page shows them; `current` is the one that looks. */
export async function openSessions(parts: PartiesParts, person: string, current: string): Promise<Session[]> {
  const rows = await sessionsOf(parts.db, person);
  return rows.filter((r) => isOpen(parts, r)).map((r) => ({
    id: r.id, current: r.id === current, startedAt: r.started_at, lastSeenAt: r.last_seen_at,
    expiresAt: r.expires_at, device: r.device, how: r.how, place: r.place,
  }));
}

/** Neither past its end nor left alone for too long. */
function isOpen(parts: PartiesParts, row: SessionRow): boolean {
  return row.expires_at > parts.clock.iso() && parts.clock.now() - Date.parse(row.last_seen_at) < parts.hub.idleMs;
}

const browsers = [
  ['Edge', /\bEdg\//], ['Opera', /\bOPR\//], ['Firefox', /\bFirefox\//], ['Chrome', /\bChrom(e|ium)\//], ['Safari', /\bSafari\//],
] as const;
const systems = [
  ['Android', /\bAndroid\b/], ['iOS', /\b(iPhone|iPad)\b/], ['Windows', /\bWindows\b/], ['macOS', /\bMac OS X\b/], ['Linux', /\bLinux\b/],
] as const;

/** Browser and system as the client names itself; what it says of itself is shown, never trusted. */
export function deviceOf(agent: string): string {
  const first = (of: readonly (readonly [string, RegExp])[]): string | undefined => of.find(([, p]) => p.test(agent))?.[0];
  return [first(browsers), first(systems)].filter((part) => part !== undefined).join(', ') || '–';
}

/** How often a credential's last use is written down: often enough for its owner, rare enough for the database. */
const touchEveryMs = 60_000;

/** Who holds this session secret now, or null. Reads the database each time: a revocation holds from the next request. */
export async function actorOfSession(parts: PartiesParts, secret: string): Promise<Actor | null> {
  const row = await sessionBySecret(parts.db, sha256Hex(secret));
  if (!row || !isOpen(parts, row) || row.holder_status !== 'active') return null;
  if (parts.clock.now() - Date.parse(row.last_seen_at) > touchEveryMs) {
    await touchSession(parts.db, row.id, row.person, parts.clock.iso());
  }
  // The chooser of the demonstration has no passkey to ask for: there, and only there, its sessions are always fresh.
  const chosen = parts.hub.mode === 'demo' && row.how === 'demonstration';
  const provedAt = chosen ? parts.clock.now() : row.proved_at === null ? undefined : Date.parse(row.proved_at);
  return {
    person: row.person, org: row.holder_org, roles: row.holder_roles as Role[], via: 'session', credential: row.id,
    ...(provedAt === undefined ? {} : { provedAt }),
  };
}

/**
 * Who holds this API token now, or null. The token has its maker's present roles, narrowed to its scopes, and opens from
 * its addresses only: elsewhere it is as if it did not exist.
 */
export async function actorOfToken(parts: PartiesParts, secret: string, address: string): Promise<Actor | null> {
  const row = await tokenBySecret(parts.db, sha256Hex(secret));
  if (!row || row.expires_at <= parts.clock.iso() || !isAmong(address, row.addresses) || row.holder_status !== 'active') return null;
  if (parts.clock.now() - Date.parse(row.last_used_at ?? row.created_at) > touchEveryMs || !row.last_used_at) {
    await touchToken(parts.db, row.id, parts.clock.iso());
  }
  return {
    person: row.person, org: row.holder_org, roles: row.holder_roles as Role[], via: 'token', scopes: row.scopes,
    credential: row.id,
  };
}

/** The same actor as of now, or null once session, token or person has ended. Looks only: an open stream is no use. */
export async function actorAgain(parts: PartiesParts, actor: Actor): Promise<Actor | null> {
  const row = actor.via === 'token' ? await tokenById(parts.db, actor.credential) : await sessionById(parts.db, actor.credential);
  if (!row || row.person !== actor.person || row.expires_at <= parts.clock.iso()) return null;
  if ('last_seen_at' in row && !isOpen(parts, row)) return null;
  const person = await personById(parts.db, row.person);
  if (!person || person.status !== 'active') return null;
  const scopes = 'scopes' in row ? { scopes: row.scopes } : {};
  return { ...actor, ...scopes, org: person.organisation, roles: person.roles };
}
