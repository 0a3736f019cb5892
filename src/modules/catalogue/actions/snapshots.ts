/**
 * Source code: taking a snapshot out of an archive, looking into it, proving a file of it, and what changed between two. The archive is
 * kept as it came; then it is unpacked from there, and either all of it is in the release or nothing. If we crash on the way, blobs
 * lie there that nothing names, and the same archive again is the same blobs.
 */
import { hash } from 'node:crypto';
import type { Actions, Actor } from '#kit/endpoint';
import type { Member, OpenRange } from '#kit/archive/member';
import { kindOf, membersOf } from '#kit/archive/open';
import { ArchiveError } from '#kit/archive/refused';
import { snapshotOf, type Keep } from '#kit/archive/snapshot';
import { gatheredPackage } from '#kit/debian/gather';
import { bundleHead } from '#kit/git/bundle';
import { nodeTreeHash } from '#kit/hash/node';
import { Refusal, noSuch } from '#kit/refusal';
import type { Change } from '#kit/tree/diff';
import { isFolder, type Entry } from '#kit/tree/entry';
import { prove, wayTo } from '#kit/tree/proof';
import type { Blobs } from '#world/blobs/port';
import { stateFact } from '#world/facts';
import type { catalogueApi } from '../api.ts';
import { changesBetween } from '../doors.ts';
import { artefactWithin, readersOf, releaseWithin, type ReachedArtefact } from '../gate.ts';
import type { AccessClass, FileChange, Label, Origin } from '../model.ts';
import { knowsArtefact, openableOf, refuseLabel, refuseLate } from '../rules.ts';
import {
  artefactById, artefactsOf, folderReader, insertArtefact, insertFolders, noteArtefactWithdrawn, type ArtefactRecord, type SnapshotRecord,
} from '../store/artefacts.ts';
import { tellReaders } from '../store/copies.ts';
import { lockedRelease, productById, releaseById } from '../store/products.ts';
import { artefactShown, ownReach, type CatalogueParts } from './parts.ts';

type All = Actions<typeof catalogueApi>;

/** What an archive may unpack to, and into how many entries. */
const bounds = { bytesMax: 64 * 2 ** 30, membersMax: 1_500_000 };
/** Members between two looks at the disk. */
const lookEvery = 256;

export interface Bringing {
  readonly actor: Pick<Actor, 'org' | 'person'>;
  readonly release: string;
  readonly name: string;
  readonly access: AccessClass;
  readonly tlp: Label;
  readonly keepTop: boolean;
  readonly progress?: (files: number, bytes: number) => void;
  /** Throws once whoever brings it may not any more. */
  readonly confirm?: () => void;
}

/** What is there already is not written again: most files of a release are those of the one before. */
const keeping = (blobs: Blobs): Keep => async (bytes) => {
  if (bytes instanceof Uint8Array) {
    const digest = hash('sha256', bytes, 'hex');
    if (await blobs.size(digest) === bytes.length) return { digest, size: bytes.length };
  }
  const { sha256, sizeBytes } = await blobs.put(bytes);
  return { digest: sha256, size: sizeBytes };
};

const openedFrom = (blobs: Blobs) => (sha256: string): OpenRange => async (from, to) => {
  const part = await blobs.open(sha256, from, to);
  if (!part) throw new Error(`the blob ${sha256} was kept and is gone`);
  return part;
};

/** The members of what was brought, and where they are from; `keepTop` takes an archive as it is, whatever lies in it. */
async function takenFrom(
  { blobs }: CatalogueParts, { keepTop, confirm }: Bringing, { sha256, size }: { sha256: string; size: number },
): Promise<{ members: AsyncIterable<Member>; origin: Origin | null }> {
  const [opened, within] = [openedFrom(blobs), { ...bounds, goOn: (): void => confirm?.() }];
  const open = opened(sha256);
  if (await kindOf(open, size) === 'git') {
    const { ref, object } = await bundleHead(open, size);
    return { members: membersOf(open, size, within), origin: { kind: 'git', name: ref, digest: object } };
  }
  const found = keepTop ? null : await gatheredPackage(membersOf(open, size, within), { keep: keeping(blobs), opened, bounds: within });
  if (found) return { members: found.members(), origin: { kind: 'debian', name: found.name, digest: found.dscSha256 } };
  return { members: membersOf(open, size, within), origin: null };
}

