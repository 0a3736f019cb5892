/** What `constituents` asks of what was observed, answered by the landscape, which is the later module. */
import { freshSince, sliceOwners, takeSightings, type Observed } from '#modules/constituents/index';
import { batchById, countOf, infectedOf, sightingsOf, sliceOf } from '#modules/landscape/index';
import type { SequencedFact } from '#modules/ledger/index';
import type { Queryable } from '#world/db/port';
import type { World } from './world.ts';

export function observedBy({ events }: Pick<World, 'events'>): Observed {
  return {
    slice: (scope, owners, span, after, limit) => sliceOf(events, scope, owners, span, after, limit),
    count: (scope, owner, problem, span) => countOf(events, scope, owner, problem, span),
    infected: (scope, area, span) => infectedOf(events, scope, area, span),
  };
}

/** A batch was stored: what it showed of owners becomes findings and notices, in the transaction that notes it was heard. */
export async function tellOwners(world: World, tx: Queryable, fact: SequencedFact): Promise<void> {
  const found = await batchById(tx, fact.org, fact.subject);
  if (!found) return;
  const now = world.clock.now();
  const { sightings, days } = await sightingsOf(world.events, {
    scope: fact.org, batch: fact.subject, since: freshSince(now), until: Math.floor(now / 1000) + 3600,
    slices: await sliceOwners(tx, fact.org),
  });
  const told = await takeSightings({ ...world, observed: observedBy(world) }, tx, fact.org, {
    feed: found.batch.feed, sightings, days,
  });
  if (told.raised + told.reopened + told.closed > 0) world.trace.info('owners.told', { batch: fact.subject, ...told });
}
