/** The records on PostgreSQL: the port's contract, and every migration of the hub, also by two replicas at once. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sql } from 'kysely';
import { recordsContract } from '#world/db/contract';
import { openPostgresql } from '#world/db/postgresql';
import { testDb } from '#world/db/testing';
import type { Db } from '#world/db/port';
import { migrations } from '../../src/app/compose.ts';
import { startPostgres, type Postgres } from './postgres.ts';

const at: { server?: Postgres } = {};
const server = (): Postgres => at.server as Postgres;
beforeAll(async () => { at.server = await startPostgres(); });
afterAll(() => at.server?.stop());

describe('the contract on PostgreSQL', () => recordsContract(async () => openPostgresql(await server().create('contract'))));

/** Every column of every table, as the catalogue tells it. */
async function schemaOf(db: Db): Promise<string[]> {
  const { rows } = await sql<{ line: string }>`
    select table_name || '.' || column_name || ' ' || udt_name || ' ' || is_nullable as line from information_schema.columns
    where table_schema = 'public' order by 1`.execute(db.as());
  const indexes = await sql<{ line: string }>`
    select indexname || ' ' || replace(indexdef, 'public.', '') as line from pg_indexes where schemaname = 'public' order by 1`.execute(db.as());
  return [...rows, ...indexes.rows].map(({ line }) => line);
}

describe('the migrations', () => {
  test('make the same tables, columns and indexes on PostgreSQL as on PGlite', async () => {
    const [big, small] = await Promise.all([server().open('schema', migrations), testDb(migrations)]);
    try {
      const [there, here] = [await schemaOf(big), await schemaOf(small)];
      expect(there.length).toBeGreaterThan(100);
      expect(there).toEqual(here);
    } finally {
      await Promise.all([big.close(), small.close()]);
    }
  });
  test('are applied once by two replicas that start at once, and again by neither', async () => {
    const url = await server().create('replicas');
    const replicas = await Promise.all([openPostgresql(url), openPostgresql(url)]);
    try {
      await Promise.all(replicas.map((db) => db.migrate(migrations)));
      await replicas[0]?.migrate(migrations);
      const applied = await sql<{ n: string }>`select count(*) as n from migrations`.execute((replicas[1] as Db).as());
      expect(Number(applied.rows[0]?.n)).toBe(new Set(migrations.map((m) => m.name)).size);
    } finally {
      await Promise.all(replicas.map((db) => db.close()));
    }
  });
});

test('a server that is not there, or a wrong password, is an error that does not repeat the password', async () => {
  const url = await server().create('refused');
  const wrong = openPostgresql(url.replace(server().password, 'not-the-password-either'));
  await expect(wrong).rejects.toThrow(/could not reach the records database/);
  await expect(wrong).rejects.not.toThrow(/not-the-password-either/);
});
