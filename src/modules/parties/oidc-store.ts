/** The tables of sign-in by an identity provider: passages under way, and which account a subject of the provider opens. */
import type { Migration, Queryable } from '#world/db/port';

export interface PassageRow {
  id: string; flow_sha256: string; state: string; nonce: string; verifier: string;
  purpose: 'sign-in' | 'accept' | 'link';
  /** Invitation for `accept`, person for `link`. */
  subject: string | null; expires_at: string;
}
export interface IdentityLinkRow {
  issuer: string; subject: string; person: string; linked_at: string; ended_at: string | null;
}
/** What an administrator expects of whoever comes: the issuer, and one claim letter for letter. */
export interface ExpectationRow {
  person: string; issuer: string; claim: string; value: string; set_by: string; set_at: string;
}

interface Tables {
  oidc_passages: PassageRow;
  identity_links: IdentityLinkRow;
  identity_expectations: ExpectationRow;
}

export const oidcMigration: Migration = {
  name: 'parties/007-identity-provider',
  sql: `create table oidc_passages (
    id text primary key, flow_sha256 text not null unique, state text not null, nonce text not null, verifier text not null,
    purpose text not null, subject text, expires_at timestamptz not null);
  create table identity_links (
    issuer text not null, subject text not null, person text not null references people (id), linked_at timestamptz not null,
    ended_at timestamptz, primary key (issuer, subject, person));
  create unique index identity_links_open on identity_links (issuer, subject) where ended_at is null;
  create index identity_links_person on identity_links (person);
  create table identity_expectations (
    person text primary key references people (id), issuer text not null, claim text not null, value text not null,
    set_by text not null, set_at timestamptz not null);
  alter table invitations add column issuer text, add column claim text, add column claim_value text;`,
};

const t = (q: Queryable) => q.as<Tables>();

export async function insertPassage(q: Queryable, row: PassageRow): Promise<void> {
  await t(q).insertInto('oidc_passages').values(row).execute();
}
/** Takes a passage out: it ends once, arrived or not. */
export async function takePassage(q: Queryable, flowSha256: string): Promise<PassageRow | null> {
  return (await t(q).deleteFrom('oidc_passages').where('flow_sha256', '=', flowSha256).returningAll().executeTakeFirst()) ?? null;
}
export async function sweepPassages(q: Queryable, now: string): Promise<void> {
  await t(q).deleteFrom('oidc_passages').where('expires_at', '<', now).execute();
}

/** Whose account a subject of an issuer opens now, or null. */
export async function personByIdentity(q: Queryable, issuer: string, subject: string): Promise<string | null> {
  const row = await t(q).selectFrom('identity_links').select('person').where('issuer', '=', issuer)
    .where('subject', '=', subject).where('ended_at', 'is', null).executeTakeFirst();
  return row?.person ?? null;
}
/** Links a subject to an account; false where the subject opens an account already. */
export async function linkIdentity(q: Queryable, row: Omit<IdentityLinkRow, 'ended_at'>): Promise<boolean> {
  if (await personByIdentity(q, row.issuer, row.subject) !== null) return false;
  await t(q).insertInto('identity_links').values({ ...row, ended_at: null })
    .onConflict((c) => c.columns(['issuer', 'subject', 'person']).doUpdateSet({ linked_at: row.linked_at, ended_at: null })).execute();
  return true;
}
export async function identityOf(q: Queryable, person: string): Promise<IdentityLinkRow | null> {
  return (await t(q).selectFrom('identity_links').selectAll().where('person', '=', person).where('ended_at', 'is', null)
    .executeTakeFirst()) ?? null;
}
/** Ends what opens a person's account by way of the provider; kept, since it once made two accounts one human. */
export async function endIdentities(q: Queryable, person: string, at: string): Promise<boolean> {
  const ended = await t(q).updateTable('identity_links').set({ ended_at: at }).where('person', '=', person)
    .where('ended_at', 'is', null).executeTakeFirst();
  return ended.numUpdatedRows > 0n;
}

export async function setExpectation(q: Queryable, row: ExpectationRow): Promise<void> {
  await t(q).insertInto('identity_expectations').values(row).onConflict((c) => c.column('person').doUpdateSet(row)).execute();
}
export async function expectationOf(q: Queryable, person: string): Promise<ExpectationRow | null> {
  return (await t(q).selectFrom('identity_expectations').selectAll().where('person', '=', person).executeTakeFirst()) ?? null;
}
export async function dropExpectation(q: Queryable, person: string): Promise<void> {
  await t(q).deleteFrom('identity_expectations').where('person', '=', person).execute();
}
