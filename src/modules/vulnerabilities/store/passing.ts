/** What an organisation holds passes to its successor. A source whose name the successor has already is told apart by its id. */
import { sql } from 'kysely';
import type { Queryable } from '#world/db/port';
import { tables } from './schema.ts';

export async function passOnVulnerabilities(tx: Queryable, from: string, to: string): Promise<void> {
  await sql`update vuln_source set scope = ${to}, name = case when exists (select 1 from vuln_source o where o.scope = ${to} and o.name = vuln_source.name)
    then vuln_source.name || ' (' || vuln_source.id || ')' else vuln_source.name end where scope = ${from}`.execute(tables(tx));
  await sql`insert into vuln_body (scope, digest, body) select ${to}, digest, body from vuln_body where scope = ${from}
    on conflict do nothing`.execute(tables(tx));
  await sql`delete from vuln_body where scope = ${from}`.execute(tables(tx));
  for (const table of ['vuln_record', 'vuln_version', 'vuln_name', 'vuln_key']) {
    await sql`update ${sql.table(table)} set scope = ${to} where scope = ${from}`.execute(tables(tx));
  }
  await sql`update vuln_named set org = ${to} where org = ${from}`.execute(tables(tx));
}
