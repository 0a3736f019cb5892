/** What observers were served: views by digest, and runs of equal looks. */
import { sql } from 'kysely';
import type { Envelope } from '#kit/attest/dsse';
import type { View } from '#kit/watch/view';
import type { Queryable } from '#world/db/port';
import { tables, type WatchTables } from './schema.ts';

export interface RunRecord {
  readonly id: string; readonly channel: string; readonly observer: string; readonly org: string; readonly view: string; readonly fromAt: string;
  readonly toAt: string; readonly number: number; readonly looks: number; readonly first: Envelope; readonly last: Envelope;
  /** By the hub's clock. */
  readonly heardAt: string;
  readonly late: boolean; readonly servedMs: number | null; readonly current: boolean;
  /** Whether its manifest could be read. */
  readonly readable: boolean;
}
const runOf = (r: WatchTables['watch_run']): RunRecord => ({
  id: r.id, channel: r.channel, observer: r.observer, org: r.org, view: r.view, fromAt: r.from_at, toAt: r.to_at, number: Number(r.number), looks: r.looks,
  first: r.first_envelope as Envelope, last: r.last_envelope as Envelope, heardAt: r.heard_at, late: r.late,
  servedMs: r.served_ms === null ? null : Number(r.served_ms), current: r.current, readable: r.readable,
});

export async function currentRuns(q: Queryable, channels: readonly string[]): Promise<RunRecord[]> {
  const { rows } = await sql<WatchTables['watch_run']>`select * from watch_run where channel = any(${[...channels]}::text[]) and current
    order by channel, from_at, id`.execute(tables(q));
  return rows.map(runOf);
}

/** The newest first, from behind a place: `hour|id`. */
export async function runsBefore(q: Queryable, channel: string, behind: { at: string; id: string } | null, most: number): Promise<RunRecord[]> {
  const { rows } = await sql<WatchTables['watch_run']>`select * from watch_run where channel = ${channel}
    ${behind ? sql`and (from_at, id) < (${behind.at}::timestamptz, ${behind.id})` : sql``} order by from_at desc, id desc limit ${most}`.execute(tables(q));
  return rows.map(runOf);
}

export async function insertRun(tx: Queryable, r: RunRecord): Promise<void> {
  await sql`update watch_run set current = false where channel = ${r.channel} and observer = ${r.observer} and current`.execute(tables(tx));
  await sql`insert into watch_run (id, channel, observer, org, view, from_at, to_at, number, looks, first_envelope, last_envelope, heard_at, late, served_ms,
    current, readable) values (${r.id}, ${r.channel}, ${r.observer}, ${r.org}, ${r.view}, ${r.fromAt}::timestamptz, ${r.toAt}::timestamptz, ${r.number},
    ${r.looks}, ${JSON.stringify(r.first)}::jsonb, ${JSON.stringify(r.last)}::jsonb, ${r.heardAt}::timestamptz, ${r.late}, ${r.servedMs}, true,
    ${r.readable})`.execute(tables(tx));
}

/** The last that an observer saw of a channel with a manifest that could be read. */
export async function lastReadable(q: Queryable, channel: string, observer: string): Promise<RunRecord | null> {
  const { rows } = await sql<WatchTables['watch_run']>`select * from watch_run where channel = ${channel} and observer = ${observer} and readable
    order by number desc limit 1`.execute(tables(q));
  return rows[0] ? runOf(rows[0]) : null;
}

/** One more look that saw the same. */
export async function lengthenRun(tx: Queryable, r: Pick<RunRecord, 'id' | 'toAt' | 'number' | 'last' | 'heardAt' | 'late' | 'servedMs'>): Promise<void> {
  await sql`update watch_run set to_at = ${r.toAt}::timestamptz, number = ${r.number}, looks = looks + 1, last_envelope = ${JSON.stringify(r.last)}::jsonb,
    heard_at = ${r.heardAt}::timestamptz, late = ${r.late}, served_ms = ${r.servedMs} where id = ${r.id}`.execute(tables(tx));
}

/** How many channels each observer watches. */
export async function channelsWatched(q: Queryable): Promise<Map<string, number>> {
  const { rows } = await sql<{ observer: string; n: number }>`select observer, count(*)::int as n
    from watch_run where current group by observer`.execute(tables(q));
  return new Map(rows.map((r) => [r.observer, r.n]));
}

export async function keepView(tx: Queryable, channel: string, digest: string, text: string): Promise<void> {
  await sql`insert into watch_view (channel, digest, body) values (${channel}, ${digest}, ${text}) on conflict do nothing`.execute(tables(tx));
}

export async function viewTextOf(q: Queryable, channel: string, digest: string): Promise<string | null> {
  const row = await tables(q).selectFrom('watch_view').select('body').where('channel', '=', channel).where('digest', '=', digest).executeTakeFirst();
  return row?.body ?? null;
}

/** Views that were checked when they came, by digest. */
export async function viewsOf(q: Queryable, wanted: readonly Pick<RunRecord, 'channel' | 'view'>[]): Promise<Map<string, View>> {
  if (wanted.length === 0) return new Map();
  const { rows } = await sql<{ channel: string; digest: string; body: string }>`select v.channel, v.digest, v.body from watch_view v
    where v.channel = any(${[...new Set(wanted.map((w) => w.channel))]}::text[]) and v.digest = any(${[...new Set(wanted.map((w) => w.view))]}::text[])`
    .execute(tables(q));
  return new Map(rows.map((r) => [r.digest, JSON.parse(r.body) as View]));
}
