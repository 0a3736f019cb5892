/** What was read in a visit, as far as the reader is told: each window with its place in the log, and whether the log committed to just that. */
import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { ProblemError, useTransport } from '#ui/asking';
import { checkOpening } from '#ui/checking';
import { Mark } from '#ui/Mark';
import { Section } from '#ui/Page';
import { PagedTable } from '#ui/PagedTable';
import { usePaged } from '#ui/paged';
import type { Column } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { useWords } from '#ui/words';
import { centreApi } from '../api.ts';
import type { TrailSample, TrailStep } from '../model.ts';

export function ReadTrail({ visit, mine }: { readonly visit: string; readonly mine: boolean }) {
  const { t, number } = useWords();
  const found = usePaged<(typeof centreApi)['visits.trail'], TrailStep & { readonly sample: TrailSample | null }>(centreApi['visits.trail'], { visit },
    ({ items, next, sample }) => ({ items: items.map((item) => ({ ...item, sample })), next }));
  // Until it is opened the provider is told how much, above; there is nothing to see here.
  const isClosed = found.error instanceof ProblemError && found.error.problem.code === 'visit.trail-closed';
  if (!mine && !found.rows && (isClosed || !found.error)) return null;
  const sample = found.rows?.[0]?.sample ?? null;
  const columns: Column<TrailStep>[] = [
    { key: 'at', head: t('centre.trail-when'), cell: (s) => <Time at={s.at} />, sort: (s) => s.at },
    { key: 'path', head: t('centre.trail-what'), cell: (s) => (
      <span className="e-mono">{s.path}{s.ends > 0 ? `:${number(s.line)}–${number(s.line + s.ends - 1)}` : `:${number(s.line)}`}</span>
    ), sort: (s) => s.path, wrap: true },
    { key: 'fresh', head: t('centre.trail-fresh'), cell: (s) => number(s.fresh), sort: (s) => s.fresh, right: true, spare: true },
    { key: 'leaf', head: t('centre.trail-leaf'), cell: (s) => <Leaf visit={visit} step={s} />, sort: (s) => s.leaf, wrap: true },
  ];
  return (
    <Section title={t('centre.trail-read')} note={t(mine ? 'centre.trail-read-mine' : 'centre.trail-read-theirs')}>
      {sample === null ? null : (
        <p>
          <Mark is="info">{t('centre.trail-sample')}</Mark>
          {' '}{t('centre.trail-sample-text', { count: number(sample.count), of: number(sample.of) })} · <Time at={sample.at} />
        </p>
      )}
      <PagedTable of={found} label={t('centre.trail-read')} columns={columns} rowKey={(s) => s.view} empty={t('centre.trail-none')} />
    </Section>
  );
}

function Leaf({ visit, step }: { readonly visit: string; readonly step: TrailStep }) {
  const { t, number } = useWords();
  const { ask } = useTransport();
  const check = useMutation({ mutationFn: async () => checkOpening(await ask(centreApi['visits.step'], { visit, step: step.view })) });
  if (step.leaf === null) return <>–</>;
  return (
    <>
      {number(step.leaf)}{' '}
      {check.data?.ok ? <Mark is="good">{t('centre.trail-proved')}</Mark>
        : check.data || check.error ? <Mark is="danger">{t('centre.trail-unproved')}</Mark>
        : <Button size="compact-xs" variant="subtle" loading={check.isPending} onClick={() => check.mutate()}>{t('centre.trail-check')}</Button>}
    </>
  );
}
