/**
 * Where one is in a collection of another server, and where to ask next: pure. TAXII 2.1 (3.5) gives two ways on, `next` and
 * `added_after`; servers give one, both or a broken one. A place is written down only after what it names was taken in, so that
 * nothing is skipped; what comes twice the store knows. Every step either goes forward or says that it is stuck: there is no loop.
 */
import { compareTimes, parseTime, timeText } from '#kit/stix/time';

/** Pages in progress: what they were asked with, the door to the next, and how far those that came reach. */
export interface Chain {
  readonly after: string | null;
  /** Belongs to `after` and to the filters of the following; never sent with others. */
  readonly next: string | null;
  readonly last: string | null;
  /** Whether every page so far began no later than it ended: then all up to `last` has been given. */
  readonly sorted: boolean;
}

export interface Place {
  /** Everything that was added up to here was taken in, in the server's own words; null before the first time. */
  readonly after: string | null;
  readonly chain: Chain | null;
}

export const beginning: Place = { after: null, chain: null };

/** What is asked for: both of them together where a chain is in progress. */
export interface Asked { readonly after: string | null; readonly next: string | null }

/** What came, as far as it matters for where to go. */
export interface Came {
  readonly count: number;
  readonly more: boolean;
  readonly next: string | null;
  readonly first: string | null;
  readonly last: string | null;
  /** A digest of what it holds. */
  readonly mark: string;
}

export type Stuck = 'same-page' | 'one-moment' | 'no-dates' | 'unsorted';
export type Step =
  | { readonly kind: 'on'; readonly place: Place }
  | { readonly kind: 'done'; readonly place: Place }
  /** Nothing was lost, and nothing can be gone on with at this size of page: a larger one may reach beyond one moment. */
  | { readonly kind: 'grow' }
  | { readonly kind: 'stuck'; readonly why: Stuck };

export function askedAt({ after, chain }: Place): Asked {
  return chain === null ? { after, next: null } : { after: chain.after, next: chain.next };
}

/** The later of two moments; what is no moment counts for nothing. */
export function later(a: string | null, b: string | null): string | null {
  const [x, y] = [parseTime(a), parseTime(b)];
  if (x === null || y === null) return x === null ? (y === null ? null : b) : a;
  return compareTimes(x, y) >= 0 ? a : b;
}

const isAfter = (a: string | null, b: string | null): boolean => {
  const [x, y] = [parseTime(a), parseTime(b)];
  return x !== null && (y === null || compareTimes(x, y) > 0);
};

/** The last microsecond before a moment: whoever asks for what came after it is given all of that moment once more. */
export function before(moment: string): string | null {
  const time = parseTime(moment);
  if (time === null) return null;
  return timeText(time.rest === '' ? time.us - 1n : time.us);
}

/** Whether a server that was asked for what came after a moment answered with what came before. */
export const ignoresAfter = (asked: Asked, came: Came): boolean => asked.next === null && came.first !== null && asked.after !== null
  && isAfter(asked.after, came.first);

export interface Stepping {
  readonly asked: Asked;
  readonly came: Came;
  /** What the page before held; null for the first of a run. */
  readonly markBefore: string | null;
  readonly size: number;
  /** Whether a larger page may be asked for. */
  readonly mayGrow: boolean;
}

/** Where a page leads to, once it was taken in. */
export function step(place: Place, { asked, came, markBefore, size, mayGrow }: Stepping): Step {
  const reached = later(later(place.chain?.last ?? null, came.first), came.last);
  const sorted = (place.chain?.sorted ?? true) && !isAfter(came.first, came.last);
  if (came.more && came.next !== null) {
    // The same door and the same page behind it: a circle.
    if (came.next === asked.next && came.mark === markBefore) return { kind: 'stuck', why: 'same-page' };
    return { kind: 'on', place: { after: place.after, chain: { after: asked.after, next: came.next, last: reached, sorted } } };
  }
  // A page that is just full may be one that was cut without a word, unless its server names next pages.
  const cut = came.more || (asked.next === null && came.count >= size && came.count > 0);
  if (!cut) return { kind: 'done', place: { after: reached ?? asked.after, chain: null } };
  const onward = sorted && came.last !== null ? before(came.last) : null;
  if (onward !== null && isAfter(onward, asked.after)) {
    return { kind: 'on', place: { after: place.after, chain: { after: onward, next: null, last: reached, sorted } } };
  }
  if (came.count > 0 && onward !== null && mayGrow) return { kind: 'grow' };
  if (!came.more) return { kind: 'done', place: { after: reached ?? asked.after, chain: null } };
  return { kind: 'stuck', why: !sorted ? 'unsorted' : came.last === null ? 'no-dates' : came.mark === markBefore ? 'same-page' : 'one-moment' };
}

/** The door does not open any more: on from how far the pages came, or from where they began if their order is not known. */
export function withoutNext(place: Place): Place {
  const { chain } = place;
  if (chain === null || chain.next === null) return { after: place.after, chain: null };
  const onward = chain.sorted && chain.last !== null ? before(chain.last) : null;
  const after = onward !== null && isAfter(onward, chain.after) ? onward : chain.after;
  return { after: place.after, chain: { after, next: null, last: chain.last, sorted: chain.sorted } };
}

/** Slower clocks than this are called set back. */
const toleranceMs = 120_000;
const marginMs = 300_000;

/**
 * Where to begin when the server's clock was set back: what it has added since one last asked bears moments before the place, and would
 * never be asked for. Null where its clock goes on.
 */
export function setBack(place: Place, serverNow: number | null, sinceAskedMs: number): Place | null {
  const at = parseTime(place.after);
  if (at === null || serverNow === null || place.chain !== null) return null;
  if (BigInt(serverNow + toleranceMs) * 1000n >= at.us) return null;
  return { after: timeText(BigInt(serverNow - sinceAskedMs - marginMs) * 1000n), chain: null };
}
