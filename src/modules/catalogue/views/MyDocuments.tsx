/** Documents of which one holds a copy: its mark, and what was withdrawn and waits for one's word. */
import { Button } from '@mantine/core';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Mark } from '#ui/Mark';
import { Answer, Page, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { RowTable, TableSkeleton } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { Link } from '#ui/url';
import { useWords } from '#ui/words';
import { catalogueApi } from '../api.ts';

export function MyDocuments() {
  const { t, number } = useWords();
  const asked = useAsk(catalogueApi['documents.mine'], {}, { keep: true });
  const know = useAct(catalogueApi['documents.acknowledge']);
  return (
    <Page title={t('nav.my-documents')} description={t('catalogue.my-documents-text')}>
      {know.error ? <ProblemNote error={know.error} /> : null}
      <Answer of={asked} skeleton={<TableSkeleton />}>
        {({ items, unseen }) => (
          <Section title={unseen === 0 ? t('catalogue.my-copies') : t('catalogue.unseen', { count: number(unseen) })}>
            {items.length === 0 ? <EmptyState title={t('catalogue.no-copy')} how={t('catalogue.no-copy-how')} /> : (
              <RowTable
                label={t('nav.my-documents')} rows={items} rowKey={(d) => d.mark}
                columns={[
                  { key: 'name', head: t('catalogue.kind-document'), wrap: true, sort: (d) => d.name,
                    cell: (d) => <><Link to={`/artefacts/${d.artefact}`}>{d.name}</Link><br /><span className="e-small e-faint">{d.product}</span></> },
                  { key: 'mark', head: t('catalogue.mark'), wrap: true, spare: true, cell: (d) => <code>{d.mark}</code> },
                  { key: 'last', head: t('catalogue.opened'), spare: true, sort: (d) => d.lastAt, cell: (d) => <Time at={d.lastAt} /> },
                  { key: 'state', head: t('catalogue.state'), wrap: true, cell: (d) => (d.withdrawnAt === null ? t('catalogue.valid') : (
                    <><Mark is="danger">{t('catalogue.state-withdrawn')}</Mark><br /><span className="e-small e-faint">{d.withdrawnWhy}</span></>
                  )) },
                  { key: 'word', head: t('catalogue.word'), cell: (d) => (d.withdrawnAt === null ? '' : d.seenAt !== null ? <Time at={d.seenAt} /> : (
                    <Button size="compact-sm" loading={know.isPending} onClick={() => know.mutate({ artefact: d.artefact })}>{t('catalogue.know')}</Button>
                  )) },
                ]}
              />
            )}
          </Section>
        )}
      </Answer>
    </Page>
  );
}
