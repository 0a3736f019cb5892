/** The tables of parties. Secrets are kept as SHA-256 only. Every read of a person takes the organisation's scope. */
import type { Migration, Queryable } from '#world/db/port';
import { approvalsMigrations, rememberPasskey } from './approvals-store.ts';
import { breakGlassMigration } from './break-glass-store.ts';
import { dutiesMigration } from './duties-store.ts';
import { oidcMigration, sweepPassages } from './oidc-store.ts';
import { scimMigration } from './scim-store.ts';
import { protectionMigrations } from './protection/store.ts';
import type { ListedPerson, Organisation, Passkey, Person, Role } from './model.ts';

export interface PartiesTables {
  organisations: Omit<OrganisationRow, never>;
  people: PersonRow;
  passkeys: PasskeyRow;
  sessions: SessionRow;
  tokens: TokenRow;
  invitations: InvitationRow;
  challenges: ChallengeRow;
}
interface OrganisationRow {
  id: string; name: string; name_local: string | null; kind: string; country: string; introduced_by: string | null;
}
interface PersonRow {
  id: string; organisation: string; name: string; email: string | null; roles: string[]; status: string;
  language: string; created_at: string; recovered_at: string | null; recovered_by: string | null;
  recovery_approved_by: string | null; last_seen_at: string | null;
}
export interface PasskeyRow {
  id: string; person: string; name: string; public_key: Uint8Array; counter: string; transports: string[];
  created_at: string; last_used_at: string | null;
}
export interface SessionRow {
  id: string; secret_sha256: string; person: string; started_at: string; last_seen_at: string; expires_at: string;
  device: string;
  /** When a passkey last proved that the person is there; null where none ever did. */
  proved_at: string | null;
  how: string; place: string | null;
}
export interface TokenRow {
  id: string; secret_sha256: string; person: string; name: string; scopes: string[]; created_at: string;
  expires_at: string; last_used_at: string | null;
  /** Addresses and CIDR ranges; empty: from anywhere. */
  addresses: string[];
}
export interface InvitationRow {
  id: string; secret_sha256: string; organisation: string; name: string; email: string | null; roles: string[];
  language: string; expires_at: string; used_at: string | null; created_by: string;
  /** Whose passkeys it replaces, and who agreed to it; null for a new account. */
  person: string | null; approved_by: string | null;
  /** The identity provider by whose account alone it is accepted, and the claim that must say `claim_value`. */
  issuer: string | null; claim: string | null; claim_value: string | null;
  /** Made by SCIM: the id that the account will have, and its names there. */
  becomes: string | null; user_name: string | null; external_id: string | null; created_at: string;
}
export interface ChallengeRow {
  id: string; challenge: string; purpose: string; subject: string | null; expires_at: string;
}

export const partiesMigrations: readonly Migration[] = [
  {
    name: 'parties/001-parties',
    sql: `create table organisations (
      id text primary key, name text not null, name_local text, kind text not null, country text not null,
      introduced_by text references organisations (id), created_at timestamptz not null default now());
    create table people (
      id text primary key, organisation text not null references organisations (id), name text not null, email text,
      roles text[] not null, status text not null, language text not null, created_at timestamptz not null);
    create index people_organisation on people (organisation);
    create table passkeys (
      id text primary key, person text not null references people (id), name text not null, public_key bytea not null,
      counter bigint not null, transports text[] not null, created_at timestamptz not null, last_used_at timestamptz);
    create index passkeys_person on passkeys (person);
    create table sessions (
      id text primary key, secret_sha256 text not null unique, person text not null references people (id),
      started_at timestamptz not null, last_seen_at timestamptz not null, expires_at timestamptz not null,
      device text not null);
    create index sessions_person on sessions (person);
    create table tokens (
      id text primary key, secret_sha256 text not null unique, person text not null references people (id),
      name text not null, scopes text[] not null, created_at timestamptz not null, expires_at timestamptz not null,
      last_used_at timestamptz);
    create index tokens_person on tokens (person);
    create table invitations (
      id text primary key, secret_sha256 text not null unique, organisation text not null references organisations (id),
      name text not null, email text, roles text[] not null, language text not null, expires_at timestamptz not null,
      used_at timestamptz, created_by text not null);
    create table challenges (
      id text primary key, challenge text not null, purpose text not null, subject text,
      expires_at timestamptz not null);`,
  },
  ...approvalsMigrations,
  {
    name: 'parties/003-touch',
    // What was open before is as old as its start.
    sql: `alter table sessions add column proved_at timestamptz;
    update sessions set proved_at = started_at;`,
  },
  dutiesMigration,
  breakGlassMigration,
  {
    name: 'parties/006-recovery-and-places',
    sql: `alter table people add column recovered_at timestamptz, add column recovered_by text, add column recovery_approved_by text,
      add column last_seen_at timestamptz;
    alter table invitations add column person text references people (id), add column approved_by text;
    alter table sessions add column how text not null default 'passkey', add column place text;
    update sessions set how = device;
    alter table tokens add column addresses text[] not null default '{}';`,
  },
  oidcMigration,
  scimMigration,
  ...protectionMigrations,
];

