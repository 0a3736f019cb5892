/** The tables of findings and notices. Every read takes the organisation whose registry it is. */
import { sql } from 'kysely';
import type { Migration, Queryable } from '#world/db/port';
import type { Finding, FindingStep, Notice, NoticeKind, NoticeSeverity, Problem } from '../model/notices.ts';

interface FindingRow {
  id: string; scope: string; notice: string; constituent: string; asset: string; kind: string; type: string; family: string;
  severity: string; confidence: number | null; feed: string; first_seen: string; last_seen: string; events: string; state: string;
  said_fixed_at: string | null; absent: number; absent_day: string | null; excepted_until: string | null;
  exception_reason: string | null; closed_at: string | null; reopened: number; reopened_at: string | null;
}
interface StepRow { finding: string; n: string; at: string; what: string; by: string; note: string | null }
interface NoticeRow {
  id: string; scope: string; constituent: string; kind: string; type: string; family: string; severity: string; period_from: string;
  period_to: string; assets: string; events: string; first_seen: string; last_seen: string; state: string; raised_at: string;
  released_at: string | null; released_by: string | null; acknowledged_at: string | null; rung: number;
}
interface Tables {
  finding: FindingRow; finding_step: StepRow; finding_told: { finding: string; notice: string; feed: string };
  notice: NoticeRow; constituent: { id: string; name: string; kind: string };
}

export const findingsMigrations: readonly Migration[] = [
  {
    name: 'constituents/004-findings-notices',
    sql: `create table notice (
      id text primary key, scope text not null, constituent text not null references constituent (id), kind text not null,
      type text not null, family text not null, severity text not null, period_from timestamptz not null,
      period_to timestamptz not null, assets bigint not null, events bigint not null, first_seen timestamptz not null,
      last_seen timestamptz not null, state text not null, raised_at timestamptz not null, released_at timestamptz,
      released_by text, acknowledged_at timestamptz, rung int not null default 0,
      unique (scope, constituent, kind, type, family, period_from)
    );
    create index notice_state on notice (scope, state, raised_at);
    create index notice_of on notice (constituent, period_from);
    create table finding (
      id text primary key, scope text not null, notice text not null references notice (id), constituent text not null, asset text not null,
      kind text not null, type text not null, family text not null, severity text not null, confidence int, feed text not null,
      first_seen timestamptz not null, last_seen timestamptz not null, events bigint not null, state text not null,
      said_fixed_at timestamptz, absent int not null default 0, absent_day date, excepted_until timestamptz, exception_reason text,
      closed_at timestamptz, reopened int not null default 0, reopened_at timestamptz,
      unique (scope, constituent, asset, kind, type, family)
    );
    create index finding_notice on finding (notice);
    create index finding_feed on finding (scope, feed, last_seen) where state <> 'closed';
    create table finding_step (
      finding text not null references finding (id), n bigint generated always as identity, at timestamptz not null,
      what text not null, by text not null, note text, primary key (finding, n)
    )`,
  },
  {
    // Which feed showed a finding to which notice: what is told of sources (`cases.ts`). What was there before is told of its last feed.
    name: 'constituents/008-findings-told',
    sql: `create table finding_told (
      finding text not null references finding (id), notice text not null references notice (id), feed text not null, primary key (finding, notice, feed)
    );
    create index finding_told_notice on finding_told (notice);
    insert into finding_told select id, notice, feed from finding`,
  },
];

const tables = (db: Queryable) => db.as<Tables>();

export interface FindingRecord { readonly finding: Finding; readonly feed: string }

const findingOf = (row: FindingRow): FindingRecord => ({
  feed: row.feed,
  finding: {
    id: row.id, notice: row.notice, constituent: row.constituent, asset: row.asset, kind: row.kind as NoticeKind, type: row.type,
    family: row.family, severity: row.severity as NoticeSeverity, confidence: row.confidence, first: row.first_seen, last: row.last_seen,
    events: Number(row.events), state: row.state as Finding['state'], saidFixedAt: row.said_fixed_at, absentCycles: row.absent,
    exceptedUntil: row.excepted_until, exceptionReason: row.exception_reason, closedAt: row.closed_at, reopened: row.reopened,
    reopenedAt: row.reopened_at,
  },
});

