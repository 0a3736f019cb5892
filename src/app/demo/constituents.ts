/** Writes the story's registry into an empty hub: who answers for which networks, and since when. */
import type { Clock } from '#world/clock';
import type { Db } from '#world/db/port';
import { stateFact } from '#world/facts';
import { insertAssets, insertConstituent } from '../../modules/constituents/store.ts';
import { constituents } from './registry.ts';
import { centre } from './story.ts';

/** In one transaction: the registry is there whole, or the next start writes it. */
export async function writeRegistry(db: Db, clock: Clock): Promise<void> {
  await db.transaction(async (tx) => {
    for (const { id, org, name, kind, sector, province, assets } of constituents) {
      await insertConstituent(tx, centre, { id, name, kind, org, sector, province, createdAt: clock.iso() });
      await insertAssets(tx, centre, assets.map((asset, i) => ({ id: `ast_${id.slice(4)}${i}`, constituent: id, ...asset })));
      await stateFact(tx, {
        class: 'constituent.created', at: clock.iso(), actor: 'system', org: centre, subject: id, readers: [org],
        clauses: [], body: { kind, assets: assets.length },
      });
    }
  });
}
