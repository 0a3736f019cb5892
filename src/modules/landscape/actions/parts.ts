/** What the landscape's actions are handed, and what several of them need: cursors, day ranges, names. */
import type { Province } from '#kit/provinces/vn';
import { Refusal } from '#kit/refusal';
import type { ReportTypes } from '#kit/shadowserver/types';
import type { Blobs } from '#world/blobs/port';
import type { Clock } from '#world/clock';
import type { Db } from '#world/db/port';
import type { Events } from '#world/events/port';
import type { Ids } from '#world/ids';
import { constituentNames } from '#modules/constituents/index';
import type { SourceParts } from '../collect/actions.ts';
import { dayNumber } from '../periods.ts';
import type { Names } from '../rows-store.ts';
import { feedNames } from '../store.ts';

export interface LandscapeParts {
  readonly db: Db;
  readonly events: Events;
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly types: ReportTypes;
  /** Organisation whose rows the public figures are computed from: the national centre. Null while there is none. */
  readonly publisher: () => Promise<string | null>;
  /** Area that the publisher speaks for, `VN`. */
  readonly home: string;
  /** What the hub is called, and its web origin: for what leaves it under its name. */
  readonly hub: { readonly name: string; readonly origin: string };
  /** Ends of the site names that are the state's, `.gov.vn`. */
  readonly stateSuffixes: readonly string[];
  /** What fetches files, for whoever adds a source or asks for a run. */
  readonly sources: SourceParts;
  /** Provinces and what became of them, for figures of a time before. */
  readonly provinces: readonly Province[];
}

export const cursorText = (values: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify(values)).toString('base64url');

/** The values of a cursor that we gave out; a Refusal for anything else. */
export function cursorOf<T extends readonly ('string' | 'number')[]>(
  text: string | undefined, ...types: T
): { [K in keyof T]: T[K] extends 'number' ? number : string } | null {
  if (text === undefined) return null;
  try {
    const values = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown;
    if (Array.isArray(values) && values.length === types.length && types.every((type, i) => typeof values[i] === type)) {
      return values as never;
    }
  } catch {
    // Told below: a cursor is ours or it is none.
  }
  throw new Refusal('invalid', 'landscape.cursor', 'This cursor is none of ours.', { at: 'cursor' });
}

/** Days as asked, both included; the last thirty where nothing is said. */
export function daysOf(input: { from?: string | undefined; to?: string | undefined }, now: number): { from: number; to: number } {
  const to = input.to === undefined ? Math.floor(now / 86_400_000) : dayNumber(input.to);
  const from = input.from === undefined ? to - 29 : dayNumber(input.from);
  if (from > to) throw new Refusal('invalid', 'landscape.days', 'The first day is after the last.', { at: 'from' });
  if (to - from > 3660) throw new Refusal('invalid', 'landscape.days', 'At most ten years at once.', { at: 'from' });
  return { from, to };
}

/** Day number of a day that may not be asked for. */
export const dayAsked = (iso: string | undefined): number | undefined => (iso === undefined ? undefined : dayNumber(iso));

/** `none` asks for rows that nobody answers for; the events store keeps those with an empty owner. */
export const ownersAsked = (owner: string | undefined): readonly string[] | undefined =>
  owner === undefined ? undefined : [owner === 'none' ? '' : owner];

export async function namesOf(parts: Pick<LandscapeParts, 'db'>, scope: string): Promise<Names> {
  const owners = await constituentNames(parts.db, scope);
  return { feeds: await feedNames(parts.db, scope), owners: new Map([...owners].map(([name, id]) => [id, name])) };
}
