/** What an organisation holds passes to its successor. A product whose name the successor has already is told apart by its id. */
import { sql } from 'kysely';
import type { Queryable } from '#world/db/port';
import { tables } from './schema.ts';

export async function passOnCatalogue(tx: Queryable, from: string, to: string): Promise<void> {
  await sql`update catalogue_product set scope = ${to}, name = case when exists (select 1 from catalogue_product o where o.scope = ${to}
    and o.name = catalogue_product.name) then catalogue_product.name || ' (' || catalogue_product.id || ')' else catalogue_product.name end
    where scope = ${from}`.execute(tables(tx));
  await sql`insert into catalogue_folder (scope, digest, entries) select ${to}, digest, entries from catalogue_folder where scope = ${from}
    on conflict do nothing`.execute(tables(tx));
  await sql`delete from catalogue_folder where scope = ${from}`.execute(tables(tx));
  for (const table of ['catalogue_release', 'catalogue_artefact', 'catalogue_review', 'catalogue_link', 'catalogue_sign_off', 'catalogue_copy']) {
    await sql`update ${sql.table(table)} set scope = ${to} where scope = ${from}`.execute(tables(tx));
  }
  for (const table of ['catalogue_review', 'catalogue_sign_off', 'catalogue_copy']) {
    await sql`update ${sql.table(table)} set org = ${to} where org = ${from}`.execute(tables(tx));
  }
}

export async function productCount(q: Queryable, org: string): Promise<number> {
  const { rows } = await sql<{ n: string }>`select count(*) as n from catalogue_product where scope = ${org}`.execute(tables(q));
  return Number(rows[0]?.n ?? 0);
}
