/** Versions of mappings, and replays with how far each has come. A version is never changed. */
import { sql } from 'kysely';
import type { Migration, Queryable } from '#world/db/port';
import type { Counts } from '../model.ts';
import { Mapping } from '../model/mapping.ts';
import type { ReplayShown } from './api.ts';

interface Tables {
  landscape_mapping: { scope: string; feed: string; version: number; spec: unknown; note: string; made_at: string; person: string };
  landscape_replay: ReplayRow;
  landscape_feed: { id: string; scope: string; mapping: number | null };
  landscape_batch: {
    id: string; scope: string; feed: string; state: string; raw_sha256: string | null; file_name: string; report_type: string | null;
    started_at: string; mapping: number | null; read: string | number; stored: string | number; duplicate: string | number;
    quarantined: string | number; attributed: string | number;
  };
  landscape_quarantine: { batch: string };
}
interface ReplayRow {
  id: string; scope: string; feed: string; mapping: number | null; state: string; person: string; started_at: string; ended_at: string | null;
  last_batch: string; until_batch: string; batches: number; of: number; counts_before: unknown; counts_after: unknown; failure: string | null;
  taken_until: string | null;
}

export const mappingMigrations: readonly Migration[] = [
  {
    name: 'landscape/008-mappings',
    sql: `create table landscape_mapping (
      scope text not null, feed text not null references landscape_feed (id), version integer not null, spec jsonb not null, note text not null,
      made_at timestamptz not null, person text not null, primary key (feed, version)
    );
    alter table landscape_feed add column mapping integer;
    alter table landscape_batch add column mapping integer;
    create table landscape_replay (
      id text primary key, scope text not null, feed text not null references landscape_feed (id), mapping integer, state text not null,
      person text not null, started_at timestamptz not null, ended_at timestamptz, last_batch text not null default '', until_batch text not null,
      batches integer not null default 0, of integer not null, counts_before jsonb not null, counts_after jsonb not null, failure text,
      taken_until timestamptz
    );
    create unique index landscape_replay_open on landscape_replay (feed) where state = 'open'`,
  },
];

const at = (db: Queryable) => db.as<Tables>();

/** Mappings and replays of feeds that pass to a successor. */
export async function passOnMappings(db: Queryable, from: string, to: string): Promise<void> {
  await at(db).updateTable('landscape_mapping').set({ scope: to }).where('scope', '=', from).execute();
  await at(db).updateTable('landscape_replay').set({ scope: to }).where('scope', '=', from).execute();
}

export interface MappingRecord {
  readonly version: number;
  readonly mapping: Mapping;
  readonly note: string;
  readonly madeAt: string;
  readonly person: string;
}

export async function mappingsOf(db: Queryable, scope: string, feed: string): Promise<MappingRecord[]> {
  const rows = await at(db).selectFrom('landscape_mapping').selectAll().where('scope', '=', scope).where('feed', '=', feed)
    .orderBy('version', 'desc').execute();
  return rows.map((row) => ({
    version: row.version, mapping: Mapping.parse(row.spec), note: row.note, madeAt: row.made_at, person: row.person,
  }));
}

export async function mappingOf(db: Queryable, feed: string, version: number): Promise<Mapping | null> {
  const row = await at(db).selectFrom('landscape_mapping').select('spec').where('feed', '=', feed).where('version', '=', version).executeTakeFirst();
  return row ? Mapping.parse(row.spec) : null;
}

/** The next version; two who save at once get two. */
export async function insertMapping(
  tx: Queryable, scope: string, feed: string, made: Pick<MappingRecord, 'mapping' | 'note' | 'madeAt' | 'person'>,
): Promise<number> {
  await at(tx).selectFrom('landscape_feed').select('id').where('id', '=', feed).forUpdate().execute();
  const last = await at(tx).selectFrom('landscape_mapping').select((eb) => eb.fn.max('version').as('last')).where('feed', '=', feed).executeTakeFirst();
  const version = Number(last?.last ?? 0) + 1;
  await at(tx).insertInto('landscape_mapping').values({
    scope, feed, version, spec: JSON.stringify(made.mapping), note: made.note, made_at: made.madeAt, person: made.person,
  }).execute();
  return version;
}

