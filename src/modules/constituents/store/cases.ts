/**
 * Cases: one finding in one notice that was let go, by each feed that showed it, with what its owner did about it before the next notice spoke
 * of it. For what is told of sources; the verdict is whoever asks's.
 */
import { sql } from 'kysely';
import type { Queryable } from '#world/db/port';

export interface Case {
  readonly feed: string;
  readonly finding: string;
  readonly notice: string;
  readonly releasedAt: string;
  /** When its owner first acted on it: read it and was on it, said that it is fixed, declared an exception; or observation closed it. */
  readonly actedAt: string | null;
  /** The last that its owner said of it: `acknowledged`, `said-fixed`, `excepted`, `disputed`. */
  readonly lastWord: string | null;
  /** Whether observation closed it. */
  readonly closed: boolean;
}

/** Cases whose notice was let go from a moment up to, not including, another; each once for each feed. */
export async function casesOf(q: Queryable, scope: string, from: string, to: string): Promise<Case[]> {
  const { rows } = await sql<{
    feed: string; finding: string; notice: string; released_at: string; acted_at: string | null; last_word: string | null; closed: boolean | null;
  }>`with asked as (
      select distinct t.finding from finding_told t join notice n on n.id = t.notice
      where n.scope = ${scope} and n.state = 'released' and n.released_at >= ${from}::timestamptz and n.released_at < ${to}::timestamptz
    ), told as (
      select t.finding, n.id as notice, n.released_at,
        lead(n.released_at) over (partition by t.finding order by n.released_at, n.id) as next_at
      from (select distinct finding, notice from finding_told where finding in (select finding from asked)) t
      join notice n on n.id = t.notice and n.scope = ${scope} and n.state = 'released' and n.released_at is not null
    )
    select f.feed, c.finding, c.notice, c.released_at, s.acted_at, s.last_word, s.closed
    from told c
    join finding_told f on f.finding = c.finding and f.notice = c.notice
    left join lateral (
      select min(x.at) filter (where x.what in ('acknowledged', 'said-fixed', 'excepted') or (x.what = 'closed' and x.by = 'observation')) as acted_at,
        (array_agg(x.what order by x.n desc) filter (where x.what in ('acknowledged', 'said-fixed', 'excepted', 'disputed')))[1] as last_word,
        bool_or(x.what = 'closed' and x.by = 'observation') as closed
      from finding_step x where x.finding = c.finding and x.at >= c.released_at and (c.next_at is null or x.at < c.next_at)
    ) s on true
    where c.released_at >= ${from}::timestamptz and c.released_at < ${to}::timestamptz
    order by f.feed, c.released_at, c.finding, c.notice`.execute(q.as<object>());
  return rows.map((row) => ({
    feed: row.feed, finding: row.finding, notice: row.notice, releasedAt: row.released_at, actedAt: row.acted_at, lastWord: row.last_word,
    closed: row.closed === true,
  }));
}
