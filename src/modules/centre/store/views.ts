/** Views and what they used up. The account of an organisation and product is locked while a window is granted,
  so that any number of sittings draw on one. */
import { sql } from 'kysely';
import { SeenBlocks } from '#kit/review/blocks';
import type { Queryable } from '#world/db/port';
import { tables, type CentreTables } from './schema.ts';

export type ViewRow = CentreTables['centre_view'];
export interface Holder { readonly scope: string; readonly owner: string; readonly product: string }

const whole = (row: ViewRow): ViewRow => ({ ...row, from_byte: Number(row.from_byte), to_byte: Number(row.to_byte) });

/** The same window of the same sitting, while its lease lasts. */
export async function leasedView(q: Queryable, review: string, digest: string, number: number, now: string): Promise<ViewRow | null> {
  const row = await tables(q).selectFrom('centre_view').selectAll().where('review', '=', review).where('digest', '=', digest).where('number', '=', number)
    .where('leased_until', '>', now).orderBy('id', 'desc').limit(1).executeTakeFirst();
  return row ? whole(row) : null;
}

/** Held until the transaction ends. A day that is over has used nothing of this one. */
export async function lockedAccount(tx: Queryable, { scope, owner, product }: Holder, day: string): Promise<{ seen: number; today: number }> {
  await tables(tx).insertInto('centre_account').values({ scope, owner, product, seen: 0, day, today: 0 })
    .onConflict((c) => c.columns(['scope', 'product']).doNothing()).execute();
  const row = await tables(tx).selectFrom('centre_account').selectAll().where('scope', '=', scope).where('product', '=', product).forUpdate()
    .executeTakeFirstOrThrow();
  return { seen: row.seen, today: row.day === day ? row.today : 0 };
}

export async function accountOf(q: Queryable, { scope, product }: Pick<Holder, 'scope' | 'product'>, day: string): Promise<{ seen: number; today: number }> {
  const row = await tables(q).selectFrom('centre_account').selectAll().where('scope', '=', scope).where('product', '=', product).executeTakeFirst();
  return { seen: row?.seen ?? 0, today: row?.day === day ? row.today : 0 };
}

export async function saveAccount(tx: Queryable, { scope, product }: Holder, day: string, account: { seen: number; today: number }): Promise<void> {
  await tables(tx).updateTable('centre_account').set({ ...account, day }).where('scope', '=', scope).where('product', '=', product).execute();
}

export async function seenOf(q: Queryable, { scope, product }: Pick<Holder, 'scope' | 'product'>, digest: string, bytes: number): Promise<SeenBlocks> {
  const row = await tables(q).selectFrom('centre_seen').select('blocks').where('scope', '=', scope).where('product', '=', product)
    .where('digest', '=', digest).executeTakeFirst();
  return row ? new SeenBlocks(new Uint8Array(row.blocks)) : SeenBlocks.none(bytes);
}

export async function saveSeen(tx: Queryable, { scope, owner, product }: Holder, digest: string, seen: SeenBlocks): Promise<void> {
  const blocks = Buffer.from(seen.bytes);
  await tables(tx).insertInto('centre_seen').values({ scope, owner, product, digest, blocks })
    .onConflict((c) => c.columns(['scope', 'product', 'digest']).doUpdateSet({ blocks })).execute();
}

export async function insertView(tx: Queryable, view: ViewRow): Promise<void> {
  await tables(tx).insertInto('centre_view').values(view).execute();
}

export async function noteLeaf(q: Queryable, id: string, leaf: number): Promise<void> {
  await tables(q).updateTable('centre_view').set({ leaf: String(leaf) }).where('id', '=', id).execute();
}

export async function viewsOfReview(q: Queryable, review: string, most: number): Promise<ViewRow[]> {
  const rows = await tables(q).selectFrom('centre_view').selectAll().where('review', '=', review).orderBy('id', 'desc').limit(most).execute();
  return rows.reverse().map(whole);
}

export async function viewsOfVisit(q: Queryable, visit: string, from: number, most: number, onlySampled = false): Promise<ViewRow[]> {
  let query = tables(q).selectFrom('centre_view').selectAll().where('visit', '=', visit);
  if (onlySampled) query = query.where(sql<boolean>`exists (select 1 from centre_sampled s where s.view = centre_view.id)`);
  return (await query.orderBy('id').offset(from).limit(most).execute()).map(whole);
}

export async function viewOf(q: Queryable, visit: string, id: string, onlySampled: boolean): Promise<ViewRow | null> {
  let query = tables(q).selectFrom('centre_view').selectAll().where('visit', '=', visit).where('id', '=', id);
  if (onlySampled) query = query.where(sql<boolean>`exists (select 1 from centre_sampled s where s.view = centre_view.id)`);
  const row = await query.executeTakeFirst();
  return row ? whole(row) : null;
}

/** Windows of a visit that a log of this size holds, in the order in which they stand in it. */
export async function viewsLogged(q: Queryable, visit: string, size: number): Promise<string[]> {
  const rows = await tables(q).selectFrom('centre_view').select('id').where('visit', '=', visit).where('leaf', '<', String(size)).orderBy('leaf').execute();
  return rows.map((r) => r.id);
}

/** All views of an organisation and product, whatever the release. */
export async function viewsOfProduct(q: Queryable, { scope, product }: Pick<Holder, 'scope' | 'product'>): Promise<ViewRow[]> {
  return (await tables(q).selectFrom('centre_view').selectAll().where('scope', '=', scope).where('product', '=', product).orderBy('id').execute()).map(whole);
}

/** Distinct bytes that were shown, by the digest of the file. */
export async function seenBytes(q: Queryable, { scope, product }: Pick<Holder, 'scope' | 'product'>): Promise<Map<string, number>> {
  const { rows } = await sql<{ digest: string; seen: string }>`select digest, sum(bytes) as seen from (
      select distinct digest, from_byte, to_byte - from_byte as bytes from centre_view where scope = ${scope} and product = ${product}) as once
    group by digest`.execute(tables(q));
  return new Map(rows.map((r) => [r.digest, Number(r.seen)]));
}

/** Distinct bytes that were shown of each path below a folder: for the tree. */
export async function seenBelow(q: Queryable, { scope, product }: Pick<Holder, 'scope' | 'product'>, release: string, folder: string): Promise<Map<string,
  number>> {
  const { rows } = await sql<{ path: string; seen: string }>`select path, sum(bytes) as seen from (
      select distinct path, from_byte, to_byte - from_byte as bytes from centre_view where scope = ${scope} and product = ${product} and release = ${release}
        and starts_with(path, ${folder})) as once group by path`.execute(tables(q));
  return new Map(rows.map((r) => [r.path, Number(r.seen)]));
}

/** Releases of which something was shown. */
export async function releasesSeen(q: Queryable, { scope, product }: Pick<Holder, 'scope' | 'product'>): Promise<Set<string>> {
  const rows = await tables(q).selectFrom('centre_view').select('release').distinct().where('scope', '=', scope).where('product', '=', product).execute();
  return new Set(rows.map((r) => r.release));
}
