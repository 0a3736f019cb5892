/** Who is connected, by the last heartbeats: pure, by a clock that is handed in. */
import { percentOf } from '#kit/percent';
import { silentAfterMs, type BodyConnection, type Connection } from '../model/connections.ts';
import type { Constituent } from '../model/registry.ts';

/** Silent since a day after the last heartbeat; a heartbeat from a clock ahead of ours is as one of now. */
export function silentSince(lastAt: string, now: number): string | null {
  const due = Date.parse(lastAt) + silentAfterMs;
  return now >= due ? new Date(due).toISOString() : null;
}

export interface Share { readonly connected: number; readonly total: number; readonly percent: number | null }

export const shareOf = (connected: number, total: number): Share =>
  ({ connected, total, percent: total === 0 ? null : percentOf(connected, total) });

type Body = Pick<Constituent, 'id' | 'name' | 'kind'>;

export interface Connected {
  readonly bodies: BodyConnection[];
  readonly all: Share;
  readonly vendors: { readonly vendor: string; readonly bodies: Share }[];
}

/** Each body with its sources; those without any first, then the silent, so that what is to be done stands on top. */
export function connectedBodies(bodies: readonly Body[], connections: readonly Connection[], now: number): Connected {
  const byBody = new Map<string, Connection[]>();
  for (const c of connections) {
    byBody.set(c.constituent, [...byBody.get(c.constituent) ?? [], { ...c, silentSince: silentSince(c.lastAt, now) }]);
  }
  const rank = { silent: 0, never: 1, connected: 2 } as const;
  const rows = bodies.map(({ id, name, kind }): BodyConnection => {
    const sources = (byBody.get(id) ?? []).sort((a, b) => (a.source < b.source ? -1 : 1));
    const heard = sources.some((s) => s.silentSince === null);
    const lastAt = sources.map((s) => s.lastAt).sort().at(-1) ?? null;
    return { id, name, kind, state: sources.length === 0 ? 'never' : heard ? 'connected' : 'silent', lastAt, sources };
  }).sort((a, b) => rank[a.state] - rank[b.state] || (a.name < b.name ? -1 : 1));
  const vendors = new Map<string, { all: Set<string>; heard: Set<string> }>();
  for (const source of rows.flatMap((row) => row.sources)) {
    const of = vendors.get(source.vendor) ?? { all: new Set(), heard: new Set() };
    vendors.set(source.vendor, of);
    of.all.add(source.constituent);
    if (source.silentSince === null) of.heard.add(source.constituent);
  }
  return {
    bodies: rows, all: shareOf(rows.filter((row) => row.state === 'connected').length, rows.length),
    vendors: [...vendors].map(([vendor, { all, heard }]) => ({ vendor, bodies: shareOf(heard.size, all.size) }))
      .sort((a, b) => (a.vendor < b.vendor ? -1 : 1)),
  };
}
