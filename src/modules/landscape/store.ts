/** The records behind the landscape: feeds, batches, quarantine. Events themselves are in `events-store.ts`. */
import { sql } from 'kysely';
import type { Migration, Queryable } from '#world/db/port';
import { passOnSources, sourceMigrations } from './collect/store.ts';
import { passOnPush, pushMigrations } from './collect/push-store.ts';
import { filesMigrations, passOnConflicts } from './files/store.ts';
import { mappingMigrations, passOnMappings } from './mapping/store.ts';
import { passOnSchemas, schemasMigrations } from './schemas/store.ts';
import { passOnJobs, scansMigrations } from './scans/store.ts';
import { exposuresMigrations } from './exposures-store.ts';
import type { Batch, BatchPhase, Counts, Drift, Feed, NewFeed, Quarantined } from './model.ts';

interface FeedRow {
  id: string; scope: string; name: string; title: string; shape: string; report_type: string | null;
  source_org: string | null; agreement: string | null; cadence_hours: number | null; window_hours: number | null; late_since: string | null;
  tlp_default: string;
  fields: unknown; created_at: string; mapping: number | null;
}
interface BatchRow {
  id: string; scope: string; feed: string; file_name: string; report_type: string | null; state: string; phase: string;
  mapping: number | null; raw_sha256: string | null; raw_bytes: string | number; read: string | number; stored: string | number;
  duplicate: string | number; quarantined: string | number; attributed: string | number; drift: unknown;
  reasons: unknown; failure: string | null; started_at: string; ended_at: string | null; took_ms: number | null;
}
interface QuarantineRow {
  batch: string; seq: number; line: string | number; byte_offset: string | number; reason: string; detail: string;
  excerpt: string; candidates: unknown;
}
interface RestatementRow {
  id: string; scope: string; at: string; cause: string; batch: string | null; series: string; period: string; area: string;
  before: string | number; after: string | number;
}
export interface LandscapeTables {
  landscape_feed: FeedRow;
  landscape_batch: BatchRow;
  landscape_quarantine: QuarantineRow;
  landscape_swept: { scope: string; store: string; month: string; rows: string | number; at: string };
  landscape_stale: { scope: string; store: string; period: string; batch: string };
  landscape_settled: { scope: string; store: string; version: number; turns: string | number };
  landscape_registry: { scope: string; store: string; claims: unknown; at: string };
  landscape_restatement: RestatementRow;
  landscape_gap: { id: string; scope: string; feed: string; gap_from: string; gap_to: string; closed_at: string | null };
  landscape_quoted: {
    id: string; scope: string; at: string; publisher: string; series: string; area: string; period: string; figure: unknown;
  };
  landscape_office_report: {
    id: string; scope: string; month: string; at: string; person: string; sha256: string; total: string | number; state: string | number; csv: string;
  };
  landscape_repair: { scope: string; site: string; day: string; repaired_at: string; how: string; person: string };
  landscape_evidence: {
    id: string; scope: string; site: string; day: string; captured_at: string; url: string; media_type: string; sha256: string;
    size_bytes: string | number; note: string | null; person: string;
  };
  landscape_override: { prefix: string; area: string | null; asn: string | number | null; reason: string };
}

