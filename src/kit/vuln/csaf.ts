/**
 * CSAF 2.0 and 2.1 (OASIS): advisories and the VEX profile, read and not validated. The product tree is resolved first, so that each
 * status names products with their package URLs, CPE names and versions; one document gives a record for each vulnerability in it.
 */
import type { Tlp } from '#kit/endpoint';
import { isFields, isWeb, Look, mostItems, once, scoreOf } from './look.ts';
import type { Product, RecordsRead, Reference, Remedy, Score, VulnRecord } from './record.ts';
import type { Coverage, ProductStatus } from './range.ts';
import { readCpe, cpeShown } from './cpe.ts';
import { purlText, readPurl } from './purl.ts';
import { readVers } from './vers.ts';
import { schemeOfType } from './version/scheme.ts';

export const isCsaf = (value: unknown): boolean => isFields(value) && isFields(value['document']) && typeof value['document']['csaf_version'] === 'string';

/** What the tree knows of one product. */
interface Node {
  readonly name: string;
  readonly vendor: string | null;
  readonly product: string | null;
  readonly version: string | null;
  readonly range: string | null;
  readonly purls: readonly string[];
  readonly cpe: string | null;
}
type Path = Pick<Node, 'vendor' | 'product' | 'version' | 'range'>;
const nowhere: Path = { vendor: null, product: null, version: null, range: null };
const deepest = 64;

function nodeOf(product: Look, path: Path): [id: string, node: Node] | null {
  const id = product.text('product_id');
  if (id === null) return product.note('a product has an id', 'product_id');
  const helper = product.at('product_identification_helper');
  const purls = [...helper.texts('purls'), helper.text('purl')].flatMap((said) => {
    const read = said === null ? null : readPurl(said);
    if (read !== null && 'fault' in read) helper.note(read.fault.text, 'purl');
    return read !== null && 'purl' in read ? [purlText(read.purl)] : [];
  });
  const cpe = helper.text('cpe');
  if (cpe !== null && 'fault' in readCpe(cpe)) helper.note('this is no CPE name', 'cpe');
  return [id, { ...path, name: product.text('name') ?? path.product ?? id, purls, cpe }];
}

/** Every product of a document by its id. */
function treeOf(root: Look): Map<string, Node> {
  const tree = root.at('product_tree');
  const found = new Map<string, Node>();
  const take = (product: Look, path: Path): void => {
    const made = found.size < mostItems ? nodeOf(product, path) : null;
    if (made && !found.has(made[0])) found.set(...made);
  };
  const walk = (branches: readonly Look[], path: Path, depth: number): void => {
    for (const branch of branches) {
      const [category, name] = [branch.text('category'), branch.text('name')];
      const here = category === 'vendor' ? { ...path, vendor: name } : category === 'product_name' ? { ...path, product: name }
        : category === 'product_version' ? { ...path, version: name } : category === 'product_version_range' ? { ...path, range: name } : path;
      if (branch.has('product')) take(branch.at('product'), here);
      if (depth < deepest) walk(branch.all('branches'), here, depth + 1);
      else branch.note(`branches deeper than ${deepest} are not read`);
    }
  };
  walk(tree.all('branches'), nowhere, 0);
  for (const product of tree.all('full_product_names')) take(product, nowhere);
  // A product on, in or with another is found by its own names, else by those of what is on, in or with the other.
  for (const [made, of] of [...tree.all('relationships').map((r) => [r, 'product_reference'] as const),
    ...tree.all('product_paths').map((p) => [p, 'beginning_product_reference'] as const)]) {
    const part = found.get(made.text(of) ?? '');
    const own = made.at('full_product_name');
    const id = own.text('product_id');
    take(own, part ?? nowhere);
    const node = id === null ? undefined : found.get(id);
    if (id !== null && node && part && node.purls.length === 0 && node.cpe === null) found.set(id, { ...node, purls: part.purls, cpe: part.cpe });
  }
  return found;
}

const statusesOf: Readonly<Record<string, ProductStatus>> = {
  first_affected: 'affected', known_affected: 'affected', last_affected: 'affected', first_fixed: 'fixed', fixed: 'fixed',
  known_not_affected: 'not-affected', under_investigation: 'under-investigation', recommended: 'recommended', unknown: 'unknown',
};

/** What a status says of versions: the one of the branch, its range, that of the package URL or the CPE name, or nothing. */
function coverageOf(node: Node, status: ProductStatus): Coverage {
  const purl = node.purls.map(readPurl).flatMap((r) => ('purl' in r ? [r.purl] : []))[0];
  const scheme = purl === undefined ? 'generic' : schemeOfType(purl.type);
  const ranged = node.range === null ? null : readVers(node.range);
  if (ranged !== null && 'range' in ranged) {
    const { range } = ranged;
    return {
      scheme: range.scheme ?? scheme, spans: range.spans.map((s) => ({ ...s, status })), otherwise: 'unknown',
      versions: [...range.not.map((version) => ({ version, status: 'unknown' as const })), ...range.versions.map((version) => ({ version, status }))],
    };
  }
  const named = node.cpe === null ? null : readCpe(node.cpe);
  const cpeVersion = named !== null && 'cpe' in named && named.cpe.version.is === 'text' ? cpeShown(named.cpe.version) : null;
  const version = purl?.version ?? node.version ?? node.range ?? cpeVersion;
  return version === null ? { scheme, versions: [], spans: [], otherwise: status }
    : { scheme, versions: [{ version, status }], spans: [], otherwise: 'unknown' };
}

interface Said { readonly label: string | null; readonly text: string | null }

/** Products that a statement names, by themselves or by a group. */
function named(look: Look, groups: ReadonlyMap<string, readonly string[]>): string[] {
  return [...look.texts('product_ids'), ...look.texts('group_ids').flatMap((g) => groups.get(g) ?? [])];
}

