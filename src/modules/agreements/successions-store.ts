/** The table of successions. A reader is the predecessor, the successor, or the other side of an agreement that passes. */
import { sql } from 'kysely';
import type { Migration, Queryable } from '#world/db/port';
import type { Succession } from './succession.ts';

interface Tables {
  successions: {
    id: string; from_org: string; to_org: string; state: string; document: Succession; effective_at: string; rows_moved_at: string | null;
  };
}

export const successionsMigrations: readonly Migration[] = [
  {
    name: 'agreements/003-successions',
    sql: `create table successions (
      id text primary key, from_org text not null references organisations (id), to_org text not null references organisations (id),
      state text not null, document jsonb not null, effective_at timestamptz not null, rows_moved_at timestamptz);
    create unique index successions_one_open on successions (from_org) where state in ('proposed', 'accepted', 'effective');`,
  },
];

const t = (q: Queryable) => q.as<Tables>();
const json = (s: Succession): never => sql`${JSON.stringify(s)}::jsonb` as never;

/** False where the organisation has an open succession, or has been succeeded. */
export async function insertSuccession(q: Queryable, s: Succession): Promise<boolean> {
  const row = {
    id: s.id, from_org: s.from, to_org: s.to, state: s.state, document: json(s), effective_at: s.effectiveAt, rows_moved_at: null,
  };
  const { rows } = await sql<{ n: string }>`select count(*) as n from successions where from_org = ${s.from} and state <> 'withdrawn'`.execute(t(q));
  if (rows[0]?.n !== '0') return false;
  await t(q).insertInto('successions').values(row).execute();
  return true;
}

export async function saveSuccession(q: Queryable, s: Succession): Promise<void> {
  await t(q).updateTable('successions').set({ state: s.state, document: json(s) }).where('id', '=', s.id).execute();
}

/** Those of an organisation as predecessor or successor, newest first; locked where a change follows. */
export async function successionsOf(q: Queryable, scope: string): Promise<Succession[]> {
  const rows = await t(q).selectFrom('successions').select('document')
    .where((eb) => eb.or([eb('from_org', '=', scope), eb('to_org', '=', scope), sql<boolean>`exists (select 1 from agreements a
      where a.status <> 'ended' and ((a.authority in (from_org, to_org) and a.counterpart = ${scope})
        or (a.counterpart in (from_org, to_org) and a.authority = ${scope})))`]))
    .where((eb) => eb.or([eb('state', '<>', 'withdrawn'), eb('from_org', '=', scope), eb('to_org', '=', scope)]))
    .orderBy('effective_at', 'desc').orderBy('id').execute();
  return rows.map((r) => r.document);
}

export async function lockedSuccession(q: Queryable, id: string): Promise<Succession | null> {
  const row = await t(q).selectFrom('successions').select('document').where('id', '=', id).forUpdate().executeTakeFirst();
  return row?.document ?? null;
}

/** Accepted, and due: one at a time, so that replicas take turns. */
export async function dueSuccession(q: Queryable, now: string): Promise<Succession | null> {
  const row = await t(q).selectFrom('successions').select('document').where('state', '=', 'accepted')
    .where('effective_at', '<=', now).orderBy('effective_at').orderBy('id').limit(1).forUpdate().skipLocked().executeTakeFirst();
  return row?.document ?? null;
}

/** Effective, but its rows of telemetry have not been carried over yet. */
export async function successionsToCarry(q: Queryable): Promise<Succession[]> {
  const rows = await t(q).selectFrom('successions').select('document').where('state', '=', 'effective')
    .where('rows_moved_at', 'is', null).orderBy('id').execute();
  return rows.map((r) => r.document);
}

export async function noteCarried(q: Queryable, id: string, at: string): Promise<void> {
  await t(q).updateTable('successions').set({ rows_moved_at: at }).where('id', '=', id).execute();
}

/** Who stands in an organisation's place now: itself, or the last of its successors. */
export async function heirOf(q: Queryable, org: string): Promise<string> {
  const { rows } = await sql<{ org: string }>`with recursive line (org, n) as (
      select ${org}::text, 0 union all
      select s.to_org, n + 1 from line join successions s on s.from_org = line.org and s.state = 'effective' where n < 100)
    select org from line order by n desc limit 1`.execute(t(q));
  return rows[0]?.org ?? org;
}
