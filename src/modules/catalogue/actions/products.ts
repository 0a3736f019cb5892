/** Products and releases: what their provider does with them, and what others see of them. */
import { createHash } from 'node:crypto';
import type { Actions } from '#kit/endpoint';
import { canonicalText } from '#kit/canonical/canonical';
import { Refusal, noSuch } from '#kit/refusal';
import type { Queryable } from '#world/db/port';
import { stateFact, type Json } from '#world/facts';
import { givesRight, organisationById } from '#modules/parties/index';
import type { catalogueApi } from '../api.ts';
import { productWithin, productsWithin, readersOf, releaseWithin } from '../gate.ts';
import { knowsArtefact, knowsRelease, refusePublishing } from '../rules.ts';
import { artefactsOf, type ArtefactRecord } from '../store/artefacts.ts';
import {
  insertProduct, insertRelease, lockedRelease, notePublished, noteReleaseWithdrawn, productById, releasesOf, type ProductRecord, type ReleaseRecord,
} from '../store/products.ts';
import { reviewsOf } from '../store/reviews.ts';
import { artefactShown, ownReach, productsShown, releaseShown, type CatalogueParts } from './parts.ts';

type All = Actions<typeof catalogueApi>;

export const productActs = (parts: CatalogueParts): Pick<All, `products.${'list' | 'create' | 'view'}`> => ({
  'products.list': async (_, caller) => ({
    items: await productsShown(parts, await productsWithin(parts, caller), caller.actor.org), mayCreate: givesRight(caller.actor.roles, 'product.create'),
  }),
  'products.create': async ({ name, summary, summaryVi, open }, { actor }) => {
    const product: ProductRecord = {
      id: parts.ids.next('prd'), scope: actor.org, name, summary, summaryVi, open, createdAt: parts.clock.iso(), createdBy: actor.person,
    };
    await parts.db.transaction(async (tx) => {
      if (!await insertProduct(tx, product)) throw new Refusal('conflict', 'product.name-taken', 'A product of this name is there.', { at: 'name' });
      await stateFact(tx, {
        class: 'product.created', at: product.createdAt, actor: actor.person, org: actor.org, subject: product.id, readers: [], clauses: [],
        body: { product: product.id, name },
      });
    });
    return { product: (await productsShown(parts, [{ product, reach: ownReach(actor.org) }], actor.org))[0] ?? impossible() };
  },
  'products.view': async ({ product: id }, caller) => {
    const found = await productWithin(parts, caller, id);
    const known = (await releasesOf(parts.db, [id])).filter((r) => knowsRelease(found.reach, r, parts.clock.now()));
    const artefacts = await artefactsOf(parts.db, known.map((r) => r.id));
    const seen = artefacts.filter((a) => knowsArtefact(found.reach, a, parts.clock.now()));
    return {
      product: (await productsShown(parts, [found], caller.actor.org))[0] ?? impossible(),
      mayChange: found.reach.own && givesRight(caller.actor.roles, 'release.prepare'),
      releases: known.map((r) => ({ ...releaseShown(r), kinds: countedBy(seen.filter((a) => a.release === r.id)) })),
      reviews: found.reach.own ? await reviewersOf(parts.db, id, known) : [],
    };
  },
});

/** Who has reviewed a product, and how far. */
async function reviewersOf(q: Queryable, product: string, releases: readonly ReleaseRecord[]) {
  return Promise.all((await reviewsOf(q, [product])).map(async ({ org, release, at }) => ({
    org, name: (await organisationById(q, org))?.name ?? org, version: releases.find((r) => r.id === release)?.version ?? '', at,
  })));
}

