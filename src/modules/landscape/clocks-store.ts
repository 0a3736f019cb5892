/** Feeds' clocks and other publishers' figures in the records. */
import { sql } from 'kysely';
import type { Queryable } from '#world/db/port';
import { hoursOf, type FeedClock } from './clocks.ts';
import type { Gap, QuotedFigure } from './model.ts';
import { tables } from './store.ts';

export interface ClockedFeed extends FeedClock {
  readonly id: string;
  readonly name: string;
  readonly scope: string;
  readonly sourceOrg: string | null;
  readonly lateSince: string | null;
}

/** Feeds that promise something and have come at least once, whosever they are: for the hub's own round. */
export async function clockedFeeds(db: Queryable): Promise<ClockedFeed[]> {
  const rows = await tables(db).selectFrom('landscape_feed as f')
    .innerJoin('landscape_batch as b', (join) => join.onRef('b.feed', '=', 'f.id').on('b.state', '=', 'done'))
    .where((eb) => eb.or([eb('f.cadence_hours', 'is not', null), eb('f.window_hours', 'is not', null)]))
    .groupBy(['f.id', 'f.name', 'f.scope', 'f.source_org', 'f.cadence_hours', 'f.window_hours', 'f.late_since'])
    .select(['f.id', 'f.name', 'f.scope', 'f.source_org', 'f.cadence_hours', 'f.window_hours', 'f.late_since',
      sql<string>`max(b.ended_at)`.as('last')]).orderBy('f.id').execute();
  return rows.map((row) => ({
    id: row.id, name: row.name, scope: row.scope, sourceOrg: row.source_org, lateSince: row.late_since,
    last: Date.parse(row.last), cadenceHours: row.cadence_hours, windowHours: row.window_hours,
  }));
}

export async function saveLate(db: Queryable, feed: string, since: string | null): Promise<void> {
  await tables(db).updateTable('landscape_feed').set({ late_since: since }).where('id', '=', feed).execute();
}

/** Writes a gap, or lets the one that began there grow; never shrinks it. True where it is new. */
export async function saveGap(db: Queryable, gap: { id: string; scope: string; feed: string; from: string; to: string }): Promise<boolean> {
  const known = await tables(db).selectFrom('landscape_gap').select('id').where('feed', '=', gap.feed).where('gap_from', '=', gap.from)
    .executeTakeFirst();
  await tables(db).insertInto('landscape_gap')
    .values({ id: gap.id, scope: gap.scope, feed: gap.feed, gap_from: gap.from, gap_to: gap.to, closed_at: null })
    .onConflict((c) => c.columns(['feed', 'gap_from']).doUpdateSet({ gap_to: sql`greatest(landscape_gap.gap_to, excluded.gap_to)` })).execute();
  return known === undefined;
}

interface GapRow { id: string; feed: string; gap_from: string; gap_to: string; closed_at: string | null }

function gapOf(row: GapRow): Gap {
  const [from, to] = [Date.parse(row.gap_from), Date.parse(row.gap_to)];
  return {
    id: row.id, feed: row.feed, from: new Date(from).toISOString(), to: new Date(to).toISOString(), hours: hoursOf({ from, to }),
    closedAt: row.closed_at,
  };
}

/** Gaps that still grow, of any feed. */
export async function openGaps(db: Queryable): Promise<Gap[]> {
  return (await tables(db).selectFrom('landscape_gap').selectAll().where('closed_at', 'is', null).execute()).map(gapOf);
}

export async function closeGap(db: Queryable, id: string, to: string, at: string): Promise<void> {
  await tables(db).updateTable('landscape_gap').set({ gap_to: sql`greatest(gap_to, ${to}::timestamptz)`, closed_at: at })
    .where('id', '=', id).execute();
}

export async function gapsOf(db: Queryable, scope: string, feed: string): Promise<Gap[]> {
  const rows = await tables(db).selectFrom('landscape_gap').selectAll().where('scope', '=', scope).where('feed', '=', feed)
    .orderBy('gap_from', 'desc').limit(200).execute();
  return rows.map(gapOf);
}

/** Deliveries of feeds with a window that came further apart than it: the end of the one, the beginning of the other. */
export async function deliveriesApart(db: Queryable): Promise<{ feed: string; from: string; back: string }[]> {
  const found = await sql<{ feed: string; before: string; back: string }>`select d.feed, d.before, d.started_at as back from (
      select feed, started_at, lag(ended_at) over (partition by feed order by ended_at, id) as before from landscape_batch where state = 'done') d
    join landscape_feed f on f.id = d.feed
    where f.window_hours is not null and d.started_at - d.before > f.window_hours * interval '1 hour' order by d.feed, d.before`
    .execute(tables(db));
  return found.rows.map(({ feed, before, back }) => ({ feed, from: before, back }));
}

/** Keeps a figure; one of the same publisher, series, area and period is replaced. */
export async function saveQuoted(db: Queryable, scope: string, figure: QuotedFigure): Promise<void> {
  const { id, at, publisher, series, area, period } = figure;
  await tables(db).insertInto('landscape_quoted')
    .values({ id, scope, at, publisher, series, area, period, figure: JSON.stringify(figure) })
    .onConflict((c) => c.columns(['scope', 'publisher', 'series', 'area', 'period']).doUpdateSet({ id, at, figure: JSON.stringify(figure) }))
    .execute();
}

export async function quotedOf(
  db: Queryable, scope: string, filter: { publisher?: string | undefined; series?: string | undefined; area?: string | undefined },
): Promise<QuotedFigure[]> {
  let query = tables(db).selectFrom('landscape_quoted').select('figure').where('scope', '=', scope);
  if (filter.publisher !== undefined) query = query.where('publisher', '=', filter.publisher);
  if (filter.series !== undefined) query = query.where('series', '=', filter.series);
  if (filter.area !== undefined) query = query.where('area', '=', filter.area);
  return (await query.orderBy('publisher').orderBy('series').orderBy('period').limit(2000).execute()).map((row) => row.figure as QuotedFigure);
}
