/**
 * Which vulnerabilities affect a product: its keys are looked up exactly, and each statement found is weighed against the version. What
 * cannot be decided is told as undecided, and a word that a product is not affected stands beside.
 */
import type { Caller } from '#kit/endpoint';
import { Refusal } from '#kit/refusal';
import { cpeKey, cpeMeets, cpeShown, readCpe, type Cpe } from '#kit/vuln/cpe';
import { purlKey, purlText, readPurl, type Purl } from '#kit/vuln/purl';
import { judge, saysNothingOfVersions, spanText, type ProductStatus } from '#kit/vuln/range';
import type { Product } from '#kit/vuln/record';
import { readBill } from '#kit/vuln/sbom';
import { longestDocument } from '#kit/lines/document';
import { vulnReach, type VulnReach } from '../gate.ts';
import { labelOf, type Checked, type CheckedAll, type Finding } from '../model.ts';
import { nameKey } from '../rules.ts';
import { exploitedAmong } from '../store/exploited.ts';
import { statementsOf, type Candidate } from '../store/reading.ts';
import type { VulnParts } from './parts.ts';

export interface Wanted { readonly asked: string; readonly version?: string | null }
type Through = Finding['through'];
interface Asked {
  readonly asked: string;
  readonly product: string | null;
  readonly version: string | null;
  readonly problem: string | null;
  readonly purl: Purl | null;
  readonly cpe: Cpe | null;
  readonly keys: readonly (readonly [key: string, through: Through])[];
}

const mostOfKey = 2_000;
const mostFindings = 300;
const keysAtOnce = 500;

function read({ asked, version = null }: Wanted): Asked {
  const nothing = { asked, product: null, version: null, purl: null, cpe: null, keys: [] };
  const text = asked.trim();
  if (/^cpe:/i.test(text)) {
    const found = readCpe(text);
    if ('fault' in found) return { ...nothing, problem: `${found.fault.text} (character ${found.fault.at + 1})` };
    const { cpe } = found;
    const [part, vendor, product] = [cpeShown(cpe.part), cpeShown(cpe.vendor), cpeShown(cpe.product)];
    return {
      asked, problem: null, product: `${vendor} ${product}`, version: cpe.version.is === 'text' ? cpeShown(cpe.version) : version, purl: null, cpe,
      keys: [[cpeKey(cpe), 'cpe'], [`cpe:${part}:${vendor}:*`, 'cpe'], [nameKey(vendor, product), 'name']],
    };
  }
  const found = readPurl(text);
  if ('fault' in found) return { ...nothing, problem: `${found.fault.text} (character ${found.fault.at + 1})` };
  const { purl } = found;
  return { asked, problem: null, product: purlText({ ...purl, version: null }), version: purl.version ?? version, purl, cpe: null, keys: [[purlKey(purl),
    'purl']] };
}

/** Names of releases that package URLs use where OSV has numbers. */
const releases: Readonly<Record<string, string>> = {
  buster: '10', bullseye: '11', bookworm: '12', trixie: '13', focal: '20.04', jammy: '22.04', noble: '24.04',
};

/** Whether a statement is of another release of the same distribution: where both say which. */
function otherRelease(asked: Purl, product: Product): boolean {
  const said = asked.qualifiers.get('distro')?.toLowerCase();
  const of = product.ecosystem?.split(':')[1]?.toLowerCase().replace(/^v/, '');
  if (said === undefined || of === undefined) return false;
  const own = releases[said] ?? /(\d[\d.]*)$/.exec(said)?.[1];
  return own !== undefined && own !== of;
}

type Judgement = Pick<Finding, 'status' | 'by' | 'what' | 'certain'>;

/** What a statement says of a version; null where it says nothing of it. */
function judged({ product }: Candidate, { version, cpe, purl }: Asked, through: Through): Judgement | null {
  if (purl && otherRelease(purl, product)) return null;
  const { coverage } = product;
  const named = cpe === null ? [] : product.cpes.map(readCpe).flatMap((r) => ('cpe' in r ? [r.cpe] : []));
  if (named.length > 0 && cpe && !named.some((n) => cpeMeets(cpe, n, ['version', 'update']))) return null;
  const certain = through !== 'name';
  if (saysNothingOfVersions(coverage)) {
    const versions = named.filter((n) => n.version.is === 'text');
    // Versions that stand in the CPE names themselves.
    if (versions.length > 0 && versions.length === named.length) {
      if (version === null) return { status: 'unknown', by: 'product', what: versions.map((n) => cpeShown(n.version)).join(', '), certain };
      return cpe && named.some((n) => cpeMeets(cpe, n, ['update']))
        ? { status: coverage.otherwise === 'unknown' ? 'affected' : coverage.otherwise, by: 'version', what: version, certain } : null;
    }
    return { status: coverage.otherwise, by: 'product', what: '*', certain };
  }
  const spoken = [...coverage.versions.filter((v) => v.status === 'affected').map((v) => v.version),
    ...coverage.spans.filter((s) => s.status === 'affected').map(spanText)].slice(0, 8).join('; ');
  if (version === null) return { status: 'unknown', by: 'product', what: spoken, certain };
  const found = judge(coverage, version);
  if (found.by === 'otherwise') {
    // Outside of everything that is said: nothing to tell, unless the versions could not be compared.
    return found.certain ? null : { status: 'unknown', by: 'product', what: spoken, certain: false };
  }
  return 'span' in found.by ? { status: found.status, by: 'range', what: spanText(found.by.span), certain: certain && found.certain }
    : { status: found.status, by: 'version', what: found.by.version, certain: certain && found.certain };
}

