/**
 * A source against older releases of it. Trees are compared by their digests, and two files line by line within the hub: what is told are
 * places and counts. An older release is compared with if the reader may know of it now; whoever may not gets what they would get if it
 * had never been.
 */
import type { Actions, Caller } from '#kit/endpoint';
import { lineChanges } from '#kit/diff/lines';
import { noSuch, Refusal } from '#kit/refusal';
import { linkMode, TreeError } from '#kit/tree/entry';
import { asHub } from '#world/db/scope';
import { changesBetween, fileIn, releasesOfProduct, snapshotsOfRelease, snapshotWithin, type SnapshotRef } from '#modules/catalogue/index';
import type { changesApi } from '../api/changes.ts';
import type { OlderRelease, Fate } from '../model/changes.ts';
import { releasesSeen, seenBelow } from '../store/views.ts';
import type { VisitRow } from '../store/visits.ts';
import type { CentreParts } from './parts.ts';
import { sittingOf, type Shelf } from './reading.ts';

/** Changed files of two releases that are listed at most, and how many go at once. */
const [changesMost, perPage] = [200_000, 500];
/** Larger files are not compared line by line. */
const comparedBytes = 8 * 2 ** 20;
/** Releases that a history goes back. */
const releasesMost = 50;

interface Older { readonly base: OlderRelease; readonly tree: SnapshotRef }

/** Published releases before the one under review, the newest first, each with its source code if the caller may know of it. */
async function olderReleases(parts: CentreParts, caller: Caller, visit: VisitRow): Promise<Older[]> {
  const { db } = parts;
  const [releases, seen] = await asHub('which releases came before the one under review', async () =>
    [await releasesOfProduct(db, visit.product), await releasesSeen(db, visit)] as const);
  const at = releases.findIndex((r) => r.id === visit.release);
  const older: Older[] = [];
  for (const release of at < 0 ? [] : releases.slice(at + 1, at + 1 + releasesMost)) {
    const held = (await asHub('the sources of an older release', () => snapshotsOfRelease(db, release.id))).filter((s) => !s.withdrawn);
    for (const { id } of held) {
      const tree = await snapshotWithin(parts, caller, id).catch((error: unknown) => {
        if (error instanceof Refusal) return null;
        throw error;
      });
      if (!tree) continue;
      older.push({ base: { release: release.id, version: release.version, publishedAt: release.publishedAt, reviewed: seen.has(release.id) }, tree });
      break;
    }
  }
  return older;
}

/** The one that is named; else the newest that one has read in; else the newest. */
function baseOf(older: readonly Older[], since: string | undefined): Older | null {
  if (since === undefined) return older.find((o) => o.base.reviewed) ?? older[0] ?? null;
  const named = older.find((o) => o.base.release === since);
  if (!named) throw noSuch('release');
  return named;
}

async function treeChanges({ db }: CentreParts, before: SnapshotRef, visit: VisitRow) {
  try {
    return await asHub('a source against an older release', () => changesBetween(db, before, visit, changesMost));
  } catch (error) {
    if (error instanceof TreeError) throw new Refusal('unprocessable', 'release.changes-too-many', error.message);
    throw error;
  }
}

async function linesBetween(parts: CentreParts, shelf: Shelf, visit: VisitRow, old: { tree: SnapshotRef; path: string }, path: string) {
  return asHub('a file against an older release', async () => {
    const [before, after] = [await fileIn(parts.db, old.tree, old.path), await fileIn(parts.db, visit, path)];
    if (!before || !after || before.mode === linkMode || after.mode === linkMode) return null;
    if (before.digest === after.digest) return [];
    if (before.size > comparedBytes || after.size > comparedBytes) return null;
    const [was, is] = [await shelf.take(before), await shelf.take(after)];
    return was.bytes.includes(0) || is.bytes.includes(0) ? null : lineChanges(was.bytes, is.bytes);
  });
}

/** The file in each release against the one before it, the newest first. */
async function fatesOf({ db }: CentreParts, path: string, visit: VisitRow, older: readonly Older[]): Promise<Fate[]> {
  return asHub('a file from release to release', async () => {
    const own = (await releasesOfProduct(db, visit.product)).find((r) => r.id === visit.release);
    const all = [
      { release: visit.release, version: visit.version, publishedAt: own?.publishedAt ?? visit.asked_at, entry: await fileIn(db, visit, path) },
      ...await Promise.all(older.map(async ({ base, tree }) => ({ ...base, entry: await fileIn(db, tree, path) }))),
    ];
    return all.map(({ release, version, publishedAt, entry }, i) => {
      const before = all[i + 1];
      const kind = !before ? (entry ? 'first' : 'absent') : !entry ? (before.entry ? 'removed' : 'absent')
        : !before.entry ? 'added' : before.entry.digest === entry.digest && before.entry.mode === entry.mode ? 'same' : 'changed';
      return { release, version, publishedAt, kind, bytes: entry?.size ?? 0 } as const;
    });
  });
}

export const changeActs = (parts: CentreParts, shelf: Shelf): Actions<typeof changesApi> => ({
  'reviews.changes': async ({ review, since, cursor }, caller) => {
    const { visit } = await sittingOf(parts, caller, review);
    const older = await olderReleases(parts, caller, visit);
    const base = baseOf(older, since);
    const counts = { added: 0, removed: 0, changed: 0, moved: 0 };
    const bases = older.map((o) => o.base);
    if (!base) return { since: null, bases, items: [], counts, next: null };
    const changes = await treeChanges(parts, base.tree, visit);
    for (const { kind } of changes) counts[kind] += 1;
    const seen = await seenBelow(parts.db, visit, visit.release, '');
    return {
      since: base.base, bases, counts, next: cursor + perPage < changes.length ? cursor + perPage : null,
      items: changes.slice(cursor, cursor + perPage).map((change) => ({
        kind: change.kind, path: change.path, from: change.kind === 'moved' ? change.from : null,
        bytesBefore: 'before' in change ? change.before.size : 0, bytesAfter: 'after' in change ? change.after.size : 0,
        seen: seen.get(change.path) ?? 0,
      })),
    };
  },
  'reviews.history': async ({ review, path, since }, caller) => {
    const { visit } = await sittingOf(parts, caller, review);
    const entry = await asHub('a file of a source under review', () => fileIn(parts.db, visit, path));
    if (!entry) throw noSuch('file');
    const older = await olderReleases(parts, caller, visit);
    const base = baseOf(older, since);
    const releases = await fatesOf(parts, path, visit, older);
    if (!base) return { path, since: null, was: null, lines: null, releases };
    const there = await asHub('whether a file was there before', () => fileIn(parts.db, base.tree, path));
    const moved = there ? null : (await treeChanges(parts, base.tree, visit)).find((c) => c.kind === 'moved' && c.path === path);
    const was = there ? path : moved?.kind === 'moved' ? moved.from : null;
    const lines = was === null ? null : await linesBetween(parts, shelf, visit, { tree: base.tree, path: was }, path);
    return { path, since: base.base, was, lines, releases };
  },
});
