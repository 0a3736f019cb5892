/**
 * The nouns of vulnerability information: a *source* (public, one's own, a partner's), a *record* (what one source says of one
 * vulnerability, in versions that never change), a *product key* (package URL or CPE name) and a *statement* (what a record says of a
 * product). A vulnerability is no row: it is what records that name each other are joined to when they are read.
 */
import { z } from 'zod';
import { formats } from '#kit/vuln/record';
import { productStatuses } from '#kit/vuln/range';
import { severities } from '#kit/vuln/cvss/score';
import type { Tlp } from '#kit/endpoint';

export const sourceKinds = ['public', 'own', 'partner'] as const;
export const tlpLabels = ['CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT', 'RED'] as const satisfies readonly Tlp[];
export const TlpLabel = z.enum(tlpLabels);
export const rankOf = (label: Tlp): number => tlpLabels.indexOf(label);
export const labelOf = (rank: number): Tlp => tlpLabels[rank] ?? 'RED';
export { severities };

export const Source = z.strictObject({
  id: z.string(), kind: z.enum(sourceKinds), name: z.string(), mine: z.boolean(), records: z.number().int(),
  /** What its last file called itself: a catalogue's version, a day of EPSS. */
  edition: z.string().nullable(), lastAt: z.iso.datetime().nullable(), createdAt: z.iso.datetime(),
});
export type Source = z.infer<typeof Source>;

/** One line of a search: a vulnerability by the newest record within reach that fits. */
export const Row = z.strictObject({
  name: z.string(), title: z.string(), score: z.number().nullable(), severity: z.enum(severities).nullable(),
  exploited: z.boolean(), probability: z.number().nullable(), tlp: TlpLabel, source: z.string(), withdrawn: z.boolean(), changedAt: z.iso.datetime(),
});
export type Row = z.infer<typeof Row>;

const Score = z.strictObject({
  by: z.string().nullable(), vector: z.string(), version: z.string(), score: z.number().nullable(), severity: z.string().nullable(),
});
export const Statement = z.strictObject({
  by: z.string().nullable(), vendor: z.string().nullable(), name: z.string(), purl: z.string().nullable(), cpes: z.array(z.string()),
  ecosystem: z.string().nullable(), versions: z.array(z.strictObject({ version: z.string(), status: z.enum(productStatuses) })),
  /** Spans as people read them. */
  ranges: z.array(z.strictObject({ text: z.string(), status: z.enum(productStatuses) })), otherwise: z.enum(productStatuses),
  justification: z.string().nullable(), statement: z.string().nullable(),
});
export type Statement = z.infer<typeof Statement>;

/** What one source says. */
export const Shown = z.strictObject({
  record: z.string(), source: z.string(), kind: z.enum(sourceKinds), mine: z.boolean(), format: z.enum(formats), id: z.string(),
  document: z.string().nullable(), publisher: z.string().nullable(), tlp: TlpLabel, labelled: z.boolean(), shared: z.boolean(),
  title: z.string(), summary: z.string(), published: z.string().nullable(), modified: z.string().nullable(), withdrawn: z.string().nullable(),
  withdrawnWhy: z.string().nullable(), scores: z.array(Score), weaknesses: z.array(z.string()),
  references: z.array(z.strictObject({ url: z.string(), kind: z.string().nullable(), title: z.string().nullable() })),
  remedies: z.array(z.strictObject({ category: z.string(), text: z.string(), url: z.string().nullable() })),
  statements: z.array(Statement), statementsLeftOff: z.number().int(),
  versions: z.array(z.strictObject({ digest: z.string(), receivedAt: z.iso.datetime(), modified: z.string().nullable() })),
});
export type Shown = z.infer<typeof Shown>;

export const Kev = z.strictObject({
  vendor: z.string(), product: z.string(), title: z.string(), description: z.string(), action: z.string(), added: z.string(), due: z.string().nullable(),
  ransomware: z.boolean(), notes: z.string(), listed: z.boolean(),
});
export const Epss = z.strictObject({
  score: z.number(), percentile: z.number(), day: z.string(), model: z.string().nullable(),
  /** One point for each day on which it was another. */
  series: z.array(z.strictObject({ day: z.string(), score: z.number() })),
});
/** An object of the exchange that is about it, and what that is joined to. */
export const RelatedObject = z.strictObject({ id: z.string(), type: z.string(), name: z.string(), relation: z.string().nullable(), tlp: TlpLabel.nullable() });

export const View = z.strictObject({
  name: z.string(), names: z.array(z.string()), title: z.string(), records: z.array(Shown), recordsLeftOff: z.number().int(),
  kev: Kev.nullable(), epss: Epss.nullable(), related: z.array(RelatedObject),
});
export type View = z.infer<typeof View>;

/** Why one product is, or is not, hit by one vulnerability. */
export const Finding = z.strictObject({
  name: z.string(), title: z.string(), status: z.enum(productStatuses),
  /** `version`: it is named. `range`: it lies within. `product`: the record speaks of all versions, or of none. */
  by: z.enum(['version', 'range', 'product']), what: z.string(),
  /** Whether the order of versions is one that is written down. */
  certain: z.boolean(),
  /** The key that led here: a package, a CPE name, or a vendor and product by their words alone. */
  through: z.enum(['purl', 'cpe', 'name']),
  fixed: z.array(z.string()), source: z.string(), record: z.string(), tlp: TlpLabel, justification: z.string().nullable(), statement: z.string().nullable(),
  score: z.number().nullable(), severity: z.enum(severities).nullable(), exploited: z.boolean(), probability: z.number().nullable(),
});
export type Finding = z.infer<typeof Finding>;

export const Checked = z.strictObject({
  asked: z.string(), product: z.string().nullable(), version: z.string().nullable(), problem: z.string().nullable(),
  affected: z.array(Finding), undecided: z.array(Finding), notAffected: z.array(Finding), leftOff: z.boolean(),
});
export type Checked = z.infer<typeof Checked>;
export const CheckedAll = z.strictObject({
  items: z.array(Checked), asked: z.number().int(), affected: z.number().int(), unreadable: z.number().int(),
  /** Entries of a bill that no key names: nothing can be said of them. */
  nameless: z.number().int(),
});
export type CheckedAll = z.infer<typeof CheckedAll>;

export interface Counts {
  records: number;
  added: number;
  changed: number;
  same: number;
  older: number;
  kev: number;
  epss: number;
  problems: number;
}
export const counted = ['added', 'changed', 'same', 'older', 'kev', 'epss', 'problems'] as const;
