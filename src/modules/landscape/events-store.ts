/** What the landscape asks of the events store. Every read names the organisation (scope) or the feed whose rows it reads. */
import type { Events } from '#world/events/port';
import { eventTables } from './ddl.ts';
import { spanOf } from './periods.ts';

/** Creates the tables unless they are there. */
export async function prepareEvents(events: Events): Promise<void> {
  for (const query of eventTables) await events.command({ query });
}

/** Rows of a feed by event day. */
export async function storedDays(events: Events, feed: string): Promise<Map<number, number>> {
  const rows = await events.query({
    query: 'SELECT toUInt16(day) AS d, count() AS n FROM ev WHERE feed = {feed:String} GROUP BY d',
    query_params: { feed },
  });
  return new Map((await rows.json<{ d: number; n: number }>()).map(({ d, n }) => [d, n]));
}

/** Identities of a feed on some days: two bytes of day, sixteen of identity, row by row. */
export async function storedIds(events: Events, feed: string, days: readonly number[]): Promise<Uint8Array> {
  const rows = await events.query({
    query: `SELECT toUInt16(day), id FROM ev WHERE feed = {feed:String}
      AND day IN (SELECT toDate(arrayJoin({days:Array(UInt16)})))`,
    query_params: { feed, days }, format: 'RowBinary',
  });
  return rows.bytes();
}

export async function storedOfBatch(events: Events, batch: string): Promise<{ stored: number; attributed: number }> {
  const rows = await events.query({
    query: `SELECT count() AS stored, countIf(owner != '') AS attributed FROM ev WHERE batch = {batch:String}`,
    query_params: { batch },
  });
  return (await rows.json<{ stored: number; attributed: number }>())[0] ?? { stored: 0, attributed: 0 };
}

/**
 * Computes a period's users anew from the stored rows: home is the area with most active days, the latest on a tie, so
 * that a traveller counts once; attacked is whether any detection happened in the period. The period appears whole or
 * stays as it was: it is built beside and moved over in one step.
 */
export async function rebuildUserPeriod(events: Events, scope: string, period: string): Promise<void> {
  const span = spanOf(period);
  if (span === null) throw new Error(`no period: ${period}`);
  const part = `(${quoted(scope)}, ${quoted(period)})`;
  await events.command({ query: `ALTER TABLE user_period_next DROP PARTITION ${part}` });
  await events.command({
    query: `INSERT INTO user_period_next
      SELECT {scope:String}, {period:String}, argMax(area, (days, last)) AS home, user, max(hit) AS attacked FROM (
        SELECT user, area, uniqExact(day) AS days, max(time) AS last, max(kind = 'user-detection') AS hit,
          max(kind = 'user-heartbeat') AS beat
        FROM ev WHERE scope = {scope:String} AND kind IN ('user-heartbeat', 'user-detection')
          AND day >= toDate({from:UInt16}) AND day < toDate({to:UInt16})
        GROUP BY user, area
      ) GROUP BY user HAVING max(beat) = 1`,
    query_params: { scope, period, from: span.from, to: span.to },
  });
  const built = await events.query({
    query: 'SELECT count() AS n FROM user_period_next WHERE scope = {scope:String} AND period = {period:String}',
    query_params: { scope, period },
  });
  // A period may turn out empty: its rows were foreseen and never stored.
  const empty = ((await built.json<{ n: number }>())[0]?.n ?? 0) === 0;
  const move = empty ? `DROP PARTITION ${part}` : `REPLACE PARTITION ${part} FROM user_period_next`;
  await events.command({ query: `ALTER TABLE user_period ${move}` });
  await events.command({ query: `ALTER TABLE user_period_next DROP PARTITION ${part}` });
}

/** A literal for the places where the engine takes no parameter. */
function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll(`'`, `\\'`)}'`;
}
