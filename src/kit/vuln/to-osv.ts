/**
 * A record as OSV 1.6, made from the common shape, with every field of the original that OSV's has no place for: counted by its path,
 * lists written as *. What is in the list of losses is all that is lost; a test changes every other field and sees the result change.
 */
import type { Coverage, Span } from './range.ts';
import type { Format, Product, VulnRecord } from './record.ts';
import { readPurl } from './purl.ts';

export interface Lost { readonly path: string; readonly fields: number }

/** Ecosystems of OSV by type of package URL. */
const ecosystems: Readonly<Record<string, string>> = {
  npm: 'npm', pypi: 'PyPI', cargo: 'crates.io', golang: 'Go', maven: 'Maven', gem: 'RubyGems', nuget: 'NuGet', composer: 'Packagist', hex: 'Hex', pub: 'Pub',
};
const osvTypes: Readonly<Record<string, string>> = { '2.0': 'CVSS_V2', '3.0': 'CVSS_V3', '3.1': 'CVSS_V3', '4.0': 'CVSS_V4' };

/** A span that OSV can say: from a version on, up to one or with one. */
const sayable = (s: Span): boolean => s.status === 'affected' && s.fromIncluded;
const eventsOf = (s: Span): object[] => [{ introduced: s.from ?? '0' }, ...(s.to === null ? [] : [s.toIncluded ? { last_affected: s.to } : { fixed: s.to }])];

function affectedOf(product: Product): object | null {
  const read = product.purl === null ? null : readPurl(product.purl);
  const purl = read !== null && 'purl' in read ? read.purl : null;
  const ecosystem = product.ecosystem ?? (purl === null ? undefined : ecosystems[purl.type]);
  const { coverage }: { coverage: Coverage } = product;
  const spans = coverage.spans.filter(sayable);
  const versions = coverage.versions.filter((v) => v.status === 'affected').map((v) => v.version);
  // Without an ecosystem OSV names no package, and what is not affected it does not list.
  if (ecosystem === undefined || (spans.length === 0 && versions.length === 0)) return null;
  const separator = purl?.type === 'maven' ? ':' : '/';
  const name = purl === null ? product.name : [purl.namespace, purl.name].filter((p) => p !== null).join(separator);
  return {
    package: { ecosystem, name, ...(purl === null ? {} : { purl: product.purl }) },
    ...(spans.length === 0 ? {} : { ranges: spans.map((s) => ({ type: coverage.scheme === 'semver' ? 'SEMVER' : 'ECOSYSTEM', events: eventsOf(s) })) }),
    ...(versions.length === 0 ? {} : { versions }),
  };
}

export function osvOf(record: VulnRecord, original: unknown): { osv: Readonly<Record<string, unknown>>; lost: readonly Lost[] } {
  // What is of OSV stays what it is.
  if (record.format === 'osv') return { osv: original as Readonly<Record<string, unknown>>, lost: [] };
  const affected = record.products.flatMap((p) => affectedOf(p) ?? []);
  const osv = {
    schema_version: '1.6.0', id: record.id, modified: record.modified ?? record.published ?? '1970-01-01T00:00:00.000Z',
    ...(record.published === null ? {} : { published: record.published }), ...(record.withdrawn === null ? {} : { withdrawn: record.withdrawn }),
    ...(record.aliases.length === 0 ? {} : { aliases: record.aliases }), ...(record.related.length === 0 ? {} : { related: record.related }),
    ...(record.title === '' ? {} : { summary: record.title }), details: record.summary,
    severity: record.scores.flatMap((s) => (osvTypes[s.version] === undefined ? [] : [{ type: osvTypes[s.version], score: s.vector }])),
    affected, references: record.references.map((r) => ({ type: 'WEB', url: r.url })),
    database_specific: { cwe_ids: record.weaknesses },
  };
  return { osv, lost: lostOf(record.format, original, JSON.stringify(osv)) };
}

