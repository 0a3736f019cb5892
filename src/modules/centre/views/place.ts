/** Where a reader stands in the reading room, in the address: file, line, byte, panel and search, so that Back goes back and a colleague finds it. */
import { stringifySearch, useGo, usePathParameter, useUrlState } from '#ui/url';

export const panels = ['files', 'search', 'changes', 'about'] as const;
export type Panel = typeof panels[number];

export interface Spot {
  readonly path: string;
  readonly line?: number | undefined;
  /** A byte of the file, where a line is too long to say where. */
  readonly at?: number | undefined;
}

export interface SearchWords {
  readonly q: string;
  readonly kind: 'text' | 'regex' | 'references';
  readonly anyCase: boolean;
  readonly wholeWord: boolean;
  readonly globs: string;
  readonly language: string;
  /** In the file that is open, alone. */
  readonly here: boolean;
}

const kinds = ['text', 'regex', 'references'] as const;

export function usePlace() {
  const [search, change] = useUrlState();
  const review = usePathParameter('review');
  const go = useGo();
  const { path = '', line = '', at = '', side = '', q = '', kind = '', flags = '', in: globs = '', lang = '', since = '' } = search;
  const words: SearchWords = {
    q, kind: kinds.find((k) => k === kind) ?? 'text', anyCase: flags.includes('i'), wholeWord: flags.includes('w'), here: flags.includes('h'), globs,
    language: lang,
  };
  return {
    review, path, line: Number(line) || 1, at: at === '' ? null : Number(at), words,
    panel: panels.find((p) => p === side) ?? 'files',
    /** The older release that the source is compared with; empty: the one that was last reviewed. */
    since,
    compare: (release: string): void => change({ since: release }),
    /** A step that Back undoes. */
    open: (to: Spot, panel?: Panel): void => go(`/reviews/${review}${stringifySearch({
      ...search, path: to.path, line: to.line === undefined || to.line === 1 ? '' : to.line, at: to.at ?? '', side: panel ?? side,
    })}`),
    show: (panel: Panel): void => change({ side: panel === 'files' ? '' : panel }),
    look: (w: SearchWords): void => change({
      side: 'search', q: w.q, kind: w.kind === 'text' ? '' : w.kind, flags: `${w.anyCase ? 'i' : ''}${w.wholeWord ? 'w' : ''}${w.here ? 'h' : ''}`,
      in: w.globs, lang: w.language,
    }),
  };
}
export type Place = ReturnType<typeof usePlace>;
