/**
 * What later modules ask of snapshots: the reading room, the search index, rebuilders. A snapshot is reached by a caller, under the
 * decision, or by name for work of the hub's own; whoever holds one may list it, walk it, compare it and read bytes of its files.
 * The access class is told: where it says `on-site` or `black` it is the caller of these doors who sees to that.
 */
import { nextTurn } from '#kit/turn';
import type { Caller } from '#kit/endpoint';
import { nodeTreeHash } from '#kit/hash/node';
import { noSuch, Refusal } from '#kit/refusal';
import { diff, walk, type Change } from '#kit/tree/diff';
import { isFolder, TreeError, type Entry } from '#kit/tree/entry';
import { prove, wayTo, type ReadFolder, type TreeProof } from '#kit/tree/proof';
import type { Blobs } from '#world/blobs/port';
import type { Clock } from '#world/clock';
import type { Queryable } from '#world/db/port';
import { artefactShown } from './actions/parts.ts';
import { artefactWithin, productsWithin, productWithin, releaseWithin, type ReachedProduct } from './gate.ts';
import type { AccessClass, Artefact, ArtefactKind, Label, ReleaseState } from './model.ts';
import { isOut, knowsArtefact, knowsRelease } from './rules.ts';
import { artefactById, artefactsOf, folderReader, type ArtefactRecord } from './store/artefacts.ts';
import { productById, releaseById, releasesOf, type ReleaseRecord } from './store/products.ts';

export interface SnapshotRef {
  /** Of its artefact. */
  readonly id: string;
  readonly owner: string;
  readonly product: string;
  /** As agreements name it. */
  readonly productName: string;
  readonly release: string;
  readonly version: string;
  readonly name: string;
  readonly root: string;
  readonly files: number;
  readonly bytes: number;
  readonly access: AccessClass;
  readonly tlp: Label;
  readonly withdrawn: boolean;
}

async function refOf(q: Queryable, artefact: ArtefactRecord, release: ReleaseRecord): Promise<SnapshotRef | null> {
  const product = await productById(q, artefact.product);
  if (!product || !artefact.snapshot) return null;
  return {
    id: artefact.id, owner: artefact.scope, product: product.id, productName: product.name, release: release.id, version: release.version,
    name: artefact.name, ...artefact.snapshot, access: artefact.access, tlp: artefact.tlp,
    withdrawn: artefact.withdrawnAt !== null || release.state === 'withdrawn',
  };
}

/** A snapshot that the caller may know of; throws what one that never was would answer. */
export async function snapshotWithin(parts: { readonly db: Queryable; readonly clock: Clock }, caller: Caller, id: string): Promise<SnapshotRef> {
  const { artefact, release } = await artefactWithin(parts, caller, id);
  const ref = await refOf(parts.db, artefact, release);
  if (!ref) throw noSuch('artefact');
  return ref;
}

/** Without asking anybody's leave: for work of the hub's own, and for what was asked before. */
export async function snapshotNamed(q: Queryable, id: string): Promise<SnapshotRef | null> {
  const artefact = await artefactById(q, id);
  const release = artefact ? await releaseById(q, artefact.release) : null;
  return artefact && release ? refOf(q, artefact, release) : null;
}

export async function snapshotsOfRelease(q: Queryable, release: string): Promise<SnapshotRef[]> {
  const found = await releaseById(q, release);
  if (!found) return [];
  const refs: SnapshotRef[] = [];
  for (const artefact of await artefactsOf(q, [release])) {
    const ref = await refOf(q, artefact, found);
    if (ref) refs.push(ref);
  }
  return refs;
}

/** Published releases of a product, the newest first. */
export async function releasesOfProduct(q: Queryable, product: string): Promise<{ id: string; version: string; publishedAt: string }[]> {
  return (await releasesOf(q, [product])).flatMap((r) => (r.state === 'published' && r.publishedAt !== null
    ? [{ id: r.id, version: r.version, publishedAt: r.publishedAt }] : []));
}

type Tree = Pick<SnapshotRef, 'owner' | 'root'>;

async function entryAt(q: Queryable, { owner, root }: Tree, path: string): Promise<Entry | null> {
  const last = (await wayTo(folderReader(q, owner), root, path))?.at(-1);
  return last?.entries[last.index] ?? null;
}

/** The entries of a folder in their order; the topmost is the empty path. Null where there is none. */
export async function folderIn(q: Queryable, tree: Tree, path: string): Promise<readonly Entry[] | null> {
  const entry = path === '' ? null : await entryAt(q, tree, path);
  if (path !== '' && (!entry || !isFolder(entry))) return null;
  return await folderReader(q, tree.owner)(entry?.digest ?? tree.root);
}

/** A file or a link by its path: digest, size and mode. */
export async function fileIn(q: Queryable, tree: Tree, path: string): Promise<Entry | null> {
  const entry = await entryAt(q, tree, path);
  return entry && !isFolder(entry) ? entry : null;
}

/** Bytes of a file, all or from one place up to another; of a link its target. */
export async function bytesIn(blobs: Pick<Blobs, 'open'>, { digest }: Pick<Entry, 'digest'>, from?: number,
  to?: number): Promise<AsyncIterable<Uint8Array>> {
  const bytes = await blobs.open(digest, from, to);
  if (!bytes) throw new Error(`the file ${digest} of a snapshot is not held`);
  return bytes;
}

/** Folders read before others have their turn. */
const perTurn = 32;

