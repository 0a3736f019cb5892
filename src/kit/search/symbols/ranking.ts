/**
 * The order in which what was found is shown, where it is not that of the files: what defines a name comes first, then what stands less deep;
 * tests, examples, what is generated and what comes from elsewhere stand behind. Ties are in the order of path and line.
 */
import type { DefinitionKind } from './definition.ts';
import { looksDefining, placeIn } from './likely.ts';

/** The lower, the earlier. */
const kindRank: Readonly<Record<DefinitionKind, number>> = {
  class: 0, interface: 0, struct: 0, trait: 0, union: 0, enum: 0, type: 1, module: 1, function: 1, method: 2, macro: 2, constant: 3, variable: 3, enumerator: 3,
  field: 4,
};

const aside = new Set(['test', 'tests', 'testing', '__tests__', 'spec', 'specs', 'example', 'examples', 'sample', 'samples', 'fixture', 'fixtures',
  'mock', 'mocks', 'selftests', 'bench', 'benchmark', 'benchmarks', 'vendor', 'third_party', 'third-party', 'node_modules', 'generated']);
const asideName = /(?:[._-](?:test|spec|fuzz|bench|pb|min|generated)\.[\w.]+|_test\.\w+|(?:^|\/)test_\w+\.\w+)$/i;

/** 0 for what a product is made of, 1 for what stands beside it. */
export const asideRank = (path: string): number => (path.split('/').slice(0, -1).some((step) => aside.has(step.toLowerCase())) || asideName.test(path) ? 1 : 0);
const depthOf = (path: string): number => path.split('/').length;

interface Placed {
  readonly path: string;
  readonly line: number;
}

const byPlace = (a: Placed, b: Placed): number =>
  asideRank(a.path) - asideRank(b.path) || depthOf(a.path) - depthOf(b.path) || (a.path < b.path ? -1 : a.path > b.path ? 1 : a.line - b.line);

export const byRank = (a: Placed & { readonly kind: DefinitionKind }, b: Placed & { readonly kind: DefinitionKind }): number =>
  asideRank(a.path) - asideRank(b.path) || kindRank[a.kind] - kindRank[b.kind] || byPlace(a, b);

export interface RankedHit extends Placed {
  readonly match: { readonly from: number; readonly to: number } | null;
  readonly text: Uint8Array;
  readonly textFrom: number;
}

/** Lines in which the match looks as if it were defined, then those in which it is a word of its own, then the rest. */
function lineRank({ match, text, textFrom }: RankedHit): number {
  if (!match) return 2;
  const line = String.fromCharCode(...text);
  const [from, to] = [match.from - textFrom, match.to - textFrom];
  const isWhole = !/[\w$]/.test(line[from - 1] ?? '') && !/[\w$]/.test(line[to] ?? '');
  return isWhole && looksDefining(placeIn(line, from, to)) ? 0 : isWhole ? 1 : 2;
}

export function ranked<T extends RankedHit>(hits: readonly T[]): T[] {
  return hits.map((hit) => ({ hit, rank: lineRank(hit), aside: asideRank(hit.path) }))
    .sort((a, b) => a.aside - b.aside || a.rank - b.rank || byPlace(a.hit, b.hit)).map(({ hit }) => hit);
}
