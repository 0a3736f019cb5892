/** Versions of Python packages by PEP 440, in every spelling that it lets pass. */
import { byNumber, inOrder, type Compare } from './order.ts';

const pattern = new RegExp(['^v?(?:(\\d+)!)?', '(\\d+(?:\\.\\d+)*)', '(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?(\\d*))?',
  '(?:-(\\d+)|[-_.]?(post|rev|r)[-_.]?(\\d*))?', '(?:[-_.]?(dev)[-_.]?(\\d*))?', '(?:\\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$'].join(''));

interface Read {
  readonly epoch: string;
  readonly release: readonly string[];
  /** Rank and number: what has no prerelease stands above all that have one, unless it is a development release alone. */
  readonly pre: readonly [rank: number, number: string];
  /** Null: none. */
  readonly post: string | null;
  readonly dev: string | null;
  readonly local: readonly string[] | null;
}
const ranks: Readonly<Record<string, number>> = { a: 1, alpha: 1, b: 2, beta: 2, c: 3, rc: 3, pre: 3, preview: 3 };
const [lowest, highest] = [0, 9];

function read(text: string): Read | null {
  const found = pattern.exec(text.trim().toLowerCase());
  if (!found) return null;
  const [, epoch = '0', release = '', letter, number, dash, word, after, dev, devNumber, local] = found;
  const post = dash ?? (word === undefined ? null : after || '0');
  const developed = dev === undefined ? null : devNumber || '0';
  const rank = letter !== undefined ? ranks[letter] ?? highest : post === null && developed !== null ? lowest : highest;
  return {
    epoch, release: release.split('.'), pre: [rank, number || '0'], post, dev: developed, local: local === undefined ? null : local.split(/[-_.]/),
  };
}

const orNone = (a: string | null, b: string | null, noneIs: number): number =>
  (a === null || b === null ? (a === b ? 0 : a === null ? noneIs : -noneIs) : byNumber(a, b));

function localOrder(a: readonly string[] | null, b: readonly string[] | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  return inOrder<string | null>(a, b, null, (x, y) => {
    if (x === null || y === null) return x === y ? 0 : x === null ? -1 : 1;
    const [nx, ny] = [/^\d+$/.test(x), /^\d+$/.test(y)];
    return nx && ny ? byNumber(x, y) : nx !== ny ? (nx ? 1 : -1) : x < y ? -1 : x > y ? 1 : 0;
  });
}

export const pypi: Compare = (one, other) => {
  const [a, b] = [read(one), read(other)];
  if (a === null || b === null) return null;
  return byNumber(a.epoch, b.epoch) || inOrder(a.release, b.release, '0', byNumber) || a.pre[0] - b.pre[0] || byNumber(a.pre[1], b.pre[1])
    || orNone(a.post, b.post, -1) || orNone(a.dev, b.dev, 1) || localOrder(a.local, b.local);
};
