/** The records of what is computed: what is stale, what was restated, which registry the stored owners follow. */
import { sql } from 'kysely';
import type { Claim } from '#kit/ip/owners';
import type { Queryable } from '#world/db/port';
import type { Restatement } from './model.ts';
import { tables } from './store.ts';

/** The mark of a period whose users, not only its figures, are stale. */
export const userMark = (period: string): string => `users ${period}`;

/** Days (`2026-11-03`) and periods (`2026-Q4`) that may not fit the stored rows. `batch` says whose mark it is: a batch's, or the hub's. */
export interface StaleMark { readonly scope: string; readonly period: string; readonly batch: string }

export async function markStale(db: Queryable, scope: string, batch: string, periods: readonly string[]): Promise<void> {
  for (let at = 0; at < periods.length; at += 1000) {
    await tables(db).insertInto('landscape_stale').values(periods.slice(at, at + 1000).map((period) => ({ scope, period, batch })))
      .onConflict((c) => c.columns(['scope', 'period', 'batch']).doNothing()).execute();
  }
}

export async function staleMarks(db: Queryable, scope?: string): Promise<StaleMark[]> {
  let query = tables(db).selectFrom('landscape_stale').selectAll();
  if (scope !== undefined) query = query.where('scope', '=', scope);
  return query.orderBy('scope').orderBy('period').execute();
}

export async function unmarkStale(db: Queryable, scope: string, batch: string, periods: readonly string[]): Promise<void> {
  for (let at = 0; at < periods.length; at += 1000) {
    await tables(db).deleteFrom('landscape_stale').where('scope', '=', scope).where('batch', '=', batch)
      .where('period', 'in', periods.slice(at, at + 1000)).execute();
  }
}

/** With which formulas a scope was computed; null where it never was. */
export async function settledVersion(db: Queryable, scope: string): Promise<number | null> {
  const row = await tables(db).selectFrom('landscape_settled').select('version').where('scope', '=', scope).executeTakeFirst();
  return row?.version ?? null;
}

export async function noteSettled(db: Queryable, scope: string, version: number): Promise<void> {
  await tables(db).insertInto('landscape_settled').values({ scope, version, turns: 1 })
    .onConflict((c) => c.column('scope').doUpdateSet({ version, turns: sql`landscape_settled.turns + 1` })).execute();
}

export async function insertRestatements(db: Queryable, scope: string, list: readonly Restatement[]): Promise<void> {
  for (let at = 0; at < list.length; at += 500) {
    await tables(db).insertInto('landscape_restatement').values(list.slice(at, at + 500).map((r) => ({ ...r, scope }))).execute();
  }
}

export async function restatementsOf(
  db: Queryable, scope: string, filter: { series?: string | undefined; published?: boolean; before?: string | undefined; limit: number },
): Promise<Restatement[]> {
  let query = tables(db).selectFrom('landscape_restatement').selectAll().where('scope', '=', scope).orderBy('id', 'desc').limit(filter.limit);
  if (filter.series !== undefined) query = query.where('series', '=', filter.series);
  if (filter.published) query = query.where('series', '<>', 'owner');
  if (filter.before !== undefined) query = query.where('id', '<', filter.before);
  return (await query.execute()).map(({ scope: _scope, ...row }) => ({
    ...row, cause: row.cause as Restatement['cause'], before: Number(row.before), after: Number(row.after),
  }));
}

interface StoredClaim { readonly kind: Claim['kind']; readonly value: string; readonly owner: string; readonly from: number; readonly to: number | null }

/** The claims that the stored owners follow; null where none were ever followed. */
export async function followedClaims(db: Queryable, scope: string): Promise<Claim[] | null> {
  const row = await tables(db).selectFrom('landscape_registry').select('claims').where('scope', '=', scope).executeTakeFirst();
  if (row === undefined) return null;
  return (row.claims as StoredClaim[]).map((claim) => ({ ...claim, to: claim.to ?? Number.POSITIVE_INFINITY }));
}

export async function saveFollowed(db: Queryable, scope: string, claims: readonly Claim[], at: string): Promise<void> {
  const stored = JSON.stringify(claims.map((claim) => ({ ...claim, to: Number.isFinite(claim.to) ? claim.to : null })));
  await tables(db).insertInto('landscape_registry').values({ scope, claims: stored, at })
    .onConflict((c) => c.column('scope').doUpdateSet({ claims: stored, at })).execute();
}

/** Organisations that receive feeds here. */
export async function receivers(db: Queryable): Promise<string[]> {
  const rows = await tables(db).selectFrom('landscape_feed').select('scope').distinct().orderBy('scope').execute();
  return rows.map((row) => row.scope);
}
