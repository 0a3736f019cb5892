/**
 * What became of infected addresses from month to month. An address is cured in the month in which it was last seen, once each feed that saw it
 * that day has delivered on three more days without it being seen at all; a feed that was silent cures nobody. Pure: counts go in.
 */

/** Days on which a feed must have delivered without the address: three cycles of observation. */
export const cureAfter = 3;
/** Day number of what has not come; the last that the events store can write. */
export const never = 65_535;

/** For each feed and day on which it delivered, the day that makes it `cureAfter` more; `never` where it has not delivered so often since. */
export function cureDays(observed: readonly { readonly feed: string; readonly day: number }[]): { readonly key: string; readonly day: number }[] {
  const byFeed = new Map<string, number[]>();
  for (const { feed, day } of observed) byFeed.set(feed, [...byFeed.get(feed) ?? [], day]);
  return [...byFeed].flatMap(([feed, list]) => {
    const days = [...new Set(list)].sort((a, b) => a - b);
    return days.map((day, i) => ({ key: `${feed} ${day}`, day: days[i + cureAfter] ?? never }));
  });
}

/** Addresses seen in a month by whether they had been seen before it, and whether they were cured in it. */
export interface Course { readonly period: string; readonly known: boolean; readonly cured: boolean; readonly addresses: number }

export interface CleanUpMonth {
  readonly infected: number;
  /** Seen for the first time and still there. Null in the first month of the rows, of which nobody knows what was before. */
  readonly fresh: number | null;
  /** Seen before and still there. */
  readonly persisting: number | null;
  readonly cured: number;
  /** Of the cured, those that were seen for the first time. */
  readonly curedFresh: number | null;
}

/** The month's parts: fresh, persisting and cured make all that were infected. Null where no address was seen. */
export function monthOf(courses: readonly Course[], period: string, isFirst: boolean): CleanUpMonth | null {
  const sum = (of: (course: Course) => boolean): number =>
    courses.filter((course) => course.period === period && of(course)).reduce((total, course) => total + course.addresses, 0);
  const infected = sum(() => true);
  if (infected === 0) return null;
  return {
    infected, cured: sum((course) => course.cured),
    fresh: isFirst ? null : sum((course) => !course.cured && !course.known),
    persisting: isFirst ? null : sum((course) => !course.cured && course.known),
    curedFresh: isFirst ? null : sum((course) => course.cured && !course.known),
  };
}
