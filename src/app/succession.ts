/**
 * When an organisation takes another's place: what every module holds passes in one transaction, so that there is no moment
 * between; the rows of telemetry, which live in another engine, follow. If we crash before the commit nothing has passed; if
 * after, the rows follow in the next round, and carrying them twice changes nothing.
 */
import type { Queryable } from '#world/db/port';
import { passOnCatalogue, productCount } from '#modules/catalogue/index';
import { passOnBuilds, rebuilderCount } from '#modules/builds/index';
import { passOnCentre, visitCount } from '#modules/centre/index';
import { passOnRegistry, registrySize } from '#modules/constituents/index';
import { passOnAlerts } from '#modules/alerts/index';
import { exchangeSize, newUuid, passOnExchange } from '#modules/exchange/index';
import { feedCount, passOnFeeds, type Pipeline } from '#modules/landscape/index';
import { passOnParcels, passOnPeers, peerCount } from '#modules/peers/index';
import { observerCount, passOnWatch } from '#modules/watch/index';
import { passOnVulnerabilities } from '#modules/vulnerabilities/index';
import { succeedNext } from '../modules/agreements/succeed.ts';
import { noteCarried, successionsToCarry } from '../modules/agreements/successions-store.ts';
import type { World } from './world.ts';

/** What an organisation holds in the modules after agreements, by noun. */
export async function holdingsOf(q: Queryable, org: string): Promise<Record<string, number>> {
  return {
    constituents: await registrySize(q, org), ...await feedCount(q, org), peers: await peerCount(q, org), threats: await exchangeSize(q, org),
    products: await productCount(q, org), rebuilders: await rebuilderCount(q, org), observers: await observerCount(q, org),
    visits: await visitCount(q, org),
  };
}

async function passOn(world: World, tx: Queryable, from: string, to: string): Promise<void> {
  await passOnCatalogue(tx, from, to);
  await passOnBuilds(tx, from, to);
  await passOnWatch(tx, from, to);
  await passOnCentre(tx, from, to);
  await passOnRegistry(tx, from, to);
  await passOnVulnerabilities(tx, from, to);
  await passOnFeeds(tx, from, to);
  await passOnPeers(tx, from, to);
  await passOnParcels(tx, from, to);
  await passOnExchange(tx, { from, to, nowUs: world.clock.now() * 1000, newId: () => newUuid(world) });
  await passOnAlerts(tx, from, to);
}

export async function followSuccessions(world: World, pipeline: Pipeline): Promise<void> {
  while (await world.db.transaction((tx) => succeedNext(world, tx, (q, from, to) => passOn(world, q, from, to)))) {
    // Each in its own transaction.
  }
  for (const { id, from, to } of await successionsToCarry(world.db)) {
    await pipeline.passOn(from, to);
    await noteCarried(world.db, id, world.clock.iso());
  }
}
