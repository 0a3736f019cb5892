/** What a bill of materials tells of age, copies and support. What it does not say is counted as unknown, never taken as fine. */
import type { Component } from './read.ts';

export interface Copies {
  readonly name: string;
  readonly copies: number;
  readonly versions: readonly { readonly version: string; readonly copies: number; readonly released: string | null }[];
}
export interface BillReport {
  readonly components: number;
  /** Components of one name and version are one. */
  readonly distinct: number;
  /** Named more than once, the most copies first. */
  readonly duplicates: readonly Copies[];
  readonly oldest: { readonly name: string; readonly version: string | null; readonly released: string } | null;
  /** Days since the release, of those that say it: the middle one. */
  readonly medianAgeDays: number | null;
  readonly ageUnknown: number;
  readonly outOfSupport: readonly { readonly name: string; readonly version: string | null; readonly since: string }[];
  readonly supportUnknown: number;
  /** That no package URL or CPE name tells: nothing can be looked up of them. */
  readonly nameless: number;
  readonly versionUnknown: number;
}

const dayMs = 86_400_000;

/** What is one thing: the package URL without its version and what is behind it, else the name. */
const keyOf = ({ purl, name }: Component): string => purl?.replace(/[@?#].*$/, '') ?? name;

export function reportOf(components: readonly Component[], nowMs: number): BillReport {
  const byKey = new Map<string, Component[]>();
  for (const c of components) {
    const list = byKey.get(keyOf(c));
    if (list) list.push(c);
    else byKey.set(keyOf(c), [c]);
  }
  const duplicates = [...byKey.values()].filter((list) => list.length > 1).map((list): Copies => {
    const versions = new Map<string, Component[]>();
    for (const c of list) versions.set(c.version ?? '', [...versions.get(c.version ?? '') ?? [], c]);
    return {
      name: list[0]?.name ?? '', copies: list.length,
      versions: [...versions].map(([version, of]) => ({ version, copies: of.length, released: of.find((c) => c.released !== null)?.released ?? null }))
        .sort((a, b) => (a.released ?? '').localeCompare(b.released ?? '') || a.version.localeCompare(b.version)),
    };
  }).sort((a, b) => b.copies - a.copies || a.name.localeCompare(b.name));
  const dated = components.flatMap(({ name, version, released }) => (released === null ? [] : [{ name, version, released }]))
    .sort((a, b) => Date.parse(a.released) - Date.parse(b.released));
  const middle = dated[Math.floor((dated.length - 1) / 2)];
  return {
    components: components.length, distinct: new Set(components.map((c) => `${keyOf(c)}\0${c.version ?? ''}`)).size, duplicates, oldest: dated[0] ?? null,
    medianAgeDays: middle ? Math.floor((nowMs - Date.parse(middle.released)) / dayMs) : null, ageUnknown: components.length - dated.length,
    outOfSupport: components.flatMap(({ name, version, supportEnds }) => (supportEnds !== null && Date.parse(supportEnds) <= nowMs
      ? [{ name, version, since: supportEnds }] : [])).sort((a, b) => a.since.localeCompare(b.since)),
    supportUnknown: components.filter((c) => c.supportEnds === null).length,
    nameless: components.filter((c) => c.purl === null && c.cpe === null).length, versionUnknown: components.filter((c) => c.version === null).length,
  };
}
