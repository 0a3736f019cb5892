/**
 * A search as it runs: asked, followed line by line, and nothing of it handed on before the browser has checked that the fact of the batch
 * stands in the log. A new one ends the one before; so does leaving.
 */
import { useEffect, useState } from 'react';
import type { Problem } from '#kit/refusal';
import { ProblemError, useTransport } from '#ui/asking';
import { checkEntry } from '#ui/checking';

import { centreApi } from '../api.ts';
import { SearchNews, type FoundLine, type SearchCoverage } from '../model/searching.ts';
import type { SearchWords } from './place.ts';

export interface Finding {
  readonly lines: readonly FoundLine[];
  readonly fresh: number;
  readonly left: number | null;
  readonly coverage: SearchCoverage | null;
  readonly busy: boolean;
  readonly error: Error | null;
}
const nothing: Finding = { lines: [], fresh: 0, left: null, coverage: null, busy: false, error: null };

async function checked(proof: Parameters<typeof checkEntry>[0]): Promise<void> {
  const verdict = await checkEntry({ ...proof });
  if (!verdict.ok) throw new Error(verdict.why);
}

/** Runs whenever what is asked changes; with nothing asked it does nothing. */
export function useSearch(review: string, words: SearchWords, path: string): Finding {
  const { ask, follow } = useTransport();
  const [finding, setFinding] = useState<Finding>(nothing);
  const here = words.here ? path : '';
  const key = JSON.stringify([review, { ...words, here }, here]);
  useEffect(() => {
    if (words.q === '') {
      setFinding(nothing);
      return undefined;
    }
    const stop = new AbortController();
    const take = (change: (was: Finding) => Finding): void => { if (!stop.signal.aborted) setFinding(change); };
    const run = async (): Promise<void> => {
      take(() => ({ ...nothing, busy: true }));
      const { search } = await ask(centreApi['reviews.search'], {
        review, text: words.q, kind: words.kind, anyCase: words.anyCase, wholeWord: words.wholeWord, path: here,
        globs: words.globs.split(/[\s,]+/).filter((g) => g !== ''), languages: words.language === '' ? [] : [words.language],
      }, stop.signal);
      // One after the other, in the order in which they came.
      const last = { done: Promise.resolve() };
      const hear = async (news: SearchNews): Promise<void> => {
        if (news.phase === 'lines') {
          await checked(news.proof);
          take((was) => ({ ...was, lines: [...was.lines, ...news.lines], fresh: was.fresh + news.fresh, left: news.left }));
        } else if (news.phase === 'coverage') take((was) => ({ ...was, coverage: news.coverage }));
        else if (news.phase === 'done') {
          await checked(news.proof);
          take((was) => ({ ...was, left: news.left }));
        } else throw new ProblemError({ type: 'about:blank', status: 409, ...news.problem } as Problem);
      };
      await follow(`/api/reviews/${encodeURIComponent(review)}/searches/${encodeURIComponent(search.id)}`, (line) => {
        last.done = last.done.then(() => hear(SearchNews.parse(line)));
        last.done.catch(() => undefined);
      }, stop.signal);
      await last.done;
    };
    run().catch((error: unknown) => take((was) => ({ ...was, error: error instanceof Error ? error : new Error(String(error)) })))
      .finally(() => take((was) => ({ ...was, busy: false })));
    return () => stop.abort();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- by what is asked, which is in the key
  }, [key]);
  return finding;
}
