/**
 * Whether an offered version is taken in. STIX 2.1: an object belongs to its creator (3.5), who alone makes new versions of it
 * (3.6); of two bodies of one version neither may silently win; after a revocation there is none. Pure.
 */
import type { QuarantineReason } from '../model/exchange.ts';
import type { Words } from './words.ts';

/** Values by which it is looked up: their keys, how long they are good, and lengths of prefixes among them. */
export interface Atoms {
  readonly keys: readonly string[];
  readonly validToUs: bigint | null;
  readonly prefixes: readonly (readonly [family: 4 | 6, length: number])[];
}

/** One version as it was offered, checked and measured. */
export interface Offer {
  readonly id: string;
  readonly type: string;
  readonly creator: string | null;
  /** Moment of the version in µs, and its digits beyond; of an object without versions the moment it came. */
  readonly us: bigint;
  readonly rest: string;
  /** As it was sent. */
  readonly said: string;
  /** 20 or 21: the specification it is of. */
  readonly spec: number;
  /** Whether it has versions at all: an observable has none, and is what it is by its content. */
  readonly versioned: boolean;
  readonly revoked: boolean;
  readonly tlp: number;
  /** SHA-256 of what it means (RFC 8785), in hex. */
  readonly digest: string;
  /** As it was sent, without white space between its parts. */
  readonly body: string;
  readonly words: Words;
  readonly atoms: Atoms;
}

/** An object that is held. */
export interface Known {
  readonly obj: string;
  readonly creator: string | null;
  readonly source: string;
  revokedUs: bigint | null;
  topUs: bigint;
  topRest: string;
  topTlp: number;
  /** Whether its holder has called it back. */
  readonly recalled: boolean;
  /** By `us rest spec`. */
  readonly versions: Map<string, { readonly digest: string; readonly ver: string }>;
  /** Collections of the holder in which it is. */
  readonly colls: Set<number>;
}

export type Verdict =
  | { readonly outcome: 'accepted' | 'duplicate' }
  | { readonly outcome: 'quarantined'; readonly reason: QuarantineReason; readonly kept: string | null };

export interface Offering {
  readonly source: string;
  /** Sources, and identities, whose objects the offering source may bring new versions of. */
  readonly creators: ReadonlySet<string>;
}

const duplicate: Verdict = { outcome: 'duplicate' };
const quarantined = (reason: QuarantineReason, kept: string | null = null): Verdict => ({ outcome: 'quarantined', reason, kept });

/** Judges a delivery, one offer after another: what an earlier one settled counts for the later. Notes it in what is known. */
export function judge(known: ReadonlyMap<string, Known>, offers: readonly Offer[], offering: Offering): Verdict[] {
  const begun = new Map<string, Known>();
  return offers.map((offer) => {
    const object = known.get(offer.id) ?? begun.get(offer.id) ?? begin(offer, offering);
    if (!known.has(offer.id)) begun.set(offer.id, object);
    const verdict = judgeOne(object, offer, offering);
    if (verdict.outcome === 'accepted') {
      object.versions.set(versionKey(offer), { digest: offer.digest, ver: '' });
      if (offer.revoked) object.revokedUs = offer.us;
    }
    return verdict;
  });
}

const versionKey = (offer: Offer): string => `${offer.us} ${offer.rest} ${offer.spec}`;

const begin = (offer: Offer, { source }: Offering): Known => ({
  obj: '', creator: offer.creator, source, revokedUs: null, topUs: offer.us, topRest: offer.rest, topTlp: offer.tlp, recalled: false,
  versions: new Map(), colls: new Set(),
});

function judgeOne(object: Known, offer: Offer, offering: Offering): Verdict {
  const same = offer.versioned
    ? object.versions.get(versionKey(offer)) : [...object.versions.values()].find((v) => v.digest === offer.digest);
  if (same) return same.digest === offer.digest ? duplicate : quarantined('same-version-other-body', same.ver || null);
  if (object.versions.size === 0) return { outcome: 'accepted' };
  if (!offer.versioned && object.versions.has(versionKey(offer))) return quarantined('same-version-other-body', anyOf(object));
  const { creators } = offering;
  const mayBring = object.source === offering.source || creators.has(object.source) || (object.creator !== null && creators.has(object.creator));
  const sameCreator = !offer.versioned || object.creator === offer.creator;
  if (!mayBring || !sameCreator) return quarantined(offer.versioned ? 'not-its-creator' : 'same-version-other-body', anyOf(object));
  if (object.revokedUs !== null && offer.us > object.revokedUs) return quarantined('after-revocation', anyOf(object));
  return { outcome: 'accepted' };
}

const anyOf = (object: Known): string | null => [...object.versions.values()].map((v) => v.ver).find((v) => v !== '') ?? null;
