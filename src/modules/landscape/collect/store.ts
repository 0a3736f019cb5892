/**
 * Sources and their runs in the records. A run holds its source by a lease with an end: whoever has it writes what is remembered, and
 * a hub that died holds it no longer than that. Secrets stand here sealed.
 */
import { sql } from 'kysely';
import type { Migration, Queryable } from '#world/db/port';
import type { Remembered } from './clients/step.ts';
import type { NewSource, Run, RunError, SecretName, Source, SourceSettings } from './model.ts';

interface SourceRow {
  id: string; scope: string; feed: string; name: string; settings: unknown; secrets: unknown; every_minutes: number; is_on: boolean; cursor: unknown;
  created_at: string; next_at: string; failing_since: string | null; failures: number; lease_run: string | null; lease_until: string | null;
  ended_at: string | null;
}
interface RunRow {
  id: string; scope: string; source: string; started_at: string; ended_at: string | null; state: string; person: string | null;
  files: number; bytes: string | number; stored: string | number; passed_over: number; batches: unknown; error: unknown;
}
interface Tables {
  landscape_source: SourceRow;
  landscape_source_run: RunRow;
  landscape_source_seen: { source: string; key: string; mark: string; at: string };
}
const tables = (db: Queryable) => db.as<Tables>();

export const sourceMigrations: readonly Migration[] = [
  {
    name: 'landscape/collect-002-sources',
    sql: `create table landscape_source (
      id text primary key, scope text not null, feed text not null references landscape_feed (id), name text not null, settings jsonb not null,
      secrets jsonb not null default '{}', every_minutes integer not null, is_on boolean not null, cursor jsonb not null default '{}',
      created_at timestamptz not null, next_at timestamptz not null, failing_since timestamptz, failures integer not null default 0,
      lease_run text, lease_until timestamptz, ended_at timestamptz
    );
    create unique index landscape_source_name on landscape_source (feed, name) where ended_at is null;
    create index landscape_source_due on landscape_source (next_at) where ended_at is null and is_on;
    create table landscape_source_run (
      id text primary key, scope text not null, source text not null references landscape_source (id), started_at timestamptz not null,
      ended_at timestamptz, state text not null, person text, files integer not null default 0, bytes bigint not null default 0,
      stored bigint not null default 0, passed_over integer not null default 0, batches jsonb not null default '[]', error jsonb
    );
    create index landscape_source_run_of on landscape_source_run (source, id desc);
    create index landscape_source_run_open on landscape_source_run (source) where state = 'running';
    create table landscape_source_seen (
      source text not null references landscape_source (id), key text not null, mark text not null, at timestamptz not null, primary key (source, key)
    )`,
  },
];

/** A sealed secret, and how the plain one ends. */
export interface KeptSecret { readonly sealed: string; readonly lastFour: string | null }
export type KeptSecrets = Readonly<Partial<Record<SecretName, KeptSecret>>>;

/** A source as stored. */
export interface SourceRecord {
  readonly id: string;
  readonly scope: string;
  readonly feed: string;
  readonly name: string;
  readonly settings: SourceSettings;
  readonly secrets: KeptSecrets;
  readonly everyMinutes: number;
  readonly on: boolean;
  readonly cursor: Readonly<Record<string, unknown>>;
  readonly createdAt: string;
  readonly nextAt: string;
  readonly failingSince: string | null;
  readonly failures: number;
}

const recordOf = (row: SourceRow): SourceRecord => ({
  id: row.id, scope: row.scope, feed: row.feed, name: row.name, settings: row.settings as SourceSettings, secrets: row.secrets as KeptSecrets,
  everyMinutes: row.every_minutes, on: row.is_on, cursor: row.cursor as Record<string, unknown>, createdAt: row.created_at, nextAt: row.next_at,
  failingSince: row.failing_since, failures: row.failures,
});

