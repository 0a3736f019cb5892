/** What a holder has that could be shared, counted, and the first filling of a collection. */
import { sql } from 'kysely';
import type { Queryable } from '#world/db/port';
import { red } from '../rules/tlp.ts';
import { numbers } from './log.ts';
import { tables } from './schema.ts';

/** The holder's objects by type, label, and whether it made them itself. */
export async function shareOf(q: Queryable, scope: string): Promise<{ type: string; tlp: number; own: boolean; objects: number }[]> {
  const { rows } = await sql<{ typ: string; tlp: number; own: boolean; n: string }>`select o.typ, o.top_tlp as tlp, s.kind = 'own' as own, count(*) as n
    from exchange_object o join exchange_source s on s.id = o.source where o.scope = ${scope} and o.recalled is null
    group by 1, 2, 3 order by 1, 2, 3`.execute(tables(q));
  return rows.map((r) => ({ type: r.typ, tlp: r.tlp, own: r.own, objects: Number(r.n) }));
}

export interface Filling {
  /** Where it is filled from: the library, of which what the holder made goes in; or another collection of the same community, whole. */
  readonly from: number;
  readonly whole?: boolean;
  readonly into: number;
  readonly ceiling: number;
  readonly types: readonly string[] | null;
  readonly nowUs: number;
}

/**
 * Puts the last version of everything that the holder made and that fits into a new collection, in the order in which it came. The
 * log is locked by the caller. Answers how many.
 */
export async function backfill(tx: Queryable, { from: source, whole, into, ceiling, types, nowUs }: Filling): Promise<number> {
  const fits = types === null ? sql`true` : sql`e.typ = any(${types}::text[])`;
  const from = sql`exchange_entry e join exchange_object o on o.obj = e.obj join exchange_source s on s.id = o.source
    where e.coll = ${source}::int and e.superseded_seq is null and not e.outdated and ${whole === true ? sql`true` : sql`s.kind = 'own'`} and o.recalled is null
      and o.top_tlp <= ${Math.min(ceiling, red - 1)}::smallint and ${fits}`;
  const { rows: counted } = await sql<{ n: string }>`select count(*) as n from ${from}`.execute(tables(tx));
  const count = Number(counted[0]?.n ?? 0);
  if (count === 0) return 0;
  const first = await numbers(tx, into, count, nowUs) - 1;
  await sql`insert into exchange_entry (coll, seq, ver, obj, us, rest, typ, spec, tlp, bytes, superseded_seq, first, outdated)
    select ${into}::int, ${String(first)}::bigint + row_number() over (order by e.seq), e.ver, e.obj, e.us, e.rest, e.typ, e.spec, e.tlp, e.bytes, null,
      true, false
    from ${from}`.execute(tables(tx));
  return count;
}
