/**
 * What changed since the last review: the files at the side, and in a file the places in the margin with its way from release to release.
 * Whoever wants to read a change opens its window, as any other.
 */
import { Button, Kbd, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import type { OutputOf } from '#kit/endpoint';
import { useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Answer, Block } from '#ui/Page';
import { Time } from '#ui/Time';
import { useWords } from '#ui/words';
import { centreApi } from '../api.ts';
import css from './Changes.module.css';
import type { Place } from './place.ts';

export type History = OutputOf<(typeof centreApi)['reviews.history']>;

export function ChangesPanel({ review, place }: { readonly review: string; readonly place: Place }) {
  const { t, number } = useWords();
  const [cursor, setCursor] = useState(0);
  const asked = useAsk(centreApi['reviews.changes'], { review, cursor, ...(place.since === '' ? {} : { since: place.since }) }, { keep: true });
  return (
    <Answer of={asked} skeleton={<Block height={320} />}>
      {({ since, bases, items, counts, next }) => (since === null ? <EmptyState title={t('room.no-older')} how={t('room.no-older-how')} /> : (
        <>
          <NativeSelect size="xs" label={t('room.since')} value={since.release}
            data={bases.map((b) => ({ value: b.release, label: b.reviewed ? t('room.base-reviewed', { version: b.version }) : b.version }))}
            onChange={(e) => { setCursor(0); place.compare(e.currentTarget.value); }} />
          <p className={css['small']}>{t('room.changes', { changed: number(counts['changed'] ?? 0), added: number(counts['added'] ?? 0),
            removed: number(counts['removed'] ?? 0), moved: number(counts['moved'] ?? 0) })}</p>
          <ul className={css['list']}>
            {items.map((f) => (
              <li key={`${f.kind}${f.path}`}>
                <button type="button" className={css['file']} disabled={f.kind === 'removed'} aria-current={f.path === place.path || undefined}
                  title={f.from === null ? f.path : t('room.moved-from', { path: f.from })} onClick={() => place.open({ path: f.path })}
                >
                  <span className={css['kind']} data-kind={f.kind}>{t(`room.change.${f.kind}`)}</span>
                  <span className={css['name']}>{f.path}</span>
                  {f.kind === 'removed' ? null : <Seen of={f.seen} bytes={f.bytesAfter} />}
                </button>
              </li>
            ))}
          </ul>
          {items.length === 0 ? <p className={css['small']}>{t('room.nothing-changed')}</p> : null}
          {next === null && cursor === 0 ? null : (
            <div className={css['pages']}>
              <Button size="compact-xs" variant="default" disabled={cursor === 0} onClick={() => setCursor(0)}>{t('room.first')}</Button>
              <Button size="compact-xs" variant="default" disabled={next === null} onClick={() => setCursor(next ?? 0)}>{t('room.more-files')}</Button>
            </div>
          )}
        </>
      ))}
    </Answer>
  );
}

function Seen({ of, bytes }: { readonly of: number; readonly bytes: number }) {
  const { t, percent } = useWords();
  const share = bytes === 0 ? 0 : Math.min(100, 100 * of / bytes);
  return <span className={css['seen']} role="img" aria-label={t('room.seen', { share: percent(share) })}><span style={{ width: `${share}%` }} /></span>;
}

/** Places in the order of the lines; where lines were only removed, the line that stands there now. */
export const placesOf = (history: History | undefined): readonly number[] => history?.lines?.map((c) => c.at) ?? [];

/** How a line changed, for the margin. */
export function changeAt(history: History | undefined, line: number): { readonly is: 'added' | 'changed' | 'removed'; readonly removed: number } | null {
  for (const { at, added, removed } of history?.lines ?? []) {
    if (at > line) break;
    if (added > 0 && line < at + added) return { is: removed > 0 ? 'changed' : 'added', removed: line === at ? removed : 0 };
    if (added === 0 && line === at) return { is: 'removed', removed };
  }
  return null;
}

export function FileHistory({ of, onChange }: { readonly of: History; readonly onChange: ((by: 1 | -1) => void) | null }) {
  const { t, number } = useWords();
  const { since, was, lines, releases } = of;
  if (since === null) return null;
  const says = was === null ? t('room.new-since', { version: since.version })
    : lines === null ? t('room.no-lines', { version: since.version })
      : lines.length === 0 ? t('room.same-since', { version: since.version })
        : t('room.places', { version: since.version, count: number(lines.length) });
  return (
    <div className={css['history']}>
      {onChange ? (
        <Button size="compact-xs" variant="default" rightSection={<Kbd size="xs">c</Kbd>} onClick={() => onChange(1)}>{t('room.next-change')}</Button>
      ) : null}
      <details>
        <summary>{says}</summary>
        <ol className={css['list']}>
          {releases.map((r) => (
            <li key={r.release} className={css['fate']}>
              <span className={css['kind']} data-kind={r.kind}>{t(`room.fate.${r.kind}`)}</span>
              <span className={css['name']}>{r.version}</span>
              <span className={css['small']}><Time at={r.publishedAt} /></span>
            </li>
          ))}
        </ol>
      </details>
    </div>
  );
}
