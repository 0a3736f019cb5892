/**
 * The role that a connection takes while it serves a party, and what policies are written in. SQL only: on whose behalf
 * something is asked is scope.ts's.
 */
import { sql, type Kysely } from 'kysely';

/** The role that sees rows by policy only. It cannot sign in; a connection takes it and gives it back. */
export const partyRole = 'entente_party';

export const settingSql = `select set_config('role', $1, false), set_config('entente.org', $2, false),
  set_config('entente.person', $3, false), set_config('entente.opened', $4, false)`;

/** What policies are written in. Each is asked once a query, not once a row, where it stands in a sub-select. */
const functions = [
  `create or replace function entente_org() returns text language sql stable as 'select nullif(current_setting(''entente.org'', true), '''')'`,
  `create or replace function entente_person() returns text language sql stable as 'select nullif(current_setting(''entente.person'', true), '''')'`,
  `create or replace function entente_opened() returns text[] language sql stable as
    'select string_to_array(coalesce(current_setting(''entente.opened'', true), ''''), '','')'`,
];

/** Before the schema: the role, which the cluster may have already or two hubs make at once, and the functions. */
export async function prepareScopes(kysely: Kysely<unknown>): Promise<void> {
  await sql.raw(`do $do$ begin
    if not exists (select 1 from pg_roles where rolname = '${partyRole}') then create role ${partyRole} nologin; end if;
    execute format('grant ${partyRole} to %I', current_user);
  exception when duplicate_object or unique_violation then null; end $do$`).execute(kysely);
  for (const text of functions) await sql.raw(text).execute(kysely);
}

/** After the schema: what the role may touch at all. Which rows is for the policies. */
export async function grantScopes(kysely: Kysely<unknown>): Promise<void> {
  await sql.raw(`grant usage on schema public to ${partyRole}`).execute(kysely);
  await sql.raw(`grant select, insert, update, delete on all tables in schema public to ${partyRole}`).execute(kysely);
  await sql.raw(`grant usage on all sequences in schema public to ${partyRole}`).execute(kysely);
}
