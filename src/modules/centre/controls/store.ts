/** Sittings by the number of their mark. */
import type { Queryable } from '#world/db/port';
import type { ReviewRow } from '../store/visits.ts';
import { tables } from '../store/schema.ts';

/** A sitting by the number that its mark carries, where the organisation is a side of its visit. */
export async function reviewOfCode(q: Queryable, org: string, code: string): Promise<ReviewRow | null> {
  return await tables(q).selectFrom('centre_review').selectAll().where('code', '=', code)
    .where((e) => e.or([e('scope', '=', org), e('owner', '=', org)])).executeTakeFirst() ?? null;
}
