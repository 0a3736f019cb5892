/** What an organisation holds of builds passes to its successor: its rebuilders, their word, and what others said of its products. */
import { sql } from 'kysely';
import type { Queryable } from '#world/db/port';
import { tables } from './schema.ts';

export async function passOnBuilds(tx: Queryable, from: string, to: string): Promise<void> {
  for (const table of ['builds_rebuilder', 'builds_rebuild', 'builds_verdict']) {
    await sql`update ${sql.table(table)} set org = ${to} where org = ${from}`.execute(tables(tx));
  }
  for (const table of ['builds_rebuild', 'builds_verdict']) {
    await sql`update ${sql.table(table)} set scope = ${to} where scope = ${from}`.execute(tables(tx));
  }
}

export async function rebuilderCount(q: Queryable, org: string): Promise<number> {
  const { rows } = await sql<{ n: string }>`select count(*) as n from builds_rebuilder where org = ${org}`.execute(tables(q));
  return Number(rows[0]?.n ?? 0);
}
