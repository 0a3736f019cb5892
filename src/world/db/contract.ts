/** The contract of the records port, run on each engine by its test. */
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Db, Migration } from './port.ts';

const migrations: readonly Migration[] = [
  {
    name: 'contract/001',
    sql: `create table things (
      id bigint generated always as identity primary key, name text unique not null, tags text[] not null default '{}',
      at timestamptz, day date, doc jsonb, raw bytea);
    create index things_at on things (at);`,
  },
];

interface Things {
  things: {
    id: string; name: string; tags: string[]; at: string | null; day: string | null; doc: unknown; raw: Uint8Array | null;
  };
}

export function recordsContract(open: () => Promise<Db>): void {
  const opened: { db?: Db } = {};
  beforeAll(async () => { opened.db = await open(); });
  afterAll(() => opened.db?.close());
  const each = async (work: (db: Db) => Promise<void>): Promise<void> => {
    if (!opened.db) throw new Error('not open');
    await sql`drop table if exists things, migrations`.execute(opened.db.as<Things>());
    await opened.db.migrate(migrations);
    await work(opened.db);
  };
  const add = (name: string) => ({ name, at: '2026-03-01T02:03:04.567Z', doc: JSON.stringify({ a: [1, 'é'] }) }) as never;

  test('values come back in one form: exact integers as text, instants as RFC 3339, json parsed', () =>
    each(async (db) => {
      const raw = new Uint8Array([0, 1, 255]);
      await db.as<Things>().insertInto('things')
        .values({ ...(add('x') as object), tags: ['a', 'b'], day: '2026-03-01', raw } as never).execute();
      const row = await db.as<Things>().selectFrom('things').selectAll().executeTakeFirstOrThrow();
      expect(row).toMatchObject({
        id: '1', name: 'x', tags: ['a', 'b'], at: '2026-03-01T02:03:04.567Z', day: '2026-03-01', doc: { a: [1, 'é'] },
      });
      expect([...(row.raw ?? [])]).toEqual([0, 1, 255]);
    }));

  test('a transaction that throws leaves nothing, and the next one works', () =>
    each(async (db) => {
      const failing = db.transaction(async (tx) => {
        await tx.as<Things>().insertInto('things').values(add('lost')).execute();
        throw new Error('by design');
      });
      await expect(failing).rejects.toThrow('by design');
      await db.transaction(async (tx) => void (await tx.as<Things>().insertInto('things').values(add('kept')).execute()));
      expect((await db.as<Things>().selectFrom('things').select('name').execute()).map((r) => r.name)).toEqual(['kept']);
    }));

  test('a broken constraint is an error with its SQLSTATE', () =>
    each(async (db) => {
      await db.as<Things>().insertInto('things').values(add('one')).execute();
      const twice = db.as<Things>().insertInto('things').values(add('one')).execute();
      await expect(twice).rejects.toMatchObject({ code: '23505' });
    }));

  test('migrating twice, or twice at once, applies each step once', () =>
    each(async (db) => {
      await Promise.all([db.migrate(migrations), db.migrate(migrations)]);
      const { rows } = await sql<{ n: string }>`select count(*) as n from migrations`.execute(db.as<Things>());
      expect(rows[0]?.n).toBe('1');
    }));

  test('parallel transactions do not mix', () =>
    each(async (db) => {
      await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          db.transaction(async (tx) => {
            await tx.as<Things>().insertInto('things').values(add(`a${i}`)).execute();
            await tx.as<Things>().insertInto('things').values(add(`b${i}`)).execute();
            if (i % 2) throw new Error('odd');
          }).catch(() => undefined)),
      );
      const rows = await db.as<Things>().selectFrom('things').select('name').execute();
      expect(rows).toHaveLength(20);
    }));
}
