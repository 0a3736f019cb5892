/** Versions of packages of systems: Debian's (deb-version(7)), RPM's (rpm-version(7)) and Alpine's. */
import { byNumber, type Compare } from './order.ts';

const digit = (c: string | undefined): boolean => c !== undefined && c >= '0' && c <= '9';
const letter = (c: string | undefined): boolean => c !== undefined && /^[A-Za-z]$/.test(c);

/** Letters before all other signs, the tilde before everything, even the end. */
const weight = (c: string | undefined): number => (c === '~' ? -1 : c === undefined || digit(c) ? 0 : letter(c) ? c.charCodeAt(0) : c.charCodeAt(0) + 256);

function debianPart(a: string, b: string): number {
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    while ((i < a.length && !digit(a[i])) || (j < b.length && !digit(b[j]))) {
      const order = weight(a[i]) - weight(b[j]);
      if (order !== 0) return order;
      i += 1;
      j += 1;
    }
    const [from, start] = [i, j];
    while (digit(a[i])) i += 1;
    while (digit(b[j])) j += 1;
    const order = byNumber(a.slice(from, i) || '0', b.slice(start, j) || '0');
    if (order !== 0) return order;
  }
  return 0;
}

function debianRead(text: string): { epoch: string; upstream: string; revision: string } | null {
  const found = /^(?:(\d+):)?([0-9A-Za-z.+~:-]+)$/.exec(text.trim());
  if (!found) return null;
  const [, epoch = '0', rest = ''] = found;
  const dash = rest.lastIndexOf('-');
  return { epoch, upstream: dash < 0 ? rest : rest.slice(0, dash), revision: dash < 0 ? '' : rest.slice(dash + 1) };
}

export const deb: Compare = (one, other) => {
  const [a, b] = [debianRead(one), debianRead(other)];
  if (a === null || b === null) return null;
  return byNumber(a.epoch, b.epoch) || debianPart(a.upstream, b.upstream) || debianPart(a.revision, b.revision);
};

/** Runs of digits and of letters; everything between only parts them, but the tilde is before and the caret behind the end. */
function rpmPart(one: string, other: string): number {
  const cut = (text: string): string[] => text.match(/\d+|[A-Za-z]+|~|\^/g) ?? [];
  const [a, b] = [cut(one), cut(other)];
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [x, y] = [a[i], b[i]];
    if (x === y) continue;
    if (x === '~' || y === '~') return x === '~' ? -1 : 1;
    if (x === '^') return y === undefined ? 1 : -1;
    if (y === '^') return x === undefined ? -1 : 1;
    if (x === undefined || y === undefined) return x === undefined ? -1 : 1;
    if (digit(x[0]) !== digit(y[0])) return digit(x[0]) ? 1 : -1;
    const order = digit(x[0]) ? byNumber(x, y) : x < y ? -1 : 1;
    if (order !== 0) return order;
  }
  return 0;
}

function rpmRead(text: string): { epoch: string; version: string; release: string | null } | null {
  const found = /^(?:(\d+):)?([^\s:-]+)(?:-([^\s:]+))?$/.exec(text.trim());
  return found ? { epoch: found[1] ?? '0', version: found[2] ?? '', release: found[3] ?? null } : null;
}

/** Without a release on one side it does not count, as dependencies of RPM have it. */
export const rpm: Compare = (one, other) => {
  const [a, b] = [rpmRead(one), rpmRead(other)];
  if (a === null || b === null) return null;
  return byNumber(a.epoch, b.epoch) || rpmPart(a.version, b.version)
    || (a.release === null || b.release === null ? 0 : rpmPart(a.release, b.release));
};

const apkSuffixes = ['alpha', 'beta', 'pre', 'rc', '', 'cvs', 'svn', 'git', 'hg', 'p'];
const apkPattern = /^(\d+(?:\.\d+)*)([a-z]?)((?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)\d*)*)(?:~[0-9a-f]+)?(?:-r(\d+))?$/;

function apkRead(text: string): { numbers: string[]; letter: string; suffixes: [rank: number, number: string][]; build: string } | null {
  const found = apkPattern.exec(text.trim());
  if (!found) return null;
  const suffixes = [...(found[3] ?? '').matchAll(/_([a-z]+)(\d*)/g)].map((m): [number, string] => [apkSuffixes.indexOf(m[1] ?? ''), m[2] || '0']);
  return { numbers: (found[1] ?? '').split('.'), letter: found[2] ?? '', suffixes, build: found[4] ?? '0' };
}

export const apk: Compare = (one, other) => {
  const [a, b] = [apkRead(one), apkRead(other)];
  if (a === null || b === null) return null;
  for (let i = 0; i < Math.max(a.numbers.length, b.numbers.length); i++) {
    const [x, y] = [a.numbers[i], b.numbers[i]];
    if (x === undefined || y === undefined) return x === undefined ? -1 : 1;
    const order = byNumber(x, y);
    if (order !== 0) return order;
  }
  if (a.letter !== b.letter) return a.letter < b.letter ? -1 : 1;
  const none: [number, string] = [apkSuffixes.indexOf(''), '0'];
  for (let i = 0; i < Math.max(a.suffixes.length, b.suffixes.length); i++) {
    const [x, y] = [a.suffixes[i] ?? none, b.suffixes[i] ?? none];
    const order = x[0] - y[0] || byNumber(x[1], y[1]);
    if (order !== 0) return order;
  }
  return byNumber(a.build, b.build);
};
