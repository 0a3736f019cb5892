/** Communities. Every read takes the holder: a member's own store of collections tells it of none. */
import { sql } from 'kysely';
import type { Queryable } from '#world/db/port';
import type { Community } from '../model/communities.ts';
import type { Ceiling } from '../model/exchange.ts';
import { labelOf, rankOf } from '../rules/tlp.ts';
import { tables } from './schema.ts';

export type CommunityRecord = Omit<Community, 'members' | 'objects'>;
interface Row {
  readonly id: string; readonly title: string; readonly description: string; readonly alias: string | null; readonly ceiling: number;
  readonly types: string[] | null; readonly opened_at: string; readonly closed_at: string | null;
}

const communityOf = (row: Row): CommunityRecord => ({
  id: row.id, title: row.title, description: row.description, alias: row.alias, ceiling: labelOf(row.ceiling) as Ceiling, types: row.types,
  openedAt: row.opened_at, closedAt: row.closed_at,
});

export async function insertCommunity(tx: Queryable, scope: string, by: string, c: Omit<CommunityRecord, 'closedAt'>): Promise<void> {
  await tables(tx).insertInto('exchange_community').values({
    id: c.id, scope, title: c.title, description: c.description, alias: c.alias, ceiling: rankOf(c.ceiling), types: c.types,
    opened_at: c.openedAt, opened_by: by, closed_at: null,
  } as never).execute();
}

export async function communitiesOf(q: Queryable, scope: string): Promise<CommunityRecord[]> {
  return (await tables(q).selectFrom('exchange_community').selectAll().where('scope', '=', scope).orderBy('id', 'desc').execute()).map(communityOf);
}

/** One of the holder's, locked where it is to be changed: two hands at once come one after the other. */
export async function communityById(q: Queryable, scope: string, id: string, lock = false): Promise<CommunityRecord | null> {
  let query = tables(q).selectFrom('exchange_community').selectAll().where('scope', '=', scope).where('id', '=', id);
  if (lock) query = query.forUpdate();
  const row = await query.executeTakeFirst();
  return row ? communityOf(row) : null;
}

export async function endCommunity(tx: Queryable, scope: string, id: string, at: string): Promise<void> {
  await tables(tx).updateTable('exchange_community').set({ closed_at: at }).where('scope', '=', scope).where('id', '=', id).execute();
}

/** How many objects of a community each organisation added that are in it now; under '' all of them. */
export async function addedIn(q: Queryable, scope: string, community: string): Promise<Map<string, number>> {
  const { rows } = await sql<{ org: string | null; whole: number; n: string }>`
    select s.org, grouping(s.org) as whole, count(distinct o.obj) as n from exchange_collection c
    join exchange_entry e on e.coll = c.coll and e.superseded_seq is null and not e.outdated
    join exchange_object o on o.obj = e.obj join exchange_source s on s.id = o.source
    where c.scope = ${scope} and c.community = ${community} and c.closed_at is null group by grouping sets ((s.org), ())`.execute(tables(q));
  return new Map(rows.map((r) => [r.whole === 1 ? '' : r.org ?? 'nobody', Number(r.n)]));
}
