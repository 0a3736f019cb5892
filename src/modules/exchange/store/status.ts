/** What became of additions, for a day after they were answered. */
import { sql } from 'kysely';
import type { Queryable } from '#world/db/port';
import type { Report } from '../actions/intake.ts';
import { tables } from './schema.ts';

type Kept = Pick<Report, 'total' | 'counts' | 'taken' | 'lines'>;

export interface Status {
  readonly id: string;
  readonly scope: string;
  readonly coll: number;
  /** Who added them, and may ask. */
  readonly org: string;
  readonly askedAt: string;
  readonly endsAt: string;
  readonly report: Kept;
}

/** Keeps one, and lets go of those whose day is over. */
export async function keepStatus(tx: Queryable, { id, scope, coll, org, askedAt, endsAt, report }: Status): Promise<void> {
  await tables(tx).deleteFrom('exchange_status').where('ends_at', '<', askedAt).where('org', '=', org).execute();
  await sql`insert into exchange_status (id, scope, coll, org, asked_at, ends_at, successes, failures, total)
    values (${id}, ${scope}, ${coll}, ${org}, ${askedAt}::timestamptz, ${endsAt}::timestamptz, ${JSON.stringify(report.taken)}::text::jsonb,
      ${JSON.stringify({ counts: report.counts, lines: report.lines })}::text::jsonb, ${report.total})`.execute(tables(tx));
}

export async function statusById(q: Queryable, org: string, id: string, now: string): Promise<{ askedAt: string; report: Kept } | null> {
  const row = await tables(q).selectFrom('exchange_status').selectAll().where('id', '=', id).where('org', '=', org).where('ends_at', '>',
    now).executeTakeFirst();
  if (!row) return null;
  const { counts, lines } = row.failures as Pick<Kept, 'counts' | 'lines'>;
  return { askedAt: row.asked_at, report: { total: row.total, taken: row.successes as Kept['taken'], counts, lines } };
}
