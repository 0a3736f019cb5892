/** Where rows come from, whether they come on time, and how much came. */
import { useAsk } from '#ui/asking';
import { RowTable, TableSkeleton } from '#ui/RowTable';
import { EmptyState } from '#ui/EmptyState';
import { Mark, type Meaning } from '#ui/Mark';
import { Answer, Page, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { Time } from '#ui/Time';
import { TlpLabel } from '#ui/TlpLabel';
import { ButtonLink, Link } from '#ui/url';
import { useWords, type Words } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import { landscapeApi } from '../api.ts';

type OneFeed = OutputOf<typeof landscapeApi.feeds>['items'][number];

export function FeedHealth({ feed }: { readonly feed: OneFeed }) {
  const { t } = useWords();
  if (feed.late === true) return <Mark is="warn">{t('feed.late')}</Mark>;
  if (feed.late === false) return <Mark is="good">{t('feed.on-time')}</Mark>;
  return <Mark is="none">{feed.lastBatchAt ? t('feed.no-cadence') : t('feed.never')}</Mark>;
}

const standings: Readonly<Record<OneFeed['standing'], Meaning>> = { own: 'none', 'in-force': 'good', refused: 'danger' };

/** By what right it comes in; a door to the agreement where it came under one. */
export function FeedStanding({ feed }: { readonly feed: OneFeed }) {
  const { t } = useWords();
  const mark = <Mark is={standings[feed.standing]}>{t(`feed-standing.${feed.standing}`)}</Mark>;
  return feed.agreement && feed.standing !== 'own' ? <Link to={`/agreements/${feed.agreement}`}>{mark}</Link> : mark;
}

export function cadence({ t }: Words, hours: number | null): string {
  if (hours === null) return t('feed.no-promise');
  return hours % 24 === 0 ? t('feed.days', { count: hours / 24 }) : t('feed.hours', { count: hours });
}

export function Feeds() {
  const words = useWords();
  const { t, number } = words;
  const reader = useReader();
  const asked = useAsk(landscapeApi.feeds, {});
  const create = reader.may('feed.create')
    ? <ButtonLink to="/feeds/create">{t('nav.feed-create')}</ButtonLink> : null;
  return (
    <Page title={t('nav.feeds')} description={t('feeds.text')} act={create}>
      <Section>
        <Answer of={asked} skeleton={<TableSkeleton />}>
          {({ items }) => (
            <RowTable
              label={t('nav.feeds')} rows={items} rowKey={(f) => f.id} to={(f) => `/feeds/${f.id}`}
              empty={<EmptyState title={t('feeds.empty')} how={t('feeds.empty-how')} act={create} />}
              columns={[
                { key: 'title', head: t('feed.feed'), cell: (f) => <Link to={`/feeds/${f.id}`}>{f.title}</Link>, sort: (f) => f.title },
                {
                  key: 'standing', head: t('feed.standing'), sort: (f) => f.standing,
                  cell: (f) => <FeedStanding feed={f} />,
                },
                { key: 'health', head: t('feed.health'), cell: (f) => <FeedHealth feed={f} />, sort: (f) => Number(f.late) },
                {
                  key: 'last', head: t('feed.last'), sort: (f) => f.lastBatchAt,
                  cell: (f) => (f.lastBatchAt ? <Time at={f.lastBatchAt} /> : <span className="e-faint">{t('feed.never')}</span>),
                },
                { key: 'cadence', head: t('feed.cadence'), cell: (f) => cadence(words, f.cadenceHours), spare: true },
                { key: 'rows', head: t('feed.rows'), right: true, cell: (f) => number(f.rowsStored), sort: (f) => f.rowsStored },
                { key: 'tlp', head: 'TLP', cell: (f) => <TlpLabel label={f.tlpDefault} />, spare: true },
              ]}
            />
          )}
        </Answer>
      </Section>
    </Page>
  );
}
