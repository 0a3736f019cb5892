/** Searching the source: lines as they are found, by file, with what the answer covers and what it used up. Keys: / asks, ] and [ go from hit to hit. */
import { Button, Checkbox, Collapse, Group, Select, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useAsk } from '#ui/asking';
import { ProblemNote } from '#ui/ProblemNote';
import { useWords } from '#ui/words';
import { centreApi } from '../api.ts';
import type { FoundLine } from '../model/searching.ts';
import { Marked } from './Marked.tsx';
import type { Place, SearchWords } from './place.ts';
import { useRoomKeys } from './RoomKeys.tsx';
import css from './SearchPanel.module.css';
import { useSearch, type Finding } from './use-search.ts';

interface PanelProps { readonly place: Place; readonly onShown: () => void }

export function SearchPanel({ place, onShown }: PanelProps) {
  const finding = useSearch(place.review, place.words, place.path);
  const [at, setAt] = useState(-1);
  const { lines, fresh } = finding;
  useEffect(() => setAt(-1), [place.words.q, place.words.kind]);
  useEffect(() => { if (fresh > 0) onShown(); }, [fresh, onShown]);
  const go = (to: number): void => {
    const line = lines[to];
    if (!line) return;
    setAt(to);
    place.open({ path: line.path, line: line.line, at: line.at });
    document.getElementById(`hit-${to}`)?.scrollIntoView({ block: 'nearest' });
  };
  useRoomKeys({ ']': () => go(Math.min(lines.length - 1, at + 1)), '[': () => go(Math.max(0, at - 1)) });
  return (
    <div className={css['panel']}>
      <Asking key={JSON.stringify(place.words)} place={place} />
      <Told finding={finding} asked={place.words.q !== ''} />
      {lines.length > 0 ? <Marked review={place.review}><Hits lines={lines} at={at} onGo={go} /></Marked> : null}
    </div>
  );
}

function Asking({ place }: { readonly place: Place }) {
  const { t } = useWords();
  const [words, setWords] = useState<SearchWords>(place.words);
  const index = useAsk(centreApi['reviews.index'], { review: place.review });
  const set = (change: Partial<SearchWords>): void => setWords((was) => ({ ...was, ...change }));
  return (
    <form role="search" onSubmit={(e) => {
      e.preventDefault();
      place.look({ ...words, q: words.q.trim() === '' ? '' : words.q });
    }}
    >
      <TextInput id="room-search" label={t('room.search')} value={words.q} maxLength={400} placeholder={t('room.search-hint')}
        autoComplete="off" spellCheck={false}
        onChange={(e) => set({ q: e.currentTarget.value })} />
      <Group gap={12} mt={8}>
        <Checkbox size="xs" label={t('room.any-case')} checked={words.anyCase} onChange={(e) => set({ anyCase: e.currentTarget.checked })} />
        <Checkbox size="xs" label={t('room.whole-word')} checked={words.wholeWord} onChange={(e) => set({ wholeWord: e.currentTarget.checked })} />
        <Checkbox size="xs" label={t('room.regex')} checked={words.kind === 'regex'}
          onChange={(e) => set({ kind: e.currentTarget.checked ? 'regex' : 'text' })} />
        {place.path === '' ? null
          : <Checkbox size="xs" label={t('room.here')} checked={words.here} onChange={(e) => set({ here: e.currentTarget.checked })} />}
      </Group>
      <div className={css['narrow']}>
        <TextInput size="xs" label={t('room.globs')} placeholder="src/ *.c !*_test.c" value={words.globs} maxLength={300} spellCheck={false}
          onChange={(e) => set({ globs: e.currentTarget.value })} />
        <Select size="xs" label={t('room.language')} data={index.data?.index.languages ?? []}
          value={words.language === '' ? null : words.language} clearable searchable
          clearButtonProps={{ 'aria-label': t('room.clear') }} onChange={(value) => set({ language: value ?? '' })} />
      </div>
      <Button type="submit" size="xs" mt={8}>{t('room.search-act')}</Button>
      {index.data && index.data.index.state !== 'made' ? <p className={css['note']}>{t('room.index-making')}</p> : null}
    </form>
  );
}

