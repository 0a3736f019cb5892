/** Opens a file by a few letters of its path, or goes to where a name is defined: `@name`. Arrow keys choose, Enter opens. */
import { Modal, TextInput } from '@mantine/core';
import { useDeferredValue, useEffect, useState, type KeyboardEvent } from 'react';
import type { OutputOf } from '#kit/endpoint';
import { useAsk } from '#ui/asking';
import { ProblemNote } from '#ui/ProblemNote';
import { useWords } from '#ui/words';
import { centreApi } from '../api.ts';
import css from './QuickOpen.module.css';

type Found = OutputOf<(typeof centreApi)['reviews.files']>['items'][number];
interface QuickOpenProps { readonly review: string; readonly onOpen: (path: string) => void; readonly onDefine: (name: string) => void;
  readonly onClose: () => void }

export function QuickOpen({ review, onOpen, onDefine, onClose }: QuickOpenProps) {
  const { t, number } = useWords();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const asked = useDeferredValue(text);
  const isName = text.startsWith('@');
  const found = useAsk(centreApi['reviews.files'], { review, text: asked, most: 50 }, { enabled: !isName, keep: true });
  const items = isName ? [] : found.data?.items ?? [];
  // Who presses Enter before the answer is there means the first of what was typed, not of what stood there before.
  const isOld = asked !== text || found.isFetching;
  const [isHurried, setHurried] = useState(false);
  const first = items[0]?.path;
  useEffect(() => {
    if (!isHurried || isOld) return;
    setHurried(false);
    if (first !== undefined) onOpen(first);
  }, [isHurried, isOld, first, onOpen]);
  const keys = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setAt(Math.max(0, Math.min(items.length - 1, at + step)));
    }
    if (event.key !== 'Enter') return;
    event.preventDefault();
    const item = items[at];
    if (isName && text.length > 1) onDefine(text.slice(1).trim());
    else if (isOld) setHurried(true);
    else if (item) onOpen(item.path);
  };
  return (
    <Modal opened onClose={onClose} title={t('room.quick-open')} size="lg" closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <TextInput data-autofocus aria-label={t('room.quick-open')} placeholder={t('room.quick-hint')} value={text} onKeyDown={keys}
        autoComplete="off" spellCheck={false}
        maxLength={100} role="combobox" aria-expanded={items.length > 0} aria-controls="quick-files"
          aria-activedescendant={items[at] ? `quick-${at}` : undefined}
        onChange={(e) => { setText(e.currentTarget.value); setAt(0); setHurried(false); }} />
      {found.isError && !isName ? <ProblemNote error={found.error} /> : null}
      <ul id="quick-files" role="listbox" aria-label={t('room.quick-open')} className={css['list']}>
        {items.map((item, i) => (
          <li key={item.path} id={`quick-${i}`} role="option" aria-selected={i === at} className={css['item']} onClick={() => onOpen(item.path)}>
            <Letters of={item} />
          </li>
        ))}
      </ul>
      {!isName && found.data && items.length === 0 ? <p className={css['note']}>{t('room.no-file')}</p> : null}
      <p className={css['note']}>{isName ? t('room.quick-define') : t('room.quick-of', { count: number(found.data?.of ?? 0) })}</p>
    </Modal>
  );
}

function Letters({ of: { path, at } }: { readonly of: Found }) {
  const hit = new Set(at);
  return <>{[...path].length === path.length ? Array.from(path, (letter, i) => (hit.has(i) ? <b key={i}>{letter}</b> : letter)) : path}</>;
}
