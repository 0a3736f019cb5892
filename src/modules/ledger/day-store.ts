/** Signed summaries of days, one row a day. */
import { sql } from 'kysely';
import type { Queryable } from '#world/db/port';

interface Tables {
  ledger_days: { day: string; first: string; last: string; note: string };
}

export interface DayRow {
  /** `2026-01-31`. */
  readonly day: string;
  readonly from: number;
  readonly to: number;
  readonly note: string;
}

const rowOf = (row: Tables['ledger_days']): DayRow =>
  ({ day: row.day, from: Number(row.first), to: Number(row.last), note: row.note });

export async function lastDay(db: Queryable): Promise<DayRow | null> {
  const row = await db.as<Tables>().selectFrom('ledger_days').selectAll().orderBy('day', 'desc').executeTakeFirst();
  return row ? rowOf(row) : null;
}

export async function dayAt(db: Queryable, day: string): Promise<DayRow | null> {
  const row = await db.as<Tables>().selectFrom('ledger_days').selectAll().where('day', '=', day).executeTakeFirst();
  return row ? rowOf(row) : null;
}

/** Only as what follows on the last: two replicas that count at once keep one, and ranges never overlap. */
export async function keepDay(db: Queryable, { day, from, to, note }: DayRow): Promise<void> {
  await sql`insert into ledger_days (day, first, last, note)
    select ${day}, ${String(from)}::bigint, ${String(to)}::bigint, ${note}
    where ${String(from)}::bigint = coalesce((select max(last) from ledger_days), 0)
    on conflict do nothing`.execute(db.as<Tables>());
}
