/**
 * The reading room: the tree beside the file, window by window. Nothing is painted before the browser itself has checked that the view
 * stands in the log. Keys: n the next window, b the one before, e the tree, m a note on the line that was chosen.
 */
import { Button, Group, Kbd, Textarea } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { OutputOf } from '#kit/endpoint';
import { useAct, useAsk, useTransport } from '#ui/asking';
import { checkEntry } from '#ui/checking';
import { EmptyState } from '#ui/EmptyState';
import { Mark } from '#ui/Mark';
import { Answer, Block, Page } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { Time } from '#ui/Time';
import { Link, useGo, usePathParameter, useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import { centreApi } from '../api.ts';
import type { Window } from '../model.ts';
import { AskExcerpt } from './AskExcerpt.tsx';
import { shadedLines, type Shade } from './highlight.ts';
import { Marked } from './Marked.tsx';
import css from './ReadingRoom.module.css';

type Sitting = OutputOf<(typeof centreApi)['reviews.view']>;
const shades: Readonly<Record<Shade, string | undefined>> = {
  plain: undefined, comment: css['comment'], text: css['string'], number: css['digit'], word: css['word'], name: css['call'],
};

export function ReadingRoom() {
  const { t } = useWords();
  const asked = useAsk(centreApi['reviews.view'], { review: usePathParameter('review') });
  return (
    <Page title={t('nav.reading-room')} above={<Link to="/visits">{t('nav.visits')}</Link>}>
      <Answer of={asked} skeleton={<Block height={480} />}>{(sitting) => <Room sitting={sitting} onView={() => void asked.refetch()} />}</Answer>
    </Page>
  );
}

function Room({ sitting, onView }: { readonly sitting: Sitting; readonly onView: () => void }) {
  const [search, change] = useUrlState();
  const path = search['path'] ?? '';
  const open = (to: string, line = 1): void => change({ path: to, line: String(line) });
  return (
    <div className={css['room']}>
      <nav className={css['side']} id="tree" aria-label={sitting.review.productName}>
        <Folder review={sitting.review.id} path="" chosen={path} onOpen={open} />
      </nav>
      {path === '' ? <Nothing /> : <File key={`${path}:${search['line'] ?? '1'}`} sitting={sitting} path={path} line={Number(search['line'] ?? 1)
        || 1} onView={onView} />}
      <Beside sitting={sitting} onOpen={open} />
    </div>
  );
}

function Nothing() {
  const { t } = useWords();
  return <div className={css['file']}><EmptyState title={t('centre.choose')} how={t('centre.choose-how')} /></div>;
}

interface FolderProps { readonly review: string; readonly path: string; readonly chosen: string; readonly onOpen: (path: string) => void }

function Folder({ review, path, chosen, onOpen }: FolderProps) {
  const { t, percent } = useWords();
  const asked = useAsk(centreApi['reviews.folder'], { review, path });
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  if (asked.isError) return <ProblemNote error={asked.error} />;
  if (!asked.data) return <Block height={60} />;
  const toggle = (to: string): void => setOpened((was) => new Set(was.has(to) ? [...was].filter((p) => p !== to) : [...was, to]));
  return (
    <ul className={css['folder']}>
      {asked.data.entries.map((e) => {
        const isOpen = opened.has(e.path) || chosen.startsWith(`${e.path}/`);
        const share = e.size === 0 ? 0 : e.seen / e.size;
        return (
          <li key={e.path}>
            <button
              type="button" className={css['entry']} aria-current={e.path === chosen || undefined} aria-expanded={e.folder ? isOpen : undefined}
              onClick={() => (e.folder ? toggle(e.path) : onOpen(e.path))}
            >
              <span className={css['name']}>{e.folder ? `${isOpen ? '▾' : '▸'} ${e.name}` : e.name}</span>
              {share > 0 ? (
                <span className={css['seen']} role="img" aria-label={t('centre.seen',
                  { share: percent(100 * share) })}><span style={{ width: `${Math.max(6, share * 100)}%` }} /></span>
              ) : null}
            </button>
            {e.folder && isOpen ? <Folder review={review} path={e.path} chosen={chosen} onOpen={onOpen} /> : null}
          </li>
        );
      })}
    </ul>
  );
}

interface FileProps { readonly sitting: Sitting; readonly path: string; readonly line: number; readonly onView: () => void }

/** Windows of a file that were granted and checked, in their order. */
function useWindows({ sitting, path, line, onView }: FileProps) {
  const { ask } = useTransport();
  const [windows, setWindows] = useState<readonly Window[]>([]);
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const begun = useRef(false);
  const take = async (which: { number: number } | { line: number }): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      const { window } = await ask(centreApi['reviews.openWindow'], { review: sitting.review.id, path, ...which });
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
    // Once, also where the page is made twice: each window counts.
    if (begun.current) return;
    begun.current = true;
    void take(line > 1 ? { line } : { number: 0 });
  });
  const [first, last] = [windows[0], windows.at(-1)];
  const next = last && last.number + 1 < last.count ? () => void take({ number: last.number + 1 }) : null;
  const before = first && first.number > 0 ? () => void take({ number: first.number - 1 }) : null;
  return { windows, error, busy, next, before };
}