const rowOf = (scope: string, { finding: f, feed }: FindingRecord) => ({
  id: f.id, scope, notice: f.notice, constituent: f.constituent, asset: f.asset, kind: f.kind, type: f.type, family: f.family,
  severity: f.severity, confidence: f.confidence, feed, first_seen: f.first, last_seen: f.last, events: String(f.events), state: f.state,
  said_fixed_at: f.saidFixedAt, absent: f.absentCycles, excepted_until: f.exceptedUntil, exception_reason: f.exceptionReason,
  closed_at: f.closedAt, reopened: f.reopened, reopened_at: f.reopenedAt,
});

/** How many findings of each constituent are not closed, and when the oldest of them was first seen. */
export async function openWork(q: Queryable, scope: string): Promise<Map<string, { open: number; oldest: string | null }>> {
  const rows = await tables(q).selectFrom('finding')
    .select(({ fn }) => ['constituent', fn.countAll<string>().as('open'), fn.min<string>('first_seen').as('oldest')])
    .where('scope', '=', scope).where('state', '<>', 'closed').groupBy('constituent').execute();
  return new Map(rows.map((row) => [row.constituent, { open: Number(row.open), oldest: row.oldest }]));
}

/** Since when a finding stood, and when it was closed; null while it is not. */
export interface FindingTime { readonly constituent: string; readonly since: string; readonly closedAt: string | null }

/** Findings of constituents that began, or began again, in a time. One that an exception holds is not closed. */
export async function findingTimes(
  db: Queryable, scope: string, constituents: readonly string[], from: string, to: string,
): Promise<FindingTime[]> {
  if (constituents.length === 0) return [];
  const rows = await tables(db).selectFrom('finding').select(['constituent', 'state', 'closed_at', 'first_seen', 'reopened_at'])
    .where('scope', '=', scope).where('constituent', 'in', [...constituents])
    .where(sql<boolean>`coalesce(reopened_at, first_seen) >= ${from} and coalesce(reopened_at, first_seen) < ${to}`).execute();
  return rows.map((row) => ({
    constituent: row.constituent, since: row.reopened_at ?? row.first_seen, closedAt: row.state === 'closed' ? row.closed_at : null,
  }));
}

export interface FindingFilter {
  readonly notices?: readonly string[];
  readonly constituents?: readonly string[];
  readonly id?: string;
  readonly state?: string | undefined;
  readonly limit?: number;
}

export async function findingsOf(db: Queryable, scope: string, filter: FindingFilter): Promise<Finding[]> {
  let query = tables(db).selectFrom('finding').selectAll().where('scope', '=', scope)
    .orderBy(sql`case state when 'closed' then 1 else 0 end`).orderBy('last_seen', 'desc').orderBy('id').limit(filter.limit ?? 500);
  if (filter.notices) query = query.where('notice', 'in', filter.notices.length > 0 ? [...filter.notices] : ['']);
  if (filter.constituents) query = query.where('constituent', 'in', filter.constituents.length > 0 ? [...filter.constituents] : ['']);
  if (filter.id !== undefined) query = query.where('id', '=', filter.id);
  if (filter.state !== undefined) query = query.where('state', '=', filter.state);
  return (await query.execute()).map((row) => findingOf(row).finding);
}

/** The findings of one owner and problem on these assets, held until the transaction ends. */
export async function findingsHeld(
  tx: Queryable, scope: string, owner: string, problem: Problem, assets: readonly string[],
): Promise<Map<string, FindingRecord>> {
  const rows = await tables(tx).selectFrom('finding').selectAll().where('scope', '=', scope).where('constituent', '=', owner)
    .where('kind', '=', problem.kind).where('type', '=', problem.type).where('family', '=', problem.family)
    .where('asset', 'in', [...assets]).forUpdate().execute();
  return new Map(rows.map((row) => [row.asset, findingOf(row)]));
}

/** One finding of some constituents, held until the transaction ends. */
export async function findingHeld(
  tx: Queryable, scope: string, constituents: readonly string[] | null, id: string,
): Promise<FindingRecord | null> {
  let query = tables(tx).selectFrom('finding').selectAll().where('scope', '=', scope).where('id', '=', id).forUpdate();
  if (constituents !== null) query = query.where('constituent', 'in', constituents.length > 0 ? [...constituents] : ['']);
  const row = await query.executeTakeFirst();
  return row ? findingOf(row) : null;
}

