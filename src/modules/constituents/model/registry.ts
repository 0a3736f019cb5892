/**
 * Who is responsible for an address, a network or a domain, and from when until when. The nouns of the registry as
 * schemas; what may happen to them is in `rules.ts`.
 */
import { z } from 'zod';

export const constituentKinds = ['ministry', 'province', 'isp', 'operator', 'company', 'other'] as const;
export const ConstituentKind = z.enum(constituentKinds);
export type ConstituentKind = z.infer<typeof ConstituentKind>;

export const assetKinds = ['prefix', 'asn', 'domain', 'certificate'] as const;
export const AssetKind = z.enum(assetKinds);
export type AssetKind = z.infer<typeof AssetKind>;

const Name = z.string().trim().min(1).max(200);
const Code = z.string().trim().min(1).max(40);

/** An organisation of the centre's registry. It may or may not also be a party with an account here. */
export const Constituent = z.strictObject({
  id: z.string(),
  name: z.string(),
  kind: ConstituentKind,
  /** Organisation of `parties` that speaks for it; null where none does. */
  org: z.string().nullable(),
  sector: z.string().nullable(),
  /** Code of the province it belongs to, e.g. `VN-HN`. */
  province: z.string().nullable(),
  createdAt: z.iso.datetime(),
  /** Assets valid at the moment of asking. */
  assetsNow: z.number().int(),
});
export type Constituent = z.infer<typeof Constituent>;

export const proofKinds = ['registry-record', 'dns-token', 'letter'] as const;
export const ProofKind = z.enum(proofKinds);
export type ProofKind = z.infer<typeof ProofKind>;

/** What shows that an asset is theirs: a record of the address or domain registry, a token in its DNS, a letter. */
export const Proof = z.strictObject({
  kind: ProofKind,
  /** Where it can be looked up: object and registry, name of the DNS record, number of the letter. */
  reference: z.string(),
  /** Person who verified it, or `system` where the hub itself looked. */
  by: z.string(),
  at: z.iso.datetime(),
  /** From when on it has to be shown anew; null where the registry's own record does not end. */
  until: z.iso.datetime().nullable(),
});
export type Proof = z.infer<typeof Proof>;

/**
 * Something it answers for, from `from` (included) to `to` (excluded): an event at exactly `to` belongs to the next
 * owner. `to` null means until further notice.
 */
export const Asset = z.strictObject({
  id: z.string(),
  constituent: z.string(),
  kind: AssetKind,
  /** Canonical: `203.0.113.0/24`, `2001:db8::/32`, `64512`, `example.gov.vn`; a certificate by its SHA-256 in hex. */
  value: z.string(),
  from: z.iso.datetime(),
  to: z.iso.datetime().nullable(),
  /** The latest proof; null where nobody has shown any yet. */
  proof: Proof.nullable(),
});
export type Asset = z.infer<typeof Asset>;

export const NewConstituent = z.strictObject({
  name: Name,
  kind: ConstituentKind,
  org: z.string().nullable().default(null),
  sector: Code.nullable().default(null),
  province: Code.nullable().default(null),
});
export type NewConstituent = z.infer<typeof NewConstituent>;

/** A moment as people type it: a day (`2026-06-10`, midnight UTC) or RFC 3339. */
export const Moment = z.union([z.iso.date(), z.iso.datetime({ offset: true })])
  .refine((text) => text >= '1970' && !text.startsWith('9999'), 'must be a day from 1970 on');

export const NewAsset = z.strictObject({
  kind: AssetKind,
  value: z.string().trim().min(1).max(255),
  from: Moment,
  to: Moment.nullable().default(null),
});
export type NewAsset = z.infer<typeof NewAsset>;

/** One line of an import that can be taken. */
export const ImportRow = z.strictObject({
  /** Line of the file, the header being line 1. */
  line: z.number().int(),
  constituent: z.string(),
  kind: ConstituentKind,
  asset: AssetKind.nullable(),
  value: z.string().nullable(),
  from: z.iso.datetime().nullable(),
  to: z.iso.datetime().nullable(),
  /** What it would add; `nothing` where the registry already says so. */
  adds: z.enum(['constituent and asset', 'constituent', 'asset', 'nothing']),
});
export type ImportRow = z.infer<typeof ImportRow>;

export const ImportProblem = z.strictObject({ line: z.number().int(), at: z.string(), problem: z.string() });
export type ImportProblem = z.infer<typeof ImportProblem>;

export const ImportPreview = z.strictObject({
  /** Lines with content below the header. */
  lines: z.number().int(),
  constituents: z.number().int(),
  assets: z.number().int(),
  unchanged: z.number().int(),
  problems: z.array(ImportProblem),
  /** The first 500 rows. */
  rows: z.array(ImportRow),
});
export type ImportPreview = z.infer<typeof ImportPreview>;
