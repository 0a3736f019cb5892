/** Versions of the table of report types that somebody handed in; the one that ships is version 0. A version is never changed. */
import { sql } from 'kysely';
import type { ReportType, ReportTypes } from '#kit/shadowserver/types';
import type { Migration, Queryable } from '#world/db/port';

interface Row {
  scope: string; version: number; stand: string; types: unknown; sent: unknown; sha256: string; note: string; made_at: string; person: string;
}
interface Tables {
  landscape_report_schema: Row;
  landscape_schema_in_force: { scope: string; version: number; since: string };
  landscape_batch: { id: string; schema: number };
}

export const schemasMigrations: readonly Migration[] = [
  {
    // What came before was read by the table that ships.
    name: 'landscape/011-report-schemas',
    sql: `create table landscape_report_schema (
      scope text not null, version integer not null, stand text not null, types jsonb not null, sent jsonb not null, sha256 text not null,
      note text not null, made_at timestamptz not null, person text not null, primary key (scope, version)
    );
    create table landscape_schema_in_force (scope text primary key, version integer not null, since timestamptz not null);
    alter table landscape_batch add column schema integer not null default 0`,
  },
];

const at = (db: Queryable) => db.as<Tables>();

export interface SchemaRecord {
  readonly version: number;
  readonly stand: string;
  /** Of the file, as it came. */
  readonly sha256: string;
  readonly note: string;
  readonly madeAt: string;
  readonly person: string;
  /** Names of the types that the file itself has. */
  readonly sent: readonly string[];
}

const typesOf = (value: unknown): ReportTypes => new Map(Object.entries(value as Record<string, ReportType>));

export async function schemasOf(db: Queryable, scope: string): Promise<SchemaRecord[]> {
  const rows = await at(db).selectFrom('landscape_report_schema').select(['version', 'stand', 'sha256', 'note', 'made_at', 'person', 'sent'])
    .where('scope', '=', scope).orderBy('version', 'desc').execute();
  return rows.map(({ made_at: madeAt, sent, ...row }) => ({ ...row, madeAt, sent: sent as string[] }));
}

/** The whole table of a version, with what older ones know beside it; null where there is none. */
export async function typesOfVersion(db: Queryable, scope: string, version: number, shipped: ReportTypes): Promise<ReportTypes | null> {
  if (version === 0) return shipped;
  const row = await at(db).selectFrom('landscape_report_schema').select('types').where('scope', '=', scope).where('version', '=', version)
    .executeTakeFirst();
  return row ? typesOf(row.types) : null;
}

export async function schemaInForce(db: Queryable, scope: string): Promise<{ version: number; since: string | null }> {
  const row = await at(db).selectFrom('landscape_schema_in_force').selectAll().where('scope', '=', scope).executeTakeFirst();
  return { version: row?.version ?? 0, since: row?.since ?? null };
}

/** By what files are read now. */
export async function typesInForce(db: Queryable, scope: string, shipped: ReportTypes): Promise<{ version: number; types: ReportTypes }> {
  const { version } = await schemaInForce(db, scope);
  const types = await typesOfVersion(db, scope, version, shipped);
  return types === null ? { version: 0, types: shipped } : { version, types };
}

/** The next version; two who hand in at once get two. The same file again is the version that it is: null. */
export async function insertSchema(
  tx: Queryable, scope: string, made: Omit<SchemaRecord, 'version'> & { types: ReportTypes },
): Promise<number | null> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`report-schema:${scope}`}, 0))`.execute(at(tx));
  const rows = await at(tx).selectFrom('landscape_report_schema').select(['version', 'sha256']).where('scope', '=', scope).execute();
  if (rows.some((row) => row.sha256 === made.sha256)) return null;
  const version = 1 + Math.max(0, ...rows.map((row) => row.version));
  await at(tx).insertInto('landscape_report_schema').values({
    scope, version, stand: made.stand, types: JSON.stringify(Object.fromEntries(made.types)), sent: JSON.stringify(made.sent), sha256: made.sha256,
    note: made.note, made_at: made.madeAt, person: made.person,
  }).execute();
  return version;
}

export async function putSchemaInForce(tx: Queryable, scope: string, version: number, since: string): Promise<void> {
  await at(tx).insertInto('landscape_schema_in_force').values({ scope, version, since })
    .onConflict((c) => c.column('scope').doUpdateSet({ version, since })).execute();
}

export async function noteSchema(db: Queryable, batch: string, version: number): Promise<void> {
  await at(db).updateTable('landscape_batch').set({ schema: version }).where('id', '=', batch).execute();
}

/** Versions pass to a successor after its own, and batches keep what they were read by. What the successor has in force stays in force. */
export async function passOnSchemas(db: Queryable, from: string, to: string): Promise<void> {
  const { rows: [last] } = await sql<{ n: number }>`select coalesce(max(version), 0) as n from landscape_report_schema where scope = ${to}`.execute(at(db));
  const by = Number(last?.n ?? 0);
  await sql`update landscape_batch set schema = schema + ${by} where scope = ${from} and schema > 0`.execute(at(db));
  await sql`update landscape_report_schema set scope = ${to}, version = version + ${by} where scope = ${from}`.execute(at(db));
  await sql`insert into landscape_schema_in_force (scope, version, since) select ${to}, version + ${by}, since from landscape_schema_in_force
    where scope = ${from} and version > 0 on conflict (scope) do nothing`.execute(at(db));
  await sql`delete from landscape_schema_in_force where scope = ${from}`.execute(at(db));
}
