/**
 * The published series: what each counts, in which unit, how it ranks, and what it must not be read as. Pure: the
 * queries are in `statistics-store.ts`, and a figure is made here from two counts.
 */
import { percentOf } from '#kit/percent';
import type { ExcludedArea, RankedArea, SeriesDefinition, SeriesName } from './model.ts';

/** Least users an area needs for its share to be published and ranked. */
export const userFloor = 10_000;

const source = 'Rows that feeds delivered under the agreements of the programme, deduplicated by identity.';
const located = 'Areas by registry data of addresses at the time the row was taken in; what no list knows is ZZ.';

export const definitions: Readonly<Record<SeriesName, SeriesDefinition>> = {
  'attacks-by-origin': {
    series: 'attacks-by-origin', unit: 'attacks', rankedBy: 'count', floor: null, grains: ['month', 'quarter', 'year'],
    definition: 'Attacks in the period whose source address is hosted in the area; one stored row is one attack.',
    method: `attacks-by-origin/1: count of rows of kind attack by area of the source address. ${located}`,
    source,
    caution: 'Hosted in an area is not done by its people: a rented or hijacked machine counts where it stands.',
  },
  'users-at-risk': {
    series: 'users-at-risk', unit: 'percent', rankedBy: 'rate', floor: userFloor, grains: ['quarter', 'year'],
    definition: 'Users seen active in the period with at least one detection in it, in percent of all users seen active, '
      + 'rounded half up to one decimal.',
    method: 'users-at-risk/1: distinct users of consenting products with a heartbeat in the period; '
      + 'home is the area with most active days, on a tie the latest, then the last by its code; '
      + `areas with fewer than ${userFloor} users are neither published nor ranked.`,
    source,
    caution: 'It speaks of users who consented to statistics, not of all inhabitants; shares of quarters do not add up to a year.',
  },
  'websites-attacked': {
    series: 'websites-attacked', unit: 'websites', rankedBy: 'count', floor: null, grains: ['month', 'quarter', 'year'],
    definition: 'Distinct pairs of registered domain and day (UTC) on which a website was attacked.',
    method: `websites-attacked/1: distinct (registered domain by the public suffix list, day) of rows of kind website-attack. ${located}`,
    source,
    caution: 'A site attacked on two days counts twice; many pages of one site on one day count once.',
  },
  'computers-infected': {
    series: 'computers-infected', unit: 'addresses', rankedBy: 'count', floor: null, grains: ['month', 'quarter', 'year'],
    definition: 'Distinct addresses from which an infected machine was seen in the period.',
    method: `computers-infected/1: distinct IPv4 and IPv6 addresses of rows of kind infection. ${located}`,
    source,
    caution: 'An address is not a machine: one address may hide many, one machine may have many; periods do not add up.',
  },
};

/** What is counted for one area: for a rate two counts, else one. */
export interface AreaCount {
  readonly area: string;
  readonly numerator: number;
  readonly denominator: number | null;
}

export interface Ranking {
  readonly items: readonly RankedArea[];
  readonly excluded: readonly ExcludedArea[];
}

/** The area of addresses that no list knows. It is shown, never ranked. */
export const unknownArea = 'ZZ';

/** Counts under this are withheld where they would describe a handful of people. */
const leastShown = 10;

export function rank(definition: SeriesDefinition, counts: readonly AreaCount[]): Ranking {
  const ranked: (AreaCount & { value: number })[] = [];
  const excluded: ExcludedArea[] = [];
  for (const count of counts) {
    const { area, numerator, denominator } = count;
    if (area === unknownArea) excluded.push({ area, numerator, denominator, reason: 'unknown-area' });
    else if (definition.rankedBy === 'count') ranked.push({ ...count, value: numerator });
    else if (denominator === null || denominator < (definition.floor ?? 1)) {
      excluded.push({ area, numerator: numerator < leastShown ? null : numerator, denominator, reason: 'below-floor' });
    } else ranked.push({ ...count, value: percentOf(numerator, denominator) });
  }
  // Ranked by the published value: areas that show the same share their rank, whatever the digits behind it.
  ranked.sort((x, y) => y.value - x.value || (x.area < y.area ? -1 : 1));
  let place = 0;
  const items = ranked.map(({ area, numerator, denominator, value }, i) => {
    if (i === 0 || value !== ranked[i - 1]?.value) place = i + 1;
    return { area, rank: place, value, numerator, denominator };
  });
  excluded.sort((x, y) => (x.area < y.area ? -1 : 1));
  return { items, excluded };
}
