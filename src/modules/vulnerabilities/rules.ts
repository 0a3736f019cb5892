/** Pure rules: who sees what is taken in, which version of a record counts, and by which keys a product is found. */
import type { Tlp } from '#kit/endpoint';
import { cpeKey, readCpe } from '#kit/vuln/cpe';
import type { Product, VulnRecord } from '#kit/vuln/record';
import { purlKey, readPurl } from '#kit/vuln/purl';
import { rankOf, type sourceKinds } from './model.ts';

export interface Audience {
  readonly tlp: Tlp;
  readonly labelled: boolean;
  readonly public: boolean;
  readonly coll: number | null;
}

/**
 * What carries no label is TLP:CLEAR from a public source, and its holder's alone from any other. Public is what is CLEAR and from a
 * public source; through a collection goes what is labelled, by the document or by who brings it, and not above the ceiling.
 */
export function audienceOf(
  said: Tlp | null, kind: (typeof sourceKinds)[number], unmarked: Tlp | null, through: { coll: number; ceiling: number } | null,
): Audience {
  const label = said ?? unmarked;
  const tlp = label ?? (kind === 'public' ? 'CLEAR' : 'AMBER+STRICT');
  const open = kind === 'public' && tlp === 'CLEAR';
  const shared = !open && through !== null && label !== null && rankOf(tlp) <= through.ceiling;
  return { tlp, labelled: label !== null, public: open, coll: shared ? through.coll : null };
}

export type Verdict = 'added' | 'changed' | 'same' | 'older';

/** Against what is kept: another body counts if its source does not call it older. */
export function verdictOf(kept: { digest: string; modified: string | null } | null, offered: { digest: string; modified: string | null }): Verdict {
  if (kept === null) return 'added';
  if (kept.digest === offered.digest) return 'same';
  return kept.modified !== null && offered.modified !== null && Date.parse(offered.modified) < Date.parse(kept.modified) ? 'older' : 'changed';
}

const plain = (text: string): string => text.toLowerCase().trim().replaceAll(/[\s_]+/g, '_');

/** Vendor and product by their words, where a record names no key: how many CVE records do. */
export const nameKey = (vendor: string, product: string): string => `name:${plain(vendor)}:${plain(product)}`;

/** Keys under which a product of a record is found. */
export function keysOf(product: Product): string[] {
  const keys = new Set<string>();
  const purl = product.purl === null ? null : readPurl(product.purl);
  if (purl !== null && 'purl' in purl) keys.add(purlKey(purl.purl));
  for (const name of product.cpes) {
    const read = readCpe(name);
    if ('cpe' in read) keys.add(cpeKey(read.cpe));
  }
  if (keys.size === 0 && product.vendor !== null && product.name !== 'n/a') keys.add(nameKey(product.vendor, product.name));
  return [...keys].filter((k) => k.length <= 500);
}

/** What a search finds a record by. */
export function wordsOf(record: VulnRecord): string {
  const products = [...new Set(record.products.slice(0, 200).flatMap((p) => [p.vendor ?? '', p.name]))].join(' ');
  return [record.id, record.document ?? '', ...record.aliases.slice(0, 50), ...record.upstream.slice(0, 50), record.title, record.publisher ?? '', products,
    record.summary.slice(0, 4_000), ...record.weaknesses].join(' ').slice(0, 40_000);
}

/** The highest score of a record, the newest version of CVSS first where two are as high. */
export function highest(record: Pick<VulnRecord, 'scores'>): { score: number; severity: string | null } | null {
  return record.scores.reduce<{ score: number; severity: string | null } | null>((best, s) => (
    s.score !== null && (best === null || s.score > best.score) ? { score: s.score, severity: s.severity } : best), null);
}
