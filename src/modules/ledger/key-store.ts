/** The log's keys as the records have them: which signed from which size on, and which signs no more. */
import { sql } from 'kysely';
import type { Queryable } from '#world/db/port';

export type KeyState = 'signing' | 'ending' | 'retired';

interface Tables {
  ledger_keys: { number: number; vkey: string; first_size: string; state: string; ended_size: string | null };
  ledger_openings: { index: string; class: string };
}

export interface KeyRow {
  readonly number: number;
  readonly vkey: string;
  /** Leaves that were there when it was made. */
  readonly firstSize: number;
  readonly state: KeyState;
  /** Size of the last checkpoint it signed, once it is retired. */
  readonly endedSize: number | null;
}

/** In order of their making. */
export async function keyRows(db: Queryable): Promise<KeyRow[]> {
  const rows = await db.as<Tables>().selectFrom('ledger_keys').selectAll().orderBy('number').execute();
  return rows.map((row) => ({
    number: row.number, vkey: row.vkey, firstSize: Number(row.first_size), state: row.state as KeyState,
    endedSize: row.ended_size === null ? null : Number(row.ended_size),
  }));
}

/** Enters a key that signs from now on; the one before is ending. Two that enter the same number at once: one of them fails. */
export async function addKey(tx: Queryable, key: Pick<KeyRow, 'number' | 'vkey' | 'firstSize'>): Promise<void> {
  const { number, vkey, firstSize } = key;
  // The first key is entered by every start that finds none: whoever is second finds it.
  await sql`insert into ledger_keys (number, vkey, first_size, state) values (${number}, ${vkey}, ${String(firstSize)}::bigint, 'signing')
    ${number === 1 ? sql`on conflict do nothing` : sql``}`.execute(tx.as<Tables>());
  await tx.as<Tables>().updateTable('ledger_keys').set({ state: 'ending' })
    .where('number', '<', number).where('state', '=', 'signing').execute();
}

export async function endKey(db: Queryable, number: number, size: number): Promise<void> {
  await db.as<Tables>().updateTable('ledger_keys').set({ state: 'retired', ended_size: String(size) })
    .where('number', '=', number).where('state', '=', 'ending').execute();
}

/** Leaf of the rotation that was stated when the log had this size, or null while it is not in the log yet. */
export async function rotationIndex(db: Queryable, fromSize: number): Promise<number | null> {
  const row = await db.as<Tables>().selectFrom('ledger_openings').select('index')
    .where('class', '=', 'ledger.key-rotated').where('index', '>=', String(fromSize)).orderBy('index').executeTakeFirst();
  return row ? Number(row.index) : null;
}
