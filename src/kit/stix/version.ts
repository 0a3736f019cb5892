/**
 * Versions of one object (STIX 2.1, 3.5 and 3.6): what an offered version is to those that are known, who may offer one, and how a new one
 * or a revocation is made. Nothing here is overwritten: a caller that keeps the first of two that contradict each other loses nothing.
 */
import { meaningText, own, type ObjectVersion, type StixObject } from './object.ts';
import { compareTimes, parseTime, timeText, type StixTime } from './time.ts';

/** One version that is known already. */
export interface KnownVersion {
  readonly version: StixTime | null;
  readonly revoked: boolean;
  /** Hash or text of its meaning (`meaningText`): equal exactly if the two say the same. */
  readonly meaning: string;
}

/** What a store knows of an id. Its versions may be given in any order. */
export interface KnownObject {
  readonly versions: readonly KnownVersion[];
  readonly created: StixTime | null;
  readonly createdBy: string | null;
  /** Which of one's own sources brought the first version: it alone speaks for a creator who is not named. */
  readonly source: string;
}

export interface Offer {
  readonly version: ObjectVersion;
  readonly meaning: string;
  readonly source: string;
  /** Whether this source may speak for a named creator: it is one, or was entrusted by one. */
  speaksFor(creator: string): boolean;
}

export type Outcome =
  /** The first that is known of this id. */
  | 'first'
  /** Later than all that are known. */
  | 'newer'
  /** Earlier than one that is known: to be kept, not to be shown. */
  | 'older'
  /** Known already, to the last digit. */
  | 'duplicate'
  /** The same version, saying something else (3.6 leaves open what happens then). */
  | 'conflict'
  /** An observable has no versions; this one says more, less or other things under the same id. */
  | 'variant'
  /** By someone who is not its creator (3.5). */
  | 'not-creator'
  /** Names another creator, or another time of creation, than the versions before (3.2, 3.5). */
  | 'changed-origin'
  /** After the object was revoked (3.6). */
  | 'after-revocation';

export interface Judgement {
  readonly outcome: Outcome;
  readonly accepted: boolean;
  /** One sentence for the operator. */
  readonly text: string;
  /** Whether a version that is known is later than this one, which revokes: its creator contradicts himself. */
  readonly contradicts: boolean;
}

const sentences: Readonly<Record<Outcome, readonly [accepted: boolean, text: string]>> = {
  first: [true, 'Nothing of this id was known.'],
  newer: [true, 'This is the latest version.'],
  older: [true, 'A later version is known already.'],
  duplicate: [true, 'This version is known already.'],
  conflict: [false, 'A version of the same time is known that says something else.'],
  variant: [false, 'An observable of this id is known that says something else.'],
  'not-creator': [false, 'Only its creator makes new versions of an object; others give theirs an id of its own.'],
  'changed-origin': [false, 'Creator and time of creation stay what they were in all versions.'],
  'after-revocation': [false, 'The object was revoked before; no version follows a revocation.'],
};

function judged(outcome: Outcome, contradicts = false): Judgement {
  const [accepted, text] = sentences[outcome];
  return { outcome, accepted, text, contradicts };
}

/** Orders versions by time; those without one come first. */
export function compareVersions(a: StixTime | null, b: StixTime | null): -1 | 0 | 1 {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  return compareTimes(a, b);
}

/** The latest of these, or null where there are none. Of equals the first. */
export function latestOf<T extends { readonly version: StixTime | null }>(versions: readonly T[]): T | null {
  return versions.reduce<T | null>((best, next) => (best === null || compareVersions(next.version, best.version) > 0 ? next : best), null);
}

/** Whether a source may make versions of an object: it speaks for the named creator, or brought what nobody put a name to. */
export function mayVersion(known: KnownObject, offer: Pick<Offer, 'source' | 'speaksFor'>): boolean {
  return known.createdBy === null ? offer.source === known.source : offer.speaksFor(known.createdBy);
}

