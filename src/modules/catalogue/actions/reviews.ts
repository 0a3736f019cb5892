/** How far each organisation's review of a product has come. The review itself is the centre's; here it is noted, and ages with each release. */
import type { Actions, Actor } from '#kit/endpoint';
import { noSuch } from '#kit/refusal';
import { stateFact, type Json } from '#world/facts';
import type { Queryable } from '#world/db/port';
import type { catalogueApi } from '../api.ts';
import { productsWithin } from '../gate.ts';
import { knowsRelease } from '../rules.ts';
import { productById, releaseById, releasesOf } from '../store/products.ts';
import { insertReview } from '../store/reviews.ts';
import { productsShown, type CatalogueParts } from './parts.ts';

type All = Actions<typeof catalogueApi>;

export const reviewActs = (parts: CatalogueParts): Pick<All, 'reviews.queue'> => ({
  'reviews.queue': async (_, caller) => {
    const found = (await productsWithin(parts, caller)).filter((f) => !f.reach.own && f.reach.source !== null);
    const shown = await productsShown(parts, found, caller.actor.org);
    const releases = await releasesOf(parts.db, found.map((f) => f.product.id));
    const items = shown.flatMap((p) => {
      const reach = found.find((f) => f.product.id === p.id)?.reach;
      const latest = releases.find((r) => r.product === p.id && r.state === 'published' && reach && knowsRelease(reach, r, parts.clock.now()));
      if (!latest?.publishedAt || !p.badge || p.badge.state === 'current') return [];
      const { id, version, publishedAt } = latest;
      return [{ product: p.id, name: p.name, ownerName: p.ownerName, release: id, version, publishedAt, badge: p.badge }];
    });
    return { items: items.sort((a, b) => (a.publishedAt < b.publishedAt ? -1 : 1)) };
  },
});

/**
 * Notes that an organisation has reviewed a release, in the transaction of whoever says so; `what` is that: a statement's id, what was
 * looked at. The provider hears that it was reviewed.
 */
export async function reviewed(
  parts: Pick<CatalogueParts, 'clock' | 'ids'>, tx: Queryable, release: string, by: Pick<Actor, 'org' | 'person'>, what: { readonly [key: string]: Json },
): Promise<void> {
  const found = await releaseById(tx, release);
  const product = found ? await productById(tx, found.product) : null;
  if (!found || !product || found.ordinal === null) throw noSuch('release');
  const at = parts.clock.iso();
  await insertReview(tx, {
    id: parts.ids.next('rev'), org: by.org, scope: product.scope, product: product.id, release, ordinal: found.ordinal, person: by.person,
    what: JSON.stringify(what), at,
  });
  await stateFact(tx, {
    class: 'release.reviewed', at, actor: by.person, org: by.org, subject: release, readers: [product.scope], clauses: [],
    body: { product: product.id, release, version: found.version, what },
  });
}