const runOf = (row: RunRow): Run => ({
  id: row.id, startedAt: row.started_at, endedAt: row.ended_at, state: row.state as Run['state'], by: row.person, files: row.files,
  bytes: Number(row.bytes), stored: Number(row.stored), passedOver: row.passed_over, batches: row.batches as string[], error: row.error as RunError | null,
});

/** False where the feed has a source of that name. */
export async function insertSource(
  db: Queryable, source: { id: string; scope: string; feed: string; at: string; secrets: KeptSecrets } & Omit<NewSource, 'secrets'>,
): Promise<boolean> {
  const done = await tables(db).insertInto('landscape_source').values({
    id: source.id, scope: source.scope, feed: source.feed, name: source.name, settings: JSON.stringify(source.settings),
    secrets: JSON.stringify(source.secrets), every_minutes: source.everyMinutes, is_on: source.on, cursor: '{}', created_at: source.at,
    next_at: source.at, failing_since: null, failures: 0, lease_run: null, lease_until: null, ended_at: null,
  }).onConflict((c) => c.columns(['feed', 'name']).where('ended_at', 'is', null).doNothing()).executeTakeFirst();
  return Number(done.numInsertedOrUpdatedRows ?? 0) === 1;
}

export async function sourceById(db: Queryable, scope: string, feed: string, id: string): Promise<SourceRecord | null> {
  const row = await tables(db).selectFrom('landscape_source').selectAll().where('scope', '=', scope).where('feed', '=', feed).where('id', '=', id)
    .where('ended_at', 'is', null).executeTakeFirst();
  return row ? recordOf(row) : null;
}

const iso = (ms: unknown): string[] => (Array.isArray(ms) ? ms.filter((at): at is number => typeof at === 'number').map((at) => new Date(at).toISOString())
  : []);

/** As it is shown: without what it remembers and without secrets. */
export function shownSource(record: SourceRecord, lastRun: Run | null): Source {
  return {
    id: record.id, feed: record.feed, name: record.name, settings: record.settings, everyMinutes: record.everyMinutes, on: record.on,
    secrets: Object.entries(record.secrets).map(([name, { lastFour }]) => ({ name: name as SecretName, lastFour })),
    createdAt: record.createdAt, nextAt: record.on ? record.nextAt : null, missing: iso(record.cursor['missing']).slice(0, 200),
    failing: record.failingSince === null ? null : { since: record.failingSince, times: record.failures }, lastRun,
  };
}

export async function sourcesOf(db: Queryable, scope: string, feed: string | null): Promise<Source[]> {
  let query = tables(db).selectFrom('landscape_source').selectAll().where('scope', '=', scope).where('ended_at', 'is', null).orderBy('id');
  if (feed !== null) query = query.where('feed', '=', feed);
  const rows = await query.execute();
  const runs = await sql<RunRow>`select distinct on (source) * from landscape_source_run where scope = ${scope} order by source, id desc`.execute(tables(db));
  const last = new Map(runs.rows.map((row) => [row.source, runOf(row)]));
  return rows.map((row) => shownSource(recordOf(row), last.get(row.id) ?? null));
}

export async function runsOf(db: Queryable, scope: string, source: string, limit: number): Promise<Run[]> {
  const rows = await tables(db).selectFrom('landscape_source_run').selectAll().where('scope', '=', scope).where('source', '=', source)
    .orderBy('id', 'desc').limit(limit).execute();
  return rows.map(runOf);
}

/**
 * Saves what was changed. Where the place is another, what was remembered is forgotten, and whoever runs it now has it no longer. False
 * where another source of the feed has the name.
 */
export async function saveSource(
  db: Queryable, source: SourceRecord, change: {
    name: string; settings: SourceSettings; everyMinutes: number; on: boolean; secrets: KeptSecrets; moved: boolean; at: string;
  },
): Promise<boolean> {
  const other = await tables(db).selectFrom('landscape_source').select('id').where('feed', '=', source.feed).where('name', '=', change.name)
    .where('ended_at', 'is', null).where('id', '<>', source.id).executeTakeFirst();
  if (other) return false;
  await tables(db).updateTable('landscape_source').set({
    name: change.name, settings: JSON.stringify(change.settings), every_minutes: change.everyMinutes, is_on: change.on, secrets: JSON.stringify(change.secrets),
    next_at: change.at, lease_run: null, lease_until: null, ...(change.moved ? { cursor: '{}', failing_since: null, failures: 0 } : {}),
  }).where('id', '=', source.id).execute();
  if (change.moved) await tables(db).deleteFrom('landscape_source_seen').where('source', '=', source.id).execute();
  return true;
}