function countedBy(artefacts: readonly ArtefactRecord[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of artefacts) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

function impossible(): never {
  throw new Error('what was found is shown');
}

/** What a published release is stated to hold: one line an artefact, in the order of kinds, names and digests. */
export function manifestOf(release: Pick<ReleaseRecord, 'id' | 'version'>, artefacts: readonly ArtefactRecord[]): Json {
  const lines = artefacts.map(({ kind, name, sha256, size, snapshot }) => ({ kind, name, sha256, size, root: snapshot?.root ?? null }));
  return { v: 1, release: release.id, version: release.version, artefacts: lines.sort((a, b) => (canonicalText(a) < canonicalText(b) ? -1 : 1)) };
}
export const manifestDigest = (manifest: Json): string => createHash('sha256').update(canonicalText(manifest)).digest('hex');

type Releasing = Pick<All, 'releases.prepare' | 'releases.view' | 'releases.publish' | 'releases.withdraw'>;

export function releaseActs(parts: CatalogueParts): Releasing {
  const { db, clock } = parts;
  const own = async (tx: Queryable, org: string, id: string): Promise<ReleaseRecord> => {
    const release = await lockedRelease(tx, org, id);
    if (!release) throw noSuch('release');
    return release;
  };
  const again = async (org: string, id: string) => releaseShown(await db.transaction((tx) => own(tx, org, id)));
  return {
    'releases.prepare': async ({ product: id, version, title, embargoUntil, early }, { actor }) => {
      const release: ReleaseRecord = {
        id: parts.ids.next('rel'), product: id, scope: actor.org, version, title, state: 'prepared', embargoUntil: embargoUntil ?? null, early, ordinal: null,
        publishedAt: null, manifest: null, withdrawnAt: null, withdrawnWhy: null, createdAt: clock.iso(),
      };
      await db.transaction(async (tx) => {
        if ((await productById(tx, id))?.scope !== actor.org) throw noSuch('product');
        if (!await insertRelease(tx, release)) throw new Refusal('conflict', 'release.version-taken', 'A release of this version is there.', { at: 'version' });
        await stateFact(tx, {
          class: 'release.prepared', at: release.createdAt, actor: actor.person, org: actor.org, subject: release.id, readers: [], clauses: [],
          body: { product: id, release: release.id, version, embargoUntil: release.embargoUntil },
        });
      });
      return { release: releaseShown(release) };
    },
    'releases.view': async ({ release: id }, caller) => {
      const { product, reach, release } = await releaseWithin(parts, caller, id);
      const artefacts = (await artefactsOf(db, [id])).filter((a) => knowsArtefact(reach, a, clock.now()));
      return {
        product: (await productsShown(parts, [{ product, reach }], caller.actor.org))[0] ?? impossible(), release: releaseShown(release),
        artefacts: artefacts.map((a) => artefactShown(a, release, reach)), mayChange: reach.own && givesRight(caller.actor.roles, 'release.prepare'),
      };
    },
    'releases.publish': async ({ release: id }, { actor }) => {
      await db.transaction(async (tx) => {
        const release = await own(tx, actor.org, id);
        const [product, artefacts] = [await productById(tx, release.product), await artefactsOf(tx, [id])];
        if (!product) throw noSuch('release');
        refusePublishing({ state: release.state, artefacts: artefacts.length });
        const [at, manifest] = [clock.iso(), manifestOf(release, artefacts)];
        await notePublished(tx, release, at, manifestDigest(manifest));
        await stateFact(tx, {
          class: 'release.published', at, actor: actor.person, org: actor.org, subject: id, clauses: [],
          // Before its hour nobody else hears of it.
          readers: release.embargoUntil === null || release.embargoUntil <= at ? await readersOf({ db: tx, clock }, product) : [...release.early],
          body: { product: product.id, manifest, sha256: manifestDigest(manifest) },
        });
      });
      return { release: await again(actor.org, id) };
    },
    'releases.withdraw': async ({ release: id, reason }, { actor }) => {
      await db.transaction(async (tx) => {
        const release = await own(tx, actor.org, id);
        const product = await productById(tx, release.product);
        if (release.state === 'withdrawn') throw new Refusal('conflict', 'release.withdrawn', 'This release was withdrawn before.');
        if (release.state === 'prepared' || !product) throw new Refusal('conflict', 'release.not-published', 'Only a published release is withdrawn.');
        const at = clock.iso();
        await noteReleaseWithdrawn(tx, id, at, reason);
        await stateFact(tx, {
          class: 'release.withdrawn', at, actor: actor.person, org: actor.org, subject: id, readers: await readersOf({ db: tx, clock }, product), clauses: [],
          body: { product: product.id, release: id, version: release.version, reason },
        });
      });
      return { release: await again(actor.org, id) };
    },
  };
}