const t = (q: Queryable) => q.as<PartiesTables>();

const organisationOf = (row: OrganisationRow): Organisation => ({
  id: row.id, name: row.name, nameLocal: row.name_local, kind: row.kind as Organisation['kind'], country: row.country,
});
const personOf = (row: PersonRow): Person => ({
  id: row.id, organisation: row.organisation, name: row.name, email: row.email, roles: row.roles as Role[],
  status: row.status as Person['status'], language: row.language as Person['language'], createdAt: row.created_at,
});

export async function insertOrganisation(q: Queryable, o: Organisation, introducedBy: string | null): Promise<void> {
  await t(q).insertInto('organisations').values({
    id: o.id, name: o.name, name_local: o.nameLocal, kind: o.kind, country: o.country, introduced_by: introducedBy,
  }).execute();
}

/** An organisation by id, whoever asks: for the hub's own use and for names on agreements one is a party to. */
export async function organisationById(q: Queryable, id: string): Promise<Organisation | null> {
  const row = await t(q).selectFrom('organisations').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? organisationOf(row) : null;
}

/** Several at once, by id; who does not exist, or is not shown to whoever asks, is not in it. */
export async function organisationsById(q: Queryable, ids: Iterable<string>): Promise<ReadonlyMap<string, Organisation>> {
  const asked = [...new Set(ids)];
  if (asked.length === 0) return new Map();
  const rows = await t(q).selectFrom('organisations').selectAll().where('id', 'in', asked).execute();
  return new Map(rows.map((row) => [row.id, organisationOf(row)]));
}

/** One's own organisation and those it introduced, by name. */
export async function organisationsKnownTo(q: Queryable, scope: string): Promise<Organisation[]> {
  const rows = await t(q).selectFrom('organisations').selectAll()
    .where((eb) => eb.or([eb('id', '=', scope), eb('introduced_by', '=', scope)])).orderBy('name').execute();
  return rows.map(organisationOf);
}

export async function invitationTarget(
  q: Queryable, id: string,
): Promise<{ organisation: Organisation; introducedBy: string | null; people: number } | null> {
  const row = await t(q).selectFrom('organisations').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) return null;
  const people = await t(q).selectFrom('people').select('id').where('organisation', '=', id).execute();
  return { organisation: organisationOf(row), introducedBy: row.introduced_by, people: people.length };
}

export async function hasPeople(q: Queryable): Promise<boolean> {
  return (await t(q).selectFrom('people').select('id').limit(1).execute()).length > 0;
}

export async function insertPerson(q: Queryable, p: Person): Promise<void> {
  await t(q).insertInto('people').values({
    id: p.id, organisation: p.organisation, name: p.name, email: p.email, roles: p.roles, status: p.status,
    language: p.language, created_at: p.createdAt, recovered_at: null, recovered_by: null, recovery_approved_by: null,
    last_seen_at: null,
  }).execute();
}

export async function peopleOf(q: Queryable, scope: string): Promise<Person[]> {
  const rows = await t(q).selectFrom('people').selectAll().where('organisation', '=', scope).orderBy('name').execute();
  return rows.map(personOf);
}

/** A person by id for the hub's own use: signing in, names on signatures. */
export async function personById(q: Queryable, id: string): Promise<Person | null> {
  const row = await t(q).selectFrom('people').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? personOf(row) : null;
}

export async function savePerson(q: Queryable, p: Person): Promise<void> {
  await t(q).updateTable('people').set({ roles: p.roles, status: p.status }).where('id', '=', p.id).execute();
}

/** Ends a person's sessions, but `keep`; answers how many. */
export async function endSessions(q: Queryable, person: string, keep = ''): Promise<number> {
  const gone = await t(q).deleteFrom('sessions').where('person', '=', person).where('id', '!=', keep).executeTakeFirst();
  return Number(gone.numDeletedRows);
}

/** People with what their administration sees of their credentials. */
export async function listedPeople(q: Queryable, scope: string, now: string): Promise<ListedPerson[]> {
  const [people, rows, sessions, passkeys] = await Promise.all([
    peopleOf(q, scope),
    t(q).selectFrom('people').select(['id', 'last_seen_at']).where('organisation', '=', scope).execute(),
    t(q).selectFrom('sessions').innerJoin('people', 'people.id', 'sessions.person').select('sessions.person')
      .where('people.organisation', '=', scope).where('sessions.expires_at', '>', now).execute(),
    t(q).selectFrom('passkeys').innerJoin('people', 'people.id', 'passkeys.person').select('passkeys.person')
      .where('people.organisation', '=', scope).execute(),
  ]);
  const seen = new Map(rows.map((r) => [r.id, r.last_seen_at]));
  const count = (of: readonly { person: string }[], id: string): number => of.filter((r) => r.person === id).length;
  return people.map((p) => ({
    ...p, lastSeenAt: seen.get(p.id) ?? null, openSessions: count(sessions, p.id), passkeys: count(passkeys, p.id),
  }));
}

