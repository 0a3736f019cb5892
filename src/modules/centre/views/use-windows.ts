/** Windows of a file that were granted and checked, in their order. Each is asked for once, and shown once the browser has found its view in the log. */
import { useEffect, useRef, useState } from 'react';
import { useTransport } from '#ui/asking';
import { checkEntry } from '#ui/checking';
import { centreApi } from '../api.ts';
import type { Window } from '../model.ts';

interface Wanted { readonly review: string; readonly path: string; readonly line: number; readonly at: number | null; readonly onView: () => void }
type Which = { number: number } | { line: number } | { byte: number };

const holds = (w: Window, line: number): boolean => line >= w.line && line < w.line + Math.max(1, w.ends);

export function useWindows({ review, path, line, at, onView }: Wanted) {
  const { ask } = useTransport();
  const [windows, setWindows] = useState<readonly Window[]>([]);
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  /** What was asked for last: asked twice by a page that is made twice, it would count twice. */
  const asked = useRef('');
  const take = async (which: Which): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      const { window } = await ask(centreApi['reviews.openWindow'], { review, path, ...which });
      const verdict = await checkEntry({ ...window.proof });
      if (!verdict.ok) throw new Error(verdict.why);
      setWindows((was) => [...was.filter((w) => w.number !== window.number), window].sort((a, b) => a.number - b.number));
      if (window.isNew) onView();
    } catch (failure) {
      setError(failure instanceof Error ? failure : new Error(String(failure)));
    }
    setBusy(false);
  };
  useEffect(() => {
    const key = `${line} ${at ?? ''}`;
    if (asked.current === key) return;
    asked.current = key;
    // Where a byte is named the line may be longer than a window, and only the hub knows in which it lies.
    if (at === null ? windows.some((w) => holds(w, line)) : windows.some((w) => holds(w, line) && w.ends > 0 && !w.within)) return;
    void take(at !== null ? { byte: at } : line > 1 ? { line } : { number: 0 });
  });
  const [first, last] = [windows[0], windows.at(-1)];
  return {
    windows, error, busy, of: (number: number) => void take({ number }),
    next: last && last.number + 1 < last.count ? () => void take({ number: last.number + 1 }) : null,
    before: first && first.number > 0 ? () => void take({ number: first.number - 1 }) : null,
  };
}
