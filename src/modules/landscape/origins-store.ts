/** The attack matrix: how many attacks of a period went from each area to each. Exact sums of the counted days. */
import type { Events } from '#world/events/port';
import type { Span } from './periods.ts';

export interface Flow {
  readonly origin: string;
  /** Where the other side stands: ZZ where no list knows it, null where the row names none. */
  readonly target: string | null;
  readonly attacks: number;
}

/** Most attacks first. The pairs of all areas there are, at most. */
export async function attackFlows(events: Events, scope: string, span: Span): Promise<Flow[]> {
  const rows = await events.query({
    query: `SELECT toString(area) AS origin, toString(peer_area) AS target, sum(rows) AS attacks FROM day_count
      WHERE scope = {scope:String} AND kind = 'attack' AND day >= toDate({from:UInt16}) AND day < toDate({to:UInt16})
      GROUP BY origin, target ORDER BY attacks DESC, origin, target LIMIT 100000`,
    query_params: { scope, from: span.from, to: span.to },
  });
  const found = await rows.json<{ origin: string; target: string; attacks: number }>();
  return found.map(({ origin, target, attacks }) => ({ origin, target: target === '' ? null : target, attacks: Number(attacks) }));
}
