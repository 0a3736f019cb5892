/** Infected addresses of providers in a month, within what they have registered and beside it. Exact, out of the assets of the days. */
import type { Events } from '#world/events/port';
import type { Range } from '#kit/ip/holdings';
import type { Span } from './periods.ts';

export interface InfectedAt {
  readonly owner: string;
  /** IPv4 addresses within its registered ranges. */
  readonly within: number;
  /** IPv4 addresses that it answers for otherwise: by the number of its network, or by a prefix that it had for a part of the month. */
  readonly beside: number;
  readonly v6: number;
}

const dotted = (n: number): string => `::ffff:${[24, 16, 8, 0].map((shift) => Math.floor(n / 2 ** shift) % 256).join('.')}`;

/** Which rows count: all of them, those that are not marked RED, or those of some markings. */
export type Counting = 'all' | 'open' | readonly string[];

export async function infectedAt(
  events: Events, scope: string, span: Span, owners: readonly string[], ranges: readonly Range[], counting: Counting = 'all',
): Promise<InfectedAt[]> {
  // Days are summed up without their markings, but for whether any row is not RED: what is finer is asked of the rows.
  const labels = typeof counting === 'string' ? [] : [...counting];
  const [table, marked] = counting === 'all' ? ['seen', ''] : counting === 'open' ? ['seen', 'AND open > 0']
    : ['ev', 'AND has({labels:Array(String)}, toString(tlp))'];
  const own = ranges.filter((range) => owners.includes(range.owner));
  const rows = await events.query({
    query: `SELECT owner, countIf(four AND held) AS within, countIf(four AND NOT held) AS beside, countIf(NOT four) AS v6 FROM (
        SELECT DISTINCT toString(owner) AS owner, ip, ip >= toIPv6('::ffff:0.0.0.0') AND ip <= toIPv6('::ffff:255.255.255.255') AS four,
          arrayExists((o, f, l) -> o = toString(owner) AND ip >= toIPv6(f) AND ip <= toIPv6(l),
            {of:Array(String)}, {first:Array(String)}, {last:Array(String)}) AS held
        FROM ${table} WHERE scope = {scope:String} ${marked} AND kind = 'infection' AND ip != toIPv6('::') AND has({owners:Array(String)}, toString(owner))
          AND day >= toDate({from:UInt16}) AND day < toDate({to:UInt16}))
      GROUP BY owner ORDER BY owner`,
    query_params: {
      scope, labels, owners: [...owners], from: span.from, to: span.to,
      of: own.map((range) => range.owner), first: own.map((range) => dotted(range.first)), last: own.map((range) => dotted(range.last)),
    },
  });
  const found = await rows.json<{ owner: string; within: number; beside: number; v6: number }>();
  return found.map((row) => ({ owner: row.owner, within: Number(row.within), beside: Number(row.beside), v6: Number(row.v6) }));
}
