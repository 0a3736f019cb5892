/** What the landscape asks of the events store. Every read names the organisation (scope) or the feed whose rows it reads. */
import type { Events } from '#world/events/port';

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

/** Days of a batch's rows. */
export async function daysOfBatch(events: Events, batch: string): Promise<number[]> {
  const rows = await events.query({
    query: 'SELECT DISTINCT toUInt16(day) AS d FROM ev WHERE batch = {batch:String} ORDER BY d', query_params: { batch },
  });
  return (await rows.json<{ d: number }>()).map(({ d }) => d);
}

/**
 * Takes a batch's rows out again, which lie on these days. Rows are marked as gone and are no part of any answer from then on;
 * the engine drops them when it merges, since writing whole parts anew would need the room that may be missing.
 */
export async function removeBatch(events: Events, batch: string, days: readonly number[]): Promise<void> {
  if (days.length === 0) return;
  await events.command({
    query: `DELETE FROM ${events.here('ev')} WHERE batch = ${quoted(batch)} AND day >= toDate(${Math.min(...days)})
      AND day <= toDate(${Math.max(...days)}) SETTINGS lightweight_deletes_sync = 2`,
    each: true,
  });
}

/** Rows of one organisation become its successor's. Done twice, it changes nothing. */
export async function passOnRows(events: Events, from: string, to: string): Promise<void> {
  await events.command({
    query: `ALTER TABLE ${events.here('ev')} UPDATE scope = ${quoted(to)} WHERE scope = ${quoted(from)} SETTINGS mutations_sync = 2`, each: true,
  });
}

/** A literal for the places where the engine takes no parameter. */
const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll(`'`, `\\'`)}'`;
