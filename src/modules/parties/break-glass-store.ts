/** The table of break-glass grants: rights of the own organisation for four hours, each with its review. */
import type { Migration, Queryable } from '#world/db/port';

export interface BreakGlassRow {
  id: string; org: string; person: string; approver: string; approval: string; rights: string[]; reason: string;
  started_at: string; ends_at: string; ended_at: string | null; ended_by: string | null; review_due_at: string;
  /** When it was found that nobody had reviewed it in time. */
  overdue_at: string | null; closed_at: string | null; closed_by: string | null; finding: string | null;
}

interface Tables {
  break_glass: BreakGlassRow;
}

export const breakGlassMigration: Migration = {
  name: 'parties/005-break-glass',
  sql: `create table break_glass (
    id text primary key, org text not null references organisations (id), person text not null references people (id),
    approver text not null references people (id), approval text not null references approvals (id),
    rights text[] not null, reason text not null, started_at timestamptz not null, ends_at timestamptz not null,
    ended_at timestamptz, ended_by text, review_due_at timestamptz not null, overdue_at timestamptz,
    closed_at timestamptz, closed_by text references people (id), finding text);
  create index break_glass_org on break_glass (org, started_at desc);
  create index break_glass_open on break_glass (person) where ended_at is null;`,
};

const t = (q: Queryable) => q.as<Tables>();

export async function insertBreakGlass(q: Queryable, row: BreakGlassRow): Promise<void> {
  await t(q).insertInto('break_glass').values(row).execute();
}

export async function breakGlassOf(q: Queryable, scope: string, most: number): Promise<BreakGlassRow[]> {
  return t(q).selectFrom('break_glass').selectAll().where('org', '=', scope).orderBy('started_at', 'desc').orderBy('id').limit(most).execute();
}

export async function holdBreakGlass(tx: Queryable, scope: string, id: string): Promise<BreakGlassRow | null> {
  return (await t(tx).selectFrom('break_glass').selectAll().where('org', '=', scope).where('id', '=', id).forUpdate()
    .executeTakeFirst()) ?? null;
}

/** What a person holds at this moment. */
export async function openBreakGlass(q: Queryable, person: string, now: string): Promise<BreakGlassRow[]> {
  return t(q).selectFrom('break_glass').selectAll().where('person', '=', person).where('ended_at', 'is', null)
    .where('ends_at', '>', now).execute();
}

/** What an organisation has not reviewed in time. */
export async function unreviewedOf(q: Queryable, scope: string, now: string): Promise<BreakGlassRow[]> {
  return t(q).selectFrom('break_glass').selectAll().where('org', '=', scope).where('closed_at', 'is', null)
    .where('review_due_at', '<=', now).execute();
}

export async function saveBreakGlass(
  q: Queryable, id: string, change: Partial<Pick<BreakGlassRow, 'ended_at' | 'ended_by' | 'closed_at' | 'closed_by' | 'finding'>>,
): Promise<void> {
  await t(q).updateTable('break_glass').set(change).where('id', '=', id).execute();
}

/** Ends by the clock what ran out; answers what this call ended, so that of several replicas one states it. */
export async function endRunOut(tx: Queryable, now: string): Promise<BreakGlassRow[]> {
  return t(tx).updateTable('break_glass').set((eb) => ({ ended_at: eb.ref('ends_at'), ended_by: 'clock' }))
    .where('ended_at', 'is', null).where('ends_at', '<=', now).returningAll().execute();
}

/** Marks what nobody reviewed in time; answers what this call marked. */
export async function markOverdue(tx: Queryable, now: string): Promise<BreakGlassRow[]> {
  return t(tx).updateTable('break_glass').set({ overdue_at: now })
    .where('closed_at', 'is', null).where('overdue_at', 'is', null).where('review_due_at', '<=', now).returningAll().execute();
}