/** Version in force of a feed; null where none is. */
export async function mappingInForce(db: Queryable, feed: string): Promise<number | null> {
  const row = await at(db).selectFrom('landscape_feed').select('mapping').where('id', '=', feed).executeTakeFirst();
  return row?.mapping ?? null;
}

export async function putMappingInForce(db: Queryable, feed: string, version: number): Promise<void> {
  await at(db).updateTable('landscape_feed').set({ mapping: version }).where('id', '=', feed).execute();
}

export async function noteMapping(db: Queryable, batch: string, version: number | null): Promise<void> {
  await at(db).updateTable('landscape_batch').set({ mapping: version }).where('id', '=', batch).execute();
}

/** A batch whose file is kept. */
export interface KeptBatch extends Counts {
  readonly id: string;
  readonly sha256: string;
  readonly fileName: string;
  readonly reportType: string | null;
  readonly startedAt: string;
  readonly mapping: number | null;
}

const kept = (db: Queryable, feed: string) => at(db).selectFrom('landscape_batch').selectAll()
  .where('feed', '=', feed).where('state', '=', 'done').where('raw_sha256', 'is not', null);

function keptOf(row: Tables['landscape_batch']): KeptBatch {
  return {
    id: row.id, sha256: row.raw_sha256 ?? '', fileName: row.file_name, reportType: row.report_type, startedAt: row.started_at, mapping: row.mapping,
    read: Number(row.read), stored: Number(row.stored), duplicate: Number(row.duplicate), quarantined: Number(row.quarantined),
    attributed: Number(row.attributed),
  };
}

/** The newest ones, newest first. */
export async function lastKept(db: Queryable, feed: string, limit: number): Promise<KeptBatch[]> {
  return (await kept(db, feed).orderBy('id', 'desc').limit(limit).execute()).map(keptOf);
}

export async function nextKept(db: Queryable, feed: string, after: string, until: string): Promise<KeptBatch | null> {
  const row = await kept(db, feed).where('id', '>', after).where('id', '<=', until).orderBy('id').limit(1).executeTakeFirst();
  return row ? keptOf(row) : null;
}

export async function countKept(db: Queryable, feed: string): Promise<{ of: number; until: string }> {
  const row = await at(db).selectFrom('landscape_batch').where('feed', '=', feed).where('state', '=', 'done').where('raw_sha256', 'is not', null)
    .select((eb) => [eb.fn.countAll<string>().as('n'), eb.fn.max('id').as('last')]).executeTakeFirst();
  return { of: Number(row?.n ?? 0), until: row?.last ?? '' };
}

const none: Counts = { read: 0, stored: 0, duplicate: 0, quarantined: 0, attributed: 0 };

export interface ReplayRecord extends ReplayShown {
  readonly scope: string;
  readonly lastBatch: string;
  readonly untilBatch: string;
}

function replayOf(row: ReplayRow): ReplayRecord {
  return {
    id: row.id, scope: row.scope, feed: row.feed, mapping: row.mapping, state: row.state as ReplayShown['state'], person: row.person,
    startedAt: row.started_at, endedAt: row.ended_at, batches: row.batches, of: row.of, before: row.counts_before as Counts,
    after: row.counts_after as Counts, failure: row.failure, lastBatch: row.last_batch, untilBatch: row.until_batch,
  };
}

export const shownReplay = ({ scope: _scope, lastBatch: _last, untilBatch: _until, ...shown }: ReplayRecord): ReplayShown => shown;

/** False where the feed is being replayed already. */
export async function insertReplay(
  db: Queryable, r: { id: string; scope: string; feed: string; mapping: number | null; person: string; at: string; of: number; until: string },
): Promise<boolean> {
  const done = await at(db).insertInto('landscape_replay').values({
    id: r.id, scope: r.scope, feed: r.feed, mapping: r.mapping, state: 'open', person: r.person, started_at: r.at, ended_at: null, last_batch: '',
    until_batch: r.until, batches: 0, of: r.of, counts_before: JSON.stringify(none), counts_after: JSON.stringify(none), failure: null, taken_until: null,
  }).onConflict((c) => c.doNothing()).executeTakeFirst();
  return Number(done.numInsertedOrUpdatedRows ?? 0) === 1;
}

