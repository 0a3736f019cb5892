/**
 * Values on their way into somebody's tools: what one is, what the head of a file says of all of them, and which of them a form can say.
 * Each form is a file of its own that writes text piece by piece; every head tells the label, the end, and what was left out and why.
 */
import type { Value, ValueKind } from '#kit/match/value';

export const exportForms = ['stix', 'misp', 'csv', 'plain', 'hosts', 'rpz', 'suricata', 'sigma', 'yara', 'bloom'] as const;
export type ExportForm = (typeof exportForms)[number];
export type ExportLabel = 'CLEAR' | 'GREEN' | 'AMBER' | 'AMBER+STRICT';

export interface ExportValue extends Value {
  readonly tlp: ExportLabel;
  /** ISO 8601, or null where no end is stated. */
  readonly validUntil: string | null;
  /** The STIX object that states it, and what that one is called. */
  readonly object: string;
  readonly name: string;
}

/** Why something is not in a file. What lies above the label is told to its holder, never in the file. */
export const leavingReasons = ['expired', 'revoked', 'warninglist', 'guarded', 'benign', 'together', 'no-such-form', 'above-label'] as const;
export type LeavingReason = (typeof leavingReasons)[number];
const reasonWords: Readonly<Record<LeavingReason, string>> = {
  expired: 'past their end', revoked: 'revoked', warninglist: 'on a warninglist', guarded: 'guarded from blocking',
    'no-such-form': 'of a kind that this form cannot say',
  'above-label': '', benign: 'said to be benign',
  together: 'that count only together with others',
};

export interface LeftOut {
  readonly reason: LeavingReason;
  readonly count: number;
  /** Names of lists, most of it first. */
  readonly by: readonly (readonly [name: string, count: number])[];
}

export interface ExportHead {
  /** Of the export, which stays from release to release. */
  readonly id: string;
  readonly title: string;
  readonly number: number;
  readonly madeAt: string;
  /** From then on the file is not to be used. */
  readonly endsAt: string;
  /** The narrowest label of what is in it. */
  readonly tlp: ExportLabel;
  readonly count: number;
  readonly leftOut: readonly LeftOut[];
}

/** Text of others on one line, without what a terminal or a parser would run. */
export const oneLine = (text: string, most = 200): string =>
  text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g, ' ').trim().slice(0, most);

/** What a file says of itself, a line each, for the comments of its form. */
export function headLines({ id, title, number, madeAt, endsAt, tlp, count, leftOut }: ExportHead): string[] {
  const left = leftOut.filter(({ reason, count: n }) => n > 0 && reasonWords[reason] !== '').map(({ reason, count: n, by }) => {
    const lists = by.slice(0, 5).map(([name, many]) => `${oneLine(name, 80)} ${many}`).join(', ');
    return `Left out: ${n} ${reasonWords[reason]}${lists === '' ? '' : ` (${lists})`}`;
  });
  return [`${oneLine(title)} (${id}), release ${number}`, `TLP:${tlp}`, `Made ${madeAt}`, `Expires ${endsAt}: not to be used after`, `Values: ${count}`,
    ...left];
}

export const headText = (head: ExportHead, mark: string): string => headLines(head).map((line) => `${mark} ${line}\n`).join('');

const domains = ['domain'] as const;
const addresses = ['ipv4', 'ipv6', 'prefix'] as const;
const kindsOf: Readonly<Record<ExportForm, readonly ValueKind[] | null>> = {
  stix: null, misp: null, csv: null, plain: null, bloom: null, hosts: domains, rpz: [...domains, ...addresses], suricata: [...domains, ...addresses, 'url',
    'email'],
  sigma: [...domains, ...addresses, 'url', 'md5', 'sha1', 'sha256'],
  yara: [...domains, 'ipv4', 'url', 'email', 'mutex', 'filename', 'md5', 'sha1', 'sha256'],
};
/** In a zone a name has `*.` before it and the zone's own name behind it; one that does not fit would keep the whole zone from loading. */
const longestZoneName = 200;
/** What one content of a rule, and one string, may hold. */
const longestContent = 250;

/** Whether a form can say a value. */
export function canSay(form: ExportForm, { kind, value }: Value): boolean {
  const kinds = kindsOf[form];
  if (kinds !== null && !kinds.includes(kind)) return false;
  if (form === 'rpz') return kind !== 'domain' || value.length <= longestZoneName;
  if (form === 'suricata' || form === 'sigma') return value.length <= longestContent;
  // A short string is found in every other file.
  if (form === 'yara') return value.length <= longestContent && value.length >= 6 && /^[\x20-\x7e]+$/.test(value);
  // A line that begins with the mark of a remark is one.
  return form !== 'plain' || !/^#|[\r\n]/.test(value);
}

/** By kind, then by value: the same values give the same bytes, in whatever order they came. */
export function inOrder<T extends Value>(values: readonly T[]): T[] {
  return [...values].sort((a, b) => order(a.kind, b.kind) || order(a.value, b.value));
}
const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Pieces of a list. */
export function* chunks<T>(all: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
}