export async function endSource(db: Queryable, id: string, at: string): Promise<void> {
  await tables(db).updateTable('landscape_source').set({ ended_at: at, lease_run: null, lease_until: null, secrets: '{}', cursor: '{}' }).where('id', '=',
    id).execute();
  await tables(db).deleteFrom('landscape_source_seen').where('source', '=', id).execute();
}

/** Sources of anybody whose time has come and that nobody holds: for the hub's own round. */
export async function dueSources(db: Queryable, now: string, most: number): Promise<string[]> {
  const rows = await tables(db).selectFrom('landscape_source').select('id').where('ended_at', 'is', null).where('is_on', '=', true).where('next_at', '<=', now)
    .where((eb) => eb.or([eb('lease_until', 'is', null), eb('lease_until', '<', now)])).orderBy('next_at').orderBy('id').limit(most).execute();
  return rows.map((row) => row.id);
}

/** Takes a source for a run; null where somebody holds it, or it is not there. A run that lost it is closed as broken off. */
export async function takeSource(
  db: Queryable, taking: { source: string; run: string; now: string; until: string; person: string | null; due: boolean },
): Promise<SourceRecord | null> {
  const { source, run, now, until, person } = taking;
  let query = tables(db).updateTable('landscape_source').set({ lease_run: run, lease_until: until }).where('id', '=', source).where('ended_at', 'is', null)
    .where((eb) => eb.or([eb('lease_until', 'is', null), eb('lease_until', '<', now)]));
  if (taking.due) query = query.where('is_on', '=', true).where('next_at', '<=', now);
  const row = await query.returningAll().executeTakeFirst();
  if (!row) return null;
  const broken: RunError = { code: 'feed-source.broke-off', sentence: 'The hub ended in the middle of this run. What it took is kept; the next run goes on.',
    at: null, clause: null };
  await tables(db).updateTable('landscape_source_run').set({ state: 'failed', ended_at: now, error: JSON.stringify(broken) })
    .where('source', '=', source).where('state', '=', 'running').execute();
  await tables(db).insertInto('landscape_source_run').values({
    id: run, scope: row.scope, source, started_at: now, ended_at: null, state: 'running', person, files: 0, bytes: 0, stored: 0, passed_over: 0,
    batches: '[]', error: null,
  }).execute();
  return recordOf(row);
}

/** Whether the run holds its source still; if so, for longer. */
export async function holdLonger(db: Queryable, source: string, run: string, until: string): Promise<boolean> {
  const done = await tables(db).updateTable('landscape_source').set({ lease_until: until }).where('id', '=', source).where('lease_run', '=',
    run).executeTakeFirst();
  return Number(done.numUpdatedRows) === 1;
}

export interface Progress {
  readonly files: number; readonly bytes: number; readonly stored: number; readonly passedOver: number; readonly batches: readonly string[];
}

/** Writes down what is to be remembered and how far the run is; false where the run holds its source no longer, and then nothing. */
export async function saveProgress(
  db: Queryable, at: { source: string; run: string; now: string; until: string }, remember: Remembered, progress: Progress,
): Promise<boolean> {
  const held = tables(db).updateTable('landscape_source').set({
    lease_until: at.until, ...(remember.cursor === undefined ? {} : { cursor: JSON.stringify(remember.cursor) }),
  }).where('id', '=', at.source).where('lease_run', '=', at.run);
  if (Number((await held.executeTakeFirst()).numUpdatedRows) !== 1) return false;
  for (const [key, mark] of remember.seen ?? []) {
    await tables(db).insertInto('landscape_source_seen').values({ source: at.source, key, mark, at: at.now })
      .onConflict((c) => c.columns(['source', 'key']).doUpdateSet({ mark, at: at.now })).execute();
  }
  await saveRun(db, at.run, progress);
  return true;
}