/** What an offered version is. The same answer whatever the order in which the known ones came. */
export function judge(known: KnownObject | null, offer: Offer): Judgement {
  if (known === null || known.versions.length === 0) return judged('first');
  const { version } = offer.version;
  const same = known.versions.filter((k) => compareVersions(k.version, version) === 0);
  // Who passes on what is known already does no harm, whoever it is.
  if (same.some((k) => k.meaning === offer.meaning)) return judged('duplicate');
  if (version === null) return judged(same.length ? 'variant' : 'not-creator');
  if (!mayVersion(known, offer)) return judged('not-creator');
  const createdAgain = known.created !== null && (offer.version.created === null || compareTimes(known.created, offer.version.created) !== 0);
  if (offer.version.createdBy !== known.createdBy || createdAgain) return judged('changed-origin');
  if (same.length) return judged('conflict');
  // A marking definition has one version: `created` is its time, and another time was refused above.
  if (known.versions.some((k) => k.revoked && compareVersions(k.version, version) < 0)) return judged('after-revocation');
  const later = known.versions.some((k) => compareVersions(k.version, version) > 0);
  return judged(later ? 'older' : 'newer', later && offer.version.revoked);
}

export type Made = { readonly object: StixObject } | { readonly refused: string };

/** What makes an object that object; a change to it is another object (3.6.2). */
const fixedProperties = ['type', 'id', 'created', 'created_by_ref', 'spec_version'] as const;
const millisecond = 1000n;

/** A time of three digits, later than the last version and not before now. */
function nextModified(object: StixObject, nowUs: bigint): string | null {
  const last = parseTime(own(object, 'modified'));
  if (!last) return null;
  const floor = nowUs - (nowUs % millisecond);
  return timeText(floor > last.us ? floor : last.us - (last.us % millisecond) + millisecond, true);
}

/**
 * A new version with these properties changed; null leaves one out. Refused for what has no versions, what was revoked, and what is
 * not to be changed. `modified` is set to the time, or to the next millisecond where the last version has that time already.
 */
export function newVersion(object: StixObject, changes: StixObject, nowUs: bigint): Made {
  if (own(object, 'revoked') === true) return { refused: 'A revoked object has no later versions.' };
  const modified = nextModified(object, nowUs);
  if (modified === null) return { refused: 'This object has no versions.' };
  const touched = fixedProperties.find((name) => Object.hasOwn(changes, name) && own(changes, name) !== own(object, name));
  if (touched) return { refused: `${touched} is the same in all versions; with another one it is another object.` };
  const entries = Object.entries({ ...object, ...changes, modified }).filter(([, value]) => value !== null);
  return { object: Object.fromEntries(entries) };
}

/** The version that revokes. */
export function revoke(object: StixObject, nowUs: bigint): Made {
  return newVersion(object, { revoked: true }, nowUs);
}

/**
 * What someone else makes of an object (3.5): a new one with an id of its own, and the relationship that says where it comes from.
 * `uuids` are two fresh ones.
 */
export function derive(
  object: StixObject, changes: StixObject, by: { readonly creator: string; readonly nowUs: bigint; readonly uuids: readonly [string, string] },
): { readonly object: StixObject; readonly relationship: StixObject } | { readonly refused: string } {
  const [type, source] = [own(object, 'type'), own(object, 'id')];
  if (typeof type !== 'string' || typeof source !== 'string' || parseTime(own(object,
    'modified')) === null) return { refused: 'This object has no versions.' };
  const time = timeText(by.nowUs - (by.nowUs % millisecond), true);
  const shared = { spec_version: '2.1', created: time, modified: time, created_by_ref: by.creator };
  // What was revoked may be said anew, by another and under another id.
  const rest = Object.entries({ ...object, ...changes }).filter(([name, value]) => value !== null && name !== 'revoked');
  const id = `${type}--${by.uuids[0]}`;
  return {
    object: { ...Object.fromEntries(rest), ...shared, id, type },
    relationship: {
      type: 'relationship', id: `relationship--${by.uuids[1]}`, ...shared, relationship_type: 'derived-from', source_ref: id, target_ref: source,
    },
  };
}

/** A known version out of an object itself; for callers that keep the texts. */
export function knownOf(object: StixObject, version: ObjectVersion): KnownVersion {
  return { version: version.version, revoked: version.revoked, meaning: meaningText(object) };
}
