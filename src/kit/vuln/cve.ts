/**
 * CVE records in format 5.x: published and rejected ones, what the CNA says and what enriching parties add, each with whose word it
 * is. Products are keyed by their package URL, their CPE names, or the registry and name they are given with.
 */
import { isWeb, Look, momentOf, once, scoreOf } from './look.ts';
import { isCve, type Product, type RecordsRead, type Reference, type Remedy, type Score } from './record.ts';
import { spansOfCve, type Coverage, type ProductStatus, type Span } from './range.ts';
import { purlText, readPurl } from './purl.ts';
import { schemeOfVersionType, schemeOfType, type Scheme } from './version/scheme.ts';

const statuses: Readonly<Record<string, ProductStatus>> = { affected: 'affected', unaffected: 'not-affected', unknown: 'unknown' };
const metrics = ['cvssV4_0', 'cvssV3_1', 'cvssV3_0', 'cvssV2_0'] as const;

const statusOf = (look: Look, key: string): ProductStatus | null => {
  const said = look.one(key, ['affected', 'unaffected', 'unknown']);
  return said === null ? null : statuses[said] ?? null;
};

/** Registries that `collectionURL` names, and how a package of theirs is written as a package URL. */
const registries: readonly (readonly [RegExp, (name: string) => string])[] = [
  [/^registry\.npmjs\.org|^www\.npmjs\.com/, (n) => `pkg:npm/${n.replace('@', '%40')}`], [/^pypi\.(?:org|python\.org)/, (n) => `pkg:pypi/${n}`],
  [/^repo1?\.maven\.(?:apache\.)?org|^central\.sonatype\.com|^mvnrepository\.com/, (n) => `pkg:maven/${n.replace(':', '/')}`],
  [/^rubygems\.org/, (n) => `pkg:gem/${n}`], [/^crates\.io/, (n) => `pkg:cargo/${n}`], [/^packagist\.org|^repo\.packagist\.org/, (n) => `pkg:composer/${n}`],
  [/^(?:www\.)?nuget\.org|^api\.nuget\.org/, (n) => `pkg:nuget/${n}`], [/^pkg\.go\.dev|^proxy\.golang\.org/, (n) => `pkg:golang/${n}`],
  [/^hex\.pm/, (n) => `pkg:hex/${n}`],
];

