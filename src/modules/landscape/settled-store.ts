/**
 * The records of what is computed: what is stale, what was restated, which registry the stored owners follow. Marks and notes
 * speak of the rows of one events store: hubs that share records but not events keep theirs apart (`Held`).
 */
import { sql } from 'kysely';
import type { Claim } from '#kit/ip/owners';
import type { Queryable } from '#world/db/port';
import type { Events } from '#world/events/port';
import type { Restatement } from './model.ts';
import { spanOf } from './periods.ts';
import { tables } from './store.ts';

/** An organisation's rows in one events store. */
export interface Held { readonly events: Pick<Events, 'identity'>; readonly scope: string }

/** The mark of a period whose users, not only its figures, are stale. */
export const userMark = (period: string): string => `users ${period}`;

/** Days (`2026-11-03`) and periods (`2026-Q4`) that may not fit the stored rows. `batch` says whose mark it is: a batch's, or the hub's. */
export interface StaleMark { readonly scope: string; readonly period: string; readonly batch: string }

export async function markStale(db: Queryable, held: Held, batch: string, periods: readonly string[]): Promise<void> {
  const { scope, events: { identity: store } } = held;
  for (let at = 0; at < periods.length; at += 1000) {
    await tables(db).insertInto('landscape_stale').values(periods.slice(at, at + 1000).map((period) => ({ scope, store, period, batch })))
      .onConflict((c) => c.columns(['scope', 'store', 'period', 'batch']).doNothing()).execute();
  }
}

/** Of one organisation, or of all whose rows the store has. */
export async function staleMarks(db: Queryable, events: Pick<Events, 'identity'>, scope?: string): Promise<StaleMark[]> {
  let query = tables(db).selectFrom('landscape_stale').select(['scope', 'period', 'batch']).where('store', '=', events.identity);
  if (scope !== undefined) query = query.where('scope', '=', scope);
  return query.orderBy('scope').orderBy('period').execute();
}

export async function unmarkStale(db: Queryable, held: Held, batch: string, periods: readonly string[]): Promise<void> {
  for (let at = 0; at < periods.length; at += 1000) {
    await tables(db).deleteFrom('landscape_stale').where('scope', '=', held.scope).where('store', '=', held.events.identity).where('batch', '=', batch)
      .where('period', 'in', periods.slice(at, at + 1000)).execute();
  }
}

/** Months whose rows are gone from a store; a month is noted once. False where it was already. */
export async function noteSwept(db: Queryable, held: Held, swept: { month: string; rows: number; at: string }): Promise<boolean> {
  const done = await tables(db).insertInto('landscape_swept').values({ scope: held.scope, store: held.events.identity, ...swept })
    .onConflict((c) => c.doNothing()).executeTakeFirst();
  return Number(done.numInsertedOrUpdatedRows ?? 0) === 1;
}

/** First day whose rows are still there: what lies before it is not computed any more. 0 where nothing has gone. */
export async function sweptBefore(db: Queryable, held: Held): Promise<number> {
  const row = await tables(db).selectFrom('landscape_swept').select((eb) => eb.fn.max('month').as('last')).where('scope', '=', held.scope)
    .where('store', '=', held.events.identity).executeTakeFirst();
  return row?.last ? spanOf(row.last)?.to ?? 0 : 0;
}

/** With which formulas a scope was computed; null where it never was. */
export async function settledVersion(db: Queryable, held: Held): Promise<number | null> {
  const row = await tables(db).selectFrom('landscape_settled').select('version').where('scope', '=', held.scope)
    .where('store', '=', held.events.identity).executeTakeFirst();
  return row?.version ?? null;
}

export async function noteSettled(db: Queryable, held: Held, version: number): Promise<void> {
  await tables(db).insertInto('landscape_settled').values({ scope: held.scope, store: held.events.identity, version, turns: 1 })
    .onConflict((c) => c.columns(['scope', 'store']).doUpdateSet({ version, turns: sql`landscape_settled.turns + 1` })).execute();
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
export async function followedClaims(db: Queryable, held: Held): Promise<Claim[] | null> {
  const row = await tables(db).selectFrom('landscape_registry').select('claims').where('scope', '=', held.scope)
    .where('store', '=', held.events.identity).executeTakeFirst();
  if (row === undefined) return null;
  return (row.claims as StoredClaim[]).map((claim) => ({ ...claim, to: claim.to ?? Number.POSITIVE_INFINITY }));
}

export async function saveFollowed(db: Queryable, held: Held, claims: readonly Claim[], at: string): Promise<void> {
  const { scope, events: { identity: store } } = held;
  const stored = JSON.stringify(claims.map((claim) => ({ ...claim, to: Number.isFinite(claim.to) ? claim.to : null })));
  await tables(db).insertInto('landscape_registry').values({ scope, store, claims: stored, at })
    .onConflict((c) => c.columns(['scope', 'store']).doUpdateSet({ claims: stored, at })).execute();
}

/** Organisations that receive feeds here. */
export async function receivers(db: Queryable): Promise<string[]> {
  const rows = await tables(db).selectFrom('landscape_feed').select('scope').distinct().orderBy('scope').execute();
  return rows.map((row) => row.scope);
}

/** Changes whenever a batch of the scope ends or its rollups are computed anew: what was computed before may be out of date. */
export async function stateOf(db: Queryable, held: Held): Promise<string> {
  const row = await tables(db).selectFrom('landscape_batch').where('scope', '=', held.scope).where('state', '<>', 'open')
    .select([sql<string>`count(*)`.as('n'), sql<string | null>`max(ended_at)`.as('last')]).executeTakeFirst();
  const settled = await tables(db).selectFrom('landscape_settled').select('turns').where('scope', '=', held.scope)
    .where('store', '=', held.events.identity).executeTakeFirst();
  return `${row?.n ?? 0}@${row?.last ?? ''}#${settled?.turns ?? 0}`;
}
