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

/** Keys asked about in one statement. */
const together = 4_000;

/** What of the adopted guard lists touches these keys: all that lies above, and the first of what lies below. */
export async function guardHits(db: Queryable, scope: string, keys: readonly string[]): Promise<GuardHit[]> {
  const kinds = new Map((await guardListsOf(db, scope)).filter((l) => l.state === 'adopted').map((l) => [l.id, l.kind]));
  if (kinds.size === 0) return [];
  const guards = [...kinds.keys()];
  const told = (of: string, how: Collision['how']) => ({ key, guard }: Row): GuardHit[] => {
    const kind = kinds.get(guard);
    return kind ? [{ of, key, kind, how }] : [];
  };
  const above = await exactly(db, guards, [...new Set(keys.flatMap(keysAbove))]);
  const below = await covered(db, guards, keys);
  return keys.flatMap((of) => [
    ...keysAbove(of).flatMap((key) => (above.get(key) ?? []).flatMap(told(of, key === of ? 'same' : 'under'))),
    ...(below.get(of) ?? []).flatMap(told(of, 'over')),
  ]);
}

interface Row { readonly key: string; readonly guard: string }

const held = (guards: readonly string[]) => sql`(select jsonb_array_elements_text(${JSON.stringify(guards)}::jsonb) as guard) h`;

/**
 * Which of these keys stand on which list. Neighbours share what lies above them, so each key is asked for once. One probe of
 * the index a key: left to itself the planner reads a million names for one.
 */
async function exactly(db: Queryable, guards: readonly string[], keys: readonly string[]): Promise<Map<string, Row[]>> {
  const found = new Map<string, Row[]>();
  for (let at = 0; at < keys.length; at += together) {
    const { rows } = await sql<Row>`select g.key, g.guard from ${held(guards)}
      cross join jsonb_array_elements_text(${JSON.stringify(keys.slice(at, at + together))}::jsonb) as a (key)
      cross join lateral (select i.key, i.guard from blocking_guard i where i.guard = h.guard and i.key = a.key limit 1) g
      order by g.key, g.guard`.execute(tables(db));
    for (const row of rows) found.set(row.key, [...(found.get(row.key) ?? []), row]);
  }
  return found;
}

/** The first of what each key covers, list by list. */
async function covered(db: Queryable, guards: readonly string[], keys: readonly string[]): Promise<Map<string, Row[]>> {
  const found = new Map<string, Row[]>();
  for (let at = 0; at < keys.length; at += together) {
    const ranges = keys.slice(at, at + together).map((of) => {
      const [from, to] = rangeBelow(of);
      return { of, from, to };
    });
    const { rows } = await sql<Row & { of: string }>`select b.of, g.key, g.guard from ${held(guards)}
      cross join jsonb_to_recordset(${JSON.stringify(ranges)}::jsonb) as b (of text, "from" text, "to" text)
      cross join lateral (select i.key, i.guard from blocking_guard i where i.guard = h.guard and i.key > b."from" and i.key < b."to"
        order by i.key limit ${mostCollisions}) g order by b.of, g.key, g.guard`.execute(tables(db));
    for (const { of, ...row } of rows) found.set(of, [...(found.get(of) ?? []), row]);
  }
  return found;
}
