/**
 * The clocks of feeds: is a delivery late, and is something lost for good. A provider promises a file every so many hours
 * (cadence) and keeps what was not fetched for so many (window). Pure: what is due and what is lost follow from when the
 * feed last came and what time it is, so a clock that is set back or a round that runs twice changes nothing.
 */

export interface FeedClock {
  /** Last delivery that ended well, in milliseconds since the epoch. */
  readonly last: number;
  readonly cadenceHours: number | null;
  readonly windowHours: number | null;
}

const hour = 3_600_000;

/** When the next delivery was due, where it is overdue now; null where it is not, or nothing is promised. */
export function overdue(clock: FeedClock, now: number): number | null {
  if (clock.cadenceHours === null) return null;
  const due = clock.last + clock.cadenceHours * hour;
  return now > due ? due : null;
}

export interface Lost { readonly from: number; readonly to: number }

/**
 * What the provider no longer keeps and nobody fetched: from the last delivery up to what the window reaches back to now. It
 * grows until the feed comes again; then it is final.
 */
export function lost(clock: FeedClock, now: number): Lost | null {
  if (clock.windowHours === null) return null;
  const to = now - clock.windowHours * hour;
  return to > clock.last ? { from: clock.last, to } : null;
}

export const hoursOf = (gap: Lost): number => Math.round((gap.to - gap.from) / hour * 10) / 10;
