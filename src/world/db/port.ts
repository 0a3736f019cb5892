/**
 * Records as a port: one PostgreSQL dialect, served by PGlite in the data folder or by a PostgreSQL server. Modules
 * bring migrations and speak Kysely; who may read what is their stores' business, by scope.
 */
import type { Kysely } from 'kysely';

/** A module's view of its own tables. T is the module's table interface. */
export type Records<T> = Kysely<T>;

/** One step of the schema. Applied once, in order, each in its own transaction; never edited after it has landed. */
export interface Migration {
  /** `module/001-what`, unique for ever. */
  readonly name: string;
  /** One or more statements. The same text runs on PGlite and PostgreSQL 15. */
  readonly sql: string;
}

/** Something one can query: the database, or a transaction on it. */
export interface Queryable {
  /** The same connection, typed with the caller's tables. */
  as<T>(): Records<T>;
}

/** Something one can query, alone or in transactions. */
export interface Lane extends Queryable {
  /**
   * Runs work in one transaction: all of it is there afterwards, or nothing. Committed work survives the death of the
   * process on both engines, and of the machine on PostgreSQL. Serialization failures are retried; work may run twice.
   */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
}

export interface Db extends Lane {
  readonly engine: 'pglite' | 'postgresql';
  /**
   * For short work that another replica goes on with where this one cannot: connections of its own, given up after
   * seconds of silence by both ends, so that neither a hub that was stopped nor a network that was cut holds a lock.
   */
  readonly brisk: Lane;
  /** Brings the schema up to date. Two hubs starting at once apply each step once. */
  migrate(migrations: readonly Migration[]): Promise<void>;
  /** Resident memory of the engine's own process in MB, where it has one here. */
  residentMb(): Promise<number | null>;
  close(): Promise<void>;
}
