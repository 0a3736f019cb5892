/** A body's heartbeats, who is connected, and the round that says once that somebody fell silent. */
import type { Actions } from '#kit/endpoint';
import { Refusal, noSuch } from '#kit/refusal';
import { stateFact } from '#world/facts';
import type { connectionsApi } from '../api/connections.ts';
import { beatEverySeconds, silentAfterMs, type Connection } from '../model/connections.ts';
import { connectedBodies, silentSince } from '../rules/connections.ts';
import { connectionsOf, markSilent, noteBeat, sourcesOf } from '../store/connections.ts';
import { constituentsOfKinds, constituentsSpokenFor } from '../store/registry.ts';
import { chosen } from './contacts.ts';
import type { ConstituentsParts, OwnSide } from './parts.ts';

/** Sources of one constituent at most: a program that names itself anew each time is stopped. */
const mostSources = 50;

/** What the organisation speaks for. That its monitoring is on needs no clause: it tells nothing of anybody. */
async function speaksFor({ db, centre }: ConstituentsParts, org: string): Promise<Omit<OwnSide, 'clauses'>> {
  const spoken = await constituentsSpokenFor(db, org);
  const scope = (spoken.find((c) => c.registry === centre) ?? spoken[0])?.registry;
  if (scope === undefined) throw noSuch('connection');
  return { scope, constituents: spoken.filter((c) => c.registry === scope).map(({ id, name }) => ({ id, name })) };
}

const said = (c: Connection) => ({ source: c.source, vendor: c.vendor });

export function connectionActions(parts: ConstituentsParts): Actions<typeof connectionsApi> {
  const { db, clock } = parts;
  return {
    beat: async ({ constituent, ...input }, { actor }) => {
      const side = await speaksFor(parts, actor.org);
      const id = chosen({ ...side, clauses: [] }, constituent);
      return db.transaction(async (tx) => {
        const { before, after } = await noteBeat(tx, side.scope, { ...input, constituent: id }, clock.iso());
        if (!before && await sourcesOf(tx, side.scope, id) > mostSources) {
          throw new Refusal('conflict', 'connection.many', `At most ${mostSources} sources; use the name of one that is there.`, { at: 'source' });
        }
        // One fact for a beginning and one for a return: beats themselves are no acts.
        if (!before || before.silentSince !== null) {
          await stateFact(tx, {
            class: before ? 'connection.came-again' : 'connection.began', at: clock.iso(), actor: actor.person, org: actor.org, subject: id,
            readers: [side.scope], clauses: [], body: { ...said(after), since: before?.silentSince ?? null },
          });
        }
        return { connection: after, nextSeconds: beatEverySeconds };
      });
    },
    myConnections: async (_, { actor }) => {
      const side = await speaksFor(parts, actor.org);
      const connections = await connectionsOf(db, side.scope, side.constituents.map((c) => c.id));
      return { connections: connections.map((c) => ({ ...c, silentSince: silentSince(c.lastAt, clock.now()) })) };
    },
    connections: async (input, { actor }) => {
      const bodies = await constituentsOfKinds(db, actor.org, input.kind ? [input.kind] : ['ministry', 'province']);
      return { ...connectedBodies(bodies, await connectionsOf(db, actor.org), clock.now()), computedAt: clock.iso() };
    },
  };
}

/** Says once of each source that it fell silent. Run twice or by several hubs, it says so once. */
export async function tendConnections({ db, clock }: Pick<ConstituentsParts, 'db' | 'clock'>): Promise<void> {
  const before = new Date(clock.now() - silentAfterMs).toISOString();
  await db.transaction(async (tx) => {
    for (const { scope, org, connection } of await markSilent(tx, before, silentAfterMs)) {
      await stateFact(tx, {
        class: 'connection.silent', at: clock.iso(), actor: 'system', org: scope, subject: connection.constituent,
        readers: org === null ? [] : [org], clauses: [], body: { ...said(connection), since: connection.silentSince },
      });
    }
  });
}
