/**
 * Kysely over one serial connection: PGlite has exactly one, so whoever holds it, holds it until its transaction is
 * over. The connection itself may be in this process or in the engine's.
 */
import {
  PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler,
  type CompiledQuery, type DatabaseConnection, type Dialect, type Driver, type QueryResult,
} from 'kysely';
import { settingSql } from './party.ts';
import { settingNow, type Setting } from './scope.ts';

export interface SerialResult {
  readonly rows: readonly Record<string, unknown>[];
  readonly affectedRows: number;
}
export type RunSql = (sql: string, parameters: readonly unknown[]) => Promise<SerialResult>;

/** How long one waits for the connection before it is taken for a transaction that waits for itself. */
const patienceMs = 60_000;

export function serialDialect(run: RunSql, strict = false): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createDriver: () => serialDriver(run, strict),
  };
}

function serialDriver(run: RunSql, strict: boolean): Driver {
  const waiting: (() => void)[] = [];
  const state = { held: false, setting: ['none', '', '', ''] as Setting };
  const connection: DatabaseConnection = {
    async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
      const result = await run(query.sql, query.parameters);
      return { rows: result.rows as R[], numAffectedRows: BigInt(result.affectedRows) };
    },
    streamQuery: () => {
      throw new Error('the records port does not stream; page by key');
    },
  };
  const release = (): void => {
    const next = waiting.shift();
    if (next) next();
    else state.held = false;
  };
  const plain = (text: string): Promise<SerialResult> => run(text, []);
  return {
    init: async () => undefined,
    destroy: async () => undefined,
    async acquireConnection() {
      const wanted = settingNow(strict);
      if (state.held) await turn(waiting);
      state.held = true;
      if (wanted.some((value, i) => value !== state.setting[i])) {
        try {
          await run(settingSql, wanted);
          state.setting = wanted;
        } catch (error) {
          // What it is set to now nobody knows: the next one sets it anew.
          state.setting = ['', '', '', ''];
          release();
          throw error;
        }
      }
      return connection;
    },
    releaseConnection: async () => { release(); },
    beginTransaction: async () => void (await plain('begin')),
    commitTransaction: async () => void (await plain('commit')),
    rollbackTransaction: async () => void (await plain('rollback')),
  };
}

function turn(waiting: (() => void)[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const mine = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(() => {
      const at = waiting.indexOf(mine);
      if (at < 0) return;
      waiting.splice(at, 1);
      reject(new Error('waited a minute for the records connection: a transaction that uses `db` inside itself?'));
    }, patienceMs);
    timer.unref();
    waiting.push(mine);
  });
}