function File(props: FileProps) {
  const { t, number } = useWords();
  const { windows, error, busy, next, before } = useWindows(props);
  const [chosen, setChosen] = useState<number | null>(null);
  useKeys({ n: next, b: before, e: () => document.querySelector<HTMLElement>('#tree button')?.focus() });
  const [one] = windows;
  return (
    <div>
      <section className={css['file']} aria-label={props.path} aria-busy={busy}>
        <div className={css['bar']}>
          <span className={css['path']}>{props.path}</span>
          {one ? <span>{t('centre.lines', { count: number(one.lines) })}</span> : null}
          {before ? <Button size="compact-xs" variant="default" onClick={before} disabled={busy}>{t('centre.before')}</Button> : null}
          {next ? <Button size="compact-xs" onClick={next} disabled={busy}>{t('centre.next')}</Button> : null}
        </div>
        {error ? <ProblemNote error={error} /> : null}
        <Marked review={props.sitting.review.id}>
          <div className={css['code']} translate="no">
            {windows.map((w) => <Lines key={w.number} of={w} marked={chosen ?? (props.line > 1 ? props.line : null)} onChoose={setChosen} />)}
            {windows.length === 0 && busy ? <Block height={280} /> : null}
          </div>
        </Marked>
        {next ? <div className={css['bar']}><Button size="xs" variant="light" onClick={next} loading={busy}>{t('centre.next')}</Button></div> : null}
      </section>
      {chosen === null ? null : (
        <>
          <Note review={props.sitting.review.id} path={props.path} line={chosen} onDone={() => setChosen(null)} />
          <AskExcerpt key={chosen} review={props.sitting.review.id} path={props.path} line={chosen} />
        </>
      )}
    </div>
  );
}

function Lines({ of, marked, onChoose }: { readonly of: Window; readonly marked: number | null; readonly onChoose: (line: number) => void }) {
  const { t } = useWords();
  return shadedLines(of.path, of.text).map((pieces, i) => {
    const line = of.line + i;
    return (
      <div className={css['line']} key={line} data-marked={line === marked || undefined}>
        <button type="button" className={css['number']} tabIndex={-1} aria-label={t('centre.note-on', { line })} onClick={() => onChoose(line)}>
          {i === 0 && of.within ? '…' : line}
        </button>
        <span className={css['text']}>{pieces.map((p, j) => <span key={j} className={shades[p.shade]}>{p.text}</span>)}</span>
      </div>
    );
  });
}

