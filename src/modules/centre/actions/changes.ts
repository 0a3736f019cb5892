/**
 * A source against older releases of it. Trees are compared by their digests, and two files line by line within the hub: what is told are
 * places and counts. An older release is compared with if the reader may know of it now; whoever may not gets what they would get if it
 * had never been.
 */
import type { Actions, Caller } from '#kit/endpoint';
import { lineChanges } from '#kit/diff/lines';
import { latest } from '#kit/latest';
import { noSuch, Refusal } from '#kit/refusal';
import type { Change } from '#kit/tree/diff';
import { linkMode, type Entry } from '#kit/tree/entry';
import { asHub } from '#world/db/scope';
import { changesBetween, fileIn, releasesOfProduct, snapshotsOfRelease, snapshotWithin, type SnapshotRef } from '#modules/catalogue/index';
import type { changesApi } from '../api/changes.ts';
import type { OlderRelease, Fate } from '../model/changes.ts';
import { releasesSeen, seenBelow } from '../store/views.ts';
import type { VisitRow } from '../store/visits.ts';
import type { CentreParts } from './parts.ts';
import { sittingOf } from './reading.ts';
import type { Shelf } from './shelf.ts';

/** Changed files that go at once. */
const perPage = 500;
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

/** Pairs of trees whose changes are kept: a reader stays with one, and every page and every file that was not there asks for all of them. */
const comparedMost = 4;

/** What changed from tree to tree, found once: trees are named by what is in them. */
function comparing({ db }: CentreParts): (before: SnapshotRef, visit: VisitRow) => Promise<Change[]> {
  const pairs = latest<Change[]>(comparedMost);
  return (before, visit) => pairs(`${visit.owner} ${before.root} ${visit.root}`, () =>
    asHub('a source against an older release', () => changesBetween(db, before, visit)));
}

async function linesBetween(shelf: Shelf, before: Entry, after: Entry) {
  if (before.mode === linkMode || after.mode === linkMode) return null;
  if (before.digest === after.digest) return [];
  if (before.size > comparedBytes || after.size > comparedBytes) return null;
  const [was, is] = [await shelf.take(before), await shelf.take(after)];
  return was.bytes.includes(0) || is.bytes.includes(0) ? null : lineChanges(was.bytes, is.bytes);
}

function fateOf(entry: Entry | null, before: Entry | null | undefined): Fate['kind'] {
  if (!entry) return before ? 'removed' : 'absent';
  if (before === undefined) return 'first';
  if (!before) return 'added';
  return before.digest === entry.digest && before.mode === entry.mode ? 'same' : 'changed';
}

/** The file in each release against the one before it, the newest first. */
async function fatesOf({ db }: CentreParts, path: string, entry: Entry, visit: VisitRow, older: readonly Older[]): Promise<Fate[]> {
  const own = (await releasesOfProduct(db, visit.product)).find((r) => r.id === visit.release);
  const all: { release: string; version: string; publishedAt: string; entry: Entry | null }[] = [
    { release: visit.release, version: visit.version, publishedAt: own?.publishedAt ?? visit.asked_at, entry },
  ];
  for (const { base, tree } of older) all.push({ ...base, entry: await fileIn(db, tree, path) });
  return all.map((one, i) => ({
    release: one.release, version: one.version, publishedAt: one.publishedAt, kind: fateOf(one.entry, all[i + 1]?.entry), bytes: one.entry?.size ?? 0,
  }));
}

export const changeActs = (parts: CentreParts, shelf: Shelf): Actions<typeof changesApi> => {
  const treeChanges = comparing(parts);
  return {
    'reviews.changes': async ({ review, since, cursor }, caller) => {
      const { visit } = await sittingOf(parts, caller, review);
      const older = await olderReleases(parts, caller, visit);
      const base = baseOf(older, since);
      const counts = { added: 0, removed: 0, changed: 0, moved: 0 };
      const bases = older.map((o) => o.base);
      if (!base) return { since: null, bases, items: [], counts, next: null };
      const changes = await treeChanges(base.tree, visit);
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
      const releases = await asHub('a file from release to release', () => fatesOf(parts, path, entry, visit, older));
      if (!base) return { path, since: null, was: null, lines: null, releases };
      const there = await asHub('a file of an older release', () => fileIn(parts.db, base.tree, path));
      const found = there ? null : (await treeChanges(base.tree, visit)).find((c) => c.kind === 'moved' && c.path === path);
      const moved = found?.kind === 'moved' ? found : null;
      const [was, before] = there ? [path, there] : [moved?.from ?? null, moved?.before ?? null];
      const lines = before && await asHub('a file against an older release', () => linesBetween(shelf, before, entry));
      return { path, since: base.base, was, lines, releases };
    },
  };
};
