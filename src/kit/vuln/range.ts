/**
 * Which versions a statement speaks of. Whatever a format writes (events of OSV, `versions` of CVE records, VERS of CSAF) becomes spans
 * with a status each, and one function answers what a version is, and by which of them.
 */
import { compareVersions, type Scheme } from './version/scheme.ts';

export const productStatuses = ['affected', 'fixed', 'not-affected', 'under-investigation', 'recommended', 'unknown'] as const;
export type ProductStatus = typeof productStatuses[number];

/** Versions from one bound up to another. A bound that is null is none. */
export interface Span {
  readonly status: ProductStatus;
  readonly from: string | null;
  readonly fromIncluded: boolean;
  readonly to: string | null;
  readonly toIncluded: boolean;
}

export interface Coverage {
  /** Null: nobody here knows an order of such versions; then only what is spelled alike is found. */
  readonly scheme: Scheme | null;
  /** Single versions, by their spelling. */
  readonly versions: readonly { readonly version: string; readonly status: ProductStatus }[];
  readonly spans: readonly Span[];
  /** What every version is that nothing else speaks of. */
  readonly otherwise: ProductStatus;
}

export interface Judged {
  readonly status: ProductStatus;
  /** By which statement: one version, a span, or what is said of all others. */
  readonly by: { readonly version: string } | { readonly span: Span } | 'otherwise';
  /** Whether the order of versions is one that is written down, and every bound was a version of it. */
  readonly certain: boolean;
}

/** Whether a version lies in a span; null where the two cannot be compared. */
export function isWithin(scheme: Scheme, span: Span, version: string): boolean | null {
  const low = span.from === null ? 1 : compareVersions(scheme, version, span.from);
  const high = span.to === null ? -1 : compareVersions(scheme, version, span.to);
  if (low === null || high === null) return null;
  return (low > 0 || (low === 0 && span.fromIncluded)) && (high < 0 || (high === 0 && span.toIncluded));
}

/** Of several spans the last that holds the version speaks: changes within a range are written behind it. */
export function judge(coverage: Coverage, version: string): Judged {
  const { scheme } = coverage;
  const exact = coverage.versions.find((v) => v.version === version
    || (scheme !== null && scheme !== 'generic' && compareVersions(scheme, v.version, version) === 0));
  if (exact) return { status: exact.status, by: { version: exact.version }, certain: true };
  let found: Span | null = null;
  let unsure = scheme === null && coverage.spans.length > 0;
  for (const span of coverage.spans) {
    const within = scheme === null ? span.from === null && span.to === null : isWithin(scheme, span, version);
    if (within === null) unsure = true;
    else if (within) found = span;
  }
  // Where nobody wrote an order down, numbers between points are still compared without a guess.
  const plain = [version, ...coverage.spans.flatMap((s) => [s.from, s.to])].every((v) => v === null || /^\d+(?:\.\d+)*$/.test(v));
  const certain = !unsure && (scheme !== 'generic' || plain);
  return found ? { status: found.status, by: { span: found }, certain } : { status: unsure ? 'unknown' : coverage.otherwise, by: 'otherwise', certain };
}

/** Whether nothing is said of versions: the statement is about the product whatever its version. */
export const saysNothingOfVersions = ({ versions, spans }: Coverage): boolean => versions.length === 0 && spans.length === 0;

export type OsvEvent = { readonly introduced: string } | { readonly fixed: string } | { readonly last_affected: string } | { readonly limit: string };

interface Turn { readonly at: string; readonly kind: 'introduced' | 'fixed' | 'last' }

/**
 * OSV's evaluation: events in the order of their versions, each turning the state; a limit ends the range, without one it is endless.
 * Events that cannot be put in an order stay as they were written.
 */
export function spansOfEvents(scheme: Scheme | null, events: readonly OsvEvent[]): Span[] {
  const limits = events.flatMap((e) => ('limit' in e && e.limit !== '*' ? [e.limit] : []));
  const turns = events.flatMap((e): Turn[] => ('introduced' in e ? [{ at: e.introduced, kind: 'introduced' }]
    : 'fixed' in e ? [{ at: e.fixed, kind: 'fixed' }] : 'last_affected' in e ? [{ at: e.last_affected, kind: 'last' }] : []));
  const order = (a: string, b: string): number => (a === '0' || b === '0' ? (a === b ? 0 : a === '0' ? -1 : 1)
    : (scheme === null ? 0 : compareVersions(scheme, a, b) ?? 0));
  // At one version what ends stands before what begins, but behind it where it ends with it.
  const rank = { fixed: 0, introduced: 1, last: 2 };
  const sorted = [...turns].sort((a, b) => order(a.at, b.at) || rank[a.kind] - rank[b.kind]);
  const spans: Span[] = [];
  let open: string | null = null;
  for (const { at, kind } of sorted) {
    if (kind === 'introduced') open ??= at;
    else if (open !== null) {
      spans.push({ ...begun(open), to: at, toIncluded: kind === 'last' });
      open = null;
    }
  }
  if (open !== null) {
    const from = open;
    const highest = limits.reduce<string | null>((most, l) => (most === null || order(l, most) > 0 ? l : most), null);
    if (highest === null || order(from, highest) < 0) spans.push({ ...begun(from), to: highest, toIncluded: false });
  }
  return spans;
}
const begun = (from: string): Pick<Span, 'status' | 'from' | 'fromIncluded'> => ({ status: 'affected', from: from === '0' ? null : from, fromIncluded: true });

export interface CveVersion {
  readonly version: string;
  readonly status: ProductStatus;
  readonly lessThan?: string | undefined;
  readonly lessThanOrEqual?: string | undefined;
  readonly changes?: readonly { readonly at: string; readonly status: ProductStatus }[] | undefined;
}

/** One entry of `versions` of a CVE record: a single version, or a span that its changes cut. */
export function spansOfCve(entry: CveVersion): { versions: { version: string; status: ProductStatus }[]; spans: Span[] } {
  const end = entry.lessThan ?? entry.lessThanOrEqual;
  const boundless = (text: string): boolean => text === '*' || text === '';
  if (end === undefined && entry.version !== '*') return { versions: [{ version: entry.version, status: entry.status }], spans: [] };
  const [from, to] = [['0', '*', 'unspecified', ''].includes(entry.version) ? null : entry.version, end === undefined || boundless(end) ? null : end];
  const toIncluded = entry.lessThan === undefined && entry.lessThanOrEqual !== undefined;
  const first: Span = { status: entry.status, from, fromIncluded: true, to, toIncluded };
  // Each change holds up to the range's end; what comes later speaks over it.
  return { versions: [], spans: [first, ...(entry.changes ?? []).map(({ at, status }) => ({ ...first, status, from: at }))] };
}

/** A span as people read it. */
export function spanText({ from, fromIncluded, to, toIncluded }: Span): string {
  const parts = [from === null ? null : `${fromIncluded ? '≥' : '>'} ${from}`, to === null ? null : `${toIncluded ? '≤' : '<'} ${to}`];
  return parts.filter((p) => p !== null).join(', ') || '*';
}
