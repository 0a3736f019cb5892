/** Scan jobs as records. Every read takes the organisation whose jobs they are, or the constituents that they are about. */
import { sql } from 'kysely';
import type { ClauseRef } from '#kit/refusal';
import type { Migration, Queryable } from '#world/db/port';
import type { Job } from './model.ts';
import { boundsOf, stateOf, type Bounds } from './scans.ts';

interface JobRow {
  id: string; scope: string; constituent: string; org: string; targets: unknown; ports: unknown; window_from: string; window_until: string; reason: string;
  requested_at: string; requested_by: string; clauses: unknown; stopped_at: string | null; stopped_reason: string | null;
}
interface Tables {
  landscape_scan_job: JobRow;
  landscape_batch: { id: string; scan_job: string | null };
  constituent: { id: string; name: string };
}

export const scansMigrations: readonly Migration[] = [
  {
    name: 'landscape/010-scan-jobs',
    sql: `create table landscape_scan_job (
      id text primary key, scope text not null, constituent text not null, org text not null, targets jsonb not null, ports jsonb not null,
      window_from timestamptz not null, window_until timestamptz not null, reason text not null, requested_at timestamptz not null,
      requested_by text not null, clauses jsonb not null, stopped_at timestamptz, stopped_reason text
    );
    create index landscape_scan_job_scope on landscape_scan_job (scope, id desc);
    create index landscape_scan_job_constituent on landscape_scan_job (constituent);
    alter table landscape_batch add column scan_job text`,
  },
];

const tables = (db: Queryable) => db.as<Tables>();

/** A job with whose it is and whom it is about. */
export interface JobRecord extends Job { readonly scope: string; readonly org: string }

const jobOf = (row: JobRow & { name: string | null }, now: number): JobRecord => {
  const kept = { from: row.window_from, until: row.window_until, stoppedAt: row.stopped_at };
  return {
    id: row.id, scope: row.scope, org: row.org, constituent: row.constituent, constituentName: row.name ?? row.constituent,
    targets: row.targets as string[], ports: row.ports as string[], ...kept, reason: row.reason, requestedAt: row.requested_at,
    requestedBy: row.requested_by, clauses: row.clauses as ClauseRef[], state: stateOf(kept, now), stoppedReason: row.stopped_reason,
  };
};

/** What an organisation is told of a job. */
export function shownJob({ scope: _scope, org: _org, ...job }: JobRecord): Job {
  return job;
}

const select = (db: Queryable) => tables(db).selectFrom('landscape_scan_job as j').leftJoin('constituent as c', 'c.id', 'j.constituent')
  .selectAll('j').select('c.name');

export async function insertJob(db: Queryable, job: Omit<JobRecord, 'constituentName' | 'state'>): Promise<void> {
  await tables(db).insertInto('landscape_scan_job').values({
    id: job.id, scope: job.scope, constituent: job.constituent, org: job.org, targets: JSON.stringify(job.targets), ports: JSON.stringify(job.ports),
    window_from: job.from, window_until: job.until, reason: job.reason, requested_at: job.requestedAt, requested_by: job.requestedBy,
    clauses: JSON.stringify(job.clauses), stopped_at: null, stopped_reason: null,
  }).execute();
}

export async function jobById(db: Queryable, scope: string, id: string, now: number): Promise<JobRecord | null> {
  const row = await select(db).where('j.scope', '=', scope).where('j.id', '=', id).executeTakeFirst();
  return row ? jobOf(row, now) : null;
}

/** Newest first. */
export async function jobsOf(
  db: Queryable, scope: string, now: number, filter: { constituents?: readonly string[]; before?: string | undefined; limit: number },
): Promise<JobRecord[]> {
  let query = select(db).where('j.scope', '=', scope).orderBy('j.id', 'desc').limit(filter.limit);
  if (filter.constituents) query = query.where('j.constituent', 'in', filter.constituents.length > 0 ? [...filter.constituents] : ['']);
  if (filter.before !== undefined) query = query.where('j.id', '<', filter.before);
  return (await query.execute()).map((row) => jobOf(row, now));
}

/** Jobs that stand under an agreement and are neither over nor stopped: for the hub's own reaction, never for a reader. */
export async function jobsUnder(db: Queryable, agreement: string, now: number): Promise<JobRecord[]> {
  const rows = await select(db).where('j.stopped_at', 'is', null).where('j.window_until', '>', new Date(now).toISOString())
    .where(sql<boolean>`exists (select 1 from jsonb_array_elements(j.clauses) x where x ->> 'agreementId' = ${agreement})`).execute();
  return rows.map((row) => jobOf(row, now));
}

/** False where it was stopped before. */
export async function stopJob(db: Queryable, scope: string, id: string, at: string, reason: string): Promise<boolean> {
  const done = await tables(db).updateTable('landscape_scan_job').set({ stopped_at: at, stopped_reason: reason })
    .where('scope', '=', scope).where('id', '=', id).where('stopped_at', 'is', null).executeTakeFirst();
  return Number(done.numUpdatedRows) === 1;
}

export async function noteScan(db: Queryable, batch: string, job: string): Promise<void> {
  await tables(db).updateTable('landscape_batch').set({ scan_job: job }).where('id', '=', batch).execute();
}

/** What the rows of a batch must lie in; null where it holds the results of no job. Read again it is the same, but for a stop since. */
export async function boundsOfBatch(db: Queryable, batch: string): Promise<Bounds | null> {
  const row = await tables(db).selectFrom('landscape_batch as b').innerJoin('landscape_scan_job as j', 'j.id', 'b.scan_job')
    .select(['j.targets', 'j.ports', 'j.window_from', 'j.window_until', 'j.stopped_at']).where('b.id', '=', batch).executeTakeFirst();
  return row ? boundsOf({
    targets: row.targets as string[], ports: row.ports as string[], from: row.window_from, until: row.window_until, stoppedAt: row.stopped_at,
  }) : null;
}

/** Batches that hold results of a job, newest first. */
export async function batchesOfJob(db: Queryable, job: string): Promise<string[]> {
  const rows = await tables(db).selectFrom('landscape_batch').select('id').where('scan_job', '=', job).orderBy('id', 'desc').limit(100).execute();
  return rows.map((row) => row.id);
}

/** Jobs pass with the feeds of whoever ran them, and with the name of whom they are about. */
export async function passOnJobs(db: Queryable, from: string, to: string): Promise<void> {
  await sql`update landscape_scan_job set scope = ${to} where scope = ${from}`.execute(tables(db));
  await sql`update landscape_scan_job set org = ${to} where org = ${from}`.execute(tables(db));
}
