/**
 * Shadowserver's report types: which there are, what a file's name says, which types a header could belong to. The type
 * is never guessed from columns alone, since two thirds of the types share theirs with others.
 */

export interface ReportType {
  readonly title: string;
  /** RSIT taxonomy and type. */
  readonly taxonomy: string;
  readonly type: string;
  readonly severity: string;
  readonly fields: readonly string[];
  /** What the provider's schema calls each column and how it converts it, where it says so. */
  readonly as?: Readonly<Record<string, string>>;
}

export type ReportTypes = ReadonlyMap<string, ReportType>;

/** Reads the table that ships in `vendor/shadowserver/report-types.json`. */
export function reportTypesFrom(json: string): ReportTypes {
  const table = JSON.parse(json) as { types: Record<string, ReportType> };
  return new Map(Object.entries(table.types));
}

/** The published name of a type; the older `event_…` names mean `event4_…`. Null where there is none. */
export function knownType(types: ReportTypes, name: string): string | null {
  const word = name.trim().toLowerCase().replaceAll('-', '_');
  if (types.has(word)) return word;
  const newer = word.replace(/^event_/, 'event4_');
  return types.has(newer) ? newer : null;
}

/** The type that a file's name states: `YYYY-MM-DD-TYPE-rest.csv`, packed or not. */
export function typeOfFileName(types: ReportTypes, fileName: string): string | null {
  const name = fileName.split(/[/\\]/).pop() ?? '';
  const match = /^\d{4}-\d{2}-\d{2}-([^-.]+)(?:-.+)?\.csv(?:\.gz)?$/.exec(name);
  return match?.[1] === undefined ? null : knownType(types, match[1]);
}

/** Types whose columns fit a header best: those that know all of it, else those that share most. At most twelve. */
export function candidateTypes(types: ReportTypes, header: readonly string[]): string[] {
  const names = new Set(header);
  const scored = [...types].map(([type, { fields }]) => {
    const shared = fields.reduce((sum, field) => sum + (names.has(field) ? 1 : 0), 0);
    return { type, score: shared / (names.size + fields.length - shared) };
  });
  scored.sort((x, y) => y.score - x.score || (x.type < y.type ? -1 : 1));
  const best = scored[0]?.score ?? 0;
  return scored.filter((s) => s.score > 0.25 && s.score >= best * 0.8).slice(0, 12).map((s) => s.type);
}
