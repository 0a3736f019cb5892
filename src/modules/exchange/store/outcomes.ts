/** Outcomes: put down, read by object, counted by source and month. Whose they are is part of every read. */
import { sql, type RawBuilder } from 'kysely';
import type { Queryable } from '#world/db/port';
import type { SourceCard } from '../model/outcomes.ts';
import { tables } from './schema.ts';

export interface OutcomeRow {
  readonly object: string; readonly reporter: string; readonly scope: string; readonly outcome: 'useful' | 'not-useful' | 'false';
  readonly action: 'blocked' | 'notified' | 'investigated' | 'none'; readonly acted_at: string | null; readonly note: string; readonly given_at: string;
}

/** Who brought an object to its holder; and when it came, in µs. */
export async function originOf(q: Queryable, obj: string): Promise<{ source: string; org: string | null; cameUs: number } | null> {
  const { rows } = await sql<{ source: string; org: string | null; came: string }>`select o.source, s.org,
    (select min(v.received_us) from exchange_version v where v.obj = o.obj) as came
    from exchange_object o join exchange_source s on s.id = o.source where o.obj = ${obj}::bigint`.execute(tables(q));
  return rows[0] ? { source: rows[0].source, org: rows[0].org, cameUs: Number(rows[0].came) } : null;
}

export interface NewOutcome extends Omit<OutcomeRow, 'acted_at'> {
  readonly obj: string; readonly source: string; readonly sourceOrg: string | null; readonly actedAt: string | null; readonly by: string;
}

export async function putOutcome(tx: Queryable, o: NewOutcome): Promise<void> {
  await sql`insert into exchange_outcome (obj, reporter, scope, source, source_org, object, outcome, action, acted_at, note, given_at, given_by)
    values (${o.obj}::bigint, ${o.reporter}, ${o.scope}, ${o.source}, ${o.sourceOrg}, ${o.object}, ${o.outcome}, ${o.action}, ${o.actedAt}::timestamptz,
      ${o.note}, ${o.given_at}::timestamptz, ${o.by})
    on conflict (obj, reporter) do update set outcome = excluded.outcome, action = excluded.action, acted_at = excluded.acted_at, note = excluded.note,
      given_at = excluded.given_at, given_by = excluded.given_by`.execute(tables(tx));
}

/** What was said of an object of a holder: all of it for the holder, else one's own word. */
export async function outcomesOn(q: Queryable, org: string, obj: string): Promise<OutcomeRow[]> {
  const { rows } = await sql<OutcomeRow>`select * from exchange_outcome where obj = ${obj}::bigint and (scope = ${org} or reporter = ${org})
    order by given_at desc, reporter limit 500`.execute(tables(q));
  return rows;
}

export interface Month { readonly from: string; readonly until: string }

/** Words on what an organisation brought to others, the newest first. */
export async function outcomesOnBrought(q: Queryable, org: string, { from, until }: Month): Promise<OutcomeRow[]> {
  const { rows } = await sql<OutcomeRow>`select * from exchange_outcome where source_org = ${org} and scope <> ${org}
    and given_at >= ${from}::timestamptz and given_at < ${until}::timestamptz order by given_at desc, object, reporter limit 500`.execute(tables(q));
  return rows;
}

const counts = sql`count(*) as judged, count(*) filter (where x.outcome = 'useful') as useful, count(*) filter (where x.outcome = 'not-useful') as not_useful,
  count(*) filter (where x.outcome = 'false') as wrong, count(*) filter (where x.action <> 'none') as acted,
  percentile_cont(0.5) within group (order by (extract(epoch from x.acted_at) - c.came / 1e6) / 3600) filter (where x.action <> 'none') as hours`;
const came = sql`lateral (select min(v.received_us) as came from exchange_version v where v.obj = x.obj) c on true`;

interface Counted {
  readonly id: string; readonly name: string; readonly org: string | null; readonly received: string; readonly judged: string; readonly useful: string;
  readonly not_useful: string; readonly wrong: string; readonly acted: string; readonly hours: number | null;
}

const percentOf = (n: number, all: number): number | null => (all === 0 ? null : Math.round(n / all * 1000) / 10);

function cardOf(r: Counted): SourceCard {
  const judged = Number(r.judged);
  const part = (n: string) => ({ count: Number(n), percent: percentOf(Number(n), judged) });
  return {
    source: r.id, name: r.name, org: r.org, received: Number(r.received), judged, useful: part(r.useful), notUseful: part(r.not_useful), false: part(r.wrong),
    acted: Number(r.acted), medianHours: r.hours === null ? null : Math.round(Number(r.hours) * 10) / 10,
  };
}

const within = ({ from, until }: Month): RawBuilder<boolean> =>
  sql`x.given_at >= ${from}::timestamptz and x.given_at < ${until}::timestamptz`;

/** Each source of a holder that brought something in the month, or on whose objects something was said in it. */
export async function sourceCards(q: Queryable, scope: string, month: Month): Promise<SourceCard[]> {
  const [fromUs, untilUs] = [String(Date.parse(month.from) * 1000), String(Date.parse(month.until) * 1000)];
  const { rows } = await sql<Counted>`with received as (
      select o.source, count(*) as n from exchange_entry e join exchange_collection k on k.coll = e.coll and k.scope = ${scope} and k.kind <> 'shared'
        join exchange_object o on o.obj = e.obj
      where e.seq >= ${fromUs}::bigint and e.seq < ${untilUs}::bigint and e.first group by 1),
    judged as (select x.source, ${counts} from exchange_outcome x join ${came} where x.scope = ${scope} and ${within(month)} group by 1)
    select s.id, s.name, s.org, coalesce(r.n, 0) as received, coalesce(j.judged, 0) as judged, coalesce(j.useful, 0) as useful,
      coalesce(j.not_useful, 0) as not_useful, coalesce(j.wrong, 0) as wrong, coalesce(j.acted, 0) as acted, j.hours
    from exchange_source s left join received r on r.source = s.id left join judged j on j.source = s.id
    where s.scope = ${scope} and (r.n is not null or j.judged is not null) order by s.created_at, s.id`.execute(tables(q));
  return rows.map(cardOf);
}

/** The same of what an organisation brought, by who holds it. How much came is told by each side's own log. */
export async function broughtCards(q: Queryable, org: string, month: Month): Promise<SourceCard[]> {
  const { rows } = await sql<Counted>`select x.scope as id, x.scope as name, x.scope as org, count(distinct x.obj) as received, ${counts}
    from exchange_outcome x join ${came} where x.source_org = ${org} and x.scope <> ${org} and ${within(month)} group by x.scope order by x.scope`
    .execute(tables(q));
  return rows.map(cardOf);
}

/** Months in which something was said, the newest first. */
export async function outcomeMonths(q: Queryable, org: string, side: 'holder' | 'source'): Promise<string[]> {
  const whose = side === 'holder' ? sql`scope = ${org}` : sql`source_org = ${org} and scope <> ${org}`;
  const { rows } = await sql<{ month: string }>`select distinct to_char(given_at at time zone 'UTC', 'YYYY-MM') as month from exchange_outcome
    where ${whose} order by 1 desc limit 120`.execute(tables(q));
  return rows.map((r) => r.month);
}
