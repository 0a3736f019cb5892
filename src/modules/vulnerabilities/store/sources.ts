/** Sources: one's own, and the public ones that everybody sees. */
import { sql } from 'kysely';
import type { Queryable } from '#world/db/port';
import { seen, type VulnReach } from '../gate.ts';
import type { Source, sourceKinds } from '../model.ts';
import { tables } from './schema.ts';

export interface SourceRecord { readonly id: string; readonly scope: string; readonly kind: (typeof sourceKinds)[number]; readonly name: string }

/** The source of that name, made if there is none; its kind stays what it was. */
export async function sourceNamed(tx: Queryable, source: SourceRecord, at: string): Promise<SourceRecord> {
  await tables(tx).insertInto('vuln_source').values({ ...source, edition: null, last_at: null, created_at: at })
    .onConflict((c) => c.columns(['scope', 'name']).doNothing()).execute();
  return await tables(tx).selectFrom('vuln_source').select(['id', 'scope', 'kind', 'name']).where('scope', '=', source.scope)
    .where('name', '=', source.name).executeTakeFirstOrThrow() as SourceRecord;
}

export async function sourceByName(q: Queryable, scope: string, name: string): Promise<SourceRecord | null> {
  const row = await tables(q).selectFrom('vuln_source').select(['id', 'scope', 'kind', 'name']).where('scope', '=', scope).where('name', '=', name)
    .executeTakeFirst();
  return row ? row as SourceRecord : null;
}

/** One file more of it was taken in. */
export async function noteFresh(tx: Queryable, id: string, at: string, edition: string | null): Promise<void> {
  await sql`update vuln_source set last_at = ${at}::timestamptz, edition = coalesce(${edition}::text, edition) where id = ${id}`.execute(tables(tx));
}

export async function sourcesSeen(q: Queryable, reach: VulnReach): Promise<Source[]> {
  const { rows } = await sql<{ id: string; scope: string; kind: string; name: string; edition: string | null; last_at: string | null; created_at: string;
    n: string }>`
    select s.*, coalesce(c.n, 0) as n from vuln_source s
    left join (select r.source, count(*) as n from vuln_record r where ${seen(reach)} group by r.source) c on c.source = s.id
    where s.scope = ${reach.org} or s.kind = 'public' order by s.created_at, s.id`.execute(tables(q));
  return rows.map((r) => ({
    id: r.id, kind: r.kind as Source['kind'], name: r.name, mine: r.scope === reach.org, records: Number(r.n), edition: r.edition, lastAt: r.last_at,
    createdAt: r.created_at,
  }));
}