function purlOf(entry: Look): string | null {
  const said = entry.text('packageURL');
  if (said !== null) {
    const read = readPurl(said);
    return 'purl' in read ? purlText(read.purl) : entry.note(read.fault.text, 'packageURL');
  }
  const [collection, name] = [entry.text('collectionURL'), entry.text('packageName')];
  if (collection === null || name === null) return null;
  const host = collection.replace(/^https?:\/\//, '');
  const made = registries.find(([pattern]) => pattern.test(host))?.[1](name);
  const read = made === undefined ? null : readPurl(made);
  return read !== null && 'purl' in read ? purlText(read.purl) : null;
}

function coverageOf(entry: Look, purl: string | null): Coverage {
  const read = purl === null ? null : readPurl(purl);
  let scheme: Scheme | null | undefined = read !== null && 'purl' in read ? schemeOfType(read.purl.type) ?? undefined : undefined;
  const versions: { version: string; status: ProductStatus }[] = [];
  const spans: Span[] = [];
  for (const item of entry.all('versions')) {
    const [version, status] = [item.text('version'), statusOf(item, 'status')];
    if (version === null || status === null) continue;
    // Of several orders in one entry the first counts; in the wild there is one.
    scheme ??= schemeOfVersionType(item.text('versionType') ?? '') ?? (item.has('lessThan') || item.has('lessThanOrEqual') ? null : undefined);
    const found = spansOfCve({
      version, status, lessThan: item.text('lessThan') ?? undefined, lessThanOrEqual: item.text('lessThanOrEqual') ?? undefined,
      changes: item.all('changes').flatMap((c) => {
        const [at, then] = [c.text('at'), statusOf(c, 'status')];
        return at === null || then === null ? [] : [{ at, status: then }];
      }),
    });
    versions.push(...found.versions);
    spans.push(...found.spans);
  }
  return { scheme: scheme ?? null, versions, spans, otherwise: statusOf(entry, 'defaultStatus') ?? 'unknown' };
}

/** Names of platforms that stand beside the products: NVD and others write ranges so. */
function applicable(container: Look, by: string | null): Product[] {
  return container.all('cpeApplicability').flatMap((a) => a.all('nodes')).flatMap((node) => node.all('cpeMatch')).flatMap((match): Product[] => {
    const criteria = match.text('criteria');
    if (criteria === null || (match.value as { vulnerable?: unknown }).vulnerable !== true) return [];
    const [from, after] = [match.text('versionStartIncluding'), match.text('versionStartExcluding')];
    const [to, upTo] = [match.text('versionEndExcluding'), match.text('versionEndIncluding')];
    const bounded = from !== null || after !== null || to !== null || upTo !== null;
    const span: Span = { status: 'affected', from: from ?? after, fromIncluded: after === null, to: to ?? upTo, toIncluded: upTo !== null };
    const parts = criteria.split(':');
    return [{
      by, vendor: parts[3] ?? null, name: parts[4] ?? criteria, purl: null, cpes: [criteria], ecosystem: null, justification: null, statement: null,
      coverage: { scheme: 'generic', versions: [], spans: bounded ? [span] : [], otherwise: bounded ? 'not-affected' : 'affected' },
    }];
  });
}

function productsOf(container: Look, by: string | null): Product[] {
  const listed = container.all('affected').map((entry): Product => {
    const purl = purlOf(entry);
    const name = entry.text('product') ?? entry.text('packageName') ?? 'n/a';
    return {
      by, vendor: entry.text('vendor'), name, purl, cpes: once(entry.texts('cpes')), ecosystem: null, coverage: coverageOf(entry, purl),
      justification: null, statement: null,
    };
  });
  return [...listed, ...applicable(container, by)];
}

function scoresIn(container: Look, by: string | null): Score[] {
  return container.all('metrics').flatMap((m) => metrics.flatMap((kind) => {
    if (!m.has(kind)) return [];
    const vector = m.at(kind).text('vectorString');
    return vector === null ? [] : [scoreOf(by, vector, m.at(kind).text('baseSeverity')?.toLowerCase() ?? null)];
  }));
}

/** English first; what is in another language stands for want of it. */
export function inEnglish(looks: readonly Look[]): string {
  const said = looks.flatMap((l) => {
    const value = l.text('value');
    return value === null ? [] : [{ value, english: (l.text('lang') ?? 'en').toLowerCase().startsWith('en') }];
  });
  return (said.find((s) => s.english) ?? said[0])?.value ?? '';
}

const remediesOf = (container: Look): Remedy[] => (['solutions', 'workarounds', 'exploits'] as const).flatMap((kind) => {
  const text = inEnglish(container.all(kind));
  return text === '' ? [] : [{ category: { solutions: 'vendor_fix', workarounds: 'workaround', exploits: 'exploit' }[kind], text, url: null }];
});

const referencesOf = (container: Look): Reference[] => container.all('references').flatMap((r) => {
  const url = r.text('url');
  return url === null || !isWeb(url) ? [] : [{ url, kind: r.texts('tags').join(' ') || null, title: r.text('name') }];
});

/** One record. Never throws. */
export function readCveRecord(value: unknown): RecordsRead {
  const root = new Look(value);
  const { problems } = root;
  const meta = root.at('cveMetadata');
  const id = meta.text('cveId');
  if (id === null || !isCve(id)) {
    meta.note('a CVE id was expected', 'cveId');
    return { records: [], problems };
  }
  const rejected = meta.one('state', ['PUBLISHED', 'REJECTED']) === 'REJECTED';
  const cna = root.at('containers').at('cna');
  const containers = [cna, ...root.at('containers').all('adp')];
  const modified = meta.moment('dateUpdated');
  const named = containers.map((c) => [c, c.at('providerMetadata').text('shortName')] as const);
  return {
    problems,
    records: [{
      format: 'cve', id, document: null, publisher: meta.text('assignerShortName') ?? named[0]?.[1] ?? null, aliases: [], upstream: [],
      related: once([...cna.texts('replacedBy'), ...meta.texts('replacedBy')].filter(isCve)),
      title: cna.text('title') ?? '', summary: inEnglish(cna.all(rejected ? 'rejectedReasons' : 'descriptions')),
      published: meta.moment('datePublished'), modified,
      withdrawn: rejected ? meta.moment('dateRejected') ?? modified ?? momentOf('1999-01-01') : null,
      withdrawnWhy: rejected ? inEnglish(cna.all('rejectedReasons')) || null : null, tlp: null,
      products: named.flatMap(([c, by]) => productsOf(c, by)), scores: named.flatMap(([c, by]) => scoresIn(c, by)),
      weaknesses: once(containers.flatMap((c) => c.all('problemTypes')).flatMap((p) => p.all('descriptions')).flatMap((d) => {
        const cwe = d.text('cweId');
        return cwe !== null && /^CWE-\d+$/.test(cwe) ? [cwe] : [];
      })),
      references: containers.flatMap(referencesOf), remedies: containers.flatMap(remediesOf),
    }],
  };
}
