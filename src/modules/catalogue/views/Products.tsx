/** Products that one may know of: for a reviewer first what waits for review, for a provider its own. */
import { useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Answer, Page, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { RowTable, TableSkeleton } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { ButtonLink, Link } from '#ui/url';
import { useWords } from '#ui/words';
import { catalogueApi } from '../api.ts';
import { BadgeMark } from './marks.tsx';

export function Products() {
  const { t, number } = useWords();
  const reader = useReader();
  const asked = useAsk(catalogueApi['products.list'], {}, { keep: true });
  const act = reader.may('product.create') ? <ButtonLink to="/products/add">{t('nav.product-add')}</ButtonLink> : null;
  return (
    <Page title={t('nav.products')} description={t('catalogue.text')} act={act}>
      <Queue />
      <Answer of={asked} skeleton={<TableSkeleton rows={4} />}>
        {({ items }) => (
          <Section title={t('catalogue.all')}>
            {items.length === 0 ? <EmptyState title={t('catalogue.none')} how={t('catalogue.none-how')} act={act} /> : (
              <RowTable
                label={t('nav.products')} rows={items} rowKey={(p) => p.id} to={(p) => `/products/${p.id}`}
                columns={[
                  { key: 'name', head: t('catalogue.product'), wrap: true, sort: (p) => p.name, cell: (p) => <Link to={`/products/${p.id}`}>{p.name}</Link> },
                  { key: 'owner', head: t('catalogue.owner'), wrap: true, spare: true, sort: (p) => p.ownerName, cell: (p) => p.ownerName },
                  { key: 'latest', head: t('catalogue.latest'), sort: (p) => p.latestAt ?? '', cell: (p) => p.latest ?? t('catalogue.nothing-published') },
                  { key: 'at', head: t('catalogue.published'), spare: true, sort: (p) => p.latestAt ?? '',
                    cell: (p) => (p.latestAt === null ? '' : <Time at={p.latestAt} />) },
                  { key: 'releases', head: t('catalogue.releases'), right: true, spare: true, sort: (p) => p.releases, cell: (p) => number(p.releases) },
                  { key: 'badge', head: t('catalogue.review'), sort: (p) => p.badge?.behind ?? -1,
                    cell: (p) => (p.badge === null ? t('catalogue.ours') : <BadgeMark badge={p.badge} />) },
                ]}
              />
            )}
          </Section>
        )}
      </Answer>
    </Page>
  );
}

function Queue() {
  const { t } = useWords();
  const items = useAsk(catalogueApi['reviews.queue'], {}, { keep: true }).data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Section title={t('catalogue.queue')} note={t('catalogue.queue-text')}>
      <RowTable
        label={t('catalogue.queue')} rows={items} rowKey={(i) => i.release} to={(i) => `/releases/${i.release}`}
        columns={[
          { key: 'name', head: t('catalogue.product'), wrap: true, sort: (i) => i.name,
            cell: (i) => <Link to={`/releases/${i.release}`}>{`${i.name} ${i.version}`}</Link> },
          { key: 'owner', head: t('catalogue.owner'), wrap: true, spare: true, cell: (i) => i.ownerName },
          { key: 'at', head: t('catalogue.published'), sort: (i) => i.publishedAt, cell: (i) => <Time at={i.publishedAt} /> },
          { key: 'badge', head: t('catalogue.review'), cell: (i) => <BadgeMark badge={i.badge} /> },
        ]}
      />
    </Section>
  );
}