function productsOf(v: Look, tree: ReadonlyMap<string, Node>, groups: ReadonlyMap<string, readonly string[]>): Product[] {
  const flags = new Map<string, Said>();
  for (const flag of v.all('flags')) for (const id of named(flag, groups)) flags.set(id, { label: flag.text('label'), text: null });
  const impacts = new Map<string, string>();
  for (const threat of v.all('threats').filter((t) => t.text('category') === 'impact')) {
    for (const id of named(threat, groups)) impacts.set(id, threat.text('details') ?? '');
  }
  const status = v.at('product_status');
  return Object.entries(statusesOf).flatMap(([key, said]) => status.texts(key).flatMap((id): Product[] => {
    const node = tree.get(id);
    if (!node) {
      status.note(`no product has the id ${JSON.stringify(id.slice(0, 60))}`, key);
      return [];
    }
    const statement = { justification: said === 'not-affected' ? flags.get(id)?.label ?? null : null, statement: impacts.get(id) || null };
    const one = { by: null, vendor: node.vendor, name: node.product ?? node.name, ecosystem: null, coverage: coverageOf(node, said), ...statement };
    const cpes = node.cpe === null ? [] : [node.cpe];
    return node.purls.length < 2 ? [{ ...one, purl: node.purls[0] ?? null, cpes }] : node.purls.map((purl) => ({ ...one, purl, cpes }));
  }));
}

function scoresIn(v: Look): Score[] {
  const contents = [...v.all('scores'), ...v.all('metrics').map((m) => m.at('content'))];
  const vectors = contents.flatMap((c) => ['cvss_v2', 'cvss_v3', 'cvss_v4'].flatMap((kind) => (c.has(kind) ? [c.at(kind).text('vectorString')] : [])));
  return once(vectors.flatMap((t) => (t === null ? [] : [t]))).map((vector) => scoreOf(null, vector));
}

const referencesOf = (look: Look): Reference[] => look.all('references').flatMap((r) => {
  const url = r.text('url');
  return url === null || !isWeb(url) ? [] : [{ url, kind: r.text('category'), title: r.text('summary') }];
});

/** The order in which notes say what it is about. */
const notesOf = (look: Look): string => {
  const notes = look.all('notes').map((n) => [n.text('category') ?? '', n.text('text') ?? ''] as const);
  return ['description', 'summary', 'details', 'general'].map((c) => notes.find(([category]) => category === c)?.[1]).find((t) => t !== undefined) ?? '';
};

const labels: Readonly<Record<string, Tlp>> = {
  WHITE: 'CLEAR', CLEAR: 'CLEAR', GREEN: 'GREEN', AMBER: 'AMBER', 'AMBER+STRICT': 'AMBER+STRICT', RED: 'RED',
};

/** One document. Never throws. */
export function readCsaf(value: unknown): RecordsRead {
  const root = new Look(value);
  const { problems } = root;
  const document = root.at('document');
  const tracking = document.at('tracking');
  const id = tracking.text('id');
  if (id === null) {
    tracking.note('a tracking id was expected', 'id');
    return { records: [], problems };
  }
  const said = document.at('distribution').at('tlp').text('label');
  if (said !== null && labels[said] === undefined) document.at('distribution').at('tlp').note('this is no label of TLP', 'label');
  const tree = treeOf(root);
  const groups = new Map(root.at('product_tree').all('product_groups').flatMap((g): [string, string[]][] => {
    const group = g.text('group_id');
    return group === null ? [] : [[group, g.texts('product_ids')]];
  }));
  const shared = {
    format: 'csaf' as const, document: id, publisher: document.at('publisher').text('name'), upstream: [], related: [],
    published: tracking.moment('initial_release_date'), modified: tracking.moment('current_release_date'), withdrawn: null, withdrawnWhy: null,
    // What cannot be read is as narrow as can be.
    tlp: said === null ? null : labels[said] ?? 'RED' as const,
  };
  const records = root.all('vulnerabilities').map((v, i): VulnRecord => {
    const ids = v.all('ids').flatMap((x) => x.text('text') ?? []);
    const cve = v.text('cve');
    const names = once([...(cve === null ? [] : [cve]), ...ids].filter((n) => !/\s/.test(n) && n.length <= 120));
    return {
      ...shared, id: names[0] ?? `${id}#${i + 1}`, aliases: names.slice(1), title: v.text('title') ?? document.text('title') ?? '',
      summary: notesOf(v) || notesOf(document), products: productsOf(v, tree, groups), scores: scoresIn(v),
      weaknesses: once([v.at('cwe').text('id'), ...v.all('cwes').map((c) => c.text('id'))].flatMap((c) => (c !== null && /^CWE-\d+$/.test(c) ? [c] : []))),
      references: [...referencesOf(v), ...referencesOf(document)],
      remedies: v.all('remediations').flatMap((r): Remedy[] => {
        const [category, text] = [r.text('category'), r.text('details')];
        return category === null || text === null ? [] : [{ category, text, url: r.text('url') }];
      }),
    };
  });
  if (records.length === 0) root.note('a document without vulnerabilities says nothing of any', 'vulnerabilities');
  return { records: distinct(records), problems };
}

/** Two entries of one vulnerability in one document are told apart by their place. */
function distinct(records: readonly VulnRecord[]): VulnRecord[] {
  const seen = new Set<string>();
  return records.map((r, i) => {
    if (!seen.has(r.id)) {
      seen.add(r.id);
      return r;
    }
    return { ...r, id: `${r.document ?? ''}#${i + 1}`, aliases: once([r.id, ...r.aliases]) };
  });
}
