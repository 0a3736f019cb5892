/**
 * CREATE TABLE, the same for every engine: a server's own part of a table, and, where there are several servers, the
 * table that spreads rows over them. Rows that cannot be computed again are synced to disk before they are acknowledged.
 */
import type { EventLookup, EventTable } from './port.ts';

/** One server's table. `engine` is how it is kept there: plain, or replicated through the server's macros. */
export function tableStatement(table: EventTable, name: string, engine = 'MergeTree'): string {
  const partition = table.partition === '' ? '' : `PARTITION BY ${table.partition}`;
  const synced = table.computed ? '' : 'SETTINGS fsync_after_insert = 1, fsync_part_directory = 1';
  return `CREATE TABLE IF NOT EXISTS ${name} (${table.columns}) ENGINE = ${engine} ${partition} ORDER BY ${table.order} ${synced}`;
}

export function lookupStatement(lookup: EventLookup, name: string): string {
  return `CREATE TABLE IF NOT EXISTS ${name} (${lookup.columns}) ENGINE = Join(ANY, LEFT, ${lookup.key})`;
}