export const landscapeMigrations: readonly Migration[] = [
  {
    name: 'landscape/001-feeds-and-batches',
    sql: `create table landscape_feed (
      id text primary key, scope text not null, name text not null, title text not null, shape text not null,
      report_type text, source_org text, agreement text, cadence_hours integer, tlp_default text not null,
      fields jsonb not null default '[]', created_at timestamptz not null, unique (scope, name)
    );
    create table landscape_batch (
      id text primary key, scope text not null, feed text not null references landscape_feed (id), file_name text not null,
      report_type text, state text not null, phase text not null, raw_sha256 text, raw_bytes bigint not null default 0,
      read bigint not null default 0, stored bigint not null default 0, duplicate bigint not null default 0,
      quarantined bigint not null default 0, attributed bigint not null default 0, drift jsonb,
      reasons jsonb not null default '{}', failure text, started_at timestamptz not null, ended_at timestamptz, took_ms integer,
      check (state <> 'done' or read = stored + duplicate + quarantined)
    );
    create index landscape_batch_scope on landscape_batch (scope, id desc);
    create index landscape_batch_feed on landscape_batch (feed, id desc);
    create table landscape_quarantine (
      batch text not null references landscape_batch (id), seq integer not null, line bigint not null,
      byte_offset bigint not null, reason text not null, detail text not null, excerpt text not null,
      candidates jsonb not null default '[]', primary key (batch, seq)
    );
    create table landscape_stale (scope text not null, period text not null, primary key (scope, period));
    create table landscape_override (prefix text primary key, area text, asn bigint, reason text not null)`,
  },
  {
    name: 'landscape/002-rollups',
    sql: `alter table landscape_stale add column batch text not null default '';
    alter table landscape_stale drop constraint landscape_stale_pkey;
    alter table landscape_stale add primary key (scope, period, batch);
    create table landscape_settled (scope text primary key, version integer not null, turns bigint not null);
    create table landscape_registry (scope text primary key, claims jsonb not null, at timestamptz not null);
    create table landscape_restatement (
      id text primary key, scope text not null, at timestamptz not null, cause text not null, batch text, series text not null,
      period text not null, area text not null, before bigint not null, after bigint not null
    );
    create index landscape_restatement_scope on landscape_restatement (scope, id desc)`,
  },
  {
    // Hubs that share records may hold their rows apart: what is noted of rows says of which store.
    name: 'landscape/003-stores',
    sql: `alter table landscape_stale add column store text not null default '';
    alter table landscape_stale drop constraint landscape_stale_pkey;
    alter table landscape_stale add primary key (scope, store, period, batch);
    alter table landscape_settled add column store text not null default '';
    alter table landscape_settled drop constraint landscape_settled_pkey;
    alter table landscape_settled add primary key (scope, store);
    alter table landscape_registry add column store text not null default '';
    alter table landscape_registry drop constraint landscape_registry_pkey;
    alter table landscape_registry add primary key (scope, store)`,
  },
  {
    name: 'landscape/004-clocks-and-quotes',
    sql: `alter table landscape_feed add column window_hours integer;
    alter table landscape_feed add column late_since timestamptz;
    create table landscape_gap (
      id text primary key, scope text not null, feed text not null references landscape_feed (id), gap_from timestamptz not null,
      gap_to timestamptz not null, closed_at timestamptz, unique (feed, gap_from)
    );
    create table landscape_quoted (
      id text primary key, scope text not null, at timestamptz not null, publisher text not null, series text not null,
      area text not null, period text not null, figure jsonb not null, unique (scope, publisher, series, area, period)
    )`,
  },
  {
    name: 'landscape/005-office-reports',
    sql: `create table landscape_office_report (
      id text primary key, scope text not null, month text not null, at timestamptz not null, person text not null,
      sha256 text not null, total bigint not null, state bigint not null, csv text not null, unique (scope, month, sha256)
    )`,
  },
  {
    name: 'landscape/006-websites',
    sql: `create table landscape_repair (
      scope text not null, site text not null, day text not null, repaired_at timestamptz not null, how text not null,
      person text not null, primary key (scope, site, day)
    );
    create table landscape_evidence (
      id text primary key, scope text not null, site text not null, day text not null, captured_at timestamptz not null, url text not null,
      media_type text not null, sha256 text not null, size_bytes bigint not null, note text, person text not null
    );
    create index landscape_evidence_scope on landscape_evidence (scope, day)`,
  },
  ...pushMigrations, ...sourceMigrations,
  ...mappingMigrations, ...schemasMigrations,
  ...exposuresMigrations,
  {
    name: 'landscape/010-retention',
    sql: `create table landscape_swept (
      scope text not null, store text not null, month text not null, rows bigint not null, at timestamptz not null, primary key (scope, store, month)
    );
    alter table landscape_batch add column raw_gone_at timestamptz`,
  },
  ...filesMigrations,
  ...scansMigrations,
];

export const tables = (db: Queryable) => db.as<LandscapeTables>();

/** A feed as stored, with the organisation whose record it is. */
export interface FeedRecord extends Omit<Feed, 'lastBatchAt' | 'late' | 'rowsStored' | 'standing'> {
  readonly scope: string;
  /** Keys or columns of its last batch. */
  readonly fields: readonly string[];
  /** Version of its mapping that is in force; null where its shape needs none, or none is. */
  readonly mapping: number | null;
}

