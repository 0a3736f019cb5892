/** Blind lists and their keys. Each read says for whom: the owner, or who looks up. */
import { sql } from 'kysely';
import type { Queryable } from '#world/db/port';
import type { BlindTables } from './blindlists-schema.ts';
import { tables } from './schema.ts';

export interface BlindRecord {
  readonly id: string; readonly scope: string; readonly agreement: string; readonly partner: string; readonly title: string; readonly contact: string;
  readonly sealed: string | null; readonly openedAt: string; readonly closedAt: string | null;
}

const recordOf = ({ opened_at: openedAt, closed_at: closedAt, opened_by: _, ...row }: BlindTables['exchange_blindlist']): BlindRecord =>
  ({ ...row, openedAt, closedAt });

export async function insertBlindList(tx: Queryable, { openedAt, by, ...list }: Omit<BlindRecord, 'closedAt'> & { readonly by: string }): Promise<void> {
  await tables(tx).insertInto('exchange_blindlist').values({ ...list, opened_at: openedAt, opened_by: by, closed_at: null }).execute();
}

/** Those that an organisation owns, or those that its look-ups are matched against: its own and its partners' that are open. */
export async function blindListsOf(q: Queryable, org: string, side: 'owner' | 'asker'): Promise<BlindRecord[]> {
  let query = tables(q).selectFrom('exchange_blindlist').selectAll();
  query = side === 'owner' ? query.where('scope', '=', org)
    : query.where((e) => e.or([e('scope', '=', org), e('partner', '=', org)])).where('closed_at', 'is', null);
  return (await query.orderBy('id', 'desc').execute()).map(recordOf);
}

export async function blindListById(q: Queryable, scope: string, id: string): Promise<BlindRecord | null> {
  const row = await tables(q).selectFrom('exchange_blindlist').selectAll().where('scope', '=', scope).where('id', '=', id).executeTakeFirst();
  return row ? recordOf(row) : null;
}

export async function changeKeys(tx: Queryable, list: string, add: readonly string[], remove: readonly string[]): Promise<{ added: number; removed: number }> {
  const removed = await sql`delete from exchange_blindkey where list = ${list} and key = any(${remove}::uuid[]) returning 1`.execute(tables(tx));
  const added = await sql`insert into exchange_blindkey (list, key) select ${list}, k.key from unnest(${add}::uuid[]) as k(key) on conflict do nothing
    returning 1`.execute(tables(tx));
  return { added: added.rows.length, removed: removed.rows.length };
}

export async function endBlindList(tx: Queryable, scope: string, id: string, at: string): Promise<void> {
  await sql`delete from exchange_blindkey where list = ${id}`.execute(tables(tx));
  await tables(tx).updateTable('exchange_blindlist').set({ closed_at: at, sealed: null }).where('scope', '=', scope).where('id', '=', id).execute();
}

export interface Count { readonly keys: number; readonly found: number; readonly lastAt: string | null }

export async function blindCounts(q: Queryable, lists: readonly string[]): Promise<Map<string, Count>> {
  const { rows } = await sql<{ list: string; n: string; found: string; last: string | null }>`
    select list, count(*) as n, sum(found) as found, max(last_at) as last
    from exchange_blindkey where list = any(${lists}::text[]) group by list`.execute(tables(q));
  return new Map(rows.map((r) => [r.list, { keys: Number(r.n), found: Number(r.found), lastAt: r.last }]));
}

export async function blindHits(q: Queryable, list: string): Promise<{ key: string; found: number; lastAt: string }[]> {
  const { rows } = await sql<{ key: string; found: number; last_at: string }>`select key, found, last_at from exchange_blindkey
    where list = ${list} and found > 0 order by last_at desc, key limit 1000`.execute(tables(q));
  return rows.map((r) => ({ key: r.key.replaceAll('-', ''), found: r.found, lastAt: r.last_at }));
}

/** Which keys of a list are among these; each is counted as found. */
export async function matchBlind(tx: Queryable, list: string, keys: readonly string[], at: string): Promise<Set<string>> {
  const { rows } = await sql<{ key: string }>`update exchange_blindkey set found = found + 1, last_at = ${at}::timestamptz
    where list = ${list} and key = any(${keys}::uuid[]) returning key`.execute(tables(tx));
  return new Set(rows.map((r) => r.key.replaceAll('-', '')));
}
