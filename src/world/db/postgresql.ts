/** Records on a PostgreSQL server, given by URL: production. Durability, replicas and backups are the server's. */
import { PostgresDialect } from 'kysely';
import pg from 'pg';
import { columnParsers, dbOver } from './kysely.ts';
import type { Db } from './port.ts';

/**
 * Connects and asks the server for its time once, so that a wrong URL fails at start and not at the first request.
 * The URL holds a password: it is never logged, and errors here do not repeat it.
 */
export async function openPostgresql(url: string, connectionsMax = 10): Promise<Db> {
  const types = {
    getTypeParser: (oid: number, format?: string) =>
      columnParsers[oid] ?? pg.types.getTypeParser(oid, format as 'text'),
  };
  const pool = new pg.Pool({
    connectionString: url, max: connectionsMax, types: types as pg.CustomTypesConfig,
    options: '-c timezone=UTC', application_name: 'entente',
  });
  // An idle connection that breaks is replaced by the pool; unheard, the event would end the process.
  pool.on('error', () => undefined);
  // So is one that breaks while it is used: its query rejects, and that is where the failure is told.
  pool.on('connect', (client) => client.on('error', () => undefined));
  try {
    await pool.query('select now()');
  } catch (error) {
    await pool.end();
    throw new Error(`could not reach the records database: ${(error as Error).message}`);
  }
  return dbOver({
    engine: 'postgresql', dialect: new PostgresDialect({ pool }), residentMb: async () => null, close: async () => undefined,
  });
}
