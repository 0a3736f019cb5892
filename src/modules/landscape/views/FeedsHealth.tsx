/** All feeds at once: who is late, what came of the last thirty days, what was lost, what could not be taken, and what is fetched next. */
import { useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Figure, Figures } from '#ui/Figure';
import { Choice, Filters } from '#ui/Filters';
import { Mark } from '#ui/Mark';
import { Answer, Block, Page, Section } from '#ui/Page';
import { RowTable, TableSkeleton, type Column } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { Link, useUrlState } from '#ui/url';
import { useWords, type Words } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import { landscapeApi } from '../api.ts';
import { DayStrip, StripLegend } from './DayStrip.tsx';
import css from './FeedsHealth.module.css';
import { cadence, FeedHealth } from './Feeds.tsx';

type Item = OutputOf<typeof landscapeApi.feedHealth>['items'][number];

const wants = ['late', 'lost', 'failing', 'drift', 'quarantine'] as const;
const has: Readonly<Record<(typeof wants)[number], (item: Item) => boolean>> = {
  late: ({ feed }) => feed.late === true, lost: ({ lostHours }) => lostHours > 0, failing: ({ failing }) => failing > 0,
  drift: ({ drifts }) => drifts > 0, quarantine: ({ quarantined }) => quarantined > 0,
};

export function FeedsHealth() {
  const words = useWords();
  const { t } = words;
  const [search] = useUrlState();
  const only = wants.find((one) => one === search['only']);
  const asked = useAsk(landscapeApi.feedHealth, {}, { keep: true, every: 30_000 });
  return (
    <Page title={t('nav.feed-health')} description={t('health.text')}>
      <Filters names={['only']}>
        <Choice name="only" label={t('health.only')} all={t('ui.all')} options={wants.map((value) => ({ value, label: t(`health-want.${value}`) }))} />
      </Filters>
      <Answer of={asked} skeleton={<><Block height={112} /><TableSkeleton rows={10} /></>}>
        {({ items }) => (
          <>
            <Counts of={items} />
            <Section>
              <StripLegend />
              <RowTable
                label={t('nav.feed-health')} rows={only ? items.filter(has[only]) : items} rowKey={({ feed }) => feed.id} to={({ feed }) => `/feeds/${feed.id}`}
                empty={<EmptyState title={only ? t('health.none-so') : t('feeds.empty')} how={only ? t('health.none-so-how') : t('feeds.empty-how')} />}
                columns={columns(words)}
              />
            </Section>
          </>
        )}
      </Answer>
    </Page>
  );
}

function Counts({ of }: { readonly of: readonly Item[] }) {
  const { t, number } = useWords();
  const figure = (want: (typeof wants)[number]) => (
    <Figure
      label={t(`health-want.${want}`)} value={number(of.filter(has[want]).length)} to={`/feed-health?only=${want}`}
      definition={{ text: t(`health-definition.${want}`) }} under={<span>{t('health.of', { total: number(of.length) })}</span>}
    />
  );
  return <Figures>{figure('late')}{figure('lost')}{figure('failing')}{figure('drift')}</Figures>;
}

function columns(words: Words): Column<Item>[] {
  const { t, number } = words;
  return [
    {
      key: 'feed', head: t('health.feed'), wrap: true, sort: ({ feed }) => feed.title,
      cell: ({ feed, days }) => (
        <div className={css.feed}><Link to={`/feeds/${feed.id}`}>{feed.title}</Link><DayStrip days={days} of={feed.title} /></div>
      ),
    },
    { key: 'health', head: t('feed.health'), cell: ({ feed }) => <FeedHealth feed={feed} />, sort: ({ feed }) => -Number(feed.late) },
    {
      key: 'last', head: t('feed.last'), spare: true, sort: ({ feed }) => feed.lastBatchAt,
      cell: ({ feed }) => <Last feed={feed} />,
    },
    {
      key: 'lost', head: t('health.lost'), right: true, sort: ({ lostHours }) => lostHours,
      cell: ({ lostHours }) => (lostHours > 0 ? <Mark is="danger">{t('health.hours', { count: lostHours, hours: number(lostHours, 1) })}</Mark> : ''),
    },
    { key: 'stored', head: t('health.stored'), right: true, spare: true, cell: ({ stored }) => number(stored), sort: ({ stored }) => stored },
    { key: 'duplicate', head: t('health.duplicate'), right: true, spare: true, cell: ({ duplicate }) => number(duplicate), sort: ({ duplicate }) => duplicate },
    {
      key: 'quarantined', head: t('health.quarantined'), right: true, spare: true, sort: ({ quarantined }) => quarantined,
      cell: ({ feed, quarantined }) => (quarantined > 0 ? <Link to={`/batches?feed=${feed.id}`}>{number(quarantined)}</Link> : '0'),
    },
    { key: 'drift', head: t('health.drift'), right: true, spare: true, cell: ({ drifts }) => drifts || '', sort: ({ drifts }) => drifts },
    { key: 'next', head: t('health.next'), spare: true, wrap: true, cell: (item) => <Next of={item} />, sort: ({ nextAt }) => nextAt },
  ];
}

/** When it last came, and how often that was promised. */
function Last({ feed }: Pick<Item, 'feed'>) {
  const words = useWords();
  return (
    <>
      {feed.lastBatchAt ? <Time at={feed.lastBatchAt} /> : <span className="e-faint">{words.t('feed.never')}</span>}
      <div className="e-faint e-small">{cadence(words, feed.cadenceHours)}</div>
    </>
  );
}

function Next({ of: { sources, failing, nextAt } }: { readonly of: Item }) {
  const { t } = useWords();
  if (sources === 0) return <span className="e-faint">{t('health.sent')}</span>;
  if (failing > 0) return <Mark is="danger">{t('source.failing')}</Mark>;
  return nextAt ? <Time at={nextAt} /> : <span className="e-faint">{t('source.off')}</span>;
}
