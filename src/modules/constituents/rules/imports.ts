/**
 * A registry as CSV: `name,kind,sector,province,asset,value,from,to`, one asset a line, the organisation repeated. Pure:
 * from the text and what is in the registry to what would be added and what is wrong, line by line.
 */
import { parseCsv } from '#kit/csv/csv';
import { Refusal } from '#kit/refusal';
import {
  assetKinds, constituentKinds, Moment, type Asset, type AssetKind, type ConstituentKind, type ImportProblem, type ImportRow,
} from '../model/registry.ts';
import { canonicalValue, checkFree, checkTerm, instant } from './registry.ts';

export const importColumns = ['name', 'kind', 'sector', 'province', 'asset', 'value', 'from', 'to'] as const;
type Column = (typeof importColumns)[number];

/** A row with what is needed to add it. */
export interface PlannedRow extends ImportRow {
  readonly sector: string | null;
  readonly province: string | null;
}
export interface ImportPlan {
  readonly lines: number;
  readonly rows: readonly PlannedRow[];
  readonly problems: readonly ImportProblem[];
}

/** What the registry says now: names of its constituents to ids, and all assets. */
export interface Registry {
  readonly names: ReadonlyMap<string, string>;
  readonly assets: readonly Asset[];
}

export function planImport(csv: string, registry: Registry): ImportPlan {
  const { records, troubles } = parseCsv(csv);
  const problems: ImportProblem[] = troubles.map((t) => ({ line: t.line, at: t.reason, problem: t.detail }));
  const [header, ...body] = records;
  const names = (header?.fields ?? []).map((name) => name.trim().toLowerCase());
  const missing = ['name', 'kind'].filter((name) => !names.includes(name));
  const unknown = names.filter((name) => !(importColumns as readonly string[]).includes(name));
  if (missing.length > 0 || unknown.length > 0) {
    const problem = missing.length > 0 ? `The header lacks: ${missing.join(', ')}.` : `The header has unknown columns: ${unknown.join(', ')}.`;
    return { lines: body.length, rows: [], problems: [{ line: 1, at: 'header', problem }, ...problems] };
  }
  const planner = new Planner(registry);
  const rows: PlannedRow[] = [];
  for (const { fields, line } of body) {
    try {
      if (fields.length !== names.length) throw told('fields', `${fields.length} fields where the header has ${names.length}.`);
      rows.push(planner.plan(line, (column) => (fields[names.indexOf(column)] ?? '').trim()));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      problems.push({ line, at: error.detail.at ?? 'line', problem: error.message });
    }
  }
  return { lines: body.length, rows, problems: problems.sort((x, y) => x.line - y.line) };
}

function told(at: string, problem: string): Refusal {
  return new Refusal('invalid', 'constituent.import-line', problem, { at });
}

class Planner {
  private readonly known: Set<string>;
  /** By kind and value: who holds it when, by name. */
  private readonly held = new Map<string, { holder: string; from: string; to: string | null }[]>();
  private readonly kinds = new Map<string, string>();

  constructor(registry: Registry) {
    this.known = new Set(registry.names.keys());
    const nameOf = new Map([...registry.names].map(([name, id]) => [id, name]));
    for (const a of registry.assets) this.hold(a.kind, a.value, nameOf.get(a.constituent) ?? '', a.from, a.to);
  }

  private hold(kind: string, value: string, holder: string, from: string, to: string | null): void {
    const key = `${kind} ${value}`;
    this.held.set(key, [...(this.held.get(key) ?? []), { holder, from, to }]);
  }

  plan(line: number, of: (column: Column) => string): PlannedRow {
    const name = of('name');
    if (name === '' || name.length > 200) throw told('name', 'The name is missing or longer than 200 characters.');
    const kind = of('kind') as ConstituentKind;
    if (!constituentKinds.includes(kind)) throw told('kind', `The kind is none of ${constituentKinds.join(', ')}.`);
    const before = this.kinds.get(name);
    if (before !== undefined && before !== kind) throw told('kind', `The file calls ${name} a ${before} before.`);
    const asset = this.asset(name, of);
    const fresh = !this.known.has(name);
    this.known.add(name);
    this.kinds.set(name, kind);
    const adds = fresh ? (asset?.fresh ? 'constituent and asset' : 'constituent') : asset?.fresh ? 'asset' : 'nothing';
    return {
      line, constituent: name, kind, adds, asset: asset?.kind ?? null, value: asset?.value ?? null,
      from: asset?.from ?? null, to: asset?.to ?? null, sector: of('sector') || null, province: of('province') || null,
    };
  }

  private asset(
    name: string, of: (column: Column) => string,
  ): { kind: AssetKind; value: string; from: string; to: string | null; fresh: boolean } | null {
    const kind = of('asset') as AssetKind;
    if (of('asset') === '' && of('value') === '') return null;
    if (!assetKinds.includes(kind)) throw told('asset', `The asset is none of ${assetKinds.join(', ')}.`);
    const value = canonicalValue(kind, of('value'));
    const from = moment('from', of('from'));
    if (from === null) throw told('from', 'From when is missing.');
    const to = moment('to', of('to'));
    checkTerm(from, to);
    const others = this.held.get(`${kind} ${value}`) ?? [];
    if (others.some((o) => o.holder === name && o.from === from && o.to === to)) return { kind, value, from, to, fresh: false };
    checkFree({ from, to }, others);
    this.hold(kind, value, name, from, to);
    return { kind, value, from, to, fresh: true };
  }
}

function moment(at: string, text: string): string | null {
  if (text === '') return null;
  if (!Moment.safeParse(text).success) throw told(at, 'This is no day and no time: write 2026-06-10 or 2026-06-10T08:00:00Z.');
  return instant(text);
}
