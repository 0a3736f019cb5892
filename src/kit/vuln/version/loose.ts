/** Versions of RubyGems, of PHP's packages, and of whoever follows no order that is written down. */
import { byNumber, type Compare } from './order.ts';

const numeric = (text: string): boolean => /^\d+$/.test(text);

/** Numbers above words, and a missing part is a nought (Gem::Version). */
export const gem: Compare = (one, other) => {
  const cut = (text: string): string[] | null => (/^[0-9A-Za-z.-]+$/.test(text) && /^\d/.test(text)
    ? text.replaceAll('-', '.pre.').match(/\d+|[A-Za-z]+/g) : null);
  const [a, b] = [cut(one.trim()), cut(other.trim())];
  if (a === null || b === null) return null;
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [x, y] = [a[i] ?? '0', b[i] ?? '0'];
    const [nx, ny] = [numeric(x), numeric(y)];
    const order = nx && ny ? byNumber(x, y) : nx !== ny ? (nx ? 1 : -1) : x < y ? -1 : x > y ? 1 : 0;
    if (order !== 0) return order;
  }
  return 0;
};

/** Words of PHP's version_compare below and above a number; unknown ones are below all of them. */
const words: Readonly<Record<string, number>> = { dev: 1, alpha: 2, a: 2, beta: 3, b: 3, rc: 4, c: 4, '#': 5, patch: 6, pl: 6, p: 6 };
const heavy = (part: string): number => (numeric(part) ? words['#'] : words[part]) ?? 0;

export const composer: Compare = (one, other) => {
  const cut = (text: string): string[] | null => (/^v?\d/i.test(text) ? text.replace(/^v/i, '').toLowerCase().match(/\d+|[a-z]+/g) : null);
  const [a, b] = [cut(one.trim()), cut(other.trim())];
  if (a === null || b === null) return null;
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [x, y] = [a[i], b[i]];
    // Behind the end a nought is nothing, and a word is below or above what has ended as it is below or above a number.
    if (x === undefined || y === undefined) {
      const rest = (x ?? y) as string;
      const order = numeric(rest) ? byNumber(rest, '0') : heavy(rest) < (words['#'] ?? 0) ? -1 : 1;
      if (order !== 0) return x === undefined ? -order : order;
      continue;
    }
    const order = numeric(x) && numeric(y) ? byNumber(x, y) : heavy(x) - heavy(y);
    if (order !== 0) return order;
  }
  return 0;
};

const early = /^(?:alpha|beta|rc|pre|preview|dev|snapshot|nightly|milestone)$/;

/** Digits by worth, words by letters, words of beginnings before the end. It is a guess, and whoever uses it says so. */
export const generic: Compare = (one, other) => {
  const cut = (text: string): string[] => text.toLowerCase().match(/\d+|[a-z]+/g) ?? [];
  const [a, b] = [cut(one), cut(other)];
  if (!a.some(numeric) || !b.some(numeric)) return null;
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [x, y] = [a[i], b[i]];
    if (x === undefined || y === undefined) {
      const rest = (x ?? y) as string;
      const order = numeric(rest) ? byNumber(rest, '0') : early.test(rest) ? -1 : 1;
      if (order !== 0) return x === undefined ? -order : order;
      continue;
    }
    const order = numeric(x) && numeric(y) ? byNumber(x, y) : numeric(x) !== numeric(y) ? (numeric(x) ? 1 : -1) : x < y ? -1 : x > y ? 1 : 0;
    if (order !== 0) return order;
  }
  return 0;
};
