/**
 * The head of the log among the records: the tree that is committed, whose turn it is to move it, and the checkpoints that
 * were signed over it. The head moves forward by compare-and-swap only.
 */
import { sql } from 'kysely';
import { concatBytes, toHex } from '#kit/encoding';
import type { Frontier } from '#kit/merkle/tree';
import { peakCount } from '#kit/merkle/tree';
import type { Queryable } from '#world/db/port';
import { bytesOf } from './store.ts';
import type { LedgerTables } from './store.ts';

export interface Head extends Frontier {
  readonly root: Uint8Array;
}

function headOf(row: Pick<LedgerTables['ledger_head'], 'size' | 'root' | 'peaks'>): Head {
  const size = Number(row.size);
  const peaks = bytesOf(row.peaks);
  if (peaks.length !== peakCount(size) * 32) throw new Error(`the head of ${size} leaves has the wrong peaks`);
  return {
    size,
    root: bytesOf(row.root),
    peaks: Array.from({ length: peaks.length / 32 }, (_, i) => peaks.slice(i * 32, i * 32 + 32)),
  };
}

export async function readHead(db: Queryable): Promise<Head> {
  return headOf(await db.as<LedgerTables>().selectFrom('ledger_head').selectAll().executeTakeFirstOrThrow());
}

/** Whose turn it is, as the records have it. */
export interface Turn {
  /** `place.process`: where the replica runs, and which run of it this is. */
  readonly holder: string;
  readonly epoch: number;
}

/**
 * Takes or renews the turn for `seconds` by the database's clock, and answers the head under it; null while another has
 * it. A turn that changes hands gets the next epoch. One place is held by one process at a time, so what an earlier
 * process of our own place has left is ours at once. `alone` is for an engine that no second process can open.
 */
export async function takeTurn(
  tx: Queryable, { holder, epoch }: Turn, seconds: number, alone: boolean,
): Promise<{ readonly head: Head; readonly epoch: number } | null> {
  const { rows: [row] } = await sql<{ size: string; root: string; peaks: string; epoch: string }>`
    update ledger_head set epoch = case when holder = ${holder} and epoch = ${String(epoch)}::bigint then epoch else epoch + 1 end,
      holder = ${holder}, until = clock_timestamp() + make_interval(secs => ${seconds})
    where id = 1 and (split_part(holder, '.', 1) = ${holder.split('.')[0] ?? holder} or until <= clock_timestamp() or ${alone})
    returning size, root, peaks, epoch`.execute(tx.as<LedgerTables>());
  return row ? { head: headOf(row), epoch: Number(row.epoch) } : null;
}

/** Gives the turn back, so that another need not wait for its end. */
export async function releaseTurn(db: Queryable, { holder, epoch }: Turn): Promise<void> {
  await sql`update ledger_head set until = 'epoch' where id = 1 and holder = ${holder} and epoch = ${String(epoch)}::bigint`
    .execute(db.as<LedgerTables>());
}

/**
 * Moves the head from one (size, root, epoch) to the next tree under the same epoch. Throws where it is another's or
 * elsewhere: that transaction must not commit.
 */
export async function moveHead(tx: Queryable, from: Head, epoch: number, next: Head, at: string): Promise<void> {
  const tables = tx.as<LedgerTables>();
  const root = toHex(next.root);
  const moved = await tables.updateTable('ledger_head')
    .set({ size: String(next.size), root, peaks: toHex(concatBytes(...next.peaks)) })
    .where('id', '=', 1).where('size', '=', String(from.size)).where('root', '=', toHex(from.root))
    .where('epoch', '=', String(epoch)).executeTakeFirst();
  if (Number(moved.numUpdatedRows) !== 1) throw new Error(`the head is not at ${from.size} of epoch ${epoch} any more`);
  await tables.insertInto('ledger_heads').values({ size: String(next.size), root, at }).execute();
}

