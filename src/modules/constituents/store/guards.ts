/** Guard lists: uploaded aside, taken by changing which one holds, and asked by key. The names themselves are the hub's to write. */
import { sql } from 'kysely';
import type { Queryable } from '#world/db/port';
import type { Collision, GuardKind, GuardList } from '../model/blocking.ts';
import { keysAbove, mostCollisions, rangeBelow } from '../rules/blocking.ts';

interface GuardListRow {
  id: string; scope: string; kind: string; file: string; sha256: string; names: number; state: string; uploaded_at: string;
  uploaded_by: string; adopted_at: string | null;
}
interface Tables { blocking_guard_list: GuardListRow; blocking_guard: { guard: string; key: string } }

const tables = (db: Queryable) => db.as<Tables>();

const guardListOf = (row: GuardListRow): GuardList => ({
  id: row.id, kind: row.kind as GuardKind, file: row.file, sha256: row.sha256, names: row.names, state: row.state as GuardList['state'],
  uploadedAt: row.uploaded_at, uploadedBy: row.uploaded_by, adoptedAt: row.adopted_at,
});

export async function insertGuardList(db: Queryable, scope: string, list: GuardList): Promise<void> {
  await tables(db).insertInto('blocking_guard_list').values({
    id: list.id, scope, kind: list.kind, file: list.file, sha256: list.sha256, names: list.names, state: list.state,
    uploaded_at: list.uploadedAt, uploaded_by: list.uploadedBy, adopted_at: list.adoptedAt,
  }).execute();
}

export async function guardListsOf(db: Queryable, scope: string): Promise<GuardList[]> {
  const rows = await tables(db).selectFrom('blocking_guard_list').selectAll().where('scope', '=', scope).where('state', '<>', 'dropped')
    .orderBy('kind').orderBy('uploaded_at', 'desc').orderBy('id').execute();
  return rows.map(guardListOf);
}

export async function guardListById(db: Queryable, scope: string, id: string): Promise<GuardList | null> {
  const row = await tables(db).selectFrom('blocking_guard_list').selectAll().where('scope', '=', scope).where('id', '=', id)
    .executeTakeFirst();
  return row ? guardListOf(row) : null;
}

export async function markGuardList(
  db: Queryable, scope: string, id: string, marks: Partial<Pick<GuardListRow, 'state' | 'names' | 'adopted_at'>>,
): Promise<void> {
  await tables(db).updateTable('blocking_guard_list').set(marks).where('scope', '=', scope).where('id', '=', id).execute();
}

export async function insertGuardKeys(db: Queryable, guard: string, keys: readonly string[]): Promise<void> {
  await sql`insert into blocking_guard (guard, key)
    select ${guard}::text, value from jsonb_array_elements_text(${JSON.stringify(keys)}::jsonb)
    on conflict do nothing`.execute(tables(db));
}

export async function countGuardKeys(db: Queryable, guard: string): Promise<number> {
  const { rows } = await sql<{ n: string }>`select count(*) as n from blocking_guard where guard = ${guard}`.execute(tables(db));
  return Number(rows[0]?.n ?? 0);
}

/** Names of one list that another does not have. */
export async function countMissing(db: Queryable, of: string, from: string): Promise<number> {
  const { rows } = await sql<{ n: string }>`select count(*) as n from blocking_guard o where o.guard = ${of}
    and not exists (select 1 from blocking_guard f where f.guard = ${from} and f.key = o.key)`.execute(tables(db));
  return Number(rows[0]?.n ?? 0);
}

/** One piece of what nobody asks any more; how many names went. */
export async function removeDroppedKeys(db: Queryable, most: number): Promise<number> {
  const { rows } = await sql<{ n: string }>`with gone as (delete from blocking_guard where (guard, key) in (
      select g.guard, g.key from blocking_guard g join blocking_guard_list l on l.id = g.guard where l.state = 'dropped' limit ${most}
    ) returning 1) select count(*) as n from gone`.execute(tables(db));
  return Number(rows[0]?.n ?? 0);
}

/** Uploads that were begun or made ready before a moment, and never taken. */
export async function dropStale(db: Queryable, before: string): Promise<void> {
  await tables(db).updateTable('blocking_guard_list').set({ state: 'dropped' }).where('state', 'in', ['reading', 'ready'])
    .where('uploaded_at', '<', before).execute();
}

/**
 * Whoever asks the guards before an act and whoever takes a new list wait for each other, so that no entry slips in by a list
 * that is being replaced. Held until the transaction ends.
 */
export async function holdGuards(tx: Queryable, scope: string, how: 'asking' | 'changing'): Promise<void> {
  const key = sql`hashtextextended(${`blocking-guards:${scope}`}, 0)`;
  const lock = how === 'asking' ? sql`pg_advisory_xact_lock_shared(${key})` : sql`pg_advisory_xact_lock(${key})`;
  await sql`select ${lock}`.execute(tables(tx));
}

export interface GuardHit { readonly of: string; readonly key: string; readonly kind: GuardKind; readonly how: Collision['how'] }

/** Keys asked about in one statement: of an IPv6 address more than a hundred prefixes lie above. */
const together = 400;

/** What of the adopted guard lists touches these keys: all that lies above, and the first of what lies below. */
export async function guardHits(db: Queryable, scope: string, keys: readonly string[]): Promise<GuardHit[]> {
  const kinds = new Map((await guardListsOf(db, scope)).filter((l) => l.state === 'adopted').map((l) => [l.id, l.kind]));
  if (kinds.size === 0) return [];
  const held = sql`select jsonb_array_elements_text(${JSON.stringify([...kinds.keys()])}::jsonb) as guard`;
  const found: GuardHit[] = [];
  const told = (rows: readonly { of: string; key: string; guard: string }[], how: (of: string, key: string) => Collision['how']): void => {
    for (const { of, key, guard } of rows) {
      const kind = kinds.get(guard);
      if (kind) found.push({ of, key, kind, how: how(of, key) });
    }
  };
  for (let at = 0; at < keys.length; at += together) {
    const some = keys.slice(at, at + together);
    const above = some.flatMap((of) => keysAbove(of).map((key) => ({ of, key })));
    told((await sql<{ of: string; key: string; guard: string }>`select a.of, g.key, g.guard from (${held}) h
      cross join jsonb_to_recordset(${JSON.stringify(above)}::jsonb) as a (of text, key text)
      join blocking_guard g on g.guard = h.guard and g.key = a.key order by a.of, length(g.key), g.guard`.execute(tables(db))).rows,
    (of, key) => (of === key ? 'same' : 'under'));
    const below = some.map((of) => {
      const [from, to] = rangeBelow(of);
      return { of, from, to };
    });
    told((await sql<{ of: string; key: string; guard: string }>`select b.of, g.key, g.guard from (${held}) h
      cross join jsonb_to_recordset(${JSON.stringify(below)}::jsonb) as b (of text, "from" text, "to" text)
      cross join lateral (select i.key, i.guard from blocking_guard i where i.guard = h.guard and i.key > b."from" and i.key < b."to"
        order by i.key limit ${mostCollisions}) g order by b.of, g.key, g.guard`.execute(tables(db))).rows, () => 'over');
  }
  return found;
}
