/**
 * Changes of findings that a constituent was told of, and how far each of its people has seen them. A finding is told when the first notice of it
 * was let go; what only the centre knows yet is in nothing here.
 */
import { sql } from 'kysely';
import type { Migration, Queryable } from '#world/db/port';
import { overdueDays } from '../rules/notices.ts';
import type { Change, ChangeKind, DeskMark } from '../model/desk.ts';
import type { Finding } from '../model/notices.ts';

export const deskMigrations: readonly Migration[] = [
  {
    name: 'constituents/009-desk',
    sql: `alter table finding_step add column recorded_at timestamptz;
      update finding_step set recorded_at = at;
      alter table finding_step alter column recorded_at set not null;
      create table desk_mark (
        person text not null, scope text not null, at timestamptz not null, recent text[] not null, primary key (person, scope)
      )`,
  },
];

const tables = (q: Queryable) => q.as<{ desk_mark: { person: string; scope: string; at: string; recent: string[] } }>();

/** Longer than any work that writes findings down takes: what it wrote becomes visible only at its end. */
export const unsettledMinutes = 10;

export async function markOf(q: Queryable, scope: string, person: string): Promise<DeskMark | null> {
  const row = await tables(q).selectFrom('desk_mark').select(['at', 'recent']).where('scope', '=', scope).where('person', '=', person).executeTakeFirst();
  return row ?? null;
}

/** One that is older than what stands changes nothing: two windows of one person do not undo each other. */
export async function saveMark(q: Queryable, scope: string, person: string, mark: DeskMark): Promise<void> {
  await sql`insert into desk_mark (person, scope, at, recent) values (${person}, ${scope}, ${mark.at}, ${[...mark.recent]})
    on conflict (person, scope) do update set at = excluded.at, recent = excluded.recent where desk_mark.at <= excluded.at`.execute(tables(q));
}

export interface Changes {
  readonly items: readonly Change[];
  readonly counts: Readonly<Record<ChangeKind, number>>;
  /** Names of those of the last minutes. */
  readonly recent: readonly string[];
}

const told = (scope: string, constituents: readonly string[]) => sql`told as (
  select f.id, min(n.released_at) as at, (array_agg(n.id order by n.released_at desc, n.id))[1] as notice
  from finding f join finding_told t on t.finding = f.id join notice n on n.id = t.notice and n.state = 'released'
  where f.scope = ${scope} and f.constituent = any(${[...constituents]}::text[]) group by f.id)`;

/** Newest first. Who has never looked is told what stands open, not what came and went before. */
export async function changesSince(
  q: Queryable, scope: string, constituents: readonly string[], mark: DeskMark | null, now: string, limit: number,
): Promise<Changes> {
  const since = mark === null ? '1970-01-01T00:00:00Z' : new Date(Date.parse(mark.at) - unsettledMinutes * 60_000).toISOString();
  const unsettled = new Date(Date.parse(now) - unsettledMinutes * 60_000).toISOString();
  const { rows } = await sql<Change & { total: string; recent: string[] | null }>`with ${told(scope, constituents)}, changes as (
      select 'new' as what, at, 'new ' || id as key, id from told
      union all select case s.what when 'closed' then 'closed' else 'reopened' end, s.recorded_at, 'step ' || s.n, s.finding
        from finding_step s join told t on t.id = s.finding
        where s.what in ('closed', 'seen-again', 'exception-ended') and s.recorded_at >= t.at
      union all select 'overdue', t.at + ${`${overdueDays} days`}::interval, 'overdue ' || t.id, t.id
        from told t join finding f on f.id = t.id where f.state in ('open', 'acknowledged')
    ), fresh as (
      select c.*, f.asset, f.kind, f.type, f.family, f.severity, f.state from changes c join finding f on f.id = c.id
      where c.at > ${since}::timestamptz and c.at <= ${now}::timestamptz and c.key <> all(${[...mark?.recent ?? []]}::text[])
        and (${mark !== null} or (f.state <> 'closed' and c.what in ('new', 'overdue')))
    ), ranked as (select *, row_number() over (order by at desc, key) as place, count(*) over (partition by what) as total from fresh)
    select r.what, r.at, r.id as finding, t.notice, r.asset, r.kind, r.type, r.family, r.severity, r.state, r.total,
      case when r.place = 1 then (select array_agg(key) from (select key from fresh where at > ${unsettled}::timestamptz order by key limit 2000) k)
      end as recent
    from ranked r join told t on t.id = r.id
    where r.place <= ${limit} or r.place = (select min(place) from ranked x where x.what = r.what) order by r.place`.execute(tables(q));
  const counts: Record<ChangeKind, number> = { new: 0, reopened: 0, closed: 0, overdue: 0 };
  for (const row of rows) counts[row.what] = Number(row.total);
  return { items: rows.slice(0, limit).map(({ total: _t, recent: _r, ...change }) => change), counts, recent: rows[0]?.recent ?? [] };
}

/** A finding as its owner takes it out. */
export type Told = Pick<Finding, 'id' | 'asset' | 'kind' | 'type' | 'family' | 'severity' | 'confidence' | 'first' | 'last' | 'events' | 'state'
  | 'saidFixedAt' | 'exceptedUntil' | 'exceptionReason' | 'closedAt' | 'reopened'> & { readonly notice: string; readonly toldAt: string };

/** Those that were told, by id, after one. */
export async function toldPage(
  q: Queryable, scope: string, constituents: readonly string[], after: string, limit: number,
): Promise<Told[]> {
  const { rows } = await sql<Omit<Told, 'events'> & { events: string }>`with ${told(scope, constituents)}
    select f.id, f.asset, f.kind, f.type, f.family, f.severity, f.confidence, f.first_seen as first, f.last_seen as last, f.events, f.state,
      f.said_fixed_at as "saidFixedAt", f.excepted_until as "exceptedUntil", f.exception_reason as "exceptionReason", f.closed_at as "closedAt",
      f.reopened, t.notice, t.at as "toldAt"
    from told t join finding f on f.id = t.id where f.id > ${after} order by f.id limit ${limit}`.execute(tables(q));
  return rows.map((row) => ({ ...row, events: Number(row.events) }));
}