function feedOf(row: FeedRow): FeedRecord {
  return {
    id: row.id, scope: row.scope, name: row.name, title: row.title, shape: row.shape as Feed['shape'],
    reportType: row.report_type, sourceOrg: row.source_org, agreement: row.agreement, cadenceHours: row.cadence_hours, windowHours: row.window_hours,
    tlpDefault: row.tlp_default as Feed['tlpDefault'], createdAt: row.created_at, fields: row.fields as string[], mapping: row.mapping,
  };
}

export async function feedById(db: Queryable, scope: string, id: string): Promise<FeedRecord | null> {
  const row = await tables(db).selectFrom('landscape_feed').selectAll()
    .where('scope', '=', scope).where((eb) => eb.or([eb('id', '=', id), eb('name', '=', id)])).executeTakeFirst();
  return row ? feedOf(row) : null;
}

/** Feeds of any organisation that are received under an agreement: for the hub's own reaction, never for a reader. */
export async function feedsUnder(db: Queryable, agreement: string): Promise<FeedRecord[]> {
  const rows = await tables(db).selectFrom('landscape_feed').selectAll().where('agreement', '=', agreement).execute();
  return rows.map(feedOf);
}

export async function insertFeed(
  db: Queryable, scope: string, id: string, at: string, feed: Omit<NewFeed, 'windowHours'> & Partial<Pick<NewFeed, 'windowHours'>>,
): Promise<boolean> {
  const done = await tables(db).insertInto('landscape_feed').values({
    id, scope, name: feed.name, title: feed.title, shape: feed.shape, report_type: feed.reportType,
    source_org: feed.sourceOrg, agreement: feed.agreement, cadence_hours: feed.cadenceHours,
    window_hours: feed.windowHours ?? null, late_since: null,
    tlp_default: feed.tlpDefault, fields: JSON.stringify([]), created_at: at,
  }).onConflict((c) => c.columns(['scope', 'name']).doNothing()).executeTakeFirst();
  return Number(done.numInsertedOrUpdatedRows ?? 0) === 1;
}

/** Feeds with when each last came and how much it stored; `now` in milliseconds tells who is late. */
export async function feedsOf(db: Queryable, scope: string, now: number): Promise<Omit<Feed, 'standing'>[]> {
  const rows = await tables(db).selectFrom('landscape_feed').selectAll().where('scope', '=', scope)
    .orderBy('name').execute();
  const sums = await tables(db).selectFrom('landscape_batch').where('scope', '=', scope).groupBy('feed')
    .select(['feed', sql<string>`sum(stored)`.as('stored'), sql<string | null>`max(ended_at)`.as('last')]).execute();
  const byFeed = new Map(sums.map((sum) => [sum.feed, sum]));
  return rows.map((row) => {
    const { scope: _scope, fields: _fields, mapping: _mapping, ...feed } = feedOf(row);
    const sum = byFeed.get(row.id);
    const last = sum?.last ?? null;
    const late = feed.cadenceHours === null || last === null
      ? null : now - Date.parse(last) > feed.cadenceHours * 3_600_000;
    return { ...feed, lastBatchAt: last, late, rowsStored: Number(sum?.stored ?? 0) };
  });
}

export async function rememberFields(db: Queryable, feed: string, fields: readonly string[]): Promise<void> {
  await tables(db).updateTable('landscape_feed').set({ fields: JSON.stringify(fields) }).where('id', '=', feed).execute();
}

function batchOf(row: BatchRow & { feed_name: string }): Batch {
  return {
    id: row.id, feed: row.feed, feedName: row.feed_name, fileName: row.file_name, reportType: row.report_type,
    state: row.state as Batch['state'], phase: row.phase as BatchPhase, rawSha256: row.raw_sha256,
    rawBytes: Number(row.raw_bytes),
    counts: {
      read: Number(row.read), stored: Number(row.stored), duplicate: Number(row.duplicate),
      quarantined: Number(row.quarantined), attributed: Number(row.attributed),
    },
    drift: row.drift !== null, failure: row.failure, startedAt: row.started_at, endedAt: row.ended_at,
    tookMs: row.took_ms,
  };
}

