/** What the records and the rows say of sources in a month: batches, deliveries, gaps, and which things only one of them reported. */
import { sql } from 'kysely';
import type { Queryable } from '#world/db/port';
import type { Events } from '#world/events/port';
import { tables } from '../store.ts';
import type { Rows, Stretch } from './scores.ts';

export interface SourceFeed {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly provider: string | null;
  readonly cadenceHours: number | null;
}

/** Feeds of an organisation, or those of one provider among them. */
export async function sourceFeeds(db: Queryable, scope: string, provider?: string): Promise<SourceFeed[]> {
  let query = tables(db).selectFrom('landscape_feed').select(['id', 'name', 'title', 'source_org', 'cadence_hours']).where('scope', '=', scope)
    .orderBy('title').orderBy('id');
  if (provider !== undefined) query = query.where('source_org', '=', provider);
  return (await query.execute()).map((row) => ({
    id: row.id, name: row.name, title: row.title, provider: row.source_org, cadenceHours: row.cadence_hours,
  }));
}

export interface Delivered {
  readonly batches: number;
  readonly rows: Rows;
  /** When files ended well, in order: the last before the month, those of it, the first after it. */
  readonly deliveries: readonly number[];
  readonly gaps: readonly Stretch[];
}
const nothing: Delivered = { batches: 0, rows: { read: 0, stored: 0, duplicate: 0, quarantined: 0 }, deliveries: [], gaps: [] };

/** By feed, out of the files that ended well within the month. */
export async function deliveredOf(db: Queryable, scope: string, month: Stretch): Promise<(feed: string) => Delivered> {
  const [from, to] = [new Date(month.from).toISOString(), new Date(month.to).toISOString()];
  const sums = await sql<{ feed: string; n: string; read: string; stored: string; duplicate: string; quarantined: string }>`
    select feed, count(*) as n, sum(read) as read, sum(stored) as stored, sum(duplicate) as duplicate, sum(quarantined) as quarantined
    from landscape_batch where scope = ${scope} and state = 'done' and ended_at >= ${from}::timestamptz and ended_at < ${to}::timestamptz
    group by feed`.execute(tables(db));
  const times = await sql<{ feed: string; at: string }>`
    select feed, ended_at as at from landscape_batch where scope = ${scope} and state = 'done' and ended_at >= ${from}::timestamptz
      and ended_at < ${to}::timestamptz
    union all select feed, max(ended_at) from landscape_batch where scope = ${scope} and state = 'done' and ended_at < ${from}::timestamptz group by feed
    union all select feed, min(ended_at) from landscape_batch where scope = ${scope} and state = 'done' and ended_at >= ${to}::timestamptz group by feed
    order by feed, at`.execute(tables(db));
  const gaps = await sql<{ feed: string; gap_from: string; gap_to: string }>`select feed, gap_from, gap_to from landscape_gap
    where scope = ${scope} and gap_from < ${to}::timestamptz and gap_to > ${from}::timestamptz order by feed, gap_from`.execute(tables(db));
  const by = new Map<string, Delivered>();
  const change = (feed: string, patch: (was: Delivered) => Partial<Delivered>): void => {
    const was = by.get(feed) ?? nothing;
    by.set(feed, { ...was, ...patch(was) });
  };
  for (const row of sums.rows) {
    const rows = { read: Number(row.read), stored: Number(row.stored), duplicate: Number(row.duplicate), quarantined: Number(row.quarantined) };
    change(row.feed, () => ({ batches: Number(row.n), rows }));
  }
  for (const { feed, at } of times.rows) change(feed, (was) => ({ deliveries: [...was.deliveries, Date.parse(at)] }));
  for (const gap of gaps.rows) {
    change(gap.feed, (was) => ({ gaps: [...was.gaps, { from: Date.parse(gap.gap_from), to: Date.parse(gap.gap_to) }] }));
  }
  return (feed) => by.get(feed) ?? nothing;
}

/** Whether the rows of a month are past their time and gone. */
export async function rowsGone(db: Queryable, scope: string, month: string): Promise<boolean> {
  const { rows } = await sql`select 1 from landscape_swept where scope = ${scope} and month = ${month} limit 1`.execute(tables(db));
  return rows.length > 0;
}

/** Months in which a file of these feeds ended well, newest first. */
export async function monthsDelivered(db: Queryable, scope: string, feeds: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ m: string }>`select distinct to_char(ended_at at time zone 'UTC', 'YYYY-MM') as m from landscape_batch
    where scope = ${scope} and state = 'done' and feed in (select jsonb_array_elements_text(${JSON.stringify(feeds)}::jsonb))
    order by m desc limit 240`.execute(tables(db));
  return rows.map((row) => row.m);
}

export interface Alone { readonly all: number; readonly alone: number }

/**
 * Distinct things (an address or a name, and what kind of event) that happened in days of a month, by whoever reported them, and those that
 * nobody else did. `groups` joins feeds into one source; a feed without a group is its own.
 */
export async function aloneOf(
  events: Events, scope: string, days: { from: number; to: number }, groups: ReadonlyMap<string, string> = new Map(),
): Promise<Map<string, Alone>> {
  const source = groups.size === 0 ? 'toString(feed)' : `transform(toString(feed), {feeds:Array(String)}, {sources:Array(String)}, toString(feed))`;
  const rows = await (await events.query({
    query: `SELECT source, count() AS a, countIf(length(sources) = 1) AS o FROM (
        SELECT groupUniqArray(s) AS sources FROM (
          SELECT ${source} AS s, if(ip = toIPv6('::'), domain, toString(ip)) AS asset, kind FROM ev
          WHERE scope = {scope:String} AND day >= toDate({from:UInt16}) AND day < toDate({to:UInt16})
            AND kind NOT IN ('user-heartbeat', 'user-detection') AND asset != '' GROUP BY s, asset, kind
        ) GROUP BY asset, kind
      ) ARRAY JOIN sources AS source GROUP BY source`,
    query_params: { scope, ...days, feeds: [...groups.keys()], sources: [...groups.values()] },
  })).json<{ source: string; a: number; o: number }>();
  return new Map(rows.map((row) => [row.source, { all: Number(row.a), alone: Number(row.o) }]));
}
