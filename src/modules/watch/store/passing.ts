/** What passes to a successor: channels with its products, observers with their runs. What was signed stays as it was signed. */
import { sql } from 'kysely';
import type { Queryable } from '#world/db/port';
import { tables } from './schema.ts';

export async function passOnWatch(tx: Queryable, from: string, to: string): Promise<void> {
  await sql`update watch_channel set scope = ${to} where scope = ${from}`.execute(tables(tx));
  // A key name that the successor has already is told apart by the observer's id; its envelopes name it as before, so it signs no more.
  await sql`update watch_observer set org = ${to}, keyid = case
    when exists (select 1 from watch_observer o where o.org = ${to} and o.keyid = watch_observer.keyid)
    then watch_observer.keyid || '/' || watch_observer.id else watch_observer.keyid end where org = ${from}`.execute(tables(tx));
  for (const table of ['watch_run', 'watch_word', 'watch_excerpt']) {
    await sql`update ${sql.table(table)} set org = ${to} where org = ${from}`.execute(tables(tx));
  }
  await sql`update watch_alarm set scope = ${to} where scope = ${from}`.execute(tables(tx));
  await sql`update watch_alarm set orgs = array_replace(orgs, ${from}, ${to}) where ${from} = any(orgs)`.execute(tables(tx));
}

export async function observerCount(q: Queryable, org: string): Promise<number> {
  const { rows } = await sql<{ n: string }>`select count(*) as n from watch_observer where org = ${org}`.execute(tables(q));
  return Number(rows[0]?.n ?? 0);
}
