/**
 * Providers beside one another: infected addresses for each ten thousand that they answer for, so that the large are not worse for being large.
 * A provider without registered prefixes has no base, and without one there is neither rate nor rank. Pure: counts go in.
 */
import { percentOf } from '#kit/percent';
import { median } from './websites.ts';

export interface Standing {
  readonly id: string;
  /** IPv4 addresses of its own prefixes; 0 where it has none. */
  readonly base: number;
  /** Infected addresses within them. */
  readonly infected: number;
}

export interface Ranked extends Standing {
  /** For each ten thousand, to two decimals, half up. */
  readonly rate: number | null;
  /** The fewest first; equal rates share. Null without a base. */
  readonly rank: number | null;
}

export interface League {
  readonly items: readonly Ranked[];
  /** How many are ranked. */
  readonly population: number;
  readonly medianRate: number | null;
}

export const rateOf = (infected: number, base: number): number | null => (base === 0 ? null : percentOf(infected * 100, base, 2));

/** Of fewer, a middle rate tells what one of them has. */
export const fewestOthers = 3;

/** The middle rate of some, where there are enough of them that it tells of none. */
export function middleOf(rates: readonly (number | null)[]): number | null {
  const known = rates.filter((rate) => rate !== null);
  return known.length < fewestOthers ? null : median(known);
}

/** The ranked in their order, then those without a base in the order they came. */
export function leagueOf(standings: readonly Standing[]): League {
  const rated = standings.map((standing) => ({ ...standing, rate: rateOf(standing.infected, standing.base) }));
  const ranked = rated.flatMap((one) => (one.rate === null ? [] : [{ ...one, rate: one.rate }])).sort((a, b) => a.rate - b.rate || (a.id < b.id ? -1 : 1));
  return {
    items: [
      ...ranked.map((one) => ({ ...one, rank: 1 + ranked.filter((other) => other.rate < one.rate).length })),
      ...rated.filter((one) => one.rate === null).map((one) => ({ ...one, rank: null })),
    ],
    population: ranked.length, medianRate: median(ranked.map((one) => one.rate)),
  };
}
