/** Which release each organisation has reviewed last of a product. A review is written once and never changed. */
import { sql } from 'kysely';
import type { Queryable } from '#world/db/port';
import { tables } from './schema.ts';

export interface ReviewRecord {
  readonly id: string; readonly org: string; readonly scope: string; readonly product: string; readonly release: string; readonly ordinal: number;
  readonly person: string; readonly what: string; readonly at: string;
}

export async function insertReview(tx: Queryable, r: ReviewRecord): Promise<void> {
  await sql`insert into catalogue_review (id, org, scope, product, release, ordinal, person, what, at) values (${r.id}, ${r.org}, ${r.scope}, ${r.product},
    ${r.release}, ${r.ordinal}, ${r.person}, ${r.what}, ${r.at}::timestamptz)`.execute(tables(tx));
}

/** The furthest release that each organisation reviewed of each product, with when. */
export async function reviewsOf(q: Queryable, products: readonly string[]): Promise<ReviewRecord[]> {
  const { rows } = await sql<ReviewRecord>`select distinct on (product, org) id, org, scope, product, release, ordinal, person, what, at
    from catalogue_review where product = any(${[...products]}::text[]) order by product, org, ordinal desc, at desc`.execute(tables(q));
  return rows;
}
