/** Visits, what they bring, rooms and sittings. Both sides of a visit read it; each read names the organisation that asks. */
import { sql } from 'kysely';
import type { Queryable } from '#world/db/port';
import type { ItemState } from '../model.ts';
import { passOnSearching } from '../searching/store.ts';
import { tables, type CentreTables } from './schema.ts';

export type VisitRow = CentreTables['centre_visit'];
export type ItemRow = CentreTables['centre_item'];
export type ReviewRow = CentreTables['centre_review'];

export async function insertVisit(tx: Queryable, visit: VisitRow, items: readonly ItemRow[]): Promise<void> {
  await tables(tx).insertInto('centre_visit').values(visit).execute();
  if (items.length > 0) await tables(tx).insertInto('centre_item').values([...items]).execute();
}

export const visitsOf = (q: Queryable, org: string): Promise<VisitRow[]> => tables(q).selectFrom('centre_visit').selectAll()
  .where((e) => e.or([e('scope', '=', org), e('owner', '=', org)])).orderBy('id', 'desc').limit(500).execute();

/** Null where the organisation is on neither side. */
export async function visitOf(q: Queryable, org: string, id: string, lock = false): Promise<VisitRow | null> {
  const query = tables(q).selectFrom('centre_visit').selectAll().where('id', '=', id).where((e) => e.or([e('scope', '=', org), e('owner', '=', org)]));
  return await (lock ? query.forUpdate() : query).executeTakeFirst() ?? null;
}

export async function changeVisit(tx: Queryable, id: string, set: Partial<VisitRow>): Promise<void> {
  await tables(tx).updateTable('centre_visit').set(set).where('id', '=', id).execute();
}

export const itemsOf = (q: Queryable, visit: string): Promise<ItemRow[]> =>
  tables(q).selectFrom('centre_item').selectAll().where('visit', '=', visit).orderBy('id').execute();

export async function changeItem(tx: Queryable, id: string, state: ItemState, reason: string): Promise<void> {
  await tables(tx).updateTable('centre_item').set({ state, reason }).where('id', '=', id).execute();
}

export async function insertRoom(tx: Queryable, room: CentreTables['centre_room']): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tables(tx).insertInto('centre_room').values(room)
    .onConflict((c) => c.columns(['scope', 'name']).doNothing()).executeTakeFirstOrThrow();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** One's own, and those in which one's visits are. */
export const roomsOf = (q: Queryable, org: string): Promise<CentreTables['centre_room'][]> => tables(q).selectFrom('centre_room as r').selectAll()
  .where((e) => e.or([e('r.scope', '=', org), e('r.id', 'in', e.selectFrom('centre_booking').select('room').where('guest', '=', org))]))
  .orderBy('r.place').orderBy('r.name').execute();

export const bookingsOf = (q: Queryable, org: string, rooms: readonly string[]): Promise<CentreTables['centre_booking'][]> =>
  tables(q).selectFrom('centre_booking').selectAll().where('room', 'in', [...rooms, ''])
    .where((e) => e.or([e('scope', '=', org), e('guest', '=', org)])).orderBy('day').execute();

export const bookedFor = (q: Queryable, visits: readonly string[]): Promise<(CentreTables['centre_booking'] & { name: string })[]> =>
  tables(q).selectFrom('centre_booking as b').innerJoin('centre_room as r', 'r.id', 'b.room').selectAll('b').select('r.name')
    .where('b.visit', 'in', [...visits, '']).orderBy('b.day').execute();

/** The first day that is taken already, or null when all are booked now. The database itself holds each room to one visit a day. */
export async function book(tx: Queryable, booking: Omit<CentreTables['centre_booking'], 'day'>, days: readonly string[]): Promise<string | null> {
  for (const day of days) {
    const { numInsertedOrUpdatedRows } = await tables(tx).insertInto('centre_booking').values({ ...booking, day })
      .onConflict((c) => c.columns(['room', 'day']).doNothing()).executeTakeFirstOrThrow();
    if ((numInsertedOrUpdatedRows ?? 0n) === 0n) return day;
  }
  return null;
}

export async function insertReview(tx: Queryable, review: ReviewRow): Promise<void> {
  await tables(tx).insertInto('centre_review').values(review).execute();
}

