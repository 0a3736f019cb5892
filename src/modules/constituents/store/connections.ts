/** Heartbeats: one row for each source of a constituent, not one for each beat. */
import { sql } from 'kysely';
import type { Migration, Queryable } from '#world/db/port';
import type { Connection } from '../model/connections.ts';

interface Row {
  scope: string; constituent: string; source: string; vendor: string; version: string | null; watched: string | number | null;
  first_at: string; last_at: string; beats: string | number; silent_since: string | null;
}
const tables = (q: Queryable) => q.as<{ connection: Row }>();

export const connectionsMigrations: readonly Migration[] = [
  {
    name: 'constituents/007-connections',
    sql: `create table connection (
      scope text not null, constituent text not null references constituent (id), source text not null, vendor text not null,
      version text, watched bigint, first_at timestamptz not null, last_at timestamptz not null, beats bigint not null,
      silent_since timestamptz, primary key (constituent, source));
    create index connection_scope on connection (scope, last_at)`,
  },
];

const connectionOf = (row: Row): Connection => ({
  constituent: row.constituent, source: row.source, vendor: row.vendor, version: row.version,
  watched: row.watched === null ? null : Number(row.watched), firstAt: row.first_at, lastAt: row.last_at, beats: Number(row.beats),
  silentSince: row.silent_since,
});

/** Those of an organisation's registry, or of some constituents in it. */
export async function connectionsOf(q: Queryable, scope: string, constituents?: readonly string[]): Promise<Connection[]> {
  let query = tables(q).selectFrom('connection').selectAll().where('scope', '=', scope);
  if (constituents) query = query.where('constituent', 'in', constituents.length > 0 ? [...constituents] : ['']);
  return (await query.orderBy('constituent').orderBy('source').execute()).map(connectionOf);
}

export type Beaten = Pick<Connection, 'constituent' | 'source' | 'vendor' | 'version' | 'watched'>;

/**
 * Notes a heartbeat. A clock that was set back does not make the last one older. `before` is what stood there: null for the
 * first of its source.
 */
export async function noteBeat(
  tx: Queryable, scope: string, beat: Beaten, at: string,
): Promise<{ before: Connection | null; after: Connection }> {
  const known = await tables(tx).selectFrom('connection').selectAll().where('scope', '=', scope).where('constituent', '=', beat.constituent)
    .where('source', '=', beat.source).forUpdate().executeTakeFirst();
  const row = await tables(tx).insertInto('connection')
    .values({ scope, ...beat, first_at: at, last_at: at, beats: 1, silent_since: null })
    .onConflict((c) => c.columns(['constituent', 'source']).doUpdateSet({
      vendor: beat.vendor, version: beat.version, watched: beat.watched, silent_since: null,
      last_at: sql`greatest(connection.last_at, excluded.last_at)`, beats: sql`connection.beats + 1`,
    })).returningAll().executeTakeFirstOrThrow();
  return { before: known ? connectionOf(known) : null, after: connectionOf(row) };
}

/** How many sources a constituent has. */
export async function sourcesOf(q: Queryable, scope: string, constituent: string): Promise<number> {
  const row = await tables(q).selectFrom('connection').select(({ fn }) => fn.countAll<string>().as('n')).where('scope', '=', scope)
    .where('constituent', '=', constituent).executeTakeFirst();
  return Number(row?.n ?? 0);
}

/**
 * Marks those whose last heartbeat was at `before` or earlier and that are not marked, as silent since `afterMs` later; answers
 * them with whose they are. Two hubs at once: one gets each.
 */
export async function markSilent(
  tx: Queryable, before: string, afterMs: number,
): Promise<{ scope: string; org: string | null; connection: Connection }[]> {
  const { rows } = await sql<Row & { org: string | null }>`update connection n
    set silent_since = n.last_at + ${afterMs}::bigint * interval '1 millisecond' from constituent c
    where c.id = n.constituent and n.silent_since is null and n.last_at <= ${before}::timestamptz returning n.*, c.org`.execute(tables(tx));
  return rows.map((row) => ({ scope: row.scope, org: row.org, connection: connectionOf(row) }));
}
