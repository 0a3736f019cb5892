/**
 * Events as a port: billions of rows in ClickHouse SQL. The shapes are those of `@clickhouse/client`, so that a cluster
 * by URL is a matter of configuration; by default chDB runs in a process of its own over the data folder. What the
 * tables are is the modules' business; who may read what, too: every query of theirs carries its scope.
 */

export interface EventQuery {
  /** One SELECT. Values go in as `{name:Type}` parameters, never into the text. */
  readonly query: string;
  readonly query_params?: Readonly<Record<string, unknown>>;
  /** JSONEachRow unless said; RowBinary for `bytes`. */
  readonly format?: 'JSONEachRow' | 'RowBinary';
  /** Aborting stops the engine's work too, not only the waiting. */
  readonly abort_signal?: AbortSignal;
}

export interface EventCommand extends Pick<EventQuery, 'query' | 'query_params'> {
  /** On every server of a cluster, over what it holds (`here`); where one fails the others may have done it. */
  readonly each?: boolean;
}

export interface EventInsert {
  readonly table: string;
  readonly values: readonly Uint8Array[];
  readonly format: 'Native';
  /** The same rows on every server: for lookups. */
  readonly each?: boolean;
}

export interface EventRows {
  /** The rows as objects; 64-bit integers are numbers, so ids that need all bits are asked for as strings. */
  json<T>(): Promise<T[]>;
  bytes(): Promise<Uint8Array>;
}

/** A table by what it is; how it is kept (one server, or a part on each of several) is the engine's business. */
export interface EventTable {
  readonly name: string;
  /** Columns, as CREATE TABLE writes them. */
  readonly columns: string;
  readonly partition: string;
  readonly order: string;
  /** Rows with the same value lie on one server, so that what is distinct there can be added up. An integer expression. */
  readonly shard: string;
  /** Can be computed again from others: it is not synced to disk row by row, and whoever reads it must notice what is missing. */
  readonly computed?: true;
}

/** A small table held in memory whole on every server: what `joinGet` looks up. Key columns first. */
export interface EventLookup {
  readonly name: string;
  readonly columns: string;
  readonly key: string;
}

/** Obligations, checked for each engine by `contract.ts`. */
export interface Events {
  /** Of the stored rows: hubs that see the same rows see the same word. What is noted of rows elsewhere names it. */
  readonly identity: string;
  /** Creates a table unless it is there. */
  define(table: EventTable): Promise<void>;
  /** The same for a lookup. */
  defineLookup(lookup: EventLookup): Promise<void>;
  /** Name of the part of a table that one server holds: for `each`, and for a lookup. */
  here(table: string): string;
  /**
   * Runs a read. Reads run beside each other and beside a write; a read sees every insert acknowledged before it
   * began. A failure rejects with the engine's message and code; nothing is retried.
   */
  query(q: EventQuery): Promise<EventRows>;
  /** Runs a statement that answers nothing: DDL, partition moves, INSERT SELECT. Writes are serial, in call order. */
  command(c: EventCommand): Promise<void>;
  /**
   * Appends Native blocks to a table, matching columns by name. Once it returns the rows survive the death of the
   * process and, where the table says fsync, of the machine. If it rejects, or the process dies before it returns,
   * any subset of the rows by partition may be there: callers dedupe by identity. An acknowledged block is whole.
   */
  insert(i: EventInsert): Promise<void>;
  /** Resident memory of the engine's own process in MB; null where it has none here. */
  residentMb(): Promise<number | null>;
  /** Waits for what is running and lets the folder go. */
  close(): Promise<void>;
}

/** The engine said no; `code` is ClickHouse's number, or `locked` where another process holds the folder. */
export class EventsError extends Error {
  override readonly name = 'EventsError';
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
