/** What both records engines share: value parsing, the transaction wrapper, the migration runner. */
import { Kysely, sql, type Dialect, type Transaction } from 'kysely';
import type { Db, Lane, Migration, Queryable, Records } from './port.ts';
import { grantScopes, prepareScopes } from './party.ts';

/**
 * How column values become JavaScript on both engines, by PostgreSQL type OID: int8 as string (exact), timestamptz as
 * RFC 3339 UTC with milliseconds, date as `YYYY-MM-DD`, json and jsonb parsed.
 */
export const columnParsers: Readonly<Record<number, (text: string) => unknown>> = {
  20: (text) => text,
  1082: (text) => text,
  1114: (text) => isoOf(`${text}+00`),
  1184: (text) => isoOf(text),
  114: (text) => JSON.parse(text) as unknown,
  3802: (text) => JSON.parse(text) as unknown,
};

/** PostgreSQL's `2026-01-02 03:04:05.678+00` as RFC 3339. The session's zone is UTC, so the offset is always +00. */
function isoOf(text: string): string {
  const match = /^(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?\+00(?::00)?$/.exec(text);
  if (!match) return text;
  return `${match[1]}T${match[2]}.${(match[3] ?? '').padEnd(3, '0').slice(0, 3)}Z`;
}

/** SQLSTATEs that mean: nothing happened, try the whole transaction again. */
const retryable = new Set(['40001', '40P01']);

function queryable(connection: Kysely<unknown> | Transaction<unknown>): Queryable {
  // The one place where a connection takes a module's table types; Kysely's own types are erased at run time.
  return { as: <T>() => connection as Records<T> };
}

interface EngineParts {
  readonly engine: Db['engine'];
  readonly dialect: Dialect;
  /** Connections that give up soon; without them those of `dialect`. */
  readonly brisk?: Dialect;
  /** Runs the schema's work as the hub's own. */
  readonly asHub: (work: () => Promise<void>) => Promise<void>;
  readonly residentMb: () => Promise<number | null>;
  readonly close: () => Promise<void>;
}

export function dbOver(parts: EngineParts): Db {
  const kysely = new Kysely<unknown>({ dialect: parts.dialect });
  const brisk = parts.brisk ? new Kysely<unknown>({ dialect: parts.brisk }) : kysely;
  return {
    engine: parts.engine,
    ...lane(kysely),
    brisk: lane(brisk),
    migrate: (migrations) => parts.asHub(() => migrate(kysely, migrations)),
    residentMb: parts.residentMb,
    async close() {
      if (brisk !== kysely) await brisk.destroy();
      await kysely.destroy();
      await parts.close();
    },
  };
}

function lane(kysely: Kysely<unknown>): Lane {
  return {
    ...queryable(kysely),
    async transaction(work) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await kysely.transaction().execute((tx) => work(queryable(tx)));
        } catch (error) {
          const code = (error as { code?: string }).code;
          if (attempt >= 5 || code === undefined || !retryable.has(code)) throw error;
        }
      }
    },
  };
}

/** Held while migrating, so that two hubs on one PostgreSQL apply each step once. Any fixed number does. */
const migrationLock = 7_301_955;

/**
 * Takes a named lock until the transaction ends: for rules over several rows ("the last administrator stays") that two
 * transactions could each keep and together break.
 */
export async function lockUntilCommit(tx: Queryable, name: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(tx.as<object>());
}

/** What parties may touch follows from the schema each time, so that a new table is not forgotten. */
async function migrate(kysely: Kysely<unknown>, migrations: readonly Migration[]): Promise<void> {
  // Even this table is made under the lock: `if not exists` does not keep two at once from making it.
  await kysely.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${sql.lit(migrationLock)})`.execute(tx);
    await sql`create table if not exists migrations (name text primary key, applied_at timestamptz not null default now())`
      .execute(tx);
    await prepareScopes(tx);
  });
  for (const migration of migrations) {
    // One transaction a step: if we crash here, the step and its record are both there or both absent.
    await kysely.transaction().execute(async (tx) => {
      await sql`select pg_advisory_xact_lock(${sql.lit(migrationLock)})`.execute(tx);
      const { rows } = await sql`select 1 from migrations where name = ${migration.name}`.execute(tx);
      if (rows.length > 0) return;
      for (const statement of statementsOf(migration.sql)) await sql.raw(statement).execute(tx);
      await sql`insert into migrations (name) values (${migration.name})`.execute(tx);
    });
  }
  await kysely.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${sql.lit(migrationLock)})`.execute(tx);
    await grantScopes(tx);
  });
}

/** Splits a migration at `;` line ends; our migrations hold no such end inside a literal. */
export function statementsOf(text: string): string[] {
  return text.split(/;\s*(?:\n|$)/).map((s) => s.trim()).filter((s) => s.length > 0);
}
