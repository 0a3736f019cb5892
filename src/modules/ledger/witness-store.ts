/** What each witness of the hub said last: one row a line of the policy. */
import { sql } from 'kysely';
import type { Queryable } from '#world/db/port';
import type { WitnessOutcome } from './model.ts';

interface Tables {
  ledger_witnesses: { label: string; size: string; cosigned_at: string | null; asked_at: string; outcome: string };
}

export interface WitnessRow {
  readonly label: string;
  /** Largest tree it has cosigned for us; 0 for none. */
  readonly size: number;
  readonly cosignedAt: string | null;
  readonly askedAt: string;
  readonly outcome: WitnessOutcome;
}

export async function witnessRows(db: Queryable): Promise<WitnessRow[]> {
  const rows = await db.as<Tables>().selectFrom('ledger_witnesses').selectAll().orderBy('label').execute();
  return rows.map((row) => ({
    label: row.label, size: Number(row.size), cosignedAt: row.cosigned_at, askedAt: row.asked_at,
    outcome: row.outcome as WitnessOutcome,
  }));
}

/** `size` null leaves what it has cosigned before as it is. */
export async function saveWitness(
  db: Queryable, said: { readonly label: string; readonly outcome: WitnessOutcome; readonly size: number | null; readonly at: string },
): Promise<void> {
  const { label, outcome, size, at } = said;
  await sql`insert into ledger_witnesses as w (label, size, cosigned_at, asked_at, outcome)
    values (${label}, ${String(size ?? 0)}::bigint, ${size === null ? null : at}::timestamptz, ${at}::timestamptz, ${outcome})
    on conflict (label) do update set asked_at = excluded.asked_at, outcome = excluded.outcome,
      size = greatest(w.size, excluded.size), cosigned_at = coalesce(excluded.cosigned_at, w.cosigned_at)`
    .execute(db.as<Tables>());
}
