/** Small marks of the catalogue: how far a review is, what a kind is called, where something is read. */
import { Mark, Tag, type Meaning } from '#ui/Mark';
import { useWords } from '#ui/words';
import type { Artefact, Badge, Release } from '../model.ts';

const states: Readonly<Record<Badge['state'], Meaning>> = { none: 'wait', current: 'good', behind: 'warn' };

/** “1 release behind”. */
export function BadgeMark({ badge }: { readonly badge: Badge }) {
  const { t, number } = useWords();
  return <Mark is={states[badge.state]}>{t(`catalogue.badge-${badge.state}`, { count: number(badge.behind) })}</Mark>;
}

const releaseMeanings: Readonly<Record<Release['state'], Meaning>> = { prepared: 'wait', published: 'good', withdrawn: 'danger' };
export function ReleaseMark({ release }: { readonly release: Release }) {
  const { t } = useWords();
  return <Mark is={releaseMeanings[release.state]}>{t(`catalogue.state-${release.state}`)}</Mark>;
}

export function AccessMark({ artefact }: { readonly artefact: Pick<Artefact, 'access' | 'withdrawnAt'> }) {
  const { t } = useWords();
  if (artefact.withdrawnAt !== null) return <Mark is="danger">{t('catalogue.state-withdrawn')}</Mark>;
  return <Tag>{t(`catalogue.access-${artefact.access}`)}</Tag>;
}

export function useSize(): (bytes: number) => string {
  const { number } = useWords();
  return (bytes) => {
    const [of, unit] = ([[2 ** 30, 'GiB'], [2 ** 20, 'MiB'], [2 ** 10, 'KiB']] as const).find(([n]) => bytes >= n) ?? [1, 'B'];
    return `${number(Math.round(bytes / of * 10) / 10)} ${unit}`;
  };
}