/** Inserts or overwrites. */
export async function saveFindings(tx: Queryable, scope: string, records: readonly FindingRecord[]): Promise<void> {
  for (let at = 0; at < records.length; at += 200) {
    const rows = records.slice(at, at + 200).map((r) => rowOf(scope, r));
    await tables(tx).insertInto('finding').values(rows.map((row) => ({ ...row, absent_day: null })))
      .onConflict((x) => x.column('id').doUpdateSet((eb) => Object.fromEntries(
        Object.keys(rows[0] ?? {}).filter((key) => key !== 'id').map((key) => [key, eb.ref(`excluded.${key}` as 'excluded.state')]),
      ))).execute();
  }
}

/** Notes that a feed showed these findings to a notice; said again it changes nothing. */
export async function noteTold(tx: Queryable, notice: string, feed: string, findings: readonly string[]): Promise<void> {
  for (let at = 0; at < findings.length; at += 500) {
    await tables(tx).insertInto('finding_told').values(findings.slice(at, at + 500).map((finding) => ({ finding, notice, feed })))
      .onConflict((x) => x.doNothing()).execute();
  }
}

/** A step may be of an earlier time than that at which it is written down. */
export async function addSteps(
  tx: Queryable, steps: readonly { finding: string; step: FindingStep }[], recordedAt: string,
): Promise<void> {
  for (let at = 0; at < steps.length; at += 500) {
    await tables(tx).insertInto('finding_step').values(steps.slice(at, at + 500).map(({ finding, step }) => ({
      finding, at: step.at, what: step.what, by: step.by, note: step.note, recorded_at: recordedAt,
    })) as never).execute();
  }
}

export async function stepsOf(db: Queryable, finding: string): Promise<FindingStep[]> {
  const rows = await tables(db).selectFrom('finding_step').select(['at', 'what', 'by', 'note']).where('finding', '=', finding)
    .orderBy('n').execute();
  return rows.map((row) => ({ ...row, what: row.what as FindingStep['what'] }));
}

/**
 * Findings of a feed that a day of it, later than their last sighting, did not show; each counts one day once. Their
 * `absent_day` is set here, so that the same day delivered in two files is one cycle.
 */
export async function markAbsent(tx: Queryable, scope: string, feed: string, day: string): Promise<FindingRecord[]> {
  const { rows } = await sql<FindingRow>`update finding set absent_day = ${day}::date where scope = ${scope} and feed = ${feed}
    and state <> 'closed' and last_seen < ${`${day}T00:00:00Z`}::timestamptz and (absent_day is null or absent_day < ${day}::date)
    returning *`.execute(tables(tx));
  return rows.map(findingOf);
}

/** Exceptions that are over at a moment. */
export async function exceptionsOver(tx: Queryable, now: string): Promise<{ scope: string; record: FindingRecord }[]> {
  const rows = await tables(tx).selectFrom('finding').selectAll().where('state', '=', 'excepted').where('excepted_until', '<=', now)
    .limit(500).forUpdate().skipLocked().execute();
  return rows.map((row) => ({ scope: row.scope, record: findingOf(row) }));
}

type Joined = NoticeRow & { constituent_name: string; open: string };
const noticeOf = (row: Joined): Notice => ({
  id: row.id, constituent: row.constituent, constituentName: row.constituent_name, kind: row.kind as NoticeKind, type: row.type,
  family: row.family, severity: row.severity as NoticeSeverity, from: row.period_from, to: row.period_to, assets: Number(row.assets),
  events: Number(row.events), first: row.first_seen, last: row.last_seen, state: row.state as Notice['state'], open: Number(row.open),
  raisedAt: row.raised_at, releasedAt: row.released_at, acknowledgedAt: row.acknowledged_at, rung: row.rung,
});

export interface NoticeFilter {
  readonly state?: string | undefined;
  readonly ids?: readonly string[];
  readonly constituents?: readonly string[];
  /** Released, not acknowledged away, with something open, and not yet on the last rung. */
  readonly climbing?: boolean;
  /** Anything but what the centre has not let go yet. */
  readonly released?: boolean;
  readonly limit?: number;
}

const open = sql<string>`(select count(*) from finding f where f.notice = n.id and f.state in ('open', 'acknowledged', 'said-fixed'))`;

