/** Loads the story into an empty demonstration folder, step by step, telling how far it is. Loading twice changes nothing. */
import { peopleOf } from '../../modules/parties/store.ts';
import type { Pipeline } from '#modules/landscape/index';
import type { World } from '../world.ts';
import type { Progress } from '../hub.ts';
import { writeRegistry } from './constituents.ts';
import { writeParties } from './parties.ts';
import { centre } from './story.ts';

export async function loadStory(world: World, _pipeline: Pipeline, progress: Progress): Promise<void> {
  if ((await peopleOf(world.db, centre)).length === 0) {
    progress.phase = 'story';
    await writeParties(world.db, world.clock);
    await writeRegistry(world.db, world.clock);
  }
}
