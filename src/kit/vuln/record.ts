/**
 * The one shape that every format of vulnerability information is read into: what is said of one vulnerability by one source. A record
 * is that source's own word; nothing here joins two of them. Property names and enumerations are those of the standards.
 */
import type { Tlp } from '#kit/endpoint';
import type { Coverage } from './range.ts';

export const formats = ['cve', 'osv', 'csaf', 'openvex', 'cyclonedx'] as const;
export type Format = typeof formats[number];

export interface Score {
  /** Who gave it, where the record says so. */
  readonly by: string | null;
  readonly vector: string;
  readonly version: string;
  /** As the vector says when it is scored here; null where the vector is none. */
  readonly score: number | null;
  readonly severity: string | null;
}

export interface Product {
  /** Who says so, within the record: a CNA, an enriching party. */
  readonly by: string | null;
  readonly vendor: string | null;
  readonly name: string;
  readonly purl: string | null;
  readonly cpes: readonly string[];
  /** Ecosystem of OSV with its release, or the distribution of a package URL. */
  readonly ecosystem: string | null;
  readonly coverage: Coverage;
  /** Why it is not affected, by VEX's labels, and what is said about it. */
  readonly justification: string | null;
  readonly statement: string | null;
}

export interface Reference { readonly url: string; readonly kind: string | null; readonly title: string | null }
export interface Remedy { readonly category: string; readonly text: string; readonly url: string | null }

export interface VulnRecord {
  readonly format: Format;
  /** What the source calls the vulnerability. */
  readonly id: string;
  /** The document it stands in, where one document speaks of several. */
  readonly document: string | null;
  readonly publisher: string | null;
  /** Other names of the same vulnerability. */
  readonly aliases: readonly string[];
  /** Vulnerabilities it was made from, as distributions say. */
  readonly upstream: readonly string[];
  readonly related: readonly string[];
  readonly title: string;
  readonly summary: string;
  /** ISO 8601 in UTC. */
  readonly published: string | null;
  readonly modified: string | null;
  /** When it was withdrawn or rejected; and why, where that is said. */
  readonly withdrawn: string | null;
  readonly withdrawnWhy: string | null;
  /** The label of the document itself; null where it carries none. */
  readonly tlp: Tlp | null;
  readonly products: readonly Product[];
  readonly scores: readonly Score[];
  /** CWE ids. */
  readonly weaknesses: readonly string[];
  readonly references: readonly Reference[];
  readonly remedies: readonly Remedy[];
}

/** Something that could not be read, at its JSON Pointer. */
export interface ReadProblem { readonly pointer: string; readonly text: string }
/** No record: the problems say why. */
export interface RecordsRead { readonly records: readonly VulnRecord[]; readonly problems: readonly ReadProblem[] }

export interface KevEntry {
  readonly cve: string;
  readonly vendor: string;
  readonly product: string;
  readonly title: string;
  readonly description: string;
  readonly action: string;
  /** Days, as the catalogue has them. */
  readonly added: string;
  readonly due: string | null;
  readonly ransomware: boolean;
  readonly notes: string;
  readonly weaknesses: readonly string[];
}
export interface EpssRow { readonly cve: string; readonly score: number; readonly percentile: number }

export const isCve = (id: string): boolean => /^CVE-\d{4}-\d{4,19}$/.test(id);

/** Under what a record is listed: its CVE id if it has one, else its own. It depends on the record alone. */
export function listedAs({ id, aliases, upstream }: Pick<VulnRecord, 'id' | 'aliases' | 'upstream'>): string {
  return [id, ...aliases, ...upstream].find(isCve) ?? id;
}
