/**
 * The reading room: files or a search at the side, the file in the middle, the sitting beside it. Nothing is painted before the browser
 * itself has checked that the fact of what was shown stands in the log. Where one stands is in the address; `?` shows the keys.
 */
import { Button, Group, Kbd, SegmentedControl } from '@mantine/core';
import { useCallback, useState } from 'react';
import type { OutputOf } from '#kit/endpoint';
import { useAct, useAsk, useTransport } from '#ui/asking';
import { checkEntry } from '#ui/checking';
import { EmptyState } from '#ui/EmptyState';
import { Mark } from '#ui/Mark';
import { Answer, Block, Page } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { Time } from '#ui/Time';
import { Link, useGo, usePathParameter } from '#ui/url';
import { useWords } from '#ui/words';
import { centreApi } from '../api.ts';
import type { FoundLine } from '../model/searching.ts';
import { ChangesPanel } from './Changes.tsx';
import { Marked } from './Marked.tsx';
import { panels, usePlace, type Panel, type Place } from './place.ts';
import { QuickOpen } from './QuickOpen.tsx';
import css from './ReadingRoom.module.css';
import { RoomFile } from './RoomFile.tsx';
import { KeyMap, useRoomKeys } from './RoomKeys.tsx';
import { RoomTree } from './RoomTree.tsx';
import { Hits, SearchPanel } from './SearchPanel.tsx';

type Sitting = OutputOf<(typeof centreApi)['reviews.view']>;

export function ReadingRoom() {
  const { t } = useWords();
  const asked = useAsk(centreApi['reviews.view'], { review: usePathParameter('review') });
  return (
    <Page title={t('nav.reading-room')} above={<Link to="/visits">{t('nav.visits')}</Link>}>
      <Answer of={asked} skeleton={<Block height={480} />}>{(sitting) => <Room sitting={sitting} onShown={() => void asked.refetch()} />}</Answer>
    </Page>
  );
}

/** Where a name is defined: one place is gone to, of several the reader chooses. */
function useDefinitions(review: string, place: Place, onShown: () => void) {
  const { ask } = useTransport();
  const [state, setState] = useState<{ name: string; lines: readonly FoundLine[] | null; error: Error | null } | null>(null);
  const define = (name: string): void => {
    setState({ name, lines: null, error: null });
    const run = async (): Promise<void> => {
      const { definitions, proof, fresh } = await ask(centreApi['reviews.define'], { review, name });
      const verdict = await checkEntry({ ...proof });
      if (!verdict.ok) throw new Error(verdict.why);
      if (fresh > 0) onShown();
      const [one, other] = definitions;
      setState(one && !other ? null : { name, lines: definitions, error: null });
      if (one && !other) place.open({ path: one.path, line: one.line });
    };
    run().catch((error: unknown) => setState({ name, lines: null, error: error instanceof Error ? error : new Error(String(error)) }));
  };
  return { state, define, close: () => setState(null) };
}

function Room({ sitting, onShown }: { readonly sitting: Sitting; readonly onShown: () => void }) {
  const { t } = useWords();
  const place = usePlace();
  const [dialogue, setDialogue] = useState<'open' | 'keys' | null>(null);
  const [views, setViews] = useState(0);
  const { review } = sitting;
  const shown = useCallback(() => { setViews((n) => n + 1); onShown(); }, [onShown]);
  const definitions = useDefinitions(review.id, place, shown);
  const look = (q: string, kind: 'text' | 'references'): void =>
    place.look({ q, kind, anyCase: false, wholeWord: kind === 'text', globs: '', language: '', here: false });
  useRoomKeys({
    t: () => setDialogue('open'), '?': () => setDialogue('keys'), e: () => { place.show('files'); later('room-tree'); }, '/': () => { place.show('search');
      later('room-search'); },
  });
  const close = (): void => setDialogue(null);
  return (
    <>
      <Group gap="xs" mb={12}>
        <Button size="xs" variant="default" onClick={() => setDialogue('open')} rightSection={<Kbd size="xs">t</Kbd>}>{t('room.quick-open')}</Button>
        <Button size="xs" variant="default" onClick={() => setDialogue('keys')} rightSection={<Kbd size="xs">?</Kbd>}>{t('room.keys')}</Button>
      </Group>
      <div className={css['room']} data-panel={place.panel}>
        <div className={css['side']}>
          <Panels place={place} />
          <div hidden={place.panel === 'search' || place.panel === 'changes'} className={css['files']}>
            <RoomTree review={review.id} label={review.productName} chosen={place.path} views={views} onOpen={(path) => place.open({ path })} />
          </div>
          {place.panel === 'changes' ? <ChangesPanel review={review.id} place={place} /> : null}
          {place.panel === 'search' ? <SearchPanel place={place} onShown={shown} /> : null}
        </div>
        <div className={css['middle']}>
          {definitions.state ? <Definitions {...definitions.state} review={review.id} onClose={definitions.close}
            onGo={(line) => { definitions.close(); place.open({ path: line.path, line: line.line }); }} /> : null}
          {place.path === '' ? <div className={css['file']}><EmptyState title={t('centre.choose')} how={t('centre.choose-how')} /></div> : (
            <RoomFile key={place.path} sitting={sitting} place={place} onView={shown} onDefine={definitions.define}
              onUses={(name) => look(name, 'references')} onFind={(name) => look(name, 'text')} />
          )}
        </div>
        <Beside sitting={sitting} onOpen={(path, line) => place.open({ path, line })} />
      </div>
      {dialogue === 'keys' ? <KeyMap onClose={close} /> : null}
      {dialogue === 'open' ? (
        <QuickOpen review={review.id} onClose={close} onOpen={(path) => { close(); place.open({ path }); }} onDefine={(name) => { close();
          definitions.define(name); }} />
      ) : null}
    </>
  );
}