/** The checkpoint signed last, or null where none was. */
export async function storedCheckpoint(db: Queryable): Promise<{ readonly size: number; readonly note: string } | null> {
  const row = await db.as<LedgerTables>().selectFrom('ledger_checkpoint').select(['size', 'note']).executeTakeFirst();
  return row ? { size: Number(row.size), note: row.note } : null;
}

/** Keeps a signed checkpoint, if the epoch is still the current one and none as large is kept; answers whether it is. */
export async function storeCheckpoint(
  db: Queryable, epoch: number, checkpoint: { readonly size: number; readonly note: string },
): Promise<boolean> {
  const { rows } = await sql`insert into ledger_checkpoint as c (id, size, epoch, note)
    select 1, ${String(checkpoint.size)}::bigint, h.epoch, ${checkpoint.note} from ledger_head h
    where h.id = 1 and h.epoch = ${String(epoch)}::bigint
    on conflict (id) do update set size = excluded.size, epoch = excluded.epoch, note = excluded.note where c.size < excluded.size
    returning id`.execute(db.as<LedgerTables>());
  return rows.length === 1;
}

/** Puts what witnesses signed under the newest checkpoint, if that is still the one of this size; answers it as it is then. */
export async function addCosignatures(tx: Queryable, size: number, add: (note: string) => string | null): Promise<string | null> {
  const tables = tx.as<LedgerTables>();
  const row = await tables.selectFrom('ledger_checkpoint').select('note').where('size', '=', String(size)).forUpdate()
    .executeTakeFirst();
  const note = row ? add(row.note) : null;
  if (note !== null) await tables.updateTable('ledger_checkpoint').set({ note }).where('id', '=', 1).execute();
  return note;
}

/** Keeps the newest checkpoint that has enough cosignatures. */
export async function keepCosigned(tx: Queryable, size: number, note: string): Promise<void> {
  await sql`insert into ledger_cosigned as c (id, size, note) values (1, ${String(size)}::bigint, ${note})
    on conflict (id) do update set size = excluded.size, note = excluded.note where c.size <= excluded.size`
    .execute(tx.as<LedgerTables>());
}

/** The newest checkpoint that has enough cosignatures, or null. */
export async function cosignedCheckpoint(db: Queryable): Promise<{ readonly size: number; readonly note: string } | null> {
  const row = await db.as<LedgerTables>().selectFrom('ledger_cosigned').select(['size', 'note']).executeTakeFirst();
  return row ? { size: Number(row.size), note: row.note } : null;
}

/** The root that was committed for this size, or null where no head had it. */
export async function committedRoot(db: Queryable, size: number): Promise<Uint8Array | null> {
  const row = await db.as<LedgerTables>().selectFrom('ledger_heads').select('root').where('size', '=', String(size))
    .executeTakeFirst();
  return row ? bytesOf(row.root) : null;
}

/** When this size was committed, or null where no head had it. */
export async function headTime(db: Queryable, size: number): Promise<string | null> {
  const row = await db.as<LedgerTables>().selectFrom('ledger_heads').select('at').where('size', '=', String(size))
    .executeTakeFirst();
  return row?.at ?? null;
}

/** The head with its epoch, held until the transaction ends: nobody sequences meanwhile. */
export async function lockHead(tx: Queryable): Promise<Head & { readonly epoch: number }> {
  const row = await tx.as<LedgerTables>().selectFrom('ledger_head').selectAll().forUpdate().executeTakeFirstOrThrow();
  return { ...headOf(row), epoch: Number(row.epoch) };
}

/** Heads that were committed with a size in (over, upTo], in order. */
export async function headsBetween(
  db: Queryable, over: number, upTo: number,
): Promise<{ readonly size: number; readonly root: Uint8Array }[]> {
  const rows = await db.as<LedgerTables>().selectFrom('ledger_heads').select(['size', 'root'])
    .where('size', '>', String(over)).where('size', '<=', String(upTo)).orderBy('size').execute();
  return rows.map(({ size, root }) => ({ size: Number(size), root: bytesOf(root) }));
}
