/** How all feeds of an organisation are: their clocks, their last thirty days, what came of their rows. Computed from the batches. */
import { sql } from 'kysely';
import type { Clock } from '#world/clock';
import type { Db } from '#world/db/port';
import { feedStanding } from '../mandate.ts';
import { feedsOf, tables } from '../store.ts';
import { stripOf, type Stretch } from './rules.ts';
import { sourcesOf } from './store.ts';

const dayMs = 86_400_000;
const shown = 30;
/** Further back than is shown: a delivery of before tells since when one was due. */
const looked = 70;

interface DayRow { feed: string; day: string; files: string; read: string; stored: string; duplicate: string; quarantined: string; drifts: string }

async function daysOf(db: Db, scope: string, from: string): Promise<Map<string, DayRow[]>> {
  const { rows } = await sql<DayRow>`select feed, to_char(ended_at at time zone 'UTC', 'YYYY-MM-DD') as day, count(*) as files, sum(read) as read,
      sum(stored) as stored, sum(duplicate) as duplicate, sum(quarantined) as quarantined, count(drift) as drifts
    from landscape_batch where scope = ${scope} and state = 'done' and ended_at >= ${from} group by feed, 2`.execute(tables(db));
  return grouped(rows);
}

/** Stretches in which a delivery was due and had not come. */
async function overdueOf(db: Db, scope: string, from: string): Promise<Map<string, Stretch[]>> {
  const { rows } = await sql<{ feed: string; due: string; came: string }>`
    select d.feed, d.before + f.cadence_hours * interval '1 hour' as due, d.ended_at as came
    from (select feed, ended_at, lag(ended_at) over (partition by feed order by ended_at, id) as before
      from landscape_batch where scope = ${scope} and state = 'done' and ended_at >= ${from}) d
    join landscape_feed f on f.id = d.feed where d.ended_at - d.before > f.cadence_hours * interval '1 hour'`.execute(tables(db));
  return new Map([...grouped(rows)].map(([feed, list]) =>
    [feed, list.map(({ due, came }) => ({ from: Date.parse(due), to: Date.parse(came) }))]));
}

async function gapsOf(db: Db, scope: string, from: string): Promise<Map<string, Stretch[]>> {
  const rows = await tables(db).selectFrom('landscape_gap').select(['feed', 'gap_from', 'gap_to']).where('scope', '=', scope).where('gap_to', '>',
    from).execute();
  return new Map([...grouped(rows)].map(([feed, list]) =>
    [feed, list.map((gap) => ({ from: Date.parse(gap.gap_from), to: Date.parse(gap.gap_to) }))]));
}

function grouped<T extends { feed: string }>(rows: readonly T[]): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const row of rows) {
    const list = found.get(row.feed);
    if (list) list.push(row);
    else found.set(row.feed, [row]);
  }
  return found;
}

const within = ({ from, to }: Stretch, since: number): number => Math.max(0, to - Math.max(from, since));

export async function healthOf(parts: { readonly db: Db; readonly clock: Clock }, scope: string) {
  const { db, clock } = parts;
  const now = clock.now();
  const today = Math.floor(now / dayMs) * dayMs;
  const since = today - (shown - 1) * dayMs;
  const days = Array.from({ length: shown }, (_, i) => new Date(since + i * dayMs).toISOString().slice(0, 10));
  const [feeds, byDay, overdue, gaps, sources, late] = await Promise.all([
    feedsOf(db, scope, now), daysOf(db, scope, new Date(since).toISOString()), overdueOf(db, scope, new Date(now - looked * dayMs).toISOString()),
    gapsOf(db, scope, new Date(since).toISOString()), sourcesOf(db, scope, null),
    tables(db).selectFrom('landscape_feed').select(['id', 'late_since']).where('scope', '=', scope).where('late_since', 'is not', null).execute(),
  ]);
  const lateSince = new Map(late.map((row) => [row.id, row.late_since]));
  const items = await Promise.all(feeds.map(async (feed) => {
    const rows = byDay.get(feed.id) ?? [];
    const sum = (of: (row: DayRow) => string): number => rows.reduce((all, row) => all + Number(of(row)), 0);
    const last = feed.lastBatchAt === null ? null : Date.parse(feed.lastBatchAt);
    const due = last === null || feed.cadenceHours === null ? now : last + feed.cadenceHours * 3_600_000;
    const lost = gaps.get(feed.id) ?? [];
    const own = sources.filter((source) => source.feed === feed.id);
    return {
      feed: { ...feed, standing: await feedStanding(parts, { scope, sourceOrg: feed.sourceOrg }) }, lateSince: lateSince.get(feed.id) ?? null,
      days: stripOf(days, {
        files: new Map(rows.map((row) => [row.day, Number(row.files)])), lost,
        overdue: [...overdue.get(feed.id) ?? [], ...(due < now ? [{ from: due, to: now }] : [])],
      }),
      read: sum((row) => row.read), stored: sum((row) => row.stored), duplicate: sum((row) => row.duplicate), quarantined: sum((row) => row.quarantined),
      drifts: sum((row) => row.drifts), lostHours: Math.round(lost.reduce((all, gap) => all + within(gap, since), 0) / 360_000) / 10,
      sources: own.length, failing: own.filter((source) => source.failing !== null).length,
      nextAt: own.flatMap((source) => source.nextAt ?? []).sort()[0] ?? null,
    };
  }));
  return { at: clock.iso(), items };
}
