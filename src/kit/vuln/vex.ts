/** Statements of VEX in OpenVEX and in CycloneDX: which products a vulnerability affects, does not, and why. */
import { isFields, isWeb, Look, once, scoreOf } from './look.ts';
import type { Product, RecordsRead, Remedy, VulnRecord } from './record.ts';
import type { Coverage, ProductStatus } from './range.ts';
import { purlText, readPurl } from './purl.ts';
import { readVers } from './vers.ts';
import { schemeOfType } from './version/scheme.ts';

export const isOpenVex = (value: unknown): boolean => isFields(value) && typeof value['@context'] === 'string' && value['@context'].includes('openvex')
  && Array.isArray(value['statements']);
export const isCycloneDx = (value: unknown): boolean => isFields(value) && value['bomFormat'] === 'CycloneDX';

const openStatuses: Readonly<Record<string, ProductStatus>> = {
  not_affected: 'not-affected', affected: 'affected', fixed: 'fixed', under_investigation: 'under-investigation',
};
const states: Readonly<Record<string, ProductStatus>> = {
  resolved: 'fixed', resolved_with_pedigree: 'fixed', exploitable: 'affected', in_triage: 'under-investigation', false_positive: 'not-affected',
  not_affected: 'not-affected',
};

/** What is said of a thing that a package URL names: of its version if it has one, else of all. */
function coverageOf(purl: string | null, status: ProductStatus): Coverage {
  const read = purl === null ? null : readPurl(purl);
  const found = read !== null && 'purl' in read ? read.purl : null;
  const scheme = found === null ? 'generic' : schemeOfType(found.type);
  return found?.version ? { scheme, versions: [{ version: found.version, status }], spans: [], otherwise: 'unknown' }
    : { scheme, versions: [], spans: [], otherwise: status };
}

const normal = (text: string | null): string | null => {
  const read = text === null ? null : readPurl(text);
  return read !== null && 'purl' in read ? purlText(read.purl) : null;
};
const nameOf = (purl: string | null, fallback: string): string => {
  const read = purl === null ? null : readPurl(purl);
  return read !== null && 'purl' in read ? read.purl.name : fallback;
};

const nothing = { upstream: [], related: [], withdrawn: null, withdrawnWhy: null, tlp: null } as const;

function openProduct(p: Look, status: ProductStatus, said: { justification: string | null; statement: string | null }): Product[] {
  const id = p.text('@id');
  const identifiers = p.at('identifiers');
  const own = { purl: normal(identifiers.text('purl')) ?? normal(id), cpes: [identifiers.text('cpe23'), identifiers.text('cpe22')].flatMap((c) => c ?? []) };
  // A part within a product: the statement is about the part, as it is in that product.
  const parts = p.all('subcomponents').map((s) => ({ purl: normal(s.at('identifiers').text('purl')) ?? normal(s.text('@id')), cpes: [], id: s.text('@id') }));
  return [{ ...own, id }, ...parts].map(({ purl, cpes, id: named }) => ({
    by: null, vendor: null, name: nameOf(purl, named ?? 'n/a'), purl, cpes, ecosystem: null, coverage: coverageOf(purl, status), ...said,
  }));
}

/** One document of OpenVEX; statements of one vulnerability become one record. Never throws. */
export function readOpenVex(value: unknown): RecordsRead {
  const root = new Look(value);
  const { problems } = root;
  const document = root.text('@id') ?? 'openvex';
  const records = new Map<string, VulnRecord>();
  for (const statement of root.all('statements')) {
    const v = statement.value as Readonly<Record<string, unknown>>;
    const plain = typeof v['vulnerability'] === 'string';
    const look = plain ? statement : statement.at('vulnerability');
    const id = plain ? statement.text('vulnerability') : look.text('name') ?? look.text('@id');
    const status = openStatuses[statement.one('status', Object.keys(openStatuses)) ?? ''];
    if (id === null || status === undefined || /\s/.test(id) || id.length > 120) {
      statement.note('a statement names a vulnerability and a status');
      continue;
    }
    const said = { justification: statement.text('justification'), statement: statement.text('impact_statement') ?? statement.text('status_notes') };
    const products = statement.all('products').flatMap((p) => openProduct(p, status, said));
    const action = statement.text('action_statement');
    const remedies: Remedy[] = action === null ? [] : [{ category: 'action', text: action, url: null }];
    const before = records.get(id);
    records.set(id, {
      ...nothing, format: 'openvex', id, document, publisher: root.text('author'), title: '', summary: plain ? '' : look.text('description') ?? '',
      aliases: once([...(before?.aliases ?? []), ...(plain ? [] : look.texts('aliases'))]), published: root.moment('timestamp'),
      modified: statement.moment('last_updated') ?? statement.moment('timestamp') ?? root.moment('last_updated') ?? root.moment('timestamp'),
      products: [...(before?.products ?? []), ...products], scores: [], weaknesses: [], references: [],
      remedies: [...(before?.remedies ?? []), ...remedies],
    });
  }
  return { records: [...records.values()], problems };
}