function Note({ review, path, line, onDone }: { readonly review: string; readonly path: string; readonly line: number; readonly onDone: () => void }) {
  const { t } = useWords();
  const [text, setText] = useState('');
  const add = useAct(centreApi['notes.add']);
  return (
    <form onSubmit={(e) => {
      e.preventDefault();
      if (text.trim() !== '') add.mutate({ review, path, from: line, to: line, text: text.trim() }, { onSuccess: onDone });
    }}
    >
      <Textarea label={t('centre.note-on', { line })} description={t('centre.note-how')} value={text} autosize minRows={3} onChange={(e) =>
        setText(e.currentTarget.value)} />
      {add.error ? <ProblemNote error={add.error} /> : null}
      <Group gap="xs" mt={8}>
        <Button type="submit" size="xs" loading={add.isPending} disabled={text.trim() === ''}>{t('centre.note-add')}</Button>
        <Button size="xs" variant="default" onClick={onDone}>{t('ui.cancel')}</Button>
      </Group>
    </form>
  );
}

function useKeys(keys: Readonly<Record<string, (() => void) | null>>): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      const { target } = event;
      if (event.ctrlKey || event.metaKey || event.altKey || (target instanceof HTMLElement && /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName))) return;
      keys[event.key]?.();
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  });
}

function Beside({ sitting: { review, trail }, onOpen }: { readonly sitting: Sitting; readonly onOpen: (path: string, line: number) => void }) {
  const { t, number } = useWords();
  const go = useGo();
  const end = useAct(centreApi['reviews.end']);
  const { totals } = review;
  return (
    <aside className={css['side']} aria-label={t('centre.beside')}>
      <p className={css['small']}>{`${review.productName} ${review.version}`}</p>
      <p className={css['small']}>{t('centre.used', { today: number(totals.today), perDay: number(totals.perDay), all: number(totals.blocks),
        inAll: number(totals.inAll) })}</p>
      {review.follows === 'nothing' ? null : <Mark is="warn">{t('centre.hurry')}</Mark>}
      <p className={css['small']}>
        <Kbd size="xs">n</Kbd> {t('centre.next')} · <Kbd size="xs">b</Kbd> {t('centre.before')} · <Kbd size="xs">e</Kbd> {t('centre.tree')}
      </p>
      <Plan review={review.id} onOpen={onOpen} />
      <h2 className={css['small']}>{t('centre.trail')}</h2>
      <ol className={css['trail']}>
        {[...trail].reverse().slice(0, 100).map((s) => (
          <li key={`${s.at}${s.path}${s.number}`}>
            <button type="button" className={css['entry']} onClick={() => onOpen(s.path, s.line)}>
              <span className={css['name']}>{`${s.path}:${s.line}`}</span>
            </button>
            <span className={css['small']}><Time at={s.at} /></span>
          </li>
        ))}
      </ol>
      {review.endedAt === null ? (
        <Button size="xs" variant="default" mt={8} loading={end.isPending}
          onClick={() => end.mutate({ review: review.id }, { onSuccess: () => go(`/visits/${review.visit}`) })}
        >
          {t('centre.end')}
        </Button>
      ) : null}
    </aside>
  );
}

function Plan({ review, onOpen }: { readonly review: string; readonly onOpen: (path: string, line: number) => void }) {
  const { t } = useWords();
  const [wanted, setWanted] = useState(false);
  const asked = useAsk(centreApi['reviews.plan'], { review }, { enabled: wanted });
  if (!wanted) return <Button size="xs" variant="light" onClick={() => setWanted(true)}>{t('centre.plan')}</Button>;
  if (asked.isError) return <ProblemNote error={asked.error} />;
  if (!asked.data) return <Block height={80} />;
  return (
    <>
      <h2 className={css['small']}>{t('centre.plan')}</h2>
      <ol className={css['trail']}>
        {asked.data.stretches.slice(0, 100).map((s) => (
          <li key={`${s.path}${s.from}`}>
            <button type="button" className={css['entry']} title={s.reasons.map((r) => t(`centre.reason.${r}`)).join(', ')} onClick={() => onOpen(s.path,
              s.from)}>
              <span className={css['name']}>{`${s.path}:${s.from}`}</span>
            </button>
            <span className={css['small']}>{s.reasons.map((r) => t(`centre.reason.${r}`)).join(', ')}</span>
          </li>
        ))}
      </ol>
    </>
  );
}