/** Takes all passkeys of a person away, and keeps by whose doing; what was before opens nothing any more. */
export async function replacePasskeys(
  q: Queryable, person: string, passkey: PasskeyRow, recovery: { at: string; by: string; approvedBy: string },
): Promise<void> {
  await t(q).deleteFrom('passkeys').where('person', '=', person).execute();
  await insertPasskey(q, passkey);
  await t(q).updateTable('people').set({
    recovered_at: recovery.at, recovered_by: recovery.by, recovery_approved_by: recovery.approvedBy,
  }).where('id', '=', person).execute();
}

/** When and by whose doing a person's passkeys were replaced. */
export async function recoveryOf(q: Queryable, person: string): Promise<{ at: string; by: string; approvedBy: string } | null> {
  const row = await t(q).selectFrom('people').select(['recovered_at', 'recovered_by', 'recovery_approved_by'])
    .where('id', '=', person).executeTakeFirst();
  if (!row?.recovered_at) return null;
  const name = async (id: string | null): Promise<string> => (id === null ? '' : (await personById(q, id))?.name ?? id);
  return { at: row.recovered_at, by: await name(row.recovered_by), approvedBy: await name(row.recovery_approved_by) };
}

/** Voids what was made before for the same person, so that only the newest link opens. */
export async function voidRecoveries(q: Queryable, person: string): Promise<void> {
  await t(q).deleteFrom('invitations').where('person', '=', person).where('used_at', 'is', null).execute();
}

/**
 * An organisation has been succeeded: nobody acts for it any more. Its people stand as suspended, their sessions, tokens and
 * passkeys end, its open invitations are void, and those it introduced are the successor's to know. Answers the people.
 */
export async function retireOrganisation(q: Queryable, org: string, successor: string): Promise<string[]> {
  const people = (await peopleOf(q, org)).filter((p) => p.status === 'active');
  for (const person of people) {
    await savePerson(q, { ...person, status: 'suspended' });
    await endCredentials(q, person.id);
    await t(q).deleteFrom('passkeys').where('person', '=', person.id).execute();
  }
  await t(q).deleteFrom('invitations').where('organisation', '=', org).where('used_at', 'is', null).execute();
  await t(q).updateTable('organisations').set({ introduced_by: successor }).where('introduced_by', '=', org).where('id', '<>', successor).execute();
  await t(q).updateTable('organisations').set({ introduced_by: null }).where('id', '=', successor).execute();
  await t(q).updateTable('organisations').set({ introduced_by: successor }).where('id', '=', org).execute();
  return people.map((p) => p.id);
}

/** Ends all sessions and tokens of a person. */
export async function endCredentials(q: Queryable, person: string): Promise<void> {
  await endSessions(q, person);
  await t(q).deleteFrom('tokens').where('person', '=', person).execute();
}

