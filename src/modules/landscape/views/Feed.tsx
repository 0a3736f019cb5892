/** One feed: what was agreed, whether it keeps to it, how its shape drifts, what came last. */
import { useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Figure, Figures } from '#ui/Figure';
import { Hash } from '#ui/Hash';
import { Tag } from '#ui/Mark';
import { Answer, Columns, Page, Particulars, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { Time } from '#ui/Time';
import { Timeline } from '#ui/Timeline';
import { TlpLabel } from '#ui/TlpLabel';
import { Trail } from '#ui/Trail';
import { ButtonLink, Link, usePathParameter } from '#ui/url';
import { useWords } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import { landscapeApi } from '../api.ts';
import { BatchTable } from './BatchTable.tsx';
import { cadence, FeedHealth, FeedStanding } from './Feeds.tsx';
import { FeedSources, PushKeys } from './Sources.tsx';
import { ReadAgain } from './MappingVersions.tsx';

type Answered = OutputOf<typeof landscapeApi.viewFeed>;

export function Feed() {
  const { t } = useWords();
  const id = usePathParameter('feed');
  const reader = useReader();
  const asked = useAsk(landscapeApi.viewFeed, { feed: id });
  return (
    <Page
      title={asked.data?.feed.title ?? t('feed.feed')} above={<Link to="/feeds">{t('nav.feeds')}</Link>}
      act={reader.may('feed.ingest') && asked.data ? <ButtonLink to={`/batches/upload?feed=${id}`}>{t('nav.upload')}</ButtonLink> : null}
    >
      <Answer of={asked}>{(answer) => <Body {...answer} />}</Answer>
    </Page>
  );
}

function Body({ feed, drift }: Answered) {
  const words = useWords();
  const { t, number } = words;
  const reader = useReader();
  return (
    <>
      <Figures>
        <Figure
          label={t('feed.rows')} value={number(feed.rowsStored)} to={`/events?feed=${feed.id}`}
          definition={{ text: t('feed.rows-definition') }} under={<FeedHealth feed={feed} />}
        />
      </Figures>
      <Columns>
        <Section title={t('feed.terms')}>
          <Particulars
            items={[
              [t('feed.name'), <Hash value={feed.name} keep={20} />],
              [t('feed.shape'), t(`shape.${feed.shape}`)],
              [t('feed.type'), feed.reportType ?? t('feed.type-by-file')],
              [t('feed.cadence'), cadence(words, feed.cadenceHours)],
              [t('feed.tlp'), <TlpLabel label={feed.tlpDefault} />],
              [t('feed.standing'), <FeedStanding feed={feed} />],
              [t('feed.agreement'), feed.agreement
                ? <Link to={`/agreements/${feed.agreement}`}>{t('feed.agreement-open')}</Link> : t('ui.none')],
              [t('feed.last'), feed.lastBatchAt ? <Time at={feed.lastBatchAt} /> : t('feed.never')],
            ]}
          />
        </Section>
        <Section
          title={t('drift.title')} note={t('drift.note')}
          aside={feed.shape === 'shadowserver' ? <Link to="/report-schemas">{t('nav.report-schemas')}</Link> : null}
        >
          {drift.length === 0 ? <EmptyState title={t('drift.empty')} how={t('drift.empty-how')} /> : (
            <Timeline
              label={t('drift.title')}
              steps={drift.map((d) => ({
                key: `${d.batch} ${d.reportType}`, at: d.at, is: 'warn' as const,
                title: <Link to={`/batches/${d.batch}`}>{d.reportType}</Link>, by: <DriftWords missing={d.missing} added={d.added} />,
              }))}
            />
          )}
        </Section>
      </Columns>
      {reader.may('feed-source.list') ? <FeedSources feed={feed.id} /> : null}
      {reader.may('push-key.list') ? <PushKeys feed={feed.id} /> : null}
      <ReadAgain feed={feed.id} mapped={feed.shape === 'mapped'} />
      <Section title={t('nav.batches')}><BatchTable filter={{ feed: feed.id }} /></Section>
      <Trail subject={feed.id} />
    </>
  );
}

export function DriftWords({ missing, added }: { readonly missing: readonly string[]; readonly added: readonly string[] }) {
  const { t } = useWords();
  const names = (list: readonly string[]) => list.map((name) => <Tag key={name}>{name}</Tag>);
  return (
    <span style={{ display: 'inline-flex', flexWrap: 'wrap', gap: 4, alignItems: 'center' }}>
      {missing.length > 0 ? <>{t('drift.missing')} {names(missing)}</> : null}
      {added.length > 0 ? <>{t('drift.added')} {names(added)}</> : null}
    </span>
  );
}