export async function noticesOf(db: Queryable, scope: string | null, filter: NoticeFilter): Promise<Notice[]> {
  let query = tables(db).selectFrom('notice as n').innerJoin('constituent as c', 'c.id', 'n.constituent').selectAll('n')
    .select(['c.name as constituent_name', open.as('open')])
    .orderBy(sql`array_position(array['critical','high','medium','low','info','unknown'], n.severity)`)
    .orderBy('n.raised_at', 'desc').orderBy('n.id').limit(filter.limit ?? 500);
  if (scope !== null) query = query.where('n.scope', '=', scope);
  if (filter.state !== undefined) query = query.where('n.state', '=', filter.state);
  if (filter.released) query = query.where('n.state', '=', 'released');
  if (filter.ids) query = query.where('n.id', 'in', filter.ids.length > 0 ? [...filter.ids] : ['']);
  if (filter.constituents) query = query.where('n.constituent', 'in', filter.constituents.length > 0 ? [...filter.constituents] : ['']);
  if (filter.climbing) query = query.where('n.state', '=', 'released').where('n.rung', '<', 3).where(sql<boolean>`${open} > 0`);
  return (await query.execute()).map(noticeOf);
}

/** The scope of a notice: whose registry it stands in. */
export async function scopeOfNotice(db: Queryable, id: string): Promise<string | null> {
  return (await tables(db).selectFrom('notice').select('scope').where('id', '=', id).executeTakeFirst())?.scope ?? null;
}

/**
 * The notice of an owner and problem whose period holds a moment, raised if there is none, with the new counts added. The
 * unique key makes two batches at once raise one.
 */
export async function raiseNotice(
  tx: Queryable, scope: string,
  n: Problem & { id: string; owner: string; severity: string; first: string; last: string; events: number; at: string; to: string },
): Promise<{ id: string; raised: boolean }> {
  const lock = `notice:${scope}:${n.owner}:${n.kind}:${n.type}:${n.family}`;
  await sql`select pg_advisory_xact_lock(hashtextextended(${lock}, 0))`.execute(tables(tx));
  const there = await tables(tx).selectFrom('notice').select(['id', 'severity']).where('scope', '=', scope).where('constituent', '=', n.owner)
    .where('kind', '=', n.kind).where('type', '=', n.type).where('family', '=', n.family).where('period_from', '<=', n.at)
    .where('period_to', '>', n.at).executeTakeFirst();
  if (there) {
    await sql`update notice set events = events + ${String(n.events)}::bigint, first_seen = least(first_seen, ${n.first}::timestamptz),
      last_seen = greatest(last_seen, ${n.last}::timestamptz), severity = case when
        array_position(array['critical','high','medium','low','info','unknown'], ${n.severity}::text)
        < array_position(array['critical','high','medium','low','info','unknown'], severity) then ${n.severity} else severity end
      where id = ${there.id}`.execute(tables(tx));
    return { id: there.id, raised: false };
  }
  await tables(tx).insertInto('notice').values({
    id: n.id, scope, constituent: n.owner, kind: n.kind, type: n.type, family: n.family, severity: n.severity, period_from: n.at,
    period_to: n.to, assets: '0', events: String(n.events), first_seen: n.first, last_seen: n.last, state: 'waiting', raised_at: n.at,
    released_at: null, released_by: null, acknowledged_at: null, rung: 0,
  }).execute();
  return { id: n.id, raised: true };
}

/** Assets of a notice: those of its findings, or as many as a slice was counted to hold. */
export async function countAssets(tx: Queryable, notice: string, atLeast: number): Promise<void> {
  await sql`update notice set assets = greatest(assets, ${String(atLeast)}::bigint, (select count(*) from finding where notice = ${notice}))
    where id = ${notice}`.execute(tables(tx));
}

export async function markNotices(
  tx: Queryable, ids: readonly string[], marks: Partial<Pick<NoticeRow, 'state' | 'released_at' | 'released_by' | 'acknowledged_at' | 'rung'>>,
): Promise<void> {
  if (ids.length > 0) await tables(tx).updateTable('notice').set(marks).where('id', 'in', [...ids]).execute();
}

/** Locks waiting notices so that two releases at once do not send twice; answers those that still wait. */
export async function holdWaiting(tx: Queryable, scope: string, ids: readonly string[]): Promise<string[]> {
  const rows = await tables(tx).selectFrom('notice').select('id').where('scope', '=', scope).where('state', '=', 'waiting')
    .where('id', 'in', ids.length > 0 ? [...ids] : ['']).orderBy('id').forUpdate().execute();
  return rows.map((row) => row.id);
}

/** Kinds of constituents by id. */
export async function constituentKindsOf(db: Queryable, scope: string): Promise<Map<string, string>> {
  const { rows } = await sql<{ id: string; kind: string }>`select id, kind from constituent where scope = ${scope}`.execute(tables(db));
  return new Map(rows.map((row) => [row.id, row.kind]));
}
