/**
 * From what one observer saw of a channel to what it saw next: files that came, went or changed, a channel that went back, what was
 * withdrawn, and files that are not what their manifest says. Pure: two views in, findings out, in a fixed order.
 */
import { comparePositions, compareReleases, type Entry } from './manifest.ts';
import { regionBetween, type Region, type SeenFile, type View } from './view.ts';

export type Change =
  | { readonly kind: 'added' | 'removed'; readonly name: string; readonly version: string | null }
  /** Of one name and version, with other bytes than before. */
  | { readonly kind: 'changed'; readonly name: string; readonly version: string | null; readonly region: Region | null };

export type Finding =
  /** The channel offers something older than it did. */
  | { readonly kind: 'rolled-back'; readonly name: string; readonly from: string; readonly to: string }
  /** It offered this, and does not any more; or says itself that it takes it back. */
  | { readonly kind: 'withdrawn'; readonly name: string; readonly version: string | null; readonly why: 'said' | 'gone' | 'not-served' }
  /** One name and version, two contents. */
  | { readonly kind: 'replaced'; readonly name: string; readonly version: string | null; readonly region: Region | null }
  /** What is served is not what the manifest lists. */
  | { readonly kind: 'unlike-listed'; readonly name: string; readonly version: string | null };

const keyOf = (e: { readonly name: string; readonly version: string | null }): string => `${e.name}\u0000${e.version ?? ''}`;
const byKey = <T extends { readonly name: string; readonly version: string | null }>(all: readonly T[]): Map<string, T> =>
  new Map(all.map((e) => [keyOf(e), e]));

/** The manifest's name for a view's own manifest. */
export const manifestName = 'manifest';

export function changesBetween(before: View, after: View): Change[] {
  const [was, is] = [byKey(before.entries), byKey(after.entries)];
  const [had, has] = [byKey(before.files), byKey(after.files)];
  const changes: Change[] = [];
  for (const [key, entry] of is) {
    const old = was.get(key);
    if (!old) changes.push({ kind: 'added', name: entry.name, version: entry.version });
    else if (contentDiffers(old, entry) || bytesDiffer(had.get(key), has.get(key))) {
      changes.push({ kind: 'changed', name: entry.name, version: entry.version, region: regionOf(had.get(key), has.get(key)) });
    }
  }
  // A list that is longer than a view shows says nothing of what stands beyond it.
  if (after.listed === after.entries.length) {
    for (const [key, entry] of was) if (!is.has(key)) changes.push({ kind: 'removed', name: entry.name, version: entry.version });
  }
  return changes;
}

const contentDiffers = (one: Entry, other: Entry): boolean =>
  (one.digest !== null && other.digest !== null && one.digest !== other.digest) || (one.size !== null && other.size !== null && one.size !== other.size);
const bytesDiffer = (one: SeenFile | undefined, other: SeenFile | undefined): boolean =>
  one !== undefined && other !== undefined && one.sha256 !== null && other.sha256 !== null && one.sha256 !== other.sha256;
const regionOf = (one: SeenFile | undefined, other: SeenFile | undefined): Region | null => (one && other ? regionBetween(one, other) : null);

/** What stands in one view by itself. */
export function findingsIn(view: View): Finding[] {
  const served = view.files.filter((f) => f.asListed === false).map((f): Finding => ({ kind: 'unlike-listed', name: f.name, version: f.version }));
  const missing = view.files.filter((f) => isGone(f)).map((f): Finding => ({ kind: 'withdrawn', name: f.name, version: f.version, why: 'not-served' }));
  return [...served, ...missing];
}
const isGone = ({ status }: SeenFile): boolean => status === 404 || status === 410;

/** What of the way from one view to the next somebody has to hear. A view whose manifest could not be read says nothing of its files. */
export function findingsBetween(before: View, after: View): Finding[] {
  if (isGone(after.manifest)) return before.manifest.status === 200 ? [{ kind: 'withdrawn', name: manifestName, version: null, why: 'gone' }] : [];
  if (before.listing === null || after.listing === null) return [];
  return [...rolledBack(before, after), ...withdrawals(before, after), ...replaced(before, after)];
}

function rolledBack(before: View, after: View): Finding[] {
  const order = comparePositions(after.format, after.position, before.position);
  if (order !== null && order < 0) {
    const [from, to] = [positionWord(before), positionWord(after)];
    // One version under two serials: then the serials say which way it went.
    return [{ kind: 'rolled-back', name: manifestName, ...from === to ? { from: placeWord(before), to: placeWord(after) } : { from, to } }];
  }
  const latest = newestOf(after);
  return [...newestOf(before)].flatMap(([name, from]) => {
    const to = latest.get(name);
    const back = to === undefined ? null : compareReleases(after.format, to, from);
    return to !== undefined && back !== null && back < 0 ? [{ kind: 'rolled-back' as const, name, from, to }] : [];
  });
}

export const positionWord = ({ position: { version, serial, at } }: Pick<View, 'position'>): string =>
  version ?? (serial === null ? at ?? '' : `#${serial}`);

const placeWord = (view: View): string => {
  const { serial, at } = view.position;
  return [positionWord(view), serial === null ? at ?? '' : `#${serial}`].filter((w) => w !== '').join(' ');
};

/** Of each name the newest version. */
function newestOf(view: View): Map<string, string> {
  const newest = new Map<string, string>();
  const taken = new Set(view.withdrawn.map(keyOf));
  for (const entry of view.entries) {
    if (entry.version === null || taken.has(keyOf(entry))) continue;
    const so = newest.get(entry.name);
    if (so === undefined || (compareReleases(view.format, entry.version, so) ?? 0) > 0) newest.set(entry.name, entry.version);
  }
  return newest;
}

function withdrawals(before: View, after: View): Finding[] {
  const known = new Set(before.withdrawn.map(keyOf));
  const said = after.withdrawn.filter((w) => !known.has(keyOf(w)))
    .map((w): Finding => ({ kind: 'withdrawn', name: w.name, version: w.version, why: 'said' }));
  if (after.listed !== after.entries.length) return said;
  const [is, newest, spoken] = [byKey(after.entries), newestOf(after), new Set(after.withdrawn.map(keyOf))];
  // A registry keeps every version; elsewhere what a newer one took the place of is no withdrawal, nor is what has gone back.
  const gone = before.entries.filter((e) => !is.has(keyOf(e)) && !spoken.has(keyOf(e)) && (after.format === 'npm' || !newest.has(e.name)));
  return [...said, ...gone.map((e): Finding => ({ kind: 'withdrawn', name: e.name, version: e.version, why: 'gone' }))];
}

/** A file without a version may change by being replaced; one that has its own, or a channel that stands still, may not. */
function replaced(before: View, after: View): Finding[] {
  const still = samePlace(before, after);
  return changesBetween(before, after).flatMap((c) => (c.kind === 'changed' && (c.version !== null || still)
    ? [{ kind: 'replaced' as const, name: c.name, version: c.version, region: c.region }] : []));
}

/** Whether two views say that they are of the same moment of a channel. */
export function samePlace(one: View, other: View): boolean {
  const [a, b] = [one.position, other.position];
  if (a.serial !== null && b.serial !== null) return a.serial === b.serial;
  return a.at !== null && a.at === b.at && a.version === b.version;
}
