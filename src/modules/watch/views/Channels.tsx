/** Update channels that one may know of: whether everybody is served the same, and alarms that wait. */
import { useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Answer, Page, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { RowTable, TableSkeleton } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { ButtonLink, Link } from '#ui/url';
import { useWords } from '#ui/words';
import { watchApi } from '../api.ts';
import { AlarmTable } from './AlarmTable.tsx';
import { BehindMark, ChannelMark } from './marks.tsx';

export function Channels() {
  const { t } = useWords();
  const reader = useReader();
  const asked = useAsk(watchApi['update-channels.list'], {}, { keep: true });
  const act = reader.may('update-channel.publish') ? <ButtonLink to="/update-channels/publish">{t('nav.update-channel-publish')}</ButtonLink> : null;
  return (
    <Page title={t('nav.update-channels')} description={t('watch.text')} act={act}>
      <Waiting />
      <Answer of={asked} skeleton={<TableSkeleton rows={4} />}>
        {({ items }) => (
          <Section title={t('watch.channels')}>
            {items.length === 0 ? <EmptyState title={t('watch.none')} how={t('watch.none-how')} act={act} /> : <Table items={items} />}
          </Section>
        )}
      </Answer>
    </Page>
  );
}

function Table({ items }: { readonly items: readonly Parameters<typeof ChannelMark>[0]['channel'][] }) {
  const { t, number } = useWords();
  return (
    <RowTable
      label={t('nav.update-channels')} rows={items} rowKey={(c) => c.id} to={(c) => `/update-channels/${c.id}`}
      columns={[
        { key: 'product', head: t('watch.product'), wrap: true, sort: (c) => `${c.productName} ${c.name}`,
          cell: (c) => <Link to={`/update-channels/${c.id}`}>{`${c.productName} · ${c.name}`}</Link> },
        { key: 'owner', head: t('watch.owner'), wrap: true, spare: true, sort: (c) => c.ownerName, cell: (c) => c.ownerName },
        { key: 'state', head: t('watch.state'), sort: (c) => c.openAlarms, cell: (c) => <ChannelMark channel={c} /> },
        { key: 'serves', head: t('watch.serves'), spare: true, cell: (c) => c.serves ?? '' },
        { key: 'behind', head: t('watch.behind'), spare: true, sort: (c) => c.behind ?? -1,
          cell: (c) => <BehindMark behind={c.behind} serves={c.serves} /> },
        { key: 'places', head: t('watch.places'), right: true, spare: true, sort: (c) => c.places, cell: (c) => number(c.places) },
        { key: 'at', head: t('watch.last-look'), spare: true, sort: (c) => c.lastAt ?? '', cell: (c) => (c.lastAt === null ? '' : <Time at={c.lastAt} />) },
      ]}
    />
  );
}

function Waiting() {
  const { t } = useWords();
  const items = useAsk(watchApi['channel-alarms.list'], { only: 'open' }, { keep: true }).data?.items ?? [];
  if (items.length === 0) return null;
  return <Section title={t('watch.alarms-open')} note={t('watch.alarms-open-text')}><AlarmTable items={items} withChannel /></Section>;
}
