/** For everybody: which releases of open products were rebuilt, by how many, and what that came to. */
import { useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Tag } from '#ui/Mark';
import { Answer, Block, Page, Section } from '#ui/Page';
import { RowTable } from '#ui/RowTable';
import { useReader } from '#ui/reader';
import { Time } from '#ui/Time';
import { Link } from '#ui/url';
import { useWords } from '#ui/words';
import { buildsApi } from '../api.ts';
import { EquivalenceMark, useVoices } from './marks.tsx';

export function Rebuilds() {
  const { t, number } = useWords();
  const reader = useReader();
  const voices = useVoices();
  const asked = useAsk(buildsApi['rebuilds.public'], {});
  return (
    <Page title={t('nav.rebuilds')} description={t('builds.public-text')}>
      <Section>
        <Answer of={asked} skeleton={<Block height={200} />}>
          {({ items }) => (
            <RowTable
              label={t('nav.rebuilds')} rows={items} rowKey={(r) => `${r.product} ${r.version}`}
              empty={<EmptyState title={t('builds.no-rebuild')} how={t('builds.no-rebuild-how')} />}
              columns={[
                { key: 'product', head: t('builds.release'), wrap: true, sort: (r) => r.name, cell: (r) => (reader.may('product.view')
                  ? <Link to={`/releases/${r.release}/rebuilds`}>{r.name} {r.version}</Link> : `${r.name} ${r.version}`) },
                { key: 'owner', head: t('builds.owner'), wrap: true, spare: true, sort: (r) => r.owner, cell: (r) => r.owner },
                { key: 'state', head: t('builds.comes-to'), sort: (r) => r.equivalence.state, cell: (r) => <><EquivalenceMark state={r.equivalence.state} />
                  {r.equivalence.dissent ? <> <Tag>{t('builds.dissent-short')}</Tag></> : null}</> },
                { key: 'files', head: t('builds.assessed'), spare: true, cell: (r) =>
                  t('builds.assessed-of', { assessed: number(r.equivalence.assessed), files: number(r.equivalence.files) }) },
                { key: 'by', head: t('builds.said-by'), wrap: true, cell: (r) => voices(r.equivalence) },
                { key: 'at', head: t('builds.last'), spare: true, sort: (r) => r.equivalence.at ?? '', cell: (r) => (r.equivalence.at === null ? ''
                  : <Time at={r.equivalence.at} to="day" />) },
              ]}
            />
          )}
        </Answer>
      </Section>
    </Page>
  );
}
