/**
 * The course of each infected address out of the stored rows: on which days it was seen, and after which of them it stayed away for good. Exact.
 * One address is looked at as a whole, so that parts of them, and servers, add up.
 */
import type { Events } from '#world/events/port';
import { cureDays, never, type Course } from './cleanup.ts';
import type { Span } from './periods.ts';
import type { Watched } from '#kit/survival';

const infections = `scope = {scope:String} AND kind = 'infection' AND area = {area:String} AND ip != toIPv6('::')`;
/** Pairs of an address and a day that one statement holds at once. */
const pairsAtOnce = 2_000_000;

export interface Whose { readonly scope: string; readonly area: string }

export interface Courses {
  readonly months: readonly Course[];
  /** First day of which there is a row, as a number; null where there is none. */
  readonly first: number | null;
}

/** Each day an address was seen, whether it was cured after it, and the day on which that stay began. */
function days(part: string): string {
  return `SELECT ip, arrayMap(x -> x.1, seen) AS ds, arrayMap(x -> x.2, seen) AS due,
      arrayMap((limit, following) -> limit < ${never} AND following > limit, due, arrayPopFront(arrayPushBack(ds, toUInt16(${never})))) AS cured,
      arrayFill((d, begins) -> begins, ds, arrayPopBack(arrayPushFront(cured, 1))) AS begun
    FROM (
      SELECT ip, arraySort(groupArray((d, due))) AS seen FROM (
        SELECT ip, toUInt16(day) AS d,
          toUInt16(max(transform(concat(toString(feed), ' ', toString(toUInt16(day))), {keys:Array(String)}, {limits:Array(UInt16)},
            toUInt16(${never})))) AS due
        FROM ev WHERE ${infections} AND ${part} GROUP BY ip, d)
      GROUP BY ip)`;
}

interface Asking { readonly params: Record<string, unknown>; readonly parts: number; readonly first: number | null }

async function asking(events: Events, { scope, area }: Whose, atOnce: number): Promise<Asking> {
  const ask = async <T>(query: string): Promise<T[]> => (await events.query({ query, query_params: { scope, area } })).json<T>();
  const observed = await ask<{ feed: string; day: number }>(
    `SELECT toString(feed) AS feed, toUInt16(day) AS day FROM ev WHERE scope = {scope:String} AND kind = 'infection' GROUP BY feed, day`);
  const [size] = await ask<{ n: number; first: number }>(
    `SELECT count() AS n, toUInt16(min(day)) AS first FROM seen WHERE ${infections}`);
  const limits = cureDays(observed);
  const n = Number(size?.n ?? 0);
  return {
    params: { scope, area, keys: limits.map((limit) => limit.key), limits: limits.map((limit) => limit.day) },
    parts: Math.max(1, Math.ceil(n / atOnce)), first: n === 0 ? null : size?.first ?? null,
  };
}

const partOf = (part: number, parts: number): string => (parts === 1 ? '1' : `cityHash64(toString(ip)) % ${parts} = ${part}`);

/** Addresses of every month from `from` on, by what had been and what became of them. */
export async function coursesOf(events: Events, whose: Whose, from: number, atOnce = pairsAtOnce): Promise<Courses> {
  const { params, parts, first } = await asking(events, whose, atOnce);
  if (first === null) return { months: [], first };
  const months: Course[] = [];
  for (let part = 0; part < parts; part++) {
    const rows = await events.query({
      query: `SELECT period, known, cured, count() AS addresses FROM (
          SELECT formatDateTime(toDate(d), '%Y-%m') AS period, began < toUInt16(toStartOfMonth(toDate(d))) AS known, argMax(c, d) AS cured FROM (
            SELECT ip, ds[1] AS began, arrayJoin(arrayZip(ds, cured)) AS at, at.1 AS d, at.2 AS c
            FROM (${days(partOf(part, parts))}))
          WHERE d >= {from:UInt16} GROUP BY ip, period, known)
        GROUP BY period, known, cured ORDER BY period, known, cured`,
      query_params: { ...params, from },
    });
    const found = await rows.json<{ period: string; known: number; cured: number; addresses: number }>();
    for (const { period, known, cured, addresses } of found) {
      months.push({ period, known: Number(known) === 1, cured: Number(cured) === 1, addresses: Number(addresses) });
    }
  }
  return { months, first };
}

/** How many days each stay that began in a month lasted, from its first day to its last; those not cured are watched still. */
export async function staysBegunIn(events: Events, whose: Whose, span: Span, atOnce = pairsAtOnce): Promise<Watched[]> {
  const { params, parts, first } = await asking(events, whose, atOnce);
  if (first === null) return [];
  const stays: Watched[] = [];
  for (let part = 0; part < parts; part++) {
    const rows = await events.query({
      query: `SELECT s.1 - s.2 AS time, s.3 AS ended, count() AS count FROM (
          SELECT arrayJoin(arrayFilter((x, i) -> (x.3 = 1 OR i = length(ds)) AND x.2 >= {from:UInt16} AND x.2 < {to:UInt16},
            arrayZip(ds, begun, cured), arrayEnumerate(ds))) AS s FROM (${days(partOf(part, parts))}))
        GROUP BY time, ended ORDER BY time, ended`,
      query_params: { ...params, from: span.from, to: span.to },
    });
    for (const row of await rows.json<{ time: number; ended: number; count: number }>()) {
      stays.push({ time: Number(row.time), ended: Number(row.ended) === 1, count: Number(row.count) });
    }
  }
  return stays;
}

/** Addresses of a month with a row that none of these owners answered for. */
export async function addressesElsewhere(events: Events, whose: Whose, span: Span, owners: readonly string[]): Promise<number> {
  const rows = await events.query({
    query: `SELECT uniqExactIf(ip, NOT has({owners:Array(String)}, toString(owner))) AS n FROM seen WHERE ${infections}
      AND day >= toDate({from:UInt16}) AND day < toDate({to:UInt16})`,
    query_params: { ...whose, owners: [...owners], from: span.from, to: span.to },
  });
  return Number((await rows.json<{ n: number }>())[0]?.n ?? 0);
}
