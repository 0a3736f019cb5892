/** What the pages of blocking lists share: whether one is served, its forms, and what an entry collides with. */
import { Group } from '@mantine/core';
import type { ReactNode } from 'react';
import { Mark } from '#ui/Mark';
import { useWords } from '#ui/words';
import { editionFormats, type Collision } from '../model/blocking.ts';
import { saidOf } from '../rules/collisions.ts';

/** Whether the list serves what stands in it. */
export function SwitchMark({ killedAt }: { readonly killedAt: string | null }) {
  const { t } = useWords();
  return killedAt === null ? <Mark is="good">{t('blocking.on')}</Mark> : <Mark is="danger">{t('blocking.off')}</Mark>;
}

/** Doors to the bytes, form by form. */
export function Forms({ list }: { readonly list: string }) {
  const { t } = useWords();
  return (
    <Group gap="sm">
      {editionFormats.map((format) => (
        <a key={format} href={`/api/blocking-lists/${list}/edition?format=${format}`} target="_blank" rel="noreferrer">
          {t(`edition-format.${format}`)}
        </a>
      ))}
    </Group>
  );
}

/** What an entry collides with, each in a line: how, with what, and whose it is. */
export function Collisions({ of }: { readonly of: readonly Collision[] }): ReactNode {
  const { t } = useWords();
  return of.map((c) => (
    <span key={saidOf(c)} style={{ display: 'block', overflowWrap: 'anywhere' }}>
      <Mark is="warn">{t(`collision.${c.how}`, { what: t(`guard-kind.${c.with}`) })}</Mark>{' '}
      <span className="e-mono">{c.name}</span> {c.holder ?? ''}
    </span>
  ));
}
