/** The registry: who answers for which part of the country's network. */
import { Choice, Filters, Typed } from '#ui/Filters';
import { EmptyState } from '#ui/EmptyState';
import { PagedTable } from '#ui/PagedTable';
import { usePaged } from '#ui/paged';
import { Page, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { Time } from '#ui/Time';
import { ButtonLink, Link, useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import { constituentsApi } from '../api/index.ts';
import { constituentKinds } from '../model/registry.ts';

export function List() {
  const { t, number } = useWords();
  const reader = useReader();
  const [search] = useUrlState();
  const kind = constituentKinds.find((k) => k === search['kind']);
  const q = search['q'];
  const found = usePaged(constituentsApi.list, { limit: 100, ...(kind ? { kind } : {}), ...(q ? { q } : {}) }, (a) => a);
  const act = reader.may('constituent.import') ? <ButtonLink to="/constituents/import">{t('nav.import')}</ButtonLink> : null;
  return (
    <Page title={t('nav.constituents')} description={t('constituents.text')} act={act}>
      <Filters names={['q', 'kind']}>
        <Typed name="q" label={t('constituents.find')} type="search" />
        <Choice
          name="kind" label={t('constituent.kind')} all={t('ui.all')}
          options={constituentKinds.map((value) => ({ value, label: t(`constituent-kind.${value}`) }))}
        />
      </Filters>
      <Section>
        <PagedTable
          of={found} label={t('nav.constituents')} rowKey={(c) => c.id} to={(c) => `/constituents/${c.id}`}
          empty={<EmptyState title={t('constituents.empty')} how={t('constituents.empty-how')} act={act} />}
          columns={[
            {
              key: 'name', head: t('constituent.name'), wrap: true, cell: (c) => <Link to={`/constituents/${c.id}`}>{c.name}</Link>,
              sort: (c) => c.name,
            },
            { key: 'kind', head: t('constituent.kind'), cell: (c) => t(`constituent-kind.${c.kind}`), sort: (c) => c.kind },
            { key: 'sector', head: t('constituent.sector'), cell: (c) => c.sector ?? '', sort: (c) => c.sector, spare: true },
            { key: 'province', head: t('constituent.province'), cell: (c) => c.province ?? '', sort: (c) => c.province, spare: true },
            {
              key: 'assets', head: t('constituent.assets'), right: true, cell: (c) => number(c.assetsNow), sort: (c) => c.assetsNow,
            },
            {
              key: 'created', head: t('constituent.since'), spare: true, cell: (c) => <Time at={c.createdAt} to="day" />,
              sort: (c) => c.createdAt,
            },
          ]}
        />
      </Section>
    </Page>
  );
}