export async function openBatch(
  db: Queryable, feed: FeedRecord, batch: { id: string; fileName: string; reportType: string | null; mapping?: number | null; at: string },
): Promise<void> {
  await tables(db).insertInto('landscape_batch').values({
    id: batch.id, scope: feed.scope, feed: feed.id, file_name: batch.fileName, report_type: batch.reportType, mapping: batch.mapping ?? null,
    state: 'open', phase: 'receive', raw_sha256: null, raw_bytes: 0, read: 0, stored: 0, duplicate: 0, quarantined: 0,
    attributed: 0, drift: null, reasons: JSON.stringify({}), failure: null, started_at: batch.at, ended_at: null,
    took_ms: null,
  }).execute();
}

export interface BatchEnd {
  readonly state: 'done' | 'failed';
  readonly phase: BatchPhase;
  readonly counts: Counts;
  readonly raw: { readonly sha256: string; readonly sizeBytes: number } | null;
  readonly drift: Drift | null;
  readonly reasons: Readonly<Record<string, number>>;
  readonly failure: string | null;
  readonly at: string;
  readonly tookMs: number | null;
  readonly quarantine: readonly Omit<Quarantined, 'id'>[];
}

export async function closeBatch(db: Queryable, id: string, end: BatchEnd): Promise<void> {
  await tables(db).updateTable('landscape_batch').set({
    state: end.state, phase: end.phase, ...end.counts, raw_sha256: end.raw?.sha256 ?? null,
    raw_bytes: end.raw?.sizeBytes ?? 0, drift: end.drift === null ? null : JSON.stringify(end.drift),
    reasons: JSON.stringify(end.reasons), failure: end.failure, ended_at: end.at,
    took_ms: end.tookMs === null ? null : Math.round(end.tookMs),
  }).where('id', '=', id).execute();
  await insertQuarantine(db, id, end.quarantine);
}

/** A batch that was read again: what came of it now, in the place of what came of it then. When it came, and its bytes, stay. */
export async function replaceBatch(
  db: Queryable, id: string, made: Pick<BatchEnd, 'counts' | 'drift' | 'reasons' | 'quarantine'>,
): Promise<void> {
  await tables(db).updateTable('landscape_batch').set({
    ...made.counts, drift: made.drift === null ? null : JSON.stringify(made.drift), reasons: JSON.stringify(made.reasons),
  }).where('id', '=', id).execute();
  await tables(db).deleteFrom('landscape_quarantine').where('batch', '=', id).execute();
  await insertQuarantine(db, id, made.quarantine);
}

async function insertQuarantine(db: Queryable, id: string, quarantine: BatchEnd['quarantine']): Promise<void> {
  for (let at = 0; at < quarantine.length; at += 500) {
    await tables(db).insertInto('landscape_quarantine').values(quarantine.slice(at, at + 500).map((q, i) => ({
      batch: id, seq: at + i, line: q.line, byte_offset: q.offset, reason: q.reason, detail: q.detail,
      excerpt: q.excerpt, candidates: JSON.stringify(q.candidates),
    }))).execute();
  }
}

export async function batchesOf(
  db: Queryable, scope: string,
  filter: { feed?: string | undefined; state?: string | undefined; before?: string | undefined; limit: number },
): Promise<Batch[]> {
  let query = batchSelect(db, scope).orderBy('b.id', 'desc').limit(filter.limit);
  if (filter.feed !== undefined) query = query.where('b.feed', '=', filter.feed);
  if (filter.state !== undefined) query = query.where('b.state', '=', filter.state);
  if (filter.before !== undefined) query = query.where('b.id', '<', filter.before);
  return (await query.execute()).map(batchOf);
}

function batchSelect(db: Queryable, scope: string) {
  return tables(db).selectFrom('landscape_batch as b').innerJoin('landscape_feed as f', 'f.id', 'b.feed')
    .selectAll('b').select('f.name as feed_name').where('b.scope', '=', scope);
}

export interface BatchDetail { batch: Batch; drift: Drift[]; reasons: { reason: string; rows: number }[] }

