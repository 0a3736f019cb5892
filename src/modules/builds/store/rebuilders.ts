/** Rebuilders. Who they are is everybody's to know; an organisation writes its own. */
import { sql } from 'kysely';
import type { Queryable } from '#world/db/port';
import { tables, type BuildsTables } from './schema.ts';

export type RebuilderRow = BuildsTables['builds_rebuilder'];

/** False where one of that name or with that key is there, or was. */
export async function insertRebuilder(tx: Queryable, row: RebuilderRow): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tables(tx).insertInto('builds_rebuilder').values(row).onConflict((c) => c.doNothing()).executeTakeFirstOrThrow();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export const allRebuilders = (q: Queryable): Promise<RebuilderRow[]> =>
  tables(q).selectFrom('builds_rebuilder').selectAll().orderBy('registered_at').orderBy('id').execute();

export async function rebuilderOf(q: Queryable, org: string, id: string): Promise<RebuilderRow | null> {
  return await tables(q).selectFrom('builds_rebuilder').selectAll().where('id', '=', id).where('org', '=', org).executeTakeFirst() ?? null;
}

/** Those of an organisation that still speak. */
export const speakingFor = (q: Queryable, org: string): Promise<RebuilderRow[]> =>
  tables(q).selectFrom('builds_rebuilder').selectAll().where('org', '=', org).where('retired_at', 'is', null).execute();

/** False where it was retired before. */
export async function noteRetired(tx: Queryable, org: string, id: string, at: string, why: string): Promise<boolean> {
  const { numAffectedRows } = await sql`update builds_rebuilder set retired_at = ${at}::timestamptz, retired_why = ${why}
    where id = ${id} and org = ${org} and retired_at is null`.execute(tables(tx));
  return (numAffectedRows ?? 0n) > 0n;
}

/** Verdicts that stand, by rebuilder. */
export async function standingBy(q: Queryable): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ rebuilder: string; n: string }>`select rebuilder, count(*) as n from builds_verdict where superseded_by is null
    group by rebuilder`.execute(tables(q));
  return new Map(rows.map((r) => [r.rebuilder, Number(r.n)]));
}
