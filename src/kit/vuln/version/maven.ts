/** Versions of Maven by the order of its POM reference: tokens parted by points, dashes and changes between digits and letters. */
import { byNumber, type Compare } from './order.ts';

interface Token { readonly dash: boolean; readonly text: string }
const qualifiers = ['alpha', 'beta', 'milestone', 'rc', 'snapshot', '', 'sp'];
const released = ['', 'final', 'ga', 'release'];
const numeric = (text: string): boolean => /^\d+$/.test(text);
const isNull = ({ text }: Token): boolean => released.includes(text) || /^0+$/.test(text);

function tokensOf(version: string): Token[] {
  const tokens: Token[] = [];
  const text = version.trim().toLowerCase();
  for (const found of text.matchAll(/([.-]?)(\d+|[^\d.-]*)/g)) {
    const [whole, separator = '', body = ''] = found;
    if (whole === '') continue;
    // A change between digits and letters parts like a dash; and nothing between two signs is a nought.
    const token = { dash: separator === '-' || (separator === '' && tokens.length > 0), text: body === '' ? '0' : body };
    // a1 is alpha-1, and so on; only when a number follows at once.
    const next = text[(found.index ?? 0) + whole.length] ?? '';
    const long = { a: 'alpha', b: 'beta', m: 'milestone' }[token.text];
    tokens.push({ ...token, text: long !== undefined && numeric(next) ? long : token.text === 'cr' ? 'rc' : released.includes(token.text) ? '' : token.text });
  }
  return trimmed(tokens);
}

/** Noughts and empty words are taken away from the end, and from the end of what stands before each dash or word. */
function trimmed(tokens: readonly Token[]): Token[] {
  const kept = [...tokens];
  for (let i = kept.length - 1; i > 0; i--) {
    const token = kept[i] as Token;
    const end = i === kept.length - 1 || (kept[i + 1] as Token).dash || !numeric((kept[i + 1] as Token).text);
    if (isNull(token) && end) kept.splice(i, 1);
  }
  return kept;
}

/** Where a word stands: the known ones in their order, unknown ones behind all of them by letters. */
const rank = (text: string): number => (qualifiers.includes(text) ? qualifiers.indexOf(text) : qualifiers.length);

function order(a: Token, b: Token): number {
  const [x, y] = [numeric(a.text), numeric(b.text)];
  if (x && y) return a.dash === b.dash ? byNumber(a.text, b.text) : a.dash ? -1 : 1;
  if (x !== y) return x ? 1 : -1;
  return rank(a.text) - rank(b.text) || (rank(a.text) < qualifiers.length ? 0 : a.text < b.text ? -1 : a.text > b.text ? 1 : 0);
}

export const maven: Compare = (one, other) => {
  if (one.trim() === '' || other.trim() === '' || !/\d/.test(one) || !/\d/.test(other)) return null;
  const [a, b] = [tokensOf(one), tokensOf(other)];
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [x, y] = [a[i], b[i]];
    // What has ended goes on with nothing, of the kind that the other has.
    const fill = (to: Token): Token => ({ dash: to.dash, text: numeric(to.text) ? '0' : '' });
    const found = x === undefined ? order(fill(y as Token), y as Token) : y === undefined ? order(x, fill(x)) : order(x, y);
    if (found !== 0) return found;
  }
  return 0;
};
