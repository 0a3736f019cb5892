/** The tables of contacts and of what constituents claim. Every read takes the organisation whose registry it is. */
import type { Migration, Queryable } from '#world/db/port';
import type { AssetClaim, Contact } from '../model/contacts.ts';
import { contactState } from '../rules/contacts.ts';

interface ContactRow {
  id: string; scope: string; constituent: string; name: string; duty: string; email: string; language: string; added_at: string;
  confirmed_at: string | null; bounced_at: string | null; bounce_reason: string | null; removed_at: string | null;
}
interface ClaimRow {
  id: string; scope: string; constituent: string; kind: string; value: string; valid_from: string; state: string;
  token: string; dns_seen_at: string | null; made_at: string; made_by: string; decided_by: string | null; reason: string | null;
}
interface Tables { contact: ContactRow; asset_claim: ClaimRow; constituent: { id: string; name: string } }

export const contactsMigrations: readonly Migration[] = [
  {
    name: 'constituents/003-contacts-claims',
    sql: `create table contact (
      id text primary key, scope text not null, constituent text not null references constituent (id), name text not null,
      duty text not null, email text not null, language text not null, added_at timestamptz not null,
      confirmed_at timestamptz, bounced_at timestamptz, bounce_reason text, removed_at timestamptz
    );
    create index contact_of on contact (constituent);
    create index contact_email on contact (scope, lower(email));
    create table asset_claim (
      id text primary key, scope text not null, constituent text not null references constituent (id), kind text not null,
      value text not null, valid_from timestamptz not null, state text not null, token text not null, dns_seen_at timestamptz,
      made_at timestamptz not null, made_by text not null, decided_by text, reason text
    );
    create index asset_claim_of on asset_claim (scope, state, made_at)`,
  },
];

const tables = (db: Queryable) => db.as<Tables>();

function contactOf(row: ContactRow, now: number): Contact {
  const marks = { confirmedAt: row.confirmed_at, bouncedAt: row.bounced_at };
  return {
    id: row.id, constituent: row.constituent, name: row.name, duty: row.duty as Contact['duty'], email: row.email,
    language: row.language as Contact['language'], addedAt: row.added_at, ...marks, bounceReason: row.bounce_reason,
    state: contactState(marks, now),
  };
}

/** The contacts of some constituents, or of all where none is named. `now` in milliseconds. */
export async function contactsOf(
  db: Queryable, scope: string, constituents: readonly string[] | null, now: number,
): Promise<Contact[]> {
  let query = tables(db).selectFrom('contact').selectAll().where('scope', '=', scope).where('removed_at', 'is', null)
    .orderBy('duty').orderBy('name').orderBy('id');
  if (constituents !== null) query = query.where('constituent', 'in', constituents.length > 0 ? [...constituents] : ['']);
  return (await query.execute()).map((row) => contactOf(row, now));
}

export async function insertContact(
  db: Queryable, scope: string, c: Omit<Contact, 'state' | 'bouncedAt' | 'bounceReason'>,
): Promise<void> {
  await tables(db).insertInto('contact').values({
    id: c.id, scope, constituent: c.constituent, name: c.name, duty: c.duty, email: c.email, language: c.language,
    added_at: c.addedAt, confirmed_at: c.confirmedAt, bounced_at: null, bounce_reason: null, removed_at: null,
  }).execute();
}

export async function markContact(
  db: Queryable, scope: string, id: string, marks: Partial<Pick<ContactRow, 'confirmed_at' | 'bounced_at' | 'bounce_reason' | 'removed_at'>>,
): Promise<void> {
  await tables(db).updateTable('contact').set(marks).where('scope', '=', scope).where('id', '=', id).execute();
}

/** Contacts of this address, whoever's they are within the registry. */
export async function contactsByEmail(db: Queryable, email: string): Promise<{ id: string; scope: string; constituent: string }[]> {
  return tables(db).selectFrom('contact').select(['id', 'scope', 'constituent'])
    .where((eb) => eb(eb.fn<string>('lower', ['email']), '=', email.toLowerCase())).where('removed_at', 'is', null).execute();
}

export interface ClaimRecord extends Omit<AssetClaim, 'dns' | 'contestedBy'> { readonly token: string }

const claimOf = (row: ClaimRow & { constituent_name: string }): ClaimRecord => ({
  id: row.id, constituent: row.constituent, constituentName: row.constituent_name, kind: row.kind as AssetClaim['kind'],
  value: row.value, from: row.valid_from, state: row.state as AssetClaim['state'], token: row.token,
  dnsSeenAt: row.dns_seen_at, madeAt: row.made_at, reason: row.reason,
});

export interface ClaimFilter {
  readonly constituents?: readonly string[];
  readonly state?: string | undefined;
  readonly id?: string;
}

export async function claimsMade(db: Queryable, scope: string, filter: ClaimFilter): Promise<ClaimRecord[]> {
  let query = tables(db).selectFrom('asset_claim as a').innerJoin('constituent as c', 'c.id', 'a.constituent')
    .selectAll('a').select('c.name as constituent_name').where('a.scope', '=', scope).orderBy('a.made_at', 'desc').orderBy('a.id')
    .limit(1000);
  if (filter.constituents) query = query.where('a.constituent', 'in', filter.constituents.length > 0 ? [...filter.constituents] : ['']);
  if (filter.state !== undefined) query = query.where('a.state', '=', filter.state);
  if (filter.id !== undefined) query = query.where('a.id', '=', filter.id);
  return (await query.execute()).map(claimOf);
}

export async function insertClaim(db: Queryable, scope: string, c: ClaimRecord, by: string): Promise<void> {
  await tables(db).insertInto('asset_claim').values({
    id: c.id, scope, constituent: c.constituent, kind: c.kind, value: c.value, valid_from: c.from, state: c.state,
    token: c.token, dns_seen_at: null, made_at: c.madeAt, made_by: by, decided_by: null, reason: null,
  }).execute();
}

/** Decides a claim that still waits; false where somebody was faster. */
export async function decideClaim(
  db: Queryable, scope: string, id: string, state: 'taken' | 'refused', by: string, reason: string | null,
): Promise<boolean> {
  const done = await tables(db).updateTable('asset_claim').set({ state, decided_by: by, reason }).where('scope', '=', scope)
    .where('id', '=', id).where('state', '=', 'waiting').executeTakeFirst();
  return Number(done.numUpdatedRows) === 1;
}

export async function markClaimSeen(db: Queryable, scope: string, id: string, at: string): Promise<void> {
  await tables(db).updateTable('asset_claim').set({ dns_seen_at: at }).where('scope', '=', scope).where('id', '=', id).execute();
}