export async function batchById(db: Queryable, scope: string, id: string): Promise<BatchDetail | null> {
  const row = await batchSelect(db, scope).where('b.id', '=', id).executeTakeFirst();
  if (!row) return null;
  const reasons = Object.entries(row.reasons as Record<string, number>).map(([reason, rows]) => ({ reason, rows }));
  return {
    batch: batchOf(row),
    drift: row.drift === null ? [] : [row.drift as Drift],
    reasons: reasons.sort((x, y) => y.rows - x.rows || (x.reason < y.reason ? -1 : 1)),
  };
}

export async function driftOf(db: Queryable, scope: string, feed: string): Promise<(Drift & { batch: string; at: string })[]> {
  const rows = await tables(db).selectFrom('landscape_batch').select(['id', 'drift', 'started_at'])
    .where('scope', '=', scope).where('feed', '=', feed).where('drift', 'is not', null)
    .orderBy('id', 'desc').limit(20).execute();
  return rows.map((row) => ({ ...(row.drift as Drift), batch: row.id, at: row.started_at }));
}

export async function quarantineOf(
  db: Queryable, batch: string, filter: { reason?: string | undefined; after: number; limit: number },
): Promise<(Quarantined & { seq: number })[]> {
  let query = tables(db).selectFrom('landscape_quarantine').selectAll().where('batch', '=', batch)
    .where('seq', '>', filter.after).orderBy('seq').limit(filter.limit);
  if (filter.reason !== undefined) query = query.where('reason', '=', filter.reason);
  return (await query.execute()).map((row) => ({
    seq: row.seq, id: `${row.batch}-${row.seq}`, line: Number(row.line), offset: Number(row.byte_offset),
    reason: row.reason, detail: row.detail, excerpt: row.excerpt, candidates: row.candidates as string[],
  }));
}

/** Raw files of batches that ended before a moment and are there still; `shared` with a batch that is kept, or with what people kept of a website. */
export async function rawOfBefore(db: Queryable, before: string, most: number): Promise<{ batch: string; sha256: string; shared: boolean }[]> {
  const { rows } = await sql<{ batch: string; sha256: string; shared: boolean }>`select b.id as batch, b.raw_sha256 as sha256,
      exists (select 1 from landscape_batch o where o.raw_sha256 = b.raw_sha256 and o.raw_gone_at is null
        and (o.ended_at is null or o.ended_at >= ${before}::timestamptz or exists (
          select 1 from legal_holds h where h.org = o.scope and h.subject = o.scope and h.lifted_at is null)))
      or exists (select 1 from landscape_evidence e where e.sha256 = b.raw_sha256) as shared
    from landscape_batch b where b.raw_sha256 is not null and b.raw_gone_at is null and b.ended_at < ${before}::timestamptz
      and not exists (select 1 from legal_holds h where h.org = b.scope and h.subject = b.scope and h.lifted_at is null)
    order by b.id limit ${most}`.execute(tables(db));
  return rows;
}

export async function noteRawGone(db: Queryable, batches: readonly string[], at: string): Promise<void> {
  if (batches.length === 0) return;
  await sql`update landscape_batch set raw_gone_at = ${at}::timestamptz where id in
    (select value from json_array_elements_text(${JSON.stringify(batches)}::json))`.execute(tables(db));
}

/** The latest moment at which anything of an organisation came in; null where nothing has. */
export async function lastMoment(db: Queryable, scope: string): Promise<string | null> {
  const row = await tables(db).selectFrom('landscape_batch').where('scope', '=', scope)
    .select((eb) => [eb.fn.max('started_at').as('began'), eb.fn.max('ended_at').as('ended')]).executeTakeFirst();
  return [row?.began, row?.ended].flatMap((at) => (at ? [at] : [])).sort().at(-1) ?? null;
}

/** Batches that were open when the process died. */
export async function openBatches(db: Queryable): Promise<{ id: string; scope: string }[]> {
  return tables(db).selectFrom('landscape_batch').select(['id', 'scope']).where('state', '=', 'open').execute();
}

export async function overrides(db: Queryable): Promise<{ prefix: string; area: string | undefined; asn: number | undefined }[]> {
  const rows = await tables(db).selectFrom('landscape_override').select(['prefix', 'area', 'asn']).execute();
  return rows.map((row) => ({
    prefix: row.prefix, area: row.area ?? undefined, asn: row.asn === null ? undefined : Number(row.asn),
  }));
}

