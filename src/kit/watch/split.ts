/**
 * Whether everybody is served the same. Two observers who saw different things are no alarm yet: an update reaches nobody at once. It is
 * one where both things were served *at the same time* for longer than the channel needs to settle, or where they differ in what may
 * never differ: the content of one version, or of one serial. Pure; times are by the observers' clocks, which are checked before.
 */
import { changesBetween, manifestName, samePlace } from './changes.ts';
import { isNamed } from './manifest.ts';
import { regionBetween, type Region, type View } from './view.ts';

/** What one observer has seen without a change between: the same view from its first look to its last. */
export interface Run {
  readonly observer: string;
  /** Country or network that it stands for. */
  readonly place: string;
  readonly view: string;
  /** Milliseconds. */
  readonly from: number;
  readonly to: number;
}

export interface Split {
  /** Who is served something else than most, and somebody of the rest to compare with; as runs. */
  readonly odd: readonly Run[];
  readonly rest: readonly Run[];
  /** The file that differs first in order, by name and version. */
  readonly name: string;
  readonly version: string | null;
  /** Null where one side holds no bytes of it. */
  readonly region: Region | null;
  readonly why: 'one-version-two-contents' | 'at-the-same-time';
}

export interface Difference { readonly name: string; readonly version: string | null; readonly region: Region | null; readonly contradicts: boolean }

/** The first file in which two views differ, what contradicts itself before what is only another. Null where nothing was served to compare. */
export function differenceOf(one: View, other: View): Difference | null {
  const changed = changesBetween(one, other);
  const same = samePlace(one, other) && (isNamed(one.position) && isNamed(other.position));
  const content = changed.find((c) => c.kind === 'changed' && (c.version !== null || same));
  if (content?.kind === 'changed') return { name: content.name, version: content.version, region: content.region, contradicts: true };
  const [first] = changed;
  if (first) return { name: first.name, version: first.version, region: first.kind === 'changed' ? first.region : null, contradicts: same };
  if (one.manifest.sha256 !== other.manifest.sha256) {
    return { name: manifestName, version: null, region: regionBetween(one.manifest, other.manifest), contradicts: same };
  }
  const status = one.files.find((f) => other.files.some((o) => o.name === f.name && o.version === f.version && o.status !== f.status));
  return status ? { name: status.name, version: status.version, region: null, contradicts: false } : null;
}

/** How long two runs went on at the same time; below 0 where they did not. */
export const together = (one: Run, other: Run): number => Math.min(one.to, other.to) - Math.max(one.from, other.from);

/**
 * The current runs of a channel's observers, one each. Views are grouped; the group of most places is what is normal, and of equal groups
 * the one that was there first. Each group is compared with those that are more.
 */
export function splitsOf(runs: readonly Run[], views: ReadonlyMap<string, View>, settleMs: number): Split[] {
  const byView = new Map<string, Run[]>();
  for (const run of runs) byView.set(run.view, [...byView.get(run.view) ?? [], run]);
  const groups = [...byView.values()].map((members) => ({
    members: members.sort((a, b) => a.from - b.from || (a.observer < b.observer ? -1 : 1)), places: new Set(members.map((m) => m.place)).size,
  }));
  if (groups.length < 2) return [];
  groups.sort((a, b) => b.places - a.places || b.members.length - a.members.length || (a.members[0]?.from ?? 0) - (b.members[0]?.from ?? 0));
  return groups.flatMap((group, i) => {
    for (const more of groups.slice(0, i)) {
      const split = splitBetween(group.members, more.members, views, settleMs);
      if (split) return [split];
    }
    return [];
  });
}

function splitBetween(odd: readonly Run[], rest: readonly Run[], views: ReadonlyMap<string, View>, settleMs: number): Split | null {
  const [one, other] = [views.get(rest[0]?.view ?? ''), views.get(odd[0]?.view ?? '')];
  if (!one || !other) return null;
  const difference = differenceOf(one, other);
  if (!difference) return null;
  const { name, version, region } = difference;
  // A server that fails, for one or for all, serves nobody another thing.
  if (one.manifest.sha256 === null || other.manifest.sha256 === null) return null;
  if (difference.contradicts) return { odd, rest, name, version, region, why: 'one-version-two-contents' };
  const long = odd.some((a) => rest.some((b) => together(a, b) >= settleMs && together(a, b) > 0));
  return long ? { odd, rest, name, version, region, why: 'at-the-same-time' } : null;
}