export async function insertPasskey(q: Queryable, row: PasskeyRow): Promise<void> {
  await t(q).insertInto('passkeys').values(row).execute();
  await rememberPasskey(q, row.id, row.person);
}
export async function passkeyById(q: Queryable, id: string): Promise<PasskeyRow | null> {
  return (await t(q).selectFrom('passkeys').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}
export async function passkeysOf(q: Queryable, person: string): Promise<Passkey[]> {
  const rows = await t(q).selectFrom('passkeys').selectAll().where('person', '=', person).orderBy('created_at').execute();
  return rows.map((r) => ({ id: r.id, name: r.name, createdAt: r.created_at, lastUsedAt: r.last_used_at }));
}
export async function touchPasskey(q: Queryable, id: string, counter: number, at: string): Promise<void> {
  await t(q).updateTable('passkeys').set({ counter: String(counter), last_used_at: at }).where('id', '=', id).execute();
}
export async function removePasskey(q: Queryable, id: string, person: string): Promise<boolean> {
  const gone = await t(q).deleteFrom('passkeys').where('id', '=', id).where('person', '=', person).executeTakeFirst();
  return gone.numDeletedRows > 0n;
}

export async function insertSession(q: Queryable, row: SessionRow): Promise<void> {
  await t(q).insertInto('sessions').values(row).execute();
}
/** Of whose credential it is: what every request asks, with the credential itself, in one question. */
export interface Holding { readonly holder_org: string; readonly holder_roles: string[]; readonly holder_status: string }
const holding = ['p.organisation as holder_org', 'p.roles as holder_roles', 'p.status as holder_status'] as const;

export async function sessionBySecret(q: Queryable, sha256: string): Promise<SessionRow & Holding | null> {
  return await t(q).selectFrom('sessions as s').innerJoin('people as p', 'p.id', 's.person').selectAll('s').select(holding)
    .where('s.secret_sha256', '=', sha256).executeTakeFirst() ?? null;
}
export async function sessionById(q: Queryable, id: string): Promise<SessionRow | null> {
  return (await t(q).selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}
export async function sessionsOf(q: Queryable, person: string): Promise<SessionRow[]> {
  return t(q).selectFrom('sessions').selectAll().where('person', '=', person).orderBy('started_at', 'desc').execute();
}
export async function touchSession(q: Queryable, id: string, person: string, at: string): Promise<void> {
  await t(q).updateTable('sessions').set({ last_seen_at: at }).where('id', '=', id).execute();
  await t(q).updateTable('people').set({ last_seen_at: at }).where('id', '=', person).execute();
}
/** Presence proved: the session goes on under a new secret, so that one who knew the old one has nothing. */
export async function renewSession(q: Queryable, id: string, secretSha256: string, at: string): Promise<boolean> {
  const renewed = await t(q).updateTable('sessions').set({ secret_sha256: secretSha256, proved_at: at, last_seen_at: at })
    .where('id', '=', id).executeTakeFirst();
  return renewed.numUpdatedRows > 0n;
}
export async function removeSession(q: Queryable, id: string, person: string): Promise<boolean> {
  const gone = await t(q).deleteFrom('sessions').where('id', '=', id).where('person', '=', person).executeTakeFirst();
  return gone.numDeletedRows > 0n;
}

export async function insertToken(q: Queryable, row: TokenRow): Promise<void> {
  await t(q).insertInto('tokens').values(row).execute();
}
export async function tokenBySecret(q: Queryable, sha256: string): Promise<TokenRow & Holding | null> {
  return await t(q).selectFrom('tokens as s').innerJoin('people as p', 'p.id', 's.person').selectAll('s').select(holding)
    .where('s.secret_sha256', '=', sha256).executeTakeFirst() ?? null;
}
export async function tokenById(q: Queryable, id: string): Promise<TokenRow | null> {
  return (await t(q).selectFrom('tokens').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}
export async function tokensOf(q: Queryable, person: string): Promise<TokenRow[]> {
  return t(q).selectFrom('tokens').selectAll().where('person', '=', person).orderBy('created_at', 'desc').execute();
}
export async function touchToken(q: Queryable, id: string, at: string): Promise<void> {
  await t(q).updateTable('tokens').set({ last_used_at: at }).where('id', '=', id).execute();
}
export async function removeToken(q: Queryable, id: string, person: string): Promise<boolean> {
  const gone = await t(q).deleteFrom('tokens').where('id', '=', id).where('person', '=', person).executeTakeFirst();
  return gone.numDeletedRows > 0n;
}

export async function insertInvitation(q: Queryable, row: InvitationRow): Promise<void> {
  await t(q).insertInto('invitations').values(row).execute();
}
export async function invitationBySecret(q: Queryable, sha256: string): Promise<InvitationRow | null> {
  return (await t(q).selectFrom('invitations').selectAll().where('secret_sha256', '=', sha256).executeTakeFirst()) ?? null;
}
export async function invitationById(q: Queryable, id: string): Promise<InvitationRow | null> {
  return (await t(q).selectFrom('invitations').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}
/** Marks an invitation used; false if someone was faster. */
export async function useInvitation(q: Queryable, id: string, at: string): Promise<boolean> {
  const used = await t(q).updateTable('invitations').set({ used_at: at })
    .where('id', '=', id).where('used_at', 'is', null).executeTakeFirst();
  return used.numUpdatedRows > 0n;
}
/** Voids the hub's unused first-run links, so that only the newest opens. */
export async function voidInvitations(q: Queryable, createdBy: string): Promise<void> {
  await t(q).deleteFrom('invitations').where('created_by', '=', createdBy).where('used_at', 'is', null).execute();
}

export async function insertChallenge(q: Queryable, row: ChallengeRow): Promise<void> {
  await t(q).insertInto('challenges').values(row).execute();
}
/** Takes a challenge out: it answers once, used or expired. */
export async function takeChallenge(q: Queryable, id: string): Promise<ChallengeRow | null> {
  return (await t(q).deleteFrom('challenges').where('id', '=', id).returningAll().executeTakeFirst()) ?? null;
}
export async function sweepExpired(q: Queryable, now: string): Promise<void> {
  await sweepPassages(q, now);
  await t(q).deleteFrom('challenges').where('expires_at', '<', now).execute();
  await t(q).deleteFrom('sessions').where('expires_at', '<', now).execute();
}
