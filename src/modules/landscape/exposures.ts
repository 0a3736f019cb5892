/**
 * Exposure advisories: what one says of systems that are open to attack, and which rows of exposures it speaks of. Versions are
 * compared by a key that sorts like them, so that the events store compares the same way (`exposures-store.ts`, held to it by a test).
 */
import { csvText } from '#kit/csv/write';
import { z } from 'zod';
import { Day, Id, Severity } from './model.ts';

export const Cve = z.string().regex(/^CVE-\d{4}-\d{4,12}$/);
const Words = z.array(z.string().trim().min(1).max(120)).max(20).default([]);
const Version = z.string().trim().max(64).regex(/\d/, 'must hold a number').nullable().default(null);

/** What rows an advisory speaks of: any of these. */
export const Match = z.strictObject({
  reports: Words,
  types: Words,
  families: Words,
  /** From a version on, included, up to another, not included; every version where neither is said. */
  products: z.array(z.strictObject({ product: z.string().trim().min(1).max(120), from: Version, before: Version })).max(20).default([]),
  /** Rows that name one of the advisory's CVE ids themselves. */
  cve: z.boolean().default(true),
});
export type Match = z.infer<typeof Match>;

/** More would say nothing any more: the problem is named by them. */
const cvesMost = 8;
export const NewAdvisory = z.strictObject({
  title: z.string().trim().min(3).max(200),
  cves: z.array(Cve).max(cvesMost).default([]),
  severity: Severity.exclude(['unknown']),
  match: Match.default({ reports: [], types: [], families: [], products: [], cve: true }),
  source: z.url({ protocol: /^https?$/ }).max(500),
  /** A system counts while it was last seen within so many days. */
  daysBack: z.number().int().min(1).max(366).default(30),
});
export type NewAdvisory = z.infer<typeof NewAdvisory>;

export const Advisory = z.strictObject({
  id: Id, title: z.string(), cves: z.array(z.string()), severity: Severity, source: z.string(), daysBack: z.number().int(),
  match: z.strictObject({
    reports: z.array(z.string()), types: z.array(z.string()), families: z.array(z.string()), cve: z.boolean(),
    products: z.array(z.strictObject({ product: z.string(), from: z.string().nullable(), before: z.string().nullable() })),
  }),
  publishedAt: z.iso.datetime(), publishedBy: z.string(),
  withdrawnAt: z.iso.datetime().nullable(), withdrawnReason: z.string().nullable(),
  /** The days looked at now: up to today, or to the day it was withdrawn. */
  from: Day, to: Day,
});
export type Advisory = z.infer<typeof Advisory>;

/** Whether it can speak of any row at all. */
export const matchesSomething = ({ match: m, cves }: Pick<NewAdvisory, 'match' | 'cves'>): boolean =>
  m.reports.length + m.types.length + m.families.length + m.products.length > 0 || (m.cve && cves.length > 0);

/** Days looked at (numbers, both included): those up to now, or up to when it was withdrawn. */
export function spanOfAdvisory({ daysBack, withdrawnAt }: { daysBack: number; withdrawnAt: string | null }, now: number): { from: number; to: number } {
  const to = Math.floor((withdrawnAt === null ? now : Date.parse(withdrawnAt)) / 86_400_000);
  return { from: to - daysBack, to };
}

/** The problem that owners are told of: one for each set of CVE ids, however many advisories speak of it. */
export const problemOf = ({ cves, title }: Pick<NewAdvisory, 'cves' | 'title'>): string =>
  cves.length > 0 ? [...new Set(cves)].sort().join(', ') : title;

/** Words after a version that say it comes before it. */
export const preReleases = ['alpha', 'beta', 'dev', 'pre', 'preview', 'rc', 'snapshot'] as const;
export const versionMost = 64;

/**
 * Sorts like the version it is made of: numbers by size, 1.0 as 1, 1.0-rc1 before 1.0, 1.0.2 before 1.0.2k, 9.3p1 before 9.3p2.
 * Empty where the text holds no number.
 */
export function versionKey(text: string): string {
  const low = [...text].slice(0, versionMost).join('').replaceAll(/[A-Z]/g, (c) => c.toLowerCase());
  const bare = low.replace(/^[^0-9]+/, '').replaceAll(/(\.0+)+($|[^0-9.])/g, '$2');
  const tokens = bare.match(/[0-9]+|[a-z]+/g) ?? [];
  if (tokens.length === 0) return '';
  return `${tokens.map((token) => {
    if (!/^[0-9]/.test(token)) return `${preReleases.some((word) => word === token) ? '0' : '2'}${token}!`;
    const digits = token.replace(/^0+/, '');
    return `3${String(digits.length).padStart(2, '0')}${digits}`;
  }).join('')}1`;
}

/** One system: an address or a name with a port, while one owner answered for it. */
export interface Affected {
  readonly asset: string;
  readonly port: number | null;
  /** Constituent that answered for it then; null where nobody is known. */
  readonly owner: string | null;
  readonly ownerName: string | null;
  readonly state: boolean;
  readonly product: string | null;
  readonly version: string | null;
  readonly first: string;
  readonly last: string;
  readonly rows: number;
}

/** As a table (RFC 4180): what a spreadsheet opens. */
export function affectedCsv(systems: readonly Affected[]): string {
  const text = (value: string | null): string => (value === null ? '' : csvText(value));
  const head = 'system,port,owner,state_body,product,version,first_seen,last_seen,rows';
  const lines = systems.map((s) => [
    text(s.asset), s.port ?? '', text(s.ownerName ?? s.owner), s.state ? 'yes' : 'no', text(s.product), text(s.version), s.first, s.last, s.rows,
  ].join(','));
  return `${[head, ...lines].join('\r\n')}\r\n`;
}
