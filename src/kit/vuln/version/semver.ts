/**
 * Versions by SemVer 2.0 as the registries of npm, Cargo, Go, Hex, Pub and NuGet use it: a leading v, and one to four numbers, are read
 * too, since they are what is written there. Build metadata does not count.
 */
import { byNumber, type Compare } from './order.ts';

const pattern = /^[vV=]?\s*(\d{1,40}(?:\.\d{1,40}){0,3})(?:-([0-9A-Za-z.-]{1,200}))?(?:\+[0-9A-Za-z.+-]{0,200})?$/;
/** As gems and old packages write it: 1.0.0beta2. */
const joined = /^[vV=]?\s*(\d{1,40}(?:\.\d{1,40}){0,3})([A-Za-z][0-9A-Za-z.-]{0,200})(?:\+[0-9A-Za-z.+-]{0,200})?$/;

interface Read { readonly numbers: readonly string[]; readonly pre: readonly string[] | null }

function read(text: string): Read | null {
  const found = pattern.exec(text.trim()) ?? joined.exec(text.trim());
  return found ? { numbers: (found[1] ?? '').split('.'), pre: found[2] === undefined ? null : found[2].split('.') } : null;
}

const numeric = (part: string): boolean => /^\d+$/.test(part);

function prerelease(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [left, right] = [a[i], b[i]];
    if (left === undefined || right === undefined) return left === undefined ? -1 : 1;
    const order = numeric(left) && numeric(right) ? byNumber(left, right) : numeric(left) !== numeric(right) ? (numeric(left) ? -1 : 1)
      : left < right ? -1 : left > right ? 1 : 0;
    if (order !== 0) return order;
  }
  return 0;
}

const compared = (fold: (text: string) => string): Compare => (one, other) => {
  const [a, b] = [read(fold(one)), read(fold(other))];
  if (a === null || b === null) return null;
  for (let i = 0; i < 4; i++) {
    const order = byNumber(a.numbers[i] ?? '0', b.numbers[i] ?? '0');
    if (order !== 0) return order;
  }
  if (a.pre === null || b.pre === null) return a.pre === b.pre ? 0 : a.pre === null ? 1 : -1;
  return prerelease(a.pre, b.pre);
};

export const semver = compared((text) => text);
/** NuGet makes no difference between large and small letters. */
export const nuget = compared((text) => text.toLowerCase());