async function saveRun(db: Queryable, run: string, { files, bytes, stored, passedOver, batches }: Progress): Promise<void> {
  await tables(db).updateTable('landscape_source_run').set({ files, bytes, stored, passed_over: passedOver, batches: JSON.stringify(batches.slice(-200)) })
    .where('id', '=', run).where('state', '=', 'running').execute();
}

/** Closes a run whose source was changed, ended or taken meanwhile. */
export async function closeRun(db: Queryable, run: string, now: string, progress: Progress): Promise<void> {
  const error: RunError = { code: 'feed-source.let-go', sentence: 'The source was changed or ended while this run went on.', at: null, clause: null };
  await saveRun(db, run, progress);
  await tables(db).updateTable('landscape_source_run').set({ state: 'failed', ended_at: now, error: JSON.stringify(error) })
    .where('id', '=', run).where('state', '=', 'running').execute();
}

/** Ends a run and lets its source go; false where it had it no longer. */
export async function endRun(
  db: Queryable, end: {
    source: string; run: string; now: string; state: Run['state']; error: RunError | null; progress: Progress;
    nextAt: string; failingSince: string | null; failures: number;
  },
): Promise<boolean> {
  await saveRun(db, end.run, end.progress);
  await tables(db).updateTable('landscape_source_run').set({
    state: end.state, ended_at: end.now, error: end.error === null ? null : JSON.stringify(end.error),
  }).where('id', '=', end.run).where('state', '=', 'running').execute();
  const done = await tables(db).updateTable('landscape_source').set({
    lease_run: null, lease_until: null, next_at: end.nextAt, failing_since: end.failingSince, failures: end.failures,
  }).where('id', '=', end.source).where('lease_run', '=', end.run).executeTakeFirst();
  return Number(done.numUpdatedRows) === 1;
}

/** Marks of these keys, of those that were remembered; each is noted as still there. */
export async function seenOf(db: Queryable, source: string, keys: readonly string[], now: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (let at = 0; at < keys.length; at += 5000) {
    const { rows } = await sql<{ key: string; mark: string }>`update landscape_source_seen set at = ${now} where source = ${source} and key in
      (select value from json_array_elements_text(${JSON.stringify(keys.slice(at, at + 5000))}::json)) returning key, mark`.execute(tables(db));
    for (const { key, mark } of rows) found.set(key, mark);
  }
  return found;
}

/** Forgets what no listing has named since `before`: the provider keeps it no more. */
export async function forgetSeen(db: Queryable, source: string, before: string): Promise<void> {
  await tables(db).deleteFrom('landscape_source_seen').where('source', '=', source).where('at', '<', before).execute();
}

/** Puts what is remembered back, unless a run has the source. */
export async function rewindSource(db: Queryable, id: string, cursor: Readonly<Record<string, unknown>>): Promise<void> {
  const done = await tables(db).updateTable('landscape_source').set({ cursor: JSON.stringify(cursor) }).where('id', '=', id).where('lease_run', 'is', null)
    .executeTakeFirst();
  if (Number(done.numUpdatedRows) === 1) await tables(db).deleteFrom('landscape_source_seen').where('source', '=', id).execute();
}

export async function resealSource(db: Queryable, id: string, secrets: KeptSecrets): Promise<void> {
  await tables(db).updateTable('landscape_source').set({ secrets: JSON.stringify(secrets) }).where('id', '=', id).where('ended_at', 'is', null).execute();
}

export async function passOnSources(db: Queryable, from: string, to: string): Promise<void> {
  await sql`update landscape_source set scope = ${to} where scope = ${from}`.execute(tables(db));
  await sql`update landscape_source_run set scope = ${to} where scope = ${from}`.execute(tables(db));
}
