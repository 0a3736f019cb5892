/** What `constituents` asks of what was observed, answered by the landscape, which is the later module. */
import { freshSince, sliceOwners, takeSightings, type Observed, type SightedBatch, type Sighting } from '#modules/constituents/index';
import {
  advisedSightings, advisoriesOf, advisoryById, batchById, countOf, infectedOf, markAdvisoryHeard, markBatchTold, mergeSightings, sightingsOf, sliceOf,
  untoldBatches,
} from '#modules/landscape/index';
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
  const asked = await freshRows(world, tx, fact.org);
  const { sightings, days } = await sightingsOf(world.events, { ...asked, batch: fact.subject });
  const advised: Sighting[] = [];
  for (const advisory of await advisoriesOf(tx, fact.org, world.clock.now(), { inForce: true, heard: true })) {
    const byFeed = await advisedSightings(world.events, advisory, { ...asked, of: { batch: fact.subject } });
    advised.push(...[...byFeed.values()].flat());
  }
  await markBatchTold(tx, fact.subject);
  await take(world, tx, fact, { feed: found.batch.feed, sightings: mergeSightings([...sightings, ...advised]), days });
}

/** An advisory was published: the owners of what is stored already are told; what comes in later is told of batch by batch. */
export async function tellOfAdvisory(world: World, tx: Queryable, fact: SequencedFact): Promise<void> {
  const advisory = await advisoryById(tx, fact.org, fact.subject, world.clock.now());
  if (!advisory) return;
  await markAdvisoryHeard(tx, advisory.id);
  if (advisory.withdrawnAt !== null) return;
  const of = { allBut: await untoldBatches(tx, fact.org) };
  const byFeed = await advisedSightings(world.events, advisory, { ...await freshRows(world, tx, fact.org), of });
  for (const [feed, sightings] of byFeed) await take(world, tx, fact, { feed, sightings: mergeSightings(sightings), days: [] });
}

async function freshRows(world: World, tx: Queryable, scope: string) {
  const now = world.clock.now();
  return { scope, since: freshSince(now), until: Math.floor(now / 1000) + 3600, slices: await sliceOwners(tx, scope) };
}

async function take(world: World, tx: Queryable, fact: SequencedFact, batch: SightedBatch): Promise<void> {
  const told = await takeSightings({ ...world, observed: observedBy(world) }, tx, fact.org, batch);
  if (told.raised + told.reopened + told.closed > 0) world.trace.info('owners.told', { because: fact.subject, ...told });
}