/** First versions that are not affected any more. */
const fixedOf = ({ coverage }: Product): string[] => [...new Set([
  ...coverage.spans.filter((s) => s.status === 'affected' && s.to !== null && !s.toIncluded).map((s) => s.to as string),
  ...coverage.versions.filter((v) => v.status === 'fixed').map((v) => v.version),
])].slice(0, 20);

const heavier: readonly ProductStatus[] = ['affected', 'under-investigation', 'unknown', 'not-affected', 'fixed', 'recommended'];

type Bare = Omit<Finding, 'exploited' | 'probability'>;

/** Of one record a word on this very version counts before one on a range; of two such words the heaviest: a CNA's beside an enricher's. */
function outweighs(one: Bare, before: Bare): boolean {
  if ((one.by === 'version') !== (before.by === 'version')) return one.by === 'version';
  return heavier.indexOf(one.status) < heavier.indexOf(before.status);
}

function weigh(asked: Asked, byKey: ReadonlyMap<string, readonly Candidate[]>): Bare[] {
  const found = new Map<string, Bare>();
  for (const [key, through] of asked.keys) {
    for (const c of byKey.get(key) ?? []) {
      const said = judged(c, asked, through);
      if (said === null) continue;
      const one: Bare = {
        ...said, name: c.name, title: c.title, through, fixed: fixedOf(c.product), source: c.source, record: c.rec, tlp: labelOf(c.tlp),
        justification: c.product.justification, statement: c.product.statement, score: c.score, severity: c.severity,
      };
      const before = found.get(c.rec);
      if (!before || outweighs(one, before)) found.set(c.rec, one);
    }
  }
  return [...found.values()];
}

const order = (a: Finding, b: Finding): number => Number(b.exploited) - Number(a.exploited) || (b.score ?? -1) - (a.score ?? -1)
  || (a.name < b.name ? 1 : a.name > b.name ? -1 : 0);

async function check({ db }: VulnParts, reach: VulnReach, wanted: readonly Wanted[], nameless: number): Promise<CheckedAll> {
  const all = wanted.map(read);
  const keys = [...new Set(all.flatMap((a) => a.keys.map(([key]) => key)))];
  const byKey = new Map<string, Candidate[]>();
  for (let at = 0; at < keys.length; at += keysAtOnce) {
    for (const c of await statementsOf(db, reach, keys.slice(at, at + keysAtOnce), mostOfKey)) {
      const list = byKey.get(c.key);
      if (list) list.push(c);
      else byKey.set(c.key, [c]);
    }
  }
  const weighed = all.map((a) => weigh(a, byKey));
  const marks = await exploitedAmong(db, weighed.flatMap((w) => w.map((f) => f.name)));
  const items = all.map(({ asked, product, version, problem, keys: own }, i): Checked => {
    const found = (weighed[i] ?? []).map((f): Finding => ({ ...f, ...(marks.get(f.name) ?? { exploited: false, probability: null }) })).sort(order);
    const of = (...statuses: readonly ProductStatus[]): Finding[] => found.filter((f) => statuses.includes(f.status)).slice(0, mostFindings);
    return {
      asked, product, version, problem, affected: of('affected'), undecided: of('unknown', 'under-investigation'),
      notAffected: of('not-affected', 'fixed', 'recommended'),
      leftOff: found.length > mostFindings || own.some(([key]) => (byKey.get(key)?.length ?? 0) >= mostOfKey),
    };
  });
  return {
    items, asked: items.length, affected: items.filter((i) => i.affected.length > 0).length, unreadable: items.filter((i) => i.problem !== null).length,
      nameless,
  };
}

export async function checkProducts(parts: VulnParts, products: readonly string[], caller: Caller): Promise<CheckedAll> {
  return check(parts, await vulnReach(parts.db, caller), products.map((asked) => ({ asked })), 0);
}

const mostListed = 20_000;

/** A bill of materials, read whole and kept nowhere. */
export async function checkBill(parts: VulnParts, body: AsyncIterable<Uint8Array>, caller: Caller): Promise<CheckedAll> {
  const reach = await vulnReach(parts.db, caller);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > longestDocument) throw new Refusal('too-large', 'bill.too-large', `A bill of materials has at most ${longestDocument} bytes here.`);
    chunks.push(chunk);
  }
  let value: unknown;
  try {
    value = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (error) {
    throw new Refusal('invalid', 'bill.unreadable', 'This is no JSON.', { hint: error instanceof Error ? error.message : '' });
  }
  const bill = readBill(value);
  if (!bill) throw new Refusal('invalid', 'bill.unreadable', 'This is no bill of materials of CycloneDX or SPDX 2 in JSON.');
  if (bill.listed.length > mostListed) throw new Refusal('too-large', 'bill.too-large', `A bill lists at most ${mostListed} components here.`);
  return check(parts, reach, bill.listed.map(({ purl, cpe, version }) => ({ asked: purl ?? cpe ?? '', version })), bill.nameless);
}
