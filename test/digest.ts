/** What stands in the records, a line a table: whether an act changed anything is whether these lines did. One question for all tables. */
import { sql } from 'kysely';
import type { Queryable } from '#world/db/port';

export async function tableDigests(q: Queryable, without: (table: string) => boolean): Promise<string[]> {
  const names = await sql<{ name: string }>`select tablename as name from pg_tables where schemaname = 'public' order by 1`.execute(q.as<object>());
  const asked = names.rows.filter(({ name }) => !without(name)).map(({ name }) => sql`select ${sql.lit(name)} as name, (
    select count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) from ${sql.table(name)} t) as digest`);
  const { rows } = await sql<{ name: string; digest: string }>`${sql.join(asked, sql` union all `)}`.execute(q.as<object>());
  return rows.map(({ name, digest }) => `${name} ${digest}`).sort();
}