/** Throws the Refusal of an archive that is not taken, with the place. */
export async function bringSource(parts: CatalogueParts, bringing: Bringing, archive: AsyncIterable<Uint8Array> | Uint8Array): Promise<ArtefactRecord> {
  const { actor, release: id, name, access, tlp } = bringing;
  refuseLabel(access, tlp);
  const release = await releaseById(parts.db, id);
  if (release?.scope !== actor.org) throw noSuch('release');
  refuseLate(release.state, 'source');
  const { sha256, sizeBytes } = await parts.blobs.put(archive);
  const state = { members: 0 };
  const refused = (error: unknown): never => {
    throw error instanceof ArchiveError ? new Refusal('unprocessable', 'archive.refused', error.message, { at: error.at }) : error;
  };
  const { members, origin } = await takenFrom(parts, bringing, { sha256, size: sizeBytes }).catch(refused);
  const built = await snapshotOf(members, {
    // What a repository or a package has topmost is its own, and nothing that packing put around it.
    tree: nodeTreeHash, keep: keeping(parts.blobs), keepTop: bringing.keepTop || origin !== null, ...bringing.progress ? { progress: bringing.progress } : {},
    goOn: async () => {
      bringing.confirm?.();
      if (state.members++ % lookEvery === 0) await parts.space.refuseFull();
    },
  }).catch(refused);
  const artefact: ArtefactRecord = {
    id: parts.ids.next('art'), scope: actor.org, product: release.product, release: id, kind: 'source', name, sha256, size: sizeBytes,
    media: 'application/octet-stream', access, tlp, embargoUntil: null, early: [], addedAt: parts.clock.iso(), addedBy: actor.person,
    snapshot: { root: built.root, files: built.files, bytes: built.bytes, origin }, withdrawnAt: null, withdrawnWhy: null,
  };
  await parts.db.transaction(async (tx) => {
    const now = await lockedRelease(tx, actor.org, id);
    if (!now) throw noSuch('release');
    refuseLate(now.state, 'source');
    await insertFolders(tx, actor.org, built.folders);
    if (!await insertArtefact(tx, artefact)) {
      throw new Refusal('conflict', 'artefact.name-taken', 'The release holds one of this kind and name.', { at: 'name' });
    }
    await stateFact(tx, {
      class: 'artefact.added', at: artefact.addedAt, actor: actor.person, org: actor.org, subject: artefact.id, readers: [], clauses: [],
      body: {
        artefact: artefact.id, release: id, kind: 'source', name, access, tlp, sha256, size: sizeBytes,
        root: built.root, files: built.files, bytes: built.bytes, ...origin ? { origin } : {},
      },
    });
  });
  return artefact;
}

/** Of a source artefact that one may look into from here; throws the Refusal where it is looked into at the centre. */
function lookInto({ artefact, release, reach }: ReachedArtefact): SnapshotRecord {
  const { snapshot } = artefact;
  if (!snapshot) throw new Refusal('conflict', 'artefact.no-source', 'This artefact is no source code.');
  const openable = release.state === 'withdrawn' ? 'withdrawn' : openableOf(artefact);
  if (reach.own || openable === 'source' || openable === 'yes') return snapshot;
  if (openable === 'withdrawn') throw new Refusal('gone', 'artefact.withdrawn', 'This was withdrawn by its provider.');
  throw new Refusal('forbidden', `artefact.${openable}`, openable === 'black'
    ? 'This is read at the centre alone, in a review of the deepest level.' : 'This is read at the centre alone.', { hint: 'Ask for a visit.' });
}

type Looking = Pick<All, 'artefacts.browse' | 'artefacts.prove' | 'artefacts.withdraw' | 'releases.changes'>;

