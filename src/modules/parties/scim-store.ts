/** What SCIM keeps of people and of invitations that nobody has accepted yet, always within one organisation. */
import { sql } from 'kysely';
import type { Migration, Queryable } from '#world/db/port';

/** A person, or one who is invited and has no account yet. */
export interface ScimRow {
  /** Person id, the same before and after the invitation is accepted. */
  id: string;
  user_name: string | null; external_id: string | null; name: string; email: string | null; roles: string[];
  active: boolean;
  created_at: string;
  /** The invitation, while it is one. */
  invitation: string | null;
}

interface Tables {
  people: {
    id: string; organisation: string; name: string; email: string | null; user_name: string | null; external_id: string | null;
    scim_gone: boolean;
  };
  invitations: {
    id: string; organisation: string; becomes: string | null; name: string; email: string | null; user_name: string | null;
    external_id: string | null; used_at: string | null;
  };
}

export const scimMigration: Migration = {
  name: 'parties/008-scim',
  sql: `alter table people add column user_name text, add column external_id text,
    add column scim_gone boolean not null default false;
  alter table invitations add column becomes text, add column user_name text, add column external_id text,
    add column created_at timestamptz not null default now();
  create unique index people_user_name on people (organisation, lower(user_name)) where user_name is not null and not scim_gone;`,
};

/** All users of an organisation as SCIM sees them, oldest first. */
export async function scimRows(q: Queryable, scope: string, now: string): Promise<ScimRow[]> {
  const { rows } = await sql<ScimRow>`
    select id, user_name, external_id, name, email, roles, status = 'active' as active, created_at, null as invitation
      from people where organisation = ${scope} and not scim_gone
    union all
    select becomes, user_name, external_id, name, email, roles, false, created_at, id
      from invitations where organisation = ${scope} and becomes is not null and used_at is null and expires_at > ${now}::timestamptz
    order by created_at, id`.execute(q.as<Tables>());
  return rows;
}

export interface ScimNames {
  readonly user_name: string;
  readonly external_id: string | null;
  readonly name: string;
  readonly email: string | null;
}

/** Saves what SCIM may change of somebody: names, never roles. */
export async function saveScimNames(q: Queryable, row: Pick<ScimRow, 'id' | 'invitation'>, names: ScimNames): Promise<void> {
  if (row.invitation === null) await q.as<Tables>().updateTable('people').set({ ...names }).where('id', '=', row.id).execute();
  else await q.as<Tables>().updateTable('invitations').set({ ...names }).where('id', '=', row.invitation).execute();
}

/** Gone for SCIM; the account stays, suspended, with all that it did. */
export async function hideFromScim(q: Queryable, person: string): Promise<void> {
  await q.as<Tables>().updateTable('people').set({ scim_gone: true }).where('id', '=', person).execute();
}
export async function dropInvitation(q: Queryable, id: string): Promise<void> {
  await q.as<Tables>().deleteFrom('invitations').where('id', '=', id).where('used_at', 'is', null).execute();
}
/** The account that an invitation of SCIM became has the names that were given for it. */
export async function keepScimNames(q: Queryable, invitation: string, person: string): Promise<void> {
  await sql`update people set user_name = i.user_name, external_id = i.external_id from invitations i
    where i.id = ${invitation} and i.becomes = ${person} and people.id = ${person}`.execute(q.as<Tables>());
}
