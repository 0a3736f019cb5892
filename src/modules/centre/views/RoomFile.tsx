/**
 * A file, window by window, with its notes in the margin. A name that is chosen leads to its definition, its uses and to a search; a line
 * that is chosen takes a note or a finding.
 */
import { Button, Kbd } from '@mantine/core';
import { memo, useEffect, useMemo, useRef, useState, type MouseEvent } from 'react';
import type { OutputOf } from '#kit/endpoint';
import { useAsk } from '#ui/asking';
import { Block } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { useWords } from '#ui/words';
import { centreApi } from '../api.ts';
import type { ReviewNote, Window } from '../model.ts';
import { shadedLines, type Shade } from './highlight.ts';
import type { Place } from './place.ts';
import css from './ReadingRoom.module.css';
import { useRoomKeys } from './RoomKeys.tsx';
import { useWindows } from './use-windows.ts';
import { asName, cutAt, nameUnder } from './words-in.ts';
import { changeAt, FileHistory, placesOf, type History } from './Changes.tsx';
import { LineForms } from './LineForms.tsx';
import { Marked } from './Marked.tsx';

type Sitting = OutputOf<(typeof centreApi)['reviews.view']>;
const shades: Readonly<Record<Shade, string | undefined>> = {
  plain: undefined, comment: css['comment'], text: css['string'], number: css['digit'], word: css['word'], name: css['call'],
};

interface FileProps {
  readonly sitting: Sitting; readonly place: Place; readonly onView: () => void;
  /** To where a name is defined, and to where it is used. */
  readonly onDefine: (name: string) => void; readonly onUses: (name: string) => void; readonly onFind: (name: string) => void;
}

export function RoomFile({ sitting, place, onView, onDefine, onUses, onFind }: FileProps) {
  const { t, number } = useWords();
  const { path, line, at } = place;
  const { windows, error, busy, of, next, before } = useWindows({ review: sitting.review.id, path, line, at, onView });
  const [chosen, setChosen] = useState<number | null>(null);
  const [name, setName] = useState<string | null>(null);
  const notes = useAsk(centreApi['notes.list'], { visit: sitting.review.visit });
  const history = useAsk(centreApi['reviews.history'], { review: sitting.review.id, path, ...(place.since === '' ? {} : { since: place.since }) }).data;
  const code = useRef<HTMLDivElement>(null);
  const here = windows.some((w) => line >= w.line && line < w.line + Math.max(1, w.ends));
  useEffect(() => {
    if (here && line > 1) code.current?.querySelector('[data-marked]')?.scrollIntoView({ block: 'center' });
  }, [here, line, at]);
  const step = (by: number): void => place.open({ path, line: Math.max(1, line + by) });
  const places = placesOf(history);
  const toChange = (by: 1 | -1): void => {
    const to = by > 0 ? places.find((p) => p > line) ?? places[0] : places.findLast((p) => p < line) ?? places.at(-1);
    if (to !== undefined) place.open({ path, line: to });
  };
  useRoomKeys({
    c: places.length > 0 ? () => toChange(1) : null, C: places.length > 0 ? () => toChange(-1) : null, n: next, b: before,
    m: () => setChosen(line), j: () => step(1), k: () => step(-1), Escape: name ? () => setName(null) : null,
    d: name ? () => onDefine(name) : null, r: name ? () => onUses(name) : null, s: name ? () => onFind(name) : null,
  });
  const choose = (event: MouseEvent): void => {
    if (!event.ctrlKey && !event.metaKey) return setName(asName(window.getSelection()?.toString() ?? '') ?? name);
    const under = nameUnder(event.clientX, event.clientY);
    if (under) onDefine(under);
  };
  const own = notes.data?.items.filter((n) => n.path === path) ?? [];
  const sought = place.words.kind === 'regex' ? '' : place.words.q;
  const [one] = windows;
  return (
    <div>
      <section className={css['file']} aria-label={path} aria-busy={busy}>
        <div className={css['bar']}>
          <span className={css['path']}>{path}</span>
          {one ? <span>{t('centre.lines', { count: number(one.lines) })}</span> : null}
          {before ? <Button size="compact-xs" variant="default" onClick={before} disabled={busy}>{t('centre.before')}</Button> : null}
          {next ? <Button size="compact-xs" onClick={next} disabled={busy}>{t('centre.next')}</Button> : null}
        </div>
        {history ? <FileHistory of={history} onChange={places.length > 0 ? toChange : null} /> : null}
        {error ? <ProblemNote error={error} /> : null}
        <Marked review={sitting.review.id}>
          <div className={css['code']} translate="no" ref={code} onMouseUp={choose}>
            {windows.map((w, i) => {
              const last = windows[i - 1];
              return (
                <div key={w.number}>
                  {last && w.number > last.number + 1 ? (
                    <button type="button" className={css['gap']} onClick={() => of(last.number + 1)}>
                      {t('room.gap', { count: number(w.number - last.number - 1) })}
                    </button>
                  ) : null}
                  <Lines of={w} marked={chosen ?? line} sought={sought} how={place.words} notes={own} history={history} onChoose={setChosen} />
                </div>
              );
            })}
            {windows.length === 0 && busy ? <Block height={280} /> : null}
          </div>
        </Marked>
        {next ? <div className={css['bar']}><Button size="xs" variant="light" onClick={next} loading={busy}>{t('centre.next')}</Button></div> : null}
        {name ? <NameBar name={name} onDefine={onDefine} onUses={onUses} onFind={onFind} /> : null}
      </section>
      {chosen === null ? null : (
        <LineForms review={sitting.review.id} visit={sitting.review.visit} path={path} line={chosen} onDone={() => setChosen(null)} />
      )}
    </div>
  );
}

