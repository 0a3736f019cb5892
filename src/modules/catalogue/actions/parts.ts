/** What the acts of the catalogue are handed, and the shapes that they answer with. */
import type { z } from 'zod';
import type { Caller } from '#kit/endpoint';
import type { Blobs } from '#world/blobs/port';
import type { Clock } from '#world/clock';
import type { Db, Queryable } from '#world/db/port';
import type { Ids } from '#world/ids';
import type { Space } from '#world/space';
import { organisationById } from '#modules/parties/index';
import type { Artefact, Badge, BillVulnerability, Product, Release } from '../model.ts';
import { badgeOf, knowsRelease, openableOf, type Reach } from '../rules.ts';
import type { ReachedProduct } from '../gate.ts';
import type { ArtefactRecord } from '../store/artefacts.ts';
import { releasesOf, type ReleaseRecord } from '../store/products.ts';
import { reviewsOf } from '../store/reviews.ts';

export interface CatalogueParts {
  readonly db: Db;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly blobs: Blobs;
  readonly space: Space;
  /** What rebuilders found of a release; asked of a module that comes later. Without it nothing is assessed. */
  readonly equivalence?: (release: string) => Promise<Badge['equivalence']>;
  /** What is known of the vulnerabilities of products; asked of a module that comes later. Null where the caller may not look. */
  readonly affected?: (keys: readonly string[], caller: Caller) => Promise<Affected | null>;
}

export interface Affected {
  readonly affected: z.infer<typeof BillVulnerability>[];
  readonly undecided: number;
  readonly asked: number;
  readonly leftOff: boolean;
}

export const releaseShown = ({ id, product, version, title, state, embargoUntil, publishedAt, manifest, withdrawnAt, withdrawnWhy, createdAt }: ReleaseRecord):
Release => ({ id, product, version, title, state, embargoUntil, publishedAt, manifest, withdrawnAt, withdrawnWhy, createdAt });

export function artefactShown(a: ArtefactRecord, release: Pick<ReleaseRecord, 'state'>, reach: Reach): Artefact {
  const withdrawn = release.state === 'withdrawn';
  const openable = openableOf(a);
  return {
    id: a.id, release: a.release, kind: a.kind, name: a.name, sha256: a.sha256, size: a.size, media: a.media, access: a.access, tlp: a.tlp,
    embargoUntil: a.embargoUntil, addedAt: a.addedAt, withdrawnAt: a.withdrawnAt, withdrawnWhy: a.withdrawnWhy,
    snapshot: a.snapshot ? { ...a.snapshot, archive: a.sha256 } : null,
    // Its owner opens what is its own, wherever others have to read it.
    openable: withdrawn ? 'withdrawn' : reach.own && openable !== 'withdrawn' && openable !== 'source' ? 'yes' : openable,
  };
}

/** What an owner has of its own. */
export const ownReach = (org: string): Reach => ({ org, own: true, source: null, document: null });

/** Products with what the reader may know of their releases. */
export async function productsShown(
  { db, clock, equivalence }: { db: Queryable; clock: Clock } & Pick<CatalogueParts, 'equivalence'>, found: readonly ReachedProduct[], org: string,
): Promise<Product[]> {
  const releases = await releasesOf(db, found.map((f) => f.product.id));
  const reviews = await reviewsOf(db, found.map((f) => f.product.id));
  // Of what was read; where nothing was, of what is shipped now.
  const badged = async (mine: ReleaseRecord[], review: Parameters<typeof badgeOf>[1]): Promise<Badge> => {
    const release = review?.release ?? mine.find((r) => r.state === 'published')?.id;
    return badgeOf(mine, review, release === undefined ? undefined : await equivalence?.(release));
  };
  return Promise.all(found.map(async ({ product: p, reach }) => {
    const mine = releases.filter((r) => r.product === p.id && knowsRelease(reach, r, clock.now()));
    const latest = mine.find((r) => r.state === 'published');
    return {
      id: p.id, owner: p.scope, ownerName: (await organisationById(db, p.scope))?.name ?? p.scope, mine: reach.own, name: p.name, summary: p.summary,
      summaryVi: p.summaryVi, open: p.open, createdAt: p.createdAt, releases: mine.length, latest: latest?.version ?? null,
      latestAt: latest?.publishedAt ?? null,
      badge: reach.own ? null : await badged(mine, reviews.find((v) => v.product === p.id && v.org === org) ?? null),
    };
  }));
}