/** What came of it: how many, what it used up, and what it covers. Nothing that could not be searched is kept silent. */
function Told({ finding: { lines, fresh, left, coverage, busy, error }, asked }: { readonly finding: Finding; readonly asked: boolean }) {
  const { t, number } = useWords();
  const [open, setOpen] = useState(false);
  if (!asked) return <p className={css['note']}>{t('room.search-how')}</p>;
  const files = new Set(lines.map((l) => l.path)).size;
  return (
    <div className={css['told']} aria-live="polite" aria-busy={busy}>
      {error ? <ProblemNote error={error} /> : null}
      <p className={css['count']}>
        {t('room.found', { lines: number(lines.length), files: number(files) })}
        {busy ? ` ${t('room.searching')}` : ''}
      </p>
      {left === null ? null : <p className={css['note']}>{t('room.used-up', { fresh: number(fresh), left: number(left) })}</p>}
      {coverage === null ? null : (
        <>
          <p className={css['note']}>
            {t(`room.ended.${coverage.ended ?? 'cancelled'}`)} {t('room.covers', { files: number(coverage.files - coverage.excluded - coverage.notReached),
              of: number(coverage.files), refused: number(coverage.refused) })}
            {coverage.refused > 0 ? (
              <button type="button" className={css['more']} aria-expanded={open} onClick={() => setOpen(!open)}>{t('room.which')}</button>
            ) : null}
          </p>
          <Collapse expanded={open}>
            <ul className={css['refused']}>{coverage.refusedFiles.map((f) => <li key={f.path}>{`${f.path}: ${f.reason}`}</li>)}</ul>
          </Collapse>
        </>
      )}
    </div>
  );
}

interface HitsProps { readonly lines: readonly FoundLine[]; readonly at: number; readonly onGo: (to: number) => void }

export function Hits({ lines, at, onGo }: HitsProps) {
  const { t, number } = useWords();
  const groups: { path: string; from: number; lines: FoundLine[] }[] = [];
  lines.forEach((line, i) => {
    const last = groups.at(-1);
    if (last?.path === line.path) last.lines.push(line);
    else groups.push({ path: line.path, from: i, lines: [line] });
  });
  return (
    <ol className={css['groups']} aria-label={t('room.hits')}>
      {groups.map((group) => (
        <li key={group.from}>
          <p className={css['path']}>{group.path} <span className={css['note']}>{number(group.lines.length)}</span></p>
          <ol className={css['hits']}>
            {group.lines.map((line, i) => (
              <li key={`${line.line} ${line.at}`}>
                <button type="button" id={`hit-${group.from + i}`} className={css['hit']} aria-current={group.from + i === at || undefined}
                  onClick={() => onGo(group.from + i)}
                >
                  <span className={css['number']}>{line.line}</span><Shown line={line} />
                </button>
              </li>
            ))}
          </ol>
        </li>
      ))}
    </ol>
  );
}

/** So much of the line stands before the match, where there is more. */
const lead = 14;

function Shown({ line: { text, match, kind, scope } }: { readonly line: FoundLine }) {
  const from = match ? Math.max(0, match.from - lead) : 0;
  const begin = from === 0 ? text.length - text.trimStart().length : from;
  const [start, end] = match ? [Math.max(begin, match.from), match.to] : [text.length, text.length];
  return (
    <code className={css['text']}>
      {kind ? <span className={css['kind']}>{scope === '' ? kind : `${kind} · ${scope}`}</span> : null}
      {from > 0 ? '…' : ''}{text.slice(begin, start)}{match ? <mark>{text.slice(start, end)}</mark> : null}{text.slice(end, end + 160)}
    </code>
  );
}
