/**
 * How many addresses each owner answers for, where the most specific prefix wins: what lies within another's narrower prefix is the other's,
 * and no address counts twice. IPv4 only: of IPv6 a count of addresses says nothing.
 */
import { isV4, parsePrefix, v4At } from './ip.ts';

export interface Held { readonly owner: string; readonly prefix: string }

/** First and last address, both included, as numbers. */
export interface Range { readonly owner: string; readonly first: number; readonly last: number }

/** Disjoint ranges in order of address. Of two equal prefixes the later in the list wins; what is no IPv4 prefix is left out. */
export function holdings(list: readonly Held[]): Range[] {
  const prefixes = list.flatMap(({ owner, prefix }, at) => {
    const parsed = parsePrefix(prefix);
    if (parsed === null || !isV4(parsed.network) || parsed.bits < 96) return [];
    const first = v4At(parsed.network);
    return [{ owner, first, last: first + 2 ** (128 - parsed.bits) - 1, at }];
  }).sort((a, b) => a.first - b.first || b.last - a.last || a.at - b.at);
  const out: Range[] = [];
  const open: (typeof prefixes)[number][] = [];
  const place = { at: 0 };
  /** What the innermost open prefix holds up to an address. */
  const tell = (last: number): void => {
    const inner = open.at(-1);
    if (inner && last >= place.at) out.push({ owner: inner.owner, first: place.at, last });
    place.at = Math.max(place.at, last + 1);
  };
  const closeBefore = (first: number): void => {
    for (let inner = open.at(-1); inner && inner.last < first; inner = open.at(-1)) {
      tell(inner.last);
      open.pop();
    }
  };
  for (const prefix of prefixes) {
    closeBefore(prefix.first);
    tell(prefix.first - 1);
    open.push(prefix);
  }
  closeBefore(Number.POSITIVE_INFINITY);
  return out;
}

/** Addresses of each owner. */
export function addressesHeld(ranges: readonly Range[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { owner, first, last } of ranges) sums.set(owner, (sums.get(owner) ?? 0) + last - first + 1);
  return sums;
}
