/** Records of OSV (1.x): ranges by SemVer or by their ecosystem, versions that are named one by one, and what was withdrawn. */
import { isWeb, Look, once, scoreOf } from './look.ts';
import type { Product, RecordsRead } from './record.ts';
import { spansOfEvents, type Coverage, type OsvEvent, type Span } from './range.ts';
import { purlText, readPurl } from './purl.ts';
import { schemeOfEcosystem, type Scheme } from './version/scheme.ts';

const eventNames = ['introduced', 'fixed', 'last_affected', 'limit'] as const;

function eventsOf(range: Look): OsvEvent[] {
  return range.all('events').flatMap((e) => {
    const name = eventNames.find((n) => e.has(n));
    const value = name === undefined ? e.note('an event has one of introduced, fixed, last_affected, limit') : e.text(name);
    return name === undefined || value === null ? [] : [{ [name]: value } as OsvEvent];
  });
}

/** How a package of an ecosystem is written as a package URL, where none is given. */
const types: Readonly<Record<string, string>> = {
  npm: 'npm', pypi: 'pypi', 'crates.io': 'cargo', go: 'golang', maven: 'maven', rubygems: 'gem', nuget: 'nuget', packagist: 'composer', hex: 'hex', pub: 'pub',
  debian: 'deb/debian', ubuntu: 'deb/ubuntu', alpine: 'apk/alpine', wolfi: 'apk/wolfi', 'rocky linux': 'rpm/rocky-linux', almalinux: 'rpm/almalinux',
  'red hat': 'rpm/redhat', suse: 'rpm/suse', opensuse: 'rpm/opensuse', 'github actions': 'github',
};

function purlOf(pack: Look, ecosystem: string | null, name: string): string | null {
  const said = pack.text('purl');
  const type = types[ecosystem?.split(':', 1)[0]?.toLowerCase() ?? ''];
  const path = type === 'maven' ? name.replace(':', '/') : type === 'npm' ? name.replace('@', '%40') : name;
  const read = said !== null ? readPurl(said) : type === undefined ? null : readPurl(`pkg:${type}/${path}`);
  if (read === null) return null;
  return 'purl' in read ? purlText(read.purl) : pack.note(read.fault.text, 'purl');
}

function productOf(affected: Look): Product[] {
  const pack = affected.at('package');
  const [ecosystem, name] = [pack.text('ecosystem'), pack.text('name')];
  const ranges = affected.all('ranges');
  const kinds = ranges.map((r) => r.one('type', ['SEMVER', 'ECOSYSTEM', 'GIT']));
  const scheme: Scheme | null = kinds.includes('SEMVER') ? 'semver' : ecosystem === null ? null : schemeOfEcosystem(ecosystem);
  const spans: Span[] = ranges.flatMap((r, i) => (kinds[i] === 'GIT' || kinds[i] === null ? [] : spansOfEvents(scheme, eventsOf(r))));
  const coverage: Coverage = {
    // npm's own order is SemVer's; a range that says SEMVER means it whatever the ecosystem.
    scheme, versions: affected.texts('versions').map((version) => ({ version, status: 'affected' as const })), spans, otherwise: 'not-affected',
  };
  if (name === null) {
    // A repository alone: its commits have no order of their own, and are shown as they stand.
    const repo = ranges.map((r) => r.text('repo')).find((r) => r !== null);
    if (repo === undefined) return [];
    return [{ by: null, vendor: null, name: repo, purl: null, cpes: [], ecosystem: 'GIT', coverage: { ...coverage, scheme: null, otherwise: 'unknown' },
      justification: null, statement: null }];
  }
  return [{ by: null, vendor: null, name, purl: purlOf(pack, ecosystem, name), cpes: [], ecosystem, coverage, justification: null, statement: null }];
}

/** One record. Never throws. */
export function readOsv(value: unknown): RecordsRead {
  const root = new Look(value);
  const { problems } = root;
  const id = root.text('id');
  if (id === null || !/^[A-Za-z][A-Za-z0-9]*-[^\s]{1,120}$/.test(id)) {
    root.note('an id with its prefix was expected', 'id');
    return { records: [], problems };
  }
  const own = root.at('database_specific');
  const severities = [...root.all('severity'), ...root.all('affected').flatMap((a) => a.all('severity'))];
  return {
    problems,
    records: [{
      format: 'osv', id, document: null, publisher: id.slice(0, id.indexOf('-')), aliases: once(root.texts('aliases')), upstream: once(root.texts('upstream')),
      related: once(root.texts('related')), title: root.text('summary') ?? '', summary: root.text('details') ?? root.text('summary') ?? '',
      published: root.moment('published'), modified: root.moment('modified'), withdrawn: root.moment('withdrawn'), withdrawnWhy: null, tlp: null,
      products: root.all('affected').flatMap(productOf),
      scores: severities.flatMap((s) => {
        const vector = s.text('score');
        return vector === null || !(s.text('type') ?? '').startsWith('CVSS_') ? [] : [scoreOf(null, vector)];
      }),
      weaknesses: own.has('cwe_ids') ? once(own.texts('cwe_ids').filter((c) => /^CWE-\d+$/.test(c))) : [],
      references: root.all('references').flatMap((r) => {
        const url = r.text('url');
        return url === null || !isWeb(url) ? [] : [{ url, kind: r.text('type'), title: null }];
      }),
      remedies: [],
    }],
  };
}
