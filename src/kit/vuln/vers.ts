/** Ranges of versions by VERS (`vers:npm/>=1.0|<2.0|!=1.5`): how CSAF 2.1 and OSV's tools write ranges as one text. */
import type { Span } from './range.ts';
import { compareVersions, schemeOfType, type Scheme } from './version/scheme.ts';

export interface VersRange {
  readonly scheme: Scheme | null;
  /** Single versions that are in, spans that are in, and versions that are out whatever else is said. */
  readonly versions: readonly string[];
  readonly spans: readonly Omit<Span, 'status'>[];
  readonly not: readonly string[];
}
export type VersRead = { readonly range: VersRange } | { readonly fault: { readonly at: number; readonly text: string } };

const most = 200;
const comparators = ['>=', '<=', '!=', '>', '<', '='] as const;
interface Constraint { readonly sign: typeof comparators[number]; readonly version: string }

const fault = (at: number, text: string): VersRead => ({ fault: { at, text } });
const everything: Omit<Span, 'status'> = { from: null, fromIncluded: true, to: null, toIncluded: true };

/** One range. Never throws. */
export function readVers(text: string): VersRead {
  const head = /^vers:([a-z0-9.+-]+)\//i.exec(text);
  if (!head) return fault(0, 'a range begins with vers: and a scheme');
  const type = (head[1] ?? '').toLowerCase();
  const scheme = type === 'semver' ? 'semver' : schemeOfType(type);
  const body = text.slice(head[0].length).trim();
  if (body === '*') return { range: { scheme, versions: [], spans: [everything], not: [] } };
  const parts = body.split('|');
  if (parts.length > most) return fault(head[0].length, `a range has at most ${most} constraints here`);
  const constraints: Constraint[] = [];
  let at = head[0].length;
  for (const part of parts) {
    const trimmed = part.trim();
    const sign = comparators.find((c) => trimmed.startsWith(c)) ?? '=';
    let version: string;
    try {
      version = decodeURIComponent(trimmed.startsWith(sign) ? trimmed.slice(sign.length) : trimmed).trim();
    } catch {
      return fault(at, 'a version is not percent-encoded');
    }
    if (version === '' || version === '*') return fault(at, 'a constraint has no version');
    constraints.push({ sign, version });
    at += part.length + 1;
  }
  return paired(scheme, constraints);
}

function paired(scheme: Scheme | null, constraints: readonly Constraint[]): VersRead {
  const bounds = constraints.filter(({ sign }) => sign !== '=' && sign !== '!=');
  const sorted = scheme === null ? bounds : [...bounds].sort((a, b) => compareVersions(scheme, a.version, b.version) ?? 0);
  const spans: Omit<Span, 'status'>[] = [];
  let open: Constraint | null = null;
  for (const bound of sorted) {
    if (bound.sign.startsWith('>')) {
      // Of two lower bounds the lower one says all.
      open ??= bound;
      continue;
    }
    // Of two upper bounds the higher one says all.
    const last = spans.at(-1);
    if (open === null && last) spans.pop();
    const from = open === null ? last?.from ?? null : open.version;
    spans.push({ from, fromIncluded: open === null ? last?.fromIncluded ?? true : open.sign === '>=', to: bound.version, toIncluded: bound.sign === '<=' });
    open = null;
  }
  if (open !== null) spans.push({ from: open.version, fromIncluded: open.sign === '>=', to: null, toIncluded: true });
  const of = (sign: string): string[] => constraints.filter((c) => c.sign === sign).map((c) => c.version);
  if (spans.length === 0 && of('=').length === 0) spans.push(everything);
  return { range: { scheme, versions: of('='), spans, not: of('!=') } };
}