interface Component { readonly purl: string | null; readonly cpe: string | null; readonly name: string }

/** Components of a bill by their reference, the thing itself and what lies within others too. */
export function componentsOf(root: Look): Map<string, Component & { version: string | null }> {
  const found = new Map<string, Component & { version: string | null }>();
  const walk = (list: readonly Look[], depth: number): void => {
    for (const c of list) {
      const name = [c.text('group'), c.text('name')].filter((n) => n !== null).join('/') || 'n/a';
      found.set(c.text('bom-ref') ?? c.pointer, { purl: normal(c.text('purl')), cpe: c.text('cpe'), name, version: c.text('version') });
      if (depth < 64) walk(c.all('components'), depth + 1);
    }
  };
  const thing = root.at('metadata').at('component');
  walk([...(thing.value === undefined ? [] : [thing]), ...root.all('components')], 0);
  return found;
}

function bomProduct(affect: Look, components: ReadonlyMap<string, Component>, status: ProductStatus): Product[] {
  const ref = affect.text('ref');
  if (ref === null) return [];
  const component = components.get(ref) ?? components.get(ref.slice(ref.lastIndexOf('#') + 1)) ?? { purl: normal(ref), cpe: null, name: ref };
  const read = component.purl === null ? null : readPurl(component.purl);
  const scheme = read !== null && 'purl' in read ? schemeOfType(read.purl.type) : 'generic';
  const told = affect.all('versions');
  const coverage: Coverage = told.length === 0 ? coverageOf(component.purl, status) : {
    scheme, otherwise: 'unknown',
    versions: told.flatMap((t) => {
      const version = t.text('version');
      return version === null ? [] : [{ version, status: stated(t) ?? status }];
    }),
    spans: told.flatMap((t) => {
      const range = t.text('range');
      const vers = range === null ? null : readVers(range);
      if (vers !== null && 'fault' in vers) t.note(vers.fault.text, 'range');
      return vers !== null && 'range' in vers ? vers.range.spans.map((s) => ({ ...s, status: stated(t) ?? status })) : [];
    }),
  };
  return [{ by: null, vendor: null, name: component.name, purl: component.purl, cpes: component.cpe === null ? [] : [component.cpe], ecosystem: null, coverage,
    justification: null, statement: null }];
}

function stated(look: Look): ProductStatus | null {
  const said = look.one('status', ['affected', 'unaffected', 'unknown']);
  return said === 'unaffected' ? 'not-affected' : said;
}

/** The vulnerabilities of a bill of CycloneDX. Never throws. */
export function readCycloneVex(value: unknown): RecordsRead {
  const root = new Look(value);
  const { problems } = root;
  const components = componentsOf(root);
  const document = root.text('serialNumber') ?? 'cyclonedx';
  const records = root.all('vulnerabilities').flatMap((v): VulnRecord[] => {
    const id = v.text('id');
    if (id === null || /\s/.test(id) || id.length > 120) {
      v.note('a vulnerability has an id', 'id');
      return [];
    }
    const analysis = v.at('analysis');
    const state = analysis.one('state', Object.keys(states));
    const status = state === null ? 'affected' : states[state] ?? 'unknown';
    const said = { justification: analysis.text('justification'), statement: analysis.text('detail') };
    const remedy = v.text('recommendation');
    return [{
      ...nothing, format: 'cyclonedx', id, document, publisher: v.at('source').text('name'), title: '',
        summary: v.text('description') ?? v.text('detail') ?? '',
      aliases: once(v.all('references').flatMap((r) => r.text('id') ?? []).filter((a) => !/\s/.test(a))),
        published: v.moment('published') ?? v.moment('created'),
      modified: v.moment('updated') ?? root.at('metadata').moment('timestamp'), withdrawn: v.moment('rejected'),
      products: v.all('affects').flatMap((a) => bomProduct(a, components, status)).map((p) => ({ ...p, ...said })),
      scores: v.all('ratings').flatMap((r) => {
        const vector = r.text('vector');
        return vector === null || !/^CVSS/i.test(r.text('method') ?? '') ? [] : [scoreOf(r.at('source').text('name'), vector)];
      }),
      weaknesses: cwesOf(v), references: v.all('advisories').flatMap((a) => {
        const url = a.text('url');
        return url === null || !isWeb(url) ? [] : [{ url, kind: 'advisory', title: a.text('title') }];
      }),
      remedies: remedy === null ? [] : [{ category: 'recommendation', text: remedy, url: null }],
    }];
  });
  return { records, problems };
}

/** They are numbers there. */
function cwesOf(v: Look): string[] {
  const list = (v.value as Readonly<Record<string, unknown>>)['cwes'];
  return Array.isArray(list) ? once(list.slice(0, 100).flatMap((n: unknown) => (Number.isInteger(n) ? [`CWE-${String(n)}`] : []))) : [];
}