/**
 * Reads folder after folder of a large tree. A database within the process answers without ever leaving the turn that it was asked in: walking
 * five thousand folders so would keep every other request waiting until it is cut off.
 */
function unhurried(read: ReadFolder): ReadFolder {
  const done = { folders: 0 };
  return async (digest) => {
    if (++done.folders % perTurn === 0) await nextTurn();
    return read(digest);
  };
}

/** Every file and link, in the order of the bytes of their paths. */
export const filesIn = (q: Queryable, { owner, root }: Tree): AsyncGenerator<{ path: string; entry: Entry }> =>
  walk(unhurried(folderReader(q, owner)), root);

/** Of two snapshots so many changes are listed at most. */
const changesMost = 200_000;

/** From one snapshot of an owner to another: what was added, removed, changed, moved. Refuses where that is too many. */
export async function changesBetween(q: Queryable, before: Pick<Tree, 'root'>, after: Tree): Promise<Change[]> {
  try {
    return await diff(unhurried(folderReader(q, after.owner)), before.root, after.root, changesMost);
  } catch (error) {
    if (!(error instanceof TreeError)) throw error;
    throw new Refusal('unprocessable', 'release.changes-too-many', error.message);
  }
}

/** That a file stands in a snapshot (docs/specs/tree.md); null where it does not. */
export const proofIn = (q: Queryable, { owner, root }: Tree, path: string): Promise<TreeProof | null> =>
  prove(nodeTreeHash, folderReader(q, owner), root, path);

/** A product as somebody may know of it. */
export interface KnownProduct {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  /** Whether everybody on this hub may know of it. */
  readonly open: boolean;
  /** Versions of published releases that this reader may know of, the newest first. */
  readonly releases: readonly string[];
}

type Asking = { readonly db: Queryable; readonly clock: Clock };

async function knownOf({ db, clock }: Asking, found: readonly ReachedProduct[]): Promise<KnownProduct[]> {
  const releases = await releasesOf(db, found.map((f) => f.product.id));
  return found.map(({ product: { id, name, scope, open }, reach }) => ({
    id, name, owner: scope, open,
    releases: releases.filter((r) => r.product === id && r.state === 'published' && knowsRelease(reach, r, clock.now())).map((r) => r.version),
  }));
}

/** Every product that the caller may know of. */
export const productsKnown = async (parts: Asking, caller: Caller): Promise<KnownProduct[]> => knownOf(parts, await productsWithin(parts, caller));

/** Throws what one that never was would answer. */
export async function productKnown(parts: Asking, caller: Caller, id: string): Promise<KnownProduct> {
  const [known] = await knownOf(parts, [await productWithin(parts, caller, id)]);
  if (!known) throw noSuch('product');
  return known;
}

/** Of one's own, without asking anybody; null where it is not. */
export async function ownProduct(q: Queryable, org: string, id: string): Promise<KnownProduct | null> {
  const product = await productById(q, id);
  if (product?.scope !== org) return null;
  return { id, name: product.name, owner: org, open: product.open, releases: (await releasesOfProduct(q, id)).map((r) => r.version) };
}

export interface ReleasedFile {
  readonly id: string; readonly kind: ArtefactKind; readonly name: string; readonly sha256: string; readonly size: number;
  /** Whether its bytes may be shown to whoever asks; else why not. */
  readonly openable: Artefact['openable'];
}
export interface ReleaseRef {
  readonly id: string; readonly version: string; readonly state: ReleaseState; readonly publishedAt: string | null; readonly owner: string;
  readonly product: string; readonly productName: string;
  /** Whether everybody may know of it, now. */
  readonly open: boolean;
  /** Its files that are not withdrawn. */
  readonly files: readonly ReleasedFile[];
}

const releasedFile = ({ id, kind, name, sha256, size }: ArtefactRecord, openable: Artefact['openable']): ReleasedFile =>
  ({ id, kind, name, sha256, size, openable });

/** A release with those of its files that the caller may know of; throws what one that never was would answer. */
export async function releaseFor(parts: { readonly db: Queryable; readonly clock: Clock }, caller: Caller, id: string, noun?: string): Promise<ReleaseRef> {
  const { product, release, reach } = await releaseWithin(parts, caller, id, noun);
  const files = (await artefactsOf(parts.db, [id])).filter((a) => a.withdrawnAt === null && knowsArtefact(reach, a, parts.clock.now()));
  return {
    id, version: release.version, state: release.state, publishedAt: release.publishedAt, owner: product.scope, product: product.id,
    productName: product.name, open: product.open && release.state === 'published',
    files: files.map((a) => releasedFile(a, artefactShown(a, release, reach).openable)),
  };
}

/** Without asking anybody's leave: every file of a release whose hour has come. */
export async function releaseNamed({ db, clock }: { readonly db: Queryable; readonly clock: Clock }, id: string): Promise<ReleaseRef | null> {
  const release = await releaseById(db, id);
  const product = release ? await productById(db, release.product) : null;
  if (!release || !product) return null;
  const files = (await artefactsOf(db, [id])).filter((a) => a.withdrawnAt === null && isOut(a, '', clock.now()));
  return {
    id, version: release.version, state: release.state, publishedAt: release.publishedAt, owner: product.scope, product: product.id,
    productName: product.name, open: product.open && release.state === 'published' && isOut(release, '', clock.now()),
    files: files.map((a) => releasedFile(a, 'yes')),
  };
}
