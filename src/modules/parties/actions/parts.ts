/** What the actions of parties are handed: their powers, and the few steps they share. */
import { createHash } from 'node:crypto';
import type { Actor, Approval, Caller, Endpoint } from '#kit/endpoint';
import { check, noSuch, type ClauseRef } from '#kit/refusal';
import type { Clock } from '#world/clock';
import type { Db, Queryable } from '#world/db/port';
import { stateFact, type Json } from '#world/facts';
import type { IdentityProvider } from '#world/identity/port';
import type { Ids } from '#world/ids';
import type { Person, SessionView } from '../model.ts';
import type { RetentionClass } from '../protection/classes.ts';
import { rightsOf } from '../roles.ts';
import { openBreakGlass } from '../break-glass-store.ts';
import { organisationById, personById, recoveryOf } from '../store.ts';

/** What the hub says of itself, and where passkeys are bound to. */
export interface HubIdentity {
  readonly mode: 'demo' | 'production';
  readonly name: string;
  /** The name in the country's own language, where it has one beside `name`. */
  readonly nameLocal?: string | null;
  readonly country: string;
  /** Web origin that the browser must be on: `https://hub.example` or `http://localhost:8080`. */
  readonly passkeyOrigin: string;
  /** After how long without use a session ends by itself. */
  readonly idleMs: number;
}

export interface PartiesParts {
  readonly db: Db;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly hub: HubIdentity;
  readonly acts: Acts;
  /** How long what is kept, of this module and of later ones: the app hands it in. */
  readonly retention?: readonly RetentionClass[];
  /** Country and network of an address as people read it, or null where no list knows. The address itself is not kept. */
  readonly placeOf: (address: string) => string | null;
  /** The identity provider that the hub is set to, if any. */
  readonly identity: IdentityProvider | null;
  /** A line for the operator's log. */
  readonly note: (event: string, fields: Readonly<Record<string, string>>) => void;
}

/** What approvals must know of all acts of the hub, which are later modules' too: the app hands it in. */
export interface Acts {
  /** The endpoint of an operation, or null. */
  find(operation: string): Endpoint | null;
  /** An input as its endpoint reads it; throws the Refusal. */
  read(endpoint: Endpoint, input: unknown): unknown;
  /** The other party of an object of this kind that `org` is a party to, or null. */
  otherParty(kind: string, id: string, org: string): Promise<string | null>;
  /**
   * What clauses want of others before the caller does this act by mandate. The act is begun as far as its mandate and no
   * further; throws what it would throw, and a Refusal where nobody's approval is wanted.
   */
  wanted(operation: string, input: unknown, caller: Caller): Promise<WantedApprovals>;
}

/** For each side that clauses let agree: how many of its people, and the clauses. The first wants the fewest. */
export interface WantedApprovals {
  /** Organisation whose record it is: the other party. */
  readonly owner: string;
  readonly ways: readonly { readonly from: Approval['from']; readonly count: number; readonly clauses: readonly ClauseRef[] }[];
}

/** For commands, which do nothing that a second person must agree to. */
export const noActs: Acts = {
  find: () => null, read: (_, input) => input, otherParty: async () => null, wanted: () => Promise.reject(noSuch('operation')),
};

export const done = { done: true } as const;

/** Secrets of 256 random bits need no slow hash: SHA-256 keeps them unreadable in the database. */
export function sha256Hex(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

export function laterIso(clock: Clock, ms: number): string {
  return new Date(clock.now() + ms).toISOString();
}

export async function viewOf(parts: PartiesParts, q: Queryable, person: Person | null): Promise<SessionView> {
  const { name, nameLocal = null, country } = parts.hub;
  const hub = { name, nameLocal, country, identityProvider: parts.identity?.name ?? null };
  if (!person) return { mode: parts.hub.mode, hub, actor: null };
  const organisation = await organisationById(q, person.organisation);
  check(organisation, 'a person belongs to an organisation');
  const broken = (await openBreakGlass(q, person.id, parts.clock.iso())).flatMap((row) => row.rights);
  const recovery = await recoveryOf(q, person.id);
  const recent = recovery && parts.clock.now() - Date.parse(recovery.at) < noticeMs ? recovery : null;
  const rights = [...new Set([...rightsOf(person.roles), ...broken])].sort();
  return { mode: parts.hub.mode, hub, actor: { person, organisation, rights, recovered: recent } };
}

/** How long a person is told that their passkeys were replaced. */
const noticeMs = 30 * 86_400_000;

export async function self(q: Queryable, actor: Actor): Promise<Person> {
  const person = await personById(q, actor.person);
  check(person, 'a signed-in person exists');
  return person;
}

/** States a fact of parties: by whom, on which subject, with ids and figures only. */
export async function state(
  parts: PartiesParts, tx: Queryable, actor: Pick<Actor, 'person' | 'org'>,
  fact: {
    class: string; subject: string; readers?: readonly string[]; clauses?: readonly ClauseRef[]; body?: Readonly<Record<string, Json>>;
  },
): Promise<void> {
  await stateFact(tx, {
    class: fact.class, at: parts.clock.iso(), actor: actor.person, org: actor.org, subject: fact.subject,
    readers: fact.readers ?? [], clauses: fact.clauses ?? [], body: fact.body ?? {},
  });
}
