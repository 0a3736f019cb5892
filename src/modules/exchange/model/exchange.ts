/**
 * The nouns of the exchange: a *source* says where objects come from, a *collection* is what one organisation shares with the
 * other side of an agreement up to a TLP ceiling, an *object* has immutable *versions*, and a *quarantined* offer is one that was
 * not accepted. STIX 2.1 names the objects, TAXII 2.1 the collections, FIRST's TLP 2.0 the labels.
 */
import { z } from 'zod';
import type { Tlp } from '#kit/endpoint';

/** What a collection is for: the own library of all that is held, the objects for named eyes only, or what is shared. */
export const collectionKinds = ['library', 'eyes', 'shared'] as const;
export const sourceKinds = ['own', 'file', 'taxii', 'misp', 'partner'] as const;

export const tlpLabels = ['CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT', 'RED'] as const satisfies readonly Tlp[];
export const TlpLabel = z.enum(tlpLabels);
/** The highest label that a collection may carry: what is RED goes to named people, never into a collection. */
export const Ceiling = TlpLabel.exclude(['RED']);
export type Ceiling = z.infer<typeof Ceiling>;

export const StixType = z.string().regex(/^[a-z0-9][a-z0-9-]{1,248}[a-z0-9]$/);
export const StixId = z.string().regex(/^[a-z0-9][a-z0-9-]{1,248}[a-z0-9]--[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
/** A name by which a collection may be called in an address. */
export const Alias = z.string().regex(/^[a-z0-9][a-z0-9-]{1,59}$/);

export const Source = z.strictObject({
  id: z.string(), kind: z.enum(sourceKinds), name: z.string(),
  /** Organisation that speaks through it, where it is one that the hub knows. */
  org: z.string().nullable(),
  /** STIX identities whose objects it may bring new versions of, beside those it brought itself. */
  speaksFor: z.array(StixId), objects: z.number().int(), lastAt: z.iso.datetime().nullable(), createdAt: z.iso.datetime(),
});
export type Source = z.infer<typeof Source>;

export const Collection = z.strictObject({
  /** UUID, as TAXII has it. */
  id: z.uuid(), kind: z.enum(collectionKinds), title: z.string(), description: z.string(), alias: z.string().nullable(),
  /** Organisation whose objects it holds; and the agreement and the other side that read it. */
  owner: z.string(), agreement: z.string().nullable(), partner: z.string().nullable(),
  ceiling: TlpLabel, types: z.array(StixType).nullable(),
  /** Whether the other side may add objects. */
  accepts: z.boolean(),
  /** Whether it is a member's part of a community: others, who are not told, read what is added to it, and what they add is read here. */
  blind: z.boolean(),
  openedAt: z.iso.datetime(), closedAt: z.iso.datetime().nullable(),
});
export type Collection = z.infer<typeof Collection>;

export const quarantineReasons = ['same-version-other-body', 'not-its-creator', 'after-revocation', 'above-ceiling'] as const;
export type QuarantineReason = typeof quarantineReasons[number];

/** What became of one object of a delivery. */
export const outcomes = ['accepted', 'duplicate', 'quarantined', 'refused'] as const;
export type Outcome = typeof outcomes[number];

export const CollectionShown = Collection.extend({
  ownerName: z.string(), partnerName: z.string().nullable(), objects: z.number().int(), lastAt: z.iso.datetime().nullable(),
  access: z.strictObject({ read: z.boolean(), write: z.boolean() }),
});
export type CollectionShown = z.infer<typeof CollectionShown>;

/** One share of what would be shown, or held back. */
const Part = z.strictObject({ type: z.string(), tlp: TlpLabel, objects: z.number().int(), shared: z.boolean() });
export const CollectionPreview = z.strictObject({
  partner: z.string(), partnerName: z.string(),
  /** Whether the other side may read at this ceiling now; the clauses that say so, or the sentence that does not. */
  allowed: z.boolean(), clauses: z.array(z.strictObject({ agreementTitle: z.string(), clause: z.string() })), refusal: z.string().nullable(),
  parts: z.array(Part), shared: z.number().int(), heldBack: z.number().int(),
});
export type CollectionPreview = z.infer<typeof CollectionPreview>;

export const ObjectRow = z.strictObject({
  id: z.string(), type: z.string(), name: z.string(), tlp: TlpLabel, said: z.string(), revoked: z.boolean(), owner: z.string(),
  addedAt: z.iso.datetime(),
});
export type ObjectRow = z.infer<typeof ObjectRow>;

/** Another object that this one names or that names it; null where it is not within reach: then nothing but its id is told. */
const Neighbour = z.strictObject({
  relation: z.string(), direction: z.enum(['to', 'from']), id: z.string(), type: z.string(), name: z.string().nullable(),
});
export const sightingKinds = ['seen', 'false-positive', 'expired'] as const;
/** What was reported of a day; null where others did who are too few to be told. */
const SightingDay = z.strictObject({ day: z.iso.date(), kind: z.enum(sightingKinds), mine: z.number().int(), others: z.number().int().nullable() });
export const ObjectView = z.strictObject({
  object: ObjectRow, body: z.string(),
  versions: z.array(z.strictObject({
    said: z.string(), receivedAt: z.iso.datetime(), source: z.string().nullable(), tlp: TlpLabel, revoked: z.boolean(), spec: z.string(),
    bytes: z.number().int(),
  })),
  /** Where it is shown: the collection, with whom, under which agreement. Only one's own. */
  audience: z.array(z.strictObject({ collection: z.string(), title: z.string(), partnerName: z.string().nullable(), agreement: z.string().nullable(),
    since: z.iso.datetime() })),
  neighbours: z.array(Neighbour), neighboursLeftOff: z.number().int(), sightings: z.array(SightingDay),
});
export type ObjectView = z.infer<typeof ObjectView>;

export const Quarantined = z.strictObject({
  id: z.string(), stixId: z.string(), said: z.string(), reason: z.enum(quarantineReasons), source: z.string(), at: z.iso.datetime(),
  state: z.enum(['open', 'left', 'taken']), decidedBy: z.string().nullable(), decidedAt: z.iso.datetime().nullable(), note: z.string().nullable(),
  offered: z.string(), kept: z.string().nullable(),
});
export type Quarantined = z.infer<typeof Quarantined>;
