/** Loads the story into a demonstration folder, step by step, telling how far it is. A start cut short goes on next time. */
import { insertOverrides, type Pipeline } from '#modules/landscape/index';
import type { Db } from '#world/db/port';
import { peopleOf } from '../../modules/parties/store.ts';
import type { Progress } from '../hub.ts';
import type { World } from '../world.ts';
import { writeAdvisory } from './advisory.ts';
import { writeBuilds } from './builds.ts';
import { writeCatalogue } from './catalogue.ts';
import { writeHeartbeats, writeRegistry } from './constituents.ts';
import { writeParties } from './parties.ts';
import { overrides } from './registry.ts';
import { centre } from './story.ts';
import { writeChannels } from './watch.ts';
import { writeReview } from './review.ts';
import { writeSharing } from './sharing.ts';
import { writeThreats } from './threats.ts';
import { writeVulnerabilities } from './vulnerabilities.ts';
import { loadTelemetry } from './telemetry/load.ts';

/** Where the story's addresses are: no published list knows them. */
export function writePlaces(db: Db): Promise<void> {
  return insertOverrides(db, overrides.map(({ prefix, country, asn, name }) => ({
    prefix, area: country, asn, reason: `Demonstration: ${name}`,
  })));
}

/** `scale` is 1 for the demonstration; tests load less. */
export async function loadStory(
  world: World, pipeline: Pipeline, progress: Progress, scale = 1,
): Promise<void> {
  const { db, clock } = world;
  if ((await peopleOf(db, centre)).length === 0) {
    progress.phase = 'story';
    await writeParties(db, clock);
    await writeRegistry(db, clock);
    await writePlaces(db);
  }
  await writeHeartbeats(db, clock);
  await writeCatalogue(world);
  await writeBuilds(world);
  await writeChannels(world);
  await writeReview(world);
  await writeThreats(world);
  await writeSharing(world);
  await writeVulnerabilities(world);
  progress.phase = 'telemetry';
  await loadTelemetry({ ...world, pipeline }, centre, scale, ({ files, of }) => {
    if (files === of) progress.phase = 'figures';
    progress.done = files === of ? 0 : files;
    progress.total = files === of ? 0 : of;
  });
  // After the rows: it speaks of what they show, and of each batch that comes later.
  await writeAdvisory(db, clock);
}