/** A person's own sitting. */
export async function reviewOf(q: Queryable, { org, person }: { readonly org: string; readonly person: string }, id: string): Promise<ReviewRow | null> {
  return await tables(q).selectFrom('centre_review').selectAll().where('id', '=', id).where('scope', '=', org).where('person', '=',
    person).executeTakeFirst() ?? null;
}

export async function endReview(tx: Queryable, id: string, at: string): Promise<boolean> {
  const { numUpdatedRows } = await tables(tx).updateTable('centre_review').set({ ended_at: at }).where('id', '=', id).where('ended_at', 'is', null)
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}

export const openReviews = (q: Queryable, visit: string): Promise<ReviewRow[]> =>
  tables(q).selectFrom('centre_review').selectAll().where('visit', '=', visit).where('ended_at', 'is', null).execute();

/** Whether the organisation has read this product from afar before. */
export async function hasReadFromAfar(q: Queryable, scope: string, product: string): Promise<boolean> {
  const { rows } = await sql<{ n: string }>`select count(*) as n from centre_view w join centre_visit v on v.id = w.visit
    where w.scope = ${scope} and w.product = ${product} and v.mode = 'remote'`.execute(tables(q));
  return Number(rows[0]?.n ?? 0) > 0;
}

/** Counts alone: what both sides may always know. */
export async function countsOf(q: Queryable, visit: VisitRow): Promise<{ reviews: number; views: number; notes: number; flaws: number }> {
  const { rows } = await sql<{ reviews: string; views: string; notes: string; flaws: string }>`select
    (select count(*) from centre_review where visit = ${visit.id}) as reviews, (select count(*) from centre_view where visit = ${visit.id}) as views,
    (select count(*) from centre_note where visit = ${visit.id}) as notes, (select count(*) from centre_flaw where visit = ${visit.id}) as flaws`
    .execute(tables(q));
  const [row] = rows;
  return { reviews: Number(row?.reviews), views: Number(row?.views), notes: Number(row?.notes), flaws: Number(row?.flaws) };
}

/** What an organisation holds passes to its successor, on whichever side of a visit it is. What was seen by both is seen once. */
export async function passOnCentre(tx: Queryable, from: string, to: string): Promise<void> {
  await sql`delete from centre_seen o where o.scope = ${from} and exists (select 1 from centre_seen n where n.scope = ${to} and n.product = o.product
    and n.digest = o.digest)`.execute(tables(tx));
  await sql`update centre_account n set seen = n.seen + o.seen from centre_account o where n.scope = ${to} and o.scope = ${from} and o.product = n.product`
    .execute(tables(tx));
  await sql`delete from centre_account o where o.scope = ${from} and exists (select 1 from centre_account n where n.scope = ${to} and n.product = o.product)`
    .execute(tables(tx));
  await passOnSearching(tx, from, to);
  const both = ['visit', 'item', 'review', 'view', 'seen', 'account', 'note', 'clearance', 'flaw', 'answer', 'statement',
    'excerpt', 'excerpt_word', 'copy', 'appeal', 'appeal_word', 'early', 'early_word', 'sample', 'sampled', 'sealed', 'bitten', 'comparison'];
  for (const name of both.map((n) => `centre_${n}`)) {
    await sql`update ${sql.table(name)} set scope = ${to} where scope = ${from}`.execute(tables(tx));
    await sql`update ${sql.table(name)} set owner = ${to} where owner = ${from}`.execute(tables(tx));
  }
  await sql`update centre_bait set owner = ${to} where owner = ${from}`.execute(tables(tx));
  await sql`update centre_room set name = name || ' (' || id || ')' where scope = ${from} and exists (select 1 from centre_room n
    where n.scope = ${to} and n.name = centre_room.name)`.execute(tables(tx));
  await sql`update centre_room set scope = ${to} where scope = ${from}`.execute(tables(tx));
  await sql`update centre_booking set scope = ${to} where scope = ${from}`.execute(tables(tx));
  await sql`update centre_booking set guest = ${to} where guest = ${from}`.execute(tables(tx));
}

export async function visitCount(q: Queryable, org: string): Promise<number> {
  const { rows } = await sql<{ n: string }>`select count(*) as n from centre_visit where scope = ${org} or owner = ${org}`.execute(tables(q));
  return Number(rows[0]?.n ?? 0);
}