/** Once the panel that holds it is there. */
function later(id: string): void {
  requestAnimationFrame(() => requestAnimationFrame(() => document.getElementById(id)?.focus()));
}

function Panels({ place }: { readonly place: Place }) {
  const { t } = useWords();
  const label: Readonly<Record<Panel, string>> = {
    files: t('centre.tree'), search: t('room.search-act'), changes: t('room.changed-files'), about: t('room.about'),
  };
  return (
    <SegmentedControl size="xs" fullWidth mb={8} value={place.panel} aria-label={t('room.panels')} className={css['panels']}
      data={panels.map((value) => ({ value, label: label[value] }))} onChange={(value) => place.show(panels.find((p) => p === value) ?? 'files')} />
  );
}

interface DefinitionsProps {
  readonly review: string; readonly name: string; readonly lines: readonly FoundLine[] | null; readonly error: Error | null;
    readonly onGo: (line: FoundLine) => void;
    readonly onClose: () => void;
}

function Definitions({ review, name, lines, error, onGo, onClose }: DefinitionsProps) {
  const { t, number } = useWords();
  return (
    <section className={css['definitions']} aria-live="polite" aria-busy={!lines && !error}>
      <Group justify="space-between">
        <h2 className={css['small']}>{lines ? t('room.defined', { name, count: number(lines.length) }) : t('room.defining', { name })}</h2>
        <Button size="compact-xs" variant="default" onClick={onClose}>{t('ui.close')}</Button>
      </Group>
      {error ? <ProblemNote error={error} /> : null}
      {lines && lines.length === 0 ? <p className={css['small']}>{t('room.undefined')}</p> : null}
      {lines && lines.length > 0 ? (
        <Marked review={review}><Hits lines={lines} at={-1} onGo={(i) => { const line = lines[i]; if (line) onGo(line); }} /></Marked>
      ) : null}
    </section>
  );
}

function Beside({ sitting: { review, trail }, onOpen }: { readonly sitting: Sitting; readonly onOpen: (path: string, line: number) => void }) {
  const { t, number } = useWords();
  const go = useGo();
  const end = useAct(centreApi['reviews.end']);
  const { totals } = review;
  return (
    <aside className={css['beside']} aria-label={t('centre.beside')}>
      <p className={css['small']}>{`${review.productName} ${review.version}`}</p>
      <p className={css['small']}>{t('centre.used', { today: number(totals.today), perDay: number(totals.perDay), all: number(totals.blocks),
        inAll: number(totals.inAll) })}</p>
      <Used of={totals} />
      {review.follows === 'nothing' ? null : <Mark is="warn">{t('centre.hurry')}</Mark>}
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

/** How much of what may be seen was seen: of the day, and in all. */
function Used({ of }: { readonly of: Sitting['review']['totals'] }) {
  const { t, percent } = useWords();
  const bar = (share: number, label: string) => (
    <span className={css['meter']} role="img"
      aria-label={`${label} ${percent(100 * share)}`}><span style={{ width: `${Math.min(100, 100 * share)}%` }} /></span>
  );
  return (
    <div className={css['meters']}>
      {bar(of.today / Math.max(1, of.perDay), t('room.today'))}{bar(of.blocks / Math.max(1, of.inAll), t('room.in-all'))}
    </div>
  );
}

function Plan({ review, onOpen }: { readonly review: string; readonly onOpen: (path: string, line: number) => void }) {
  const { t, number } = useWords();
  const [wanted, setWanted] = useState(false);
  const asked = useAsk(centreApi['reviews.plan'], { review }, { enabled: wanted });
  if (!wanted) return <Button size="xs" variant="light" onClick={() => setWanted(true)}>{t('centre.plan')}</Button>;
  if (asked.isError) return <ProblemNote error={asked.error} />;
  if (!asked.data) return <Block height={80} />;
  return (
    <>
      <h2 className={css['small']}>{t('centre.plan')}</h2>
      {asked.data.skipped > 0
        ? <p className={css['small']}>{t('centre.plan-of', { files: number(asked.data.files), skipped: number(asked.data.skipped) })}</p> : null}
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