/** Feeds and batches of an organisation pass to its successor; a feed whose name the successor has already gets another. */
export async function passOnFeeds(db: Queryable, from: string, to: string): Promise<void> {
  await sql`update landscape_feed f set scope = ${to}, name = case when exists (
      select 1 from landscape_feed g where g.scope = ${to} and g.name = f.name) then f.name || '-' || right(f.id, 6) else f.name end
    where scope = ${from}`.execute(tables(db));
  await sql`update landscape_feed set source_org = ${to} where source_org = ${from}`.execute(tables(db));
  // Before the batches move: it finds them by whose they are.
  await passOnSchemas(db, from, to);
  await sql`update landscape_batch set scope = ${to} where scope = ${from}`.execute(tables(db));
  await sql`update landscape_restatement set scope = ${to} where scope = ${from}`.execute(tables(db));
  await sql`update landscape_gap set scope = ${to} where scope = ${from}`.execute(tables(db));
  await sql`update landscape_quoted q set scope = ${to} where scope = ${from} and not exists (
      select 1 from landscape_quoted o where o.scope = ${to} and o.publisher = q.publisher and o.series = q.series
        and o.area = q.area and o.period = q.period)`.execute(tables(db));
  await sql`update landscape_office_report r set scope = ${to} where scope = ${from} and not exists (
      select 1 from landscape_office_report o where o.scope = ${to} and o.month = r.month and o.sha256 = r.sha256)`.execute(tables(db));
  await passOnMappings(db, from, to);
  await passOnConflicts(db, from, to);
  await passOnPush(db, from, to);
  await passOnJobs(db, from, to);
  await sql`update landscape_exposure_advisory set scope = ${to} where scope = ${from}`.execute(tables(db));
  await passOnSources(db, from, to);
  await sql`update landscape_evidence set scope = ${to} where scope = ${from}`.execute(tables(db));
  await sql`update landscape_repair r set scope = ${to} where scope = ${from} and not exists (
      select 1 from landscape_repair o where o.scope = ${to} and o.site = r.site and o.day = r.day)`.execute(tables(db));
  // What the successor's stored owners follow, where it has rows of its own, is worked out anew.
  await sql`delete from landscape_registry where scope = ${to}`.execute(tables(db));
  await sql`update landscape_registry set scope = ${to} where scope = ${from}`.execute(tables(db));
  await sql`insert into landscape_stale (scope, store, period, batch) select ${to}, store, period, batch from landscape_stale where scope = ${from}
    on conflict do nothing`.execute(tables(db));
  await sql`update landscape_swept s set scope = ${to} where scope = ${from} and not exists (
      select 1 from landscape_swept o where o.scope = ${to} and o.store = s.store and o.month = s.month)`.execute(tables(db));
  await sql`delete from landscape_stale where scope = ${from}`.execute(tables(db));
  // Computed anew once the rows have followed.
  await sql`delete from landscape_settled where scope in (${from}, ${to})`.execute(tables(db));
}

export async function feedCount(db: Queryable, scope: string): Promise<{ feeds: number; batches: number }> {
  const of = async (table: 'landscape_feed' | 'landscape_batch'): Promise<number> => Number((await tables(db).selectFrom(table)
    .select((eb) => eb.fn.countAll<string>().as('n')).where('scope', '=', scope).executeTakeFirst())?.n ?? 0);
  return { feeds: await of('landscape_feed'), batches: await of('landscape_batch') };
}

export async function feedNames(db: Queryable, scope: string): Promise<Map<string, string>> {
  const rows = await tables(db).selectFrom('landscape_feed').select(['id', 'name']).where('scope', '=', scope).execute();
  return new Map(rows.map((row) => [row.id, row.name]));
}

/** Places that the published lists get wrong, or do not know; a prefix that is there already is replaced. */
export async function insertOverrides(
  db: Queryable, list: readonly { prefix: string; area: string | null; asn: number | null; reason: string }[],
): Promise<void> {
  for (const o of list) {
    await tables(db).insertInto('landscape_override').values({ ...o })
      .onConflict((c) => c.column('prefix').doUpdateSet({ area: o.area, asn: o.asn, reason: o.reason })).execute();
  }
}
