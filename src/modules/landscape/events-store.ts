/** What the landscape asks of the events store. Every read names the organisation (scope) or the feed whose rows it reads. */
import type { Events } from '#world/events/port';
import { periodOf, spanOf } from './periods.ts';

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

/** A month of an organisation's rows: how many, and a digest of which, in no order. */
export interface OldMonth { readonly scope: string; readonly month: string; readonly rows: number; readonly digest: string }

/** Months of which every day lies before this one. */
export async function monthsBefore(events: Events, before: number): Promise<OldMonth[]> {
  const rows = await events.query({
    query: `SELECT scope, formatDateTime(day, '%Y-%m') AS month, count() AS rows,
        lower(hex(groupBitXor(reinterpretAsUInt128(id)))) AS digest
      FROM ev WHERE day < toDate({before:UInt16}) GROUP BY scope, month ORDER BY scope, month`,
    query_params: { before },
  });
  return rows.json<OldMonth>();
}

/**
 * Takes a month of an organisation's rows out of the store for good, and what names addresses or users among what was computed of them. Parts are
 * written anew at once: a mark would leave the bytes on the disk. Done twice, it changes nothing.
 */
export async function dropMonth(events: Events, scope: string, { from, to }: { readonly from: number; readonly to: number }): Promise<void> {
  const days = `scope = ${quoted(scope)} AND day >= toDate(${from}) AND day < toDate(${to})`;
  for (const table of ['ev', 'seen']) {
    await events.command({ query: `ALTER TABLE ${events.here(table)} DELETE WHERE ${days} SETTINGS mutations_sync = 2`, each: true });
  }
  // Users of a period go with its last month; their sums stay.
  const over = `scope = ${quoted(scope)} AND period IN (${periodsEndingIn(from, to).map(quoted).join(', ')})`;
  for (const table of ['month_seen', 'user_state']) {
    await events.command({ query: `ALTER TABLE ${events.here(table)} DELETE WHERE ${over} SETTINGS mutations_sync = 2`, each: true });
  }
}

/** The periods whose last day lies in a month. */
function periodsEndingIn(from: number, to: number): string[] {
  return (['month', 'quarter', 'year'] as const).map((grain) => periodOf(from, grain)).filter((period) => spanOf(period)?.to === to);
}

/** Rows of one organisation become its successor's. Done twice, it changes nothing. */
export async function passOnRows(events: Events, from: string, to: string): Promise<void> {
  await events.command({
    query: `ALTER TABLE ${events.here('ev')} UPDATE scope = ${quoted(to)} WHERE scope = ${quoted(from)} SETTINGS mutations_sync = 2`, each: true,
  });
}

/** A literal for the places where the engine takes no parameter. */
const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll(`'`, `\\'`)}'`;
