/** Batches, newest first, each with where its rows went. */
import { EmptyState } from '#ui/EmptyState';
import { Mark } from '#ui/Mark';
import { PagedTable } from '#ui/PagedTable';
import { usePaged } from '#ui/paged';
import { Time } from '#ui/Time';
import { Link } from '#ui/url';
import { useWords } from '#ui/words';
import type { InputOf, OutputOf } from '#kit/endpoint';
import { landscapeApi } from '../api.ts';

type OneBatch = OutputOf<typeof landscapeApi.batches>['items'][number];

export function BatchState({ batch }: { readonly batch: OneBatch }) {
  const { t } = useWords();
  if (batch.state === 'failed') return <Mark is="danger">{t('batch.failed')}</Mark>;
  if (batch.state === 'open') return <Mark is="wait">{t(`batch.phase-${batch.phase}`)}</Mark>;
  if (batch.counts.quarantined > 0) return <Mark is="warn">{t('batch.with-quarantine')}</Mark>;
  return <Mark is="good">{t('batch.done')}</Mark>;
}

export function BatchTable({ filter }: { readonly filter: InputOf<typeof landscapeApi.batches> }) {
  const { t, number } = useWords();
  const found = usePaged(landscapeApi.batches, filter, (a) => a);
  return (
    <PagedTable
      of={found} label={t('nav.batches')} rowKey={(b) => b.id} to={(b) => `/batches/${b.id}`}
      empty={<EmptyState title={t('batches.empty')} how={t('batches.empty-how')} />}
      columns={[
        { key: 'file', head: t('batch.file'), cell: (b) => <Link to={`/batches/${b.id}`}>{b.fileName}</Link>, sort: (b) => b.fileName },
        { key: 'state', head: t('batch.state'), cell: (b) => <BatchState batch={b} />, sort: (b) => b.state },
        { key: 'feed', head: t('feed.feed'), cell: (b) => b.feedName, sort: (b) => b.feedName, spare: true },
        { key: 'at', head: t('batch.started'), cell: (b) => <Time at={b.startedAt} />, sort: (b) => b.startedAt, spare: true },
        { key: 'read', head: t('batch.read'), right: true, cell: (b) => number(b.counts.read), sort: (b) => b.counts.read },
        { key: 'stored', head: t('batch.stored'), right: true, cell: (b) => number(b.counts.stored), sort: (b) => b.counts.stored },
        {
          key: 'duplicate', head: t('batch.duplicate'), right: true, spare: true, cell: (b) => number(b.counts.duplicate),
          sort: (b) => b.counts.duplicate,
        },
        {
          key: 'quarantined', head: t('batch.quarantined'), right: true, cell: (b) => number(b.counts.quarantined),
          sort: (b) => b.counts.quarantined,
        },
      ]}
    />
  );
}