/** Paths whose value goes over whole, if its text is found in the result; keys of lists are *. */
const carried: Readonly<Record<Exclude<Format, 'osv'>, readonly RegExp[]>> = {
  cve: [
    /^\/cveMetadata\/(?:cveId|datePublished|dateUpdated|dateRejected)$/, /^\/containers\/cna\/title$/,
      /^\/containers\/cna\/(?:descriptions|rejectedReasons)\/\*\/value$/,
    /^\/containers\/(?:cna|adp\/\*)\/affected\/\*\/(?:packageName|packageURL)$/,
    /^\/containers\/(?:cna|adp\/\*)\/affected\/\*\/versions\/\*\/(?:version|lessThan|lessThanOrEqual)$/,
    /^\/containers\/(?:cna|adp\/\*)\/metrics\/\*\/cvssV\d_\d\/vectorString$/, /^\/containers\/(?:cna|adp\/\*)\/problemTypes\/\*\/descriptions\/\*\/cweId$/,
    /^\/containers\/(?:cna|adp\/\*)\/references\/\*\/url$/,
  ],
  csaf: [
    /^\/document\/(?:title|tracking\/(?:initial|current)_release_date|references\/\*\/url)$/,
      /^\/vulnerabilities\/\*\/(?:cve|title|ids\/\*\/text|cwe\/id|cwes\/\*\/id)$/,
    /^\/vulnerabilities\/\*\/(?:notes\/\*\/text|references\/\*\/url)$/, /^\/vulnerabilities\/\*\/(?:scores\/\*|metrics\/\*\/content)\/cvss_v\d\/vectorString$/,
    /^\/product_tree\/.*\/purls?(?:\/\*)?$/,
  ],
  openvex: [/^\/statements\/\*\/vulnerability(?:\/(?:name|description|aliases\/\*))?$/, /^\/(?:timestamp|statements\/\*\/timestamp)$/, /\/(?:@id|purl)$/],
  cyclonedx: [/^\/vulnerabilities\/\*\/(?:id|description|references\/\*\/id|published|created|updated|rejected|advisories\/\*\/url|ratings\/\*\/vector)$/,
    /^\/vulnerabilities\/\*\/cwes\/\*$/, /^\/(?:components|metadata)\/.*purl$/],
};

const mostPaths = 2_000;

function lostOf(format: Exclude<Format, 'osv'>, original: unknown, made: string): Lost[] {
  const lost = new Map<string, number>();
  const walk = (value: unknown, path: string): void => {
    if (Array.isArray(value)) for (const v of value) walk(v, `${path}/*`);
    else if (typeof value === 'object' && value !== null) for (const [key, v] of Object.entries(value)) walk(v, `${path}/${key}`);
    else if (!(carried[format].some((p) => p.test(path)) && stands(value, made)) && (lost.has(path) || lost.size < mostPaths)) {
      lost.set(path, (lost.get(path) ?? 0) + 1);
    }
  };
  walk(original, '');
  return [...lost].map(([path, fields]) => ({ path, fields })).sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Whether a value of the original is to be found in what was made of it: as it was, as a moment, or within a name. */
function stands(value: unknown, made: string): boolean {
  if (typeof value === 'number') return made.includes(`CWE-${value}`);
  if (typeof value !== 'string') return false;
  const written = JSON.stringify(value).slice(1, -1);
  if (made.includes(`"${written}"`)) return true;
  const read = readPurl(value);
  if ('purl' in read) return made.includes(`"${[read.purl.namespace, read.purl.name].filter((p) => p !== null).join('/')}"`);
  const ms = Date.parse(/[zZ]$|[+-]\d\d:\d\d$/.test(value) ? value : `${value}Z`);
  return !Number.isNaN(ms) && ms > 0 && ms < 4_102_444_800_000 && made.includes(`"${new Date(ms).toISOString()}"`);
}