export function snapshotActs(parts: CatalogueParts): Looking {
  const { db, clock } = parts;
  return {
    'artefacts.browse': async ({ artefact: id, path }, caller) => {
      const found = await artefactWithin(parts, caller, id);
      const entries = await folderAt(parts, found.artefact, lookInto(found), path);
      if (!entries) throw noSuch('folder');
      return { artefact: artefactShown(found.artefact, found.release, found.reach), path, entries: [...entries] };
    },
    'artefacts.prove': async ({ artefact: id, path }, caller) => {
      const found = await artefactWithin(parts, caller, id);
      const { root } = lookInto(found);
      const steps = await prove(nodeTreeHash, folderReader(db, found.artefact.scope), root, path);
      if (!steps) throw noSuch('file');
      return { root, path, steps: steps.map((s) => ({ ...s, hashes: [...s.hashes] })) };
    },
    'artefacts.withdraw': async ({ artefact: id, reason }, { actor }) => {
      await db.transaction(async (tx) => {
        const artefact = await artefactById(tx, id);
        const product = artefact?.scope === actor.org ? await productById(tx, artefact.product) : null;
        if (!artefact || !product) throw noSuch('artefact');
        const at = clock.iso();
        if (!await noteArtefactWithdrawn(tx, actor.org, id, at, reason)) throw new Refusal('conflict', 'artefact.withdrawn', 'This was withdrawn before.');
        const release = await releaseById(tx, artefact.release);
        // Whoever opened it is told, also where the agreement has ended since.
        const told = await tellReaders(tx, id, at);
        await stateFact(tx, {
          class: 'artefact.withdrawn', at, actor: actor.person, org: actor.org, subject: id, clauses: [],
          readers: [...told, ...release?.state === 'prepared' ? [] : await readersOf({ db: tx, clock }, product)],
          body: { artefact: id, release: artefact.release, kind: artefact.kind, name: artefact.name, reason, told: told.length },
        });
      });
      const [artefact, reach] = [await artefactById(db, id), ownReach(actor.org)];
      const release = artefact ? await releaseById(db, artefact.release) : null;
      if (!artefact || !release) throw noSuch('artefact');
      return { artefact: artefactShown(artefact, release, reach) };
    },
    'releases.changes': async ({ release: id, since, cursor }, caller) => {
      const [now, before] = [await releaseWithin(parts, caller, id), await releaseWithin(parts, caller, since)];
      if (now.product.id !== before.product.id) throw new Refusal('invalid', 'release.other-product', 'That is a release of another product.', { at: 'since' });
      const sources = await artefactsOf(db, [since, id]);
      const seen = sources.filter((a) => a.kind === 'source' && knowsArtefact(now.reach, a, clock.now()));
      const after = seen.find((a) => a.release === id);
      const older = seen.find((a) => a.release === since && a.name === after?.name) ?? seen.find((a) => a.release === since);
      if (!after || !older) throw new Refusal('conflict', 'release.no-source', 'One of the two releases holds no source code that you may read.');
      const list = await changesBetween(db, lookedInto(before, older), { owner: after.scope, root: lookedInto(now, after).root });
      const counts = { added: 0, removed: 0, changed: 0, moved: 0 };
      for (const { kind } of list) counts[kind]++;
      const items = list.slice(cursor, cursor + perPage).map(changeShown);
      return { items, counts, same: list.length === 0, next: cursor + perPage < list.length ? cursor + perPage : null };
    },
  };
}

const perPage = 500;
const lookedInto = (found: Omit<ReachedArtefact, 'artefact'>, artefact: ArtefactRecord): SnapshotRecord => lookInto({ ...found, artefact });

function changeShown(change: Change): FileChange {
  const [before, after]: [Entry | null, Entry | null] = ['before' in change ? change.before : null, 'after' in change ? change.after : null];
  return {
    kind: change.kind, path: change.path, from: change.kind === 'moved' ? change.from : null, before: before?.digest ?? null, after: after?.digest ?? null,
    bytesBefore: before?.size ?? 0, bytesAfter: after?.size ?? 0, modeChanged: before !== null && after !== null && before.mode !== after.mode,
  };
}

/** The entries of a folder by its path; the topmost has none. Null where there is no such folder. */
export async function folderAt(
  { db }: Pick<CatalogueParts, 'db'>, { scope }: Pick<ArtefactRecord, 'scope'>, { root }: Pick<SnapshotRecord, 'root'>, path: string,
): Promise<readonly Entry[] | null> {
  const read = folderReader(db, scope);
  if (path === '') return read(root);
  const last = (await wayTo(read, root, path))?.at(-1);
  const entry = last?.entries[last.index];
  return entry && isFolder(entry) ? read(entry.digest) : null;
}