type NameBarProps = { readonly name: string } & Pick<FileProps, 'onDefine' | 'onUses' | 'onFind'>;

function NameBar({ name, onDefine, onUses, onFind }: NameBarProps) {
  const { t } = useWords();
  return (
    <div className={css['names']} role="toolbar" aria-label={name}>
      <code className={css['named']}>{name}</code>
      <Button size="compact-xs" onClick={() => onDefine(name)} rightSection={<Kbd size="xs">d</Kbd>}>{t('room.definition')}</Button>
      <Button size="compact-xs" variant="default" onClick={() => onUses(name)} rightSection={<Kbd size="xs">r</Kbd>}>{t('room.references')}</Button>
      <Button size="compact-xs" variant="default" onClick={() => onFind(name)} rightSection={<Kbd size="xs">s</Kbd>}>{t('room.search-act')}</Button>
    </div>
  );
}

interface LinesProps {
  readonly of: Window; readonly marked: number; readonly sought: string; readonly how: Place['words']; readonly notes: readonly ReviewNote[];
  readonly history: History | undefined;
  readonly onChoose: (line: number) => void;
}

const Lines = memo(function Lines({ of, marked, sought, how, notes, history, onChoose }: LinesProps) {
  const { t } = useWords();
  const shaded = useMemo(() => shadedLines(of.path, of.text), [of]);
  return shaded.map((pieces, i) => {
    const line = of.line + i;
    const written = notes.filter((n) => n.to === line);
    const change = of.within && i === 0 ? null : changeAt(history, line);
    return (
      <div key={line}>
        <div className={css['line']} data-marked={line === marked || undefined} data-noted={notes.some((n) => line >= n.from && line <= n.to) || undefined}
          data-change={change?.is} title={change && change.removed > 0 ? t('room.lines-gone', { count: change.removed }) : undefined}>
          <button type="button" className={css['number']} tabIndex={-1} aria-label={t('centre.note-on', { line })} onClick={() => onChoose(line)}>
            {i === 0 && of.within ? '…' : line}
          </button>
          <span className={css['text']}>
            {cutAt(pieces, sought, how).map((p, j) => (p.found ? <mark key={j} className={shades[p.shade]}>{p.text}</mark>
              : <span key={j} className={shades[p.shade]}>{p.text}</span>))}
          </span>
        </div>
        {written.map((n) => <p key={n.id} className={css['note']}><b>{n.byName}</b> {n.text}</p>)}
      </div>
    );
  });
});
