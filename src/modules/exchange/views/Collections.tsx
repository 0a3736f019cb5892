/** What is shared with whom: one's own collections, and those that others share. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import { useAct, useAsk } from '#ui/asking';
import { Code } from '#ui/Code';
import { EmptyState } from '#ui/EmptyState';
import { Mark } from '#ui/Mark';
import { Answer, Page, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import { RowTable, TableSkeleton, type Column } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { TlpLabel } from '#ui/TlpLabel';
import { ButtonLink, Link } from '#ui/url';
import { useWords } from '#ui/words';
import { exchangeApi } from '../api/exchange.ts';
import type { CollectionShown } from '../model/exchange.ts';

export function Collections() {
  const { t } = useWords();
  const reader = useReader();
  const asked = useAsk(exchangeApi['collections.list'], {}, { keep: true });
  const act = reader.may('collection.open') ? <ButtonLink to="/collections/open">{t('nav.collection-open')}</ButtonLink> : null;
  return (
    <Page title={t('nav.collections')} description={t('collections.text')} act={act}>
      <Answer of={asked} skeleton={<TableSkeleton rows={6} />}>
        {({ own, shared }) => (
          <>
            <Section title={t('collections.own')}>
              <Table rows={own} own empty={<EmptyState title={t('collections.none')} how={t('collections.none-how')} act={act} />} />
            </Section>
            <Section title={t('collections.shared')}>
              <Table rows={shared} empty={<EmptyState title={t('collections.shared-none')} how={t('collections.shared-none-how')} />} />
            </Section>
            <Section title={t('collections.programs')} note={t('collections.programs-note')}>
              <Code label={t('collections.programs')} text={`${location.origin}/taxii2/`} />
            </Section>
          </>
        )}
      </Answer>
    </Page>
  );
}

function Table({ rows, own, empty }: { readonly rows: readonly CollectionShown[]; readonly own?: boolean; readonly empty: React.ReactNode }) {
  const { t, number } = useWords();
  const reader = useReader();
  const close = useAct(exchangeApi['collections.close']);
  const [closing, setClosing] = useState<string | null>(null);
  const title = (c: CollectionShown): string => (c.kind === 'shared' ? c.title : t(`collections.${c.kind}`));
  const columns: Column<CollectionShown>[] = [
    {
      key: 'title', head: t('collections.title'), wrap: true, sort: title,
      cell: (c) => (
        <><Link to={`/threats?collection=${c.id}`}>{title(c)}</Link>{c.blind ? <> <Mark is="none">{t('collections.blind')}</Mark></> : null}</>
      ),
    },
    {
      key: 'with', head: own ? t('collections.with') : t('collections.from'), wrap: true,
      cell: (c) => (own ? c.partnerName ?? t('collections.nobody') : c.ownerName),
    },
    { key: 'ceiling', head: t('collections.ceiling'), cell: (c) => <TlpLabel label={c.ceiling} />, sort: (c) => c.ceiling },
    { key: 'objects', head: t('collections.objects'), right: true, cell: (c) => number(c.objects), sort: (c) => c.objects },
    {
      key: 'state', head: t('threats.state'), spare: true,
      cell: (c) => (c.closedAt ? <Mark is="none">{t('collections.closed')}</Mark>
        : <Mark is="good">{t(c.access.write && c.kind === 'shared' && (!own || c.accepts) ? 'collections.both-ways' : 'collections.reads')}</Mark>),
    },
    { key: 'last', head: t('collections.last'), spare: true, cell: (c) => (c.lastAt ? <Time at={c.lastAt} /> : ''), sort: (c) => c.lastAt },
    ...reader.may('export.make') ? [{
      key: 'export', head: t('nav.exports'), spare: true, cell: (c: CollectionShown) => (c.closedAt || !c.access.read || c.kind === 'eyes' ? null
        : <Link to={`/exports/make?collection=${c.id}`}>{t('nav.export-make')}</Link>),
    }] : [],
    ...own && reader.may('collection.close') ? [{
      key: 'close', head: t('collections.act'), cell: (c: CollectionShown) => (c.kind !== 'shared' || c.closedAt ? null : (
        <Button
          size="compact-xs" variant={closing === c.id ? 'filled' : 'default'} {...closing === c.id ? { color: 'red' } : {}} loading={close.isPending
            && closing === c.id}
          onClick={() => (closing === c.id ? close.mutate({ collection: c.id, reason: t('collections.close-reason') }) : setClosing(c.id))}
        >
          {t(closing === c.id ? 'collections.close-sure' : 'collections.close')}
        </Button>
      )),
    }] : [],
  ];
  return (
    <>
      {close.error ? <ProblemNote error={close.error} /> : null}
      <RowTable label={t(own ? 'collections.own' : 'collections.shared')} rows={rows} rowKey={(c) => c.id} columns={columns} empty={empty} />
    </>
  );
}
