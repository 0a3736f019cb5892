/** Bait as it is laid, as it was sealed when a visit was agreed to, and who opened some. The provider's rows, but for what a sitting notes. */
import type { Queryable } from '#world/db/port';
import { tables, type ControlsTables } from './schema.ts';

type Sealed = ControlsTables['centre_sealed'];
type Bitten = ControlsTables['centre_bitten'];

export async function saveBait(tx: Queryable, row: ControlsTables['centre_bait']): Promise<void> {
  const { paths, person, at } = row;
  await tables(tx).insertInto('centre_bait').values(row).onConflict((c) => c.column('visit').doUpdateSet({ paths, person, at })).execute();
}
export async function baitOf(q: Queryable, visit: string): Promise<string[]> {
  return (await tables(q).selectFrom('centre_bait').select('paths').where('visit', '=', visit).executeTakeFirst())?.paths ?? [];
}
export async function insertSealed(tx: Queryable, row: Sealed): Promise<void> {
  await tables(tx).insertInto('centre_sealed').values(row).execute();
}
export async function sealedOf(q: Queryable, visit: string): Promise<Sealed | null> {
  return await tables(q).selectFrom('centre_sealed').selectAll().where('visit', '=', visit).executeTakeFirst() ?? null;
}
export async function insertBitten(tx: Queryable, row: Bitten): Promise<void> {
  await tables(tx).insertInto('centre_bitten').values(row).execute();
}
export const bittenOf = (q: Queryable, visit: string): Promise<Bitten[]> =>
  tables(q).selectFrom('centre_bitten').selectAll().where('visit', '=', visit).orderBy('id').execute();
