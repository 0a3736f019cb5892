/**
 * Following our own hub over HTTP by TAXII 2.1: objects in a second, from one hub's records into another's. What arrived is compared
 * with what was shared. `--scale 1` is 20,000 objects.
 */
import { Follower, idsOf } from '../test/following.ts';
import { sharingHub } from '../test/sharing-hub.ts';
import { indicator } from '../src/modules/exchange/testing.ts';
import { systemClock } from '#world/clock';
import type { BenchOptions, Measure } from './ingest.ts';

const wall = systemClock();

export async function* run({ scale = 1 }: BenchOptions = {}): AsyncGenerator<Measure> {
  const count = Math.max(1_000, Math.round(20_000 * scale));
  const [ours, follower] = [await sharingHub(), await Follower.open()];
  try {
    const objects = Array.from({ length: count }, (_, i) => indicator(900_000 + i));
    for (let at = 0; at < count; at += 2_000) await ours.share(objects.slice(at, at + 2_000));
    const followed = await follower.followAt({ url: ours.url, auth: { scheme: 'bearer' }, secret: ours.token, root: ours.root, collection: ours.collection,
      pageSize: 1_000 });
    const began = wall.now();
    await followed.run();
    const seconds = (wall.now() - began) / 1000;
    const verified = JSON.stringify(await followed.held()) === JSON.stringify(idsOf(objects));
    yield {
      bench: 'peers', measure: 'objects-followed', value: Math.round(count / seconds), unit: 'objects/s', peer: null, peerValue: null, ratio: null,
      runs: 1, verified,
    };
  } finally {
    await ours.close();
    await follower.close();
  }
}
