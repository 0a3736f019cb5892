/** Writes the story's registry into an empty hub: who answers for which networks since when, and whom one reaches there. */
import type { Clock } from '#world/clock';
import type { Db, Queryable } from '#world/db/port';
import { stateFact } from '#world/facts';
import { connectionsOf, noteBeat } from '../../modules/constituents/store/connections.ts';
import { insertAssets, insertConstituent } from '../../modules/constituents/store/registry.ts';
import { insertClaim, insertContact } from '../../modules/constituents/store/contacts.ts';
import { constituents, contacts } from './registry.ts';
import { centre } from './story.ts';

/** In one transaction: the registry is there whole, or the next start writes it. */
export async function writeRegistry(db: Db, clock: Clock): Promise<void> {
  await db.transaction(async (tx) => {
    for (const { id, org, name, kind, sector, province, assets } of constituents) {
      await insertConstituent(tx, centre, { id, name, kind, org, sector, province, createdAt: clock.iso() });
      await insertAssets(tx, centre, assets.map((asset, i) => ({ id: `ast_${id.slice(4)}${i}`, constituent: id, proof: null, ...asset })));
      await stateFact(tx, {
        class: 'constituent.created', at: clock.iso(), actor: 'system', org: centre, subject: id, readers: org === null ? [] : [org],
        clauses: [], body: { kind, assets: assets.length },
      });
    }
    await writeContacts(tx, clock);
  });
}

/** Heard at each start, as if it had been running: two bodies; a third was last heard days ago, the others never. */
export async function writeHeartbeats(db: Db, clock: Clock): Promise<void> {
  const heard = [
    { constituent: 'con_mintransit', source: 'edge', vendor: 'Kestrel Shield', version: '4.2', watched: 1240, daysAgo: 0 },
    { constituent: 'con_mintransit', source: 'mail', vendor: 'Meridian Guard', version: '11', watched: 3100, daysAgo: 0 },
    { constituent: 'con_songlam', source: 'edge', vendor: 'Kestrel Shield', version: '4.1', watched: 860, daysAgo: 0 },
    { constituent: 'con_minrecords', source: 'edge', vendor: 'Kestrel Shield', version: '3.9', watched: 410, daysAgo: 3 },
  ] as const;
  await db.transaction(async (tx) => {
    const known = await connectionsOf(tx, centre);
    for (const { daysAgo, ...beat } of heard) {
      if (daysAgo > 0 && known.some((c) => c.constituent === beat.constituent)) continue;
      await noteBeat(tx, centre, beat, new Date(clock.now() - daysAgo * dayMs).toISOString());
    }
  });
}

const dayMs = 86_400_000;

async function writeContacts(tx: Queryable, clock: Clock): Promise<void> {
  const ago = (days: number): string => new Date(clock.now() - days * dayMs).toISOString();
  const counts = new Map<string, number>();
  for (const { confirmedDaysAgo, ...given } of contacts) {
    const n = counts.get(given.constituent) ?? 0;
    counts.set(given.constituent, n + 1);
    await insertContact(tx, centre, {
      ...given, id: `cnt_${given.constituent.slice(4)}${n}`, addedAt: ago(300),
      confirmedAt: confirmedDaysAgo === null ? null : ago(confirmedDaysAgo),
    });
  }
  // A ministry says that it answers for one domain more; the centre has yet to look.
  await insertClaim(tx, centre, {
    id: 'clm_mintransit', constituent: 'con_mintransit', constituentName: '', kind: 'domain', value: 'ports-gov.example', from: ago(10),
    state: 'waiting', token: 'demonstration-7c1e5a0d9b', dnsSeenAt: null, madeAt: ago(3), reason: null,
  }, 'per_hung');
}
