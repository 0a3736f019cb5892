/**
 * The tree of the source, as far as it is open, in rows of which only those in sight are there: a hundred thousand files scroll as ten do.
 * Arrow keys walk, open and close; coverage stands beside each name.
 */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import type { OutputOf } from '#kit/endpoint';
import { useTransport } from '#ui/asking';
import { Block } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { useWords } from '#ui/words';
import { centreApi } from '../api.ts';
import css from './RoomTree.module.css';

type Entry = OutputOf<(typeof centreApi)['reviews.folder']>['entries'][number];
interface Row { readonly entry: Entry; readonly depth: number; readonly open: boolean }

const rowHeight = 26;
const above = (path: string): string[] => path.split('/').slice(0, -1).map((_, i, steps) => steps.slice(0, i + 1).join('/'));

function rowsOf(folders: ReadonlyMap<string, readonly Entry[]>, open: ReadonlySet<string>, path = '', depth = 0): Row[] {
  return (folders.get(path) ?? []).flatMap((entry) => {
    const isOpen = entry.folder && open.has(entry.path);
    return [{ entry, depth, open: isOpen }, ...(isOpen ? rowsOf(folders, open, entry.path, depth + 1) : [])];
  });
}

/** Folders as they were asked for; `views` grows with each window, and what was seen is asked anew where the reader is. */
function useFolders(review: string, chosen: string, views: number) {
  const { ask } = useTransport();
  const [folders, setFolders] = useState<ReadonlyMap<string, readonly Entry[]>>(new Map());
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [error, setError] = useState<Error | null>(null);
  const load = (path: string): void => {
    ask(centreApi['reviews.folder'], { review, path }).then(
      ({ entries }) => {
        setFolders((was) => new Map(was).set(path, entries));
        setError(null);
      },
      (failure: unknown) => setError(failure instanceof Error ? failure : new Error(String(failure))),
    );
  };
  useEffect(() => {
    const way = above(chosen);
    for (const path of ['', ...way]) load(path);
    if (way.length > 0) setOpen((was) => new Set([...was, ...way]));
    // eslint-disable-next-line react-hooks/exhaustive-deps -- asked anew where the reader is and by what was shown, nothing else
  }, [review, chosen, views]);
  const toggle = (path: string, to = !open.has(path)): void => {
    if (to && !folders.has(path)) load(path);
    setOpen((was) => (to ? new Set([...was, path]) : new Set([...was].filter((p) => p !== path))));
  };
  return { folders, open, error, toggle };
}

interface TreeProps { readonly review: string; readonly label: string; readonly chosen: string; readonly views: number;
  readonly onOpen: (path: string) => void }

export function RoomTree({ review, label, chosen, views, onOpen }: TreeProps) {
  const { folders, open, error, toggle } = useFolders(review, chosen, views);
  const rows = rowsOf(folders, open);
  const box = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(0);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => box.current, estimateSize: () => rowHeight, overscan: 12 });
  const place = rows.findIndex((r) => r.entry.path === chosen);
  useEffect(() => {
    if (place < 0) return;
    setAt(place);
    virtual.scrollToIndex(place, { align: 'auto' });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once the chosen file has its row
  }, [place]);
  const act = (row: Row): void => (row.entry.folder ? toggle(row.entry.path) : onOpen(row.entry.path));
  const step = (to: number): void => {
    const next = Math.max(0, Math.min(rows.length - 1, to));
    setAt(next);
    virtual.scrollToIndex(next, { align: 'auto' });
  };
  const keys = (event: KeyboardEvent): void => {
    const row = rows[at];
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    const parent = rows.findLastIndex((r, i) => i < at && r.depth < row.depth);
    const acts: Readonly<Record<string, () => void>> = {
      ArrowDown: () => step(at + 1), ArrowUp: () => step(at - 1), Home: () => step(0), End: () => step(rows.length - 1), Enter: () => act(row),
        ' ': () => act(row),
      ArrowRight: () => (row.entry.folder && !row.open ? toggle(row.entry.path, true) : step(at + 1)),
      ArrowLeft: () => (row.open ? toggle(row.entry.path, false) : parent >= 0 ? step(parent) : undefined),
    };
    const does = acts[event.key];
    if (!does) return;
    event.preventDefault();
    does();
  };
  if (!folders.has('')) return error ? <ProblemNote error={error} /> : <Block height={160} />;
  // A folder that could not be listed takes away nothing of what stands.
  return (
    <>{error ? <ProblemNote error={error} /> : null}
    <div ref={box} id="room-tree" className={css['tree']} role="tree" aria-label={label} tabIndex={0} onKeyDown={keys}
      aria-activedescendant={rows[at] ? `tree-${at}` : undefined}
    >
      <div role="presentation" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          return row ? <TreeRow key={row.entry.path} row={row} index={index} top={start} at={index === at} chosen={row.entry.path === chosen}
            onAct={() => { setAt(index); act(row); }} /> : null;
        })}
      </div>
    </div></>
  );
}

interface RowProps { readonly row: Row; readonly index: number; readonly top: number; readonly at: boolean; readonly chosen: boolean;
  readonly onAct: () => void }

function TreeRow({ row: { entry, depth, open }, index, top, at, chosen, onAct }: RowProps) {
  const { t, percent } = useWords();
  const share = entry.size === 0 ? 0 : entry.seen / entry.size;
  return (
    <div id={`tree-${index}`} role="treeitem" className={css['row']} aria-level={depth + 1} aria-selected={chosen}
      aria-expanded={entry.folder ? open : undefined}
      data-at={at || undefined} style={{ transform: `translateY(${top}px)`, paddingLeft: 8 + depth * 14 }} onClick={onAct} title={entry.path}
    >
      <span className={css['mark']} aria-hidden>{entry.folder ? (open ? '▾' : '▸') : ''}</span>
      <span className={css['name']}>{entry.name}</span>
      {share > 0 ? (
        <span className={css['seen']} role="img" aria-label={t('centre.seen', { share: percent(100 * share) })}>
          <span style={{ width: `${Math.max(6, Math.min(100, share * 100))}%` }} />
        </span>
      ) : null}
    </div>
  );
}