export async function replaysOf(db: Queryable, scope: string, feed: string): Promise<ReplayRecord[]> {
  const rows = await at(db).selectFrom('landscape_replay').selectAll().where('scope', '=', scope).where('feed', '=', feed)
    .orderBy('id', 'desc').limit(50).execute();
  return rows.map(replayOf);
}

export async function replayById(db: Queryable, scope: string, id: string): Promise<ReplayRecord | null> {
  const row = await at(db).selectFrom('landscape_replay').selectAll().where('scope', '=', scope).where('id', '=', id).executeTakeFirst();
  return row ? replayOf(row) : null;
}

/** Takes an open replay for a while, so that of several replicas one goes on with it; null where there is none to take. */
export async function takeReplay(db: Queryable, now: string, until: string): Promise<ReplayRecord | null> {
  const row = await at(db).updateTable('landscape_replay').set({ taken_until: until })
    .where('id', '=', (eb) => eb.selectFrom('landscape_replay').select('id').where('state', '=', 'open')
      .where((w) => w.or([w('taken_until', 'is', null), w('taken_until', '<=', now)])).orderBy('id').limit(1).forUpdate().skipLocked())
    .returningAll().executeTakeFirst();
  return row ? replayOf(row) : null;
}

/** Batches that a replay is in the middle of, or whose turn is next: their days are not computed meanwhile. */
export async function replaying(db: Queryable): Promise<string[]> {
  const rows = await sql<{ id: string }>`select (select min(b.id) from landscape_batch b where b.feed = r.feed and b.state = 'done'
      and b.raw_sha256 is not null and b.id > r.last_batch and b.id <= r.until_batch) as id
    from landscape_replay r where r.state = 'open'`.execute(at(db));
  return rows.rows.flatMap((row) => (row.id === null ? [] : [row.id]));
}

const plus = (x: Counts, y: Counts): Counts => ({
  read: x.read + y.read, stored: x.stored + y.stored, duplicate: x.duplicate + y.duplicate, quarantined: x.quarantined + y.quarantined,
  attributed: x.attributed + y.attributed,
});

/** One batch further, whose counts were and are. */
export async function advanceReplay(db: Queryable, replay: ReplayRecord, batch: string, before: Counts, after: Counts): Promise<void> {
  await at(db).updateTable('landscape_replay').set({
    last_batch: batch, batches: replay.batches + 1, counts_before: JSON.stringify(plus(replay.before, before)),
    counts_after: JSON.stringify(plus(replay.after, after)), failure: null,
  }).where('id', '=', replay.id).execute();
}

export async function endReplay(db: Queryable, id: string, state: 'done' | 'stopped', when: string): Promise<void> {
  await at(db).updateTable('landscape_replay').set({ state, ended_at: when, taken_until: null, failure: null })
    .where('id', '=', id).where('state', '=', 'open').execute();
}

/** Ends a replay with the file that is next or under way: no file is left half read. */
export async function cutReplay(db: Queryable, id: string): Promise<void> {
  await sql`update landscape_replay r set until_batch = coalesce((select min(b.id) from landscape_batch b where b.feed = r.feed
      and b.state = 'done' and b.raw_sha256 is not null and b.id > r.last_batch and b.id <= r.until_batch), r.last_batch)
    where r.id = ${id} and r.state = 'open'`.execute(at(db));
}

/** `until`: when it may be taken up again. */
export async function failReplay(db: Queryable, id: string, failure: string, until: string): Promise<void> {
  await at(db).updateTable('landscape_replay').set({ failure: failure.slice(0, 500), taken_until: until }).where('id', '=', id).execute();
}

export async function releaseReplay(db: Queryable, id: string): Promise<void> {
  await at(db).updateTable('landscape_replay').set({ taken_until: null }).where('id', '=', id).execute();
}
