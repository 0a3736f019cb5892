/** Score cards of sources in a month: a line for each feed and provider, and the card of one of them with what each figure means. */
import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { OutputOf } from '#kit/endpoint';
import { useAsk } from '#ui/asking';
import { Definition } from '#ui/Definition';
import { fileUrl } from '#ui/Download';
import { EmptyState } from '#ui/EmptyState';
import { Figure, Figures } from '#ui/Figure';
import { Choice, Filters } from '#ui/Filters';
import { Answer, Page, Section } from '#ui/Page';
import { RowTable, TableSkeleton, type Column } from '#ui/RowTable';
import { Link, useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import { landscapeApi } from '../api.ts';
import { daysOf, sayPeriod } from './series.ts';

type Report = OutputOf<typeof landscapeApi.sourceScores>;
type Score = Report['feeds'][number]['score'];
type Share = Score['useful'];
interface Source { readonly id: string; readonly title: string; readonly provider: string | null; readonly feed: boolean; readonly score: Score }

const isMonth = (text: string | undefined): text is string => /^\d{4}-\d{2}$/.test(text ?? '');

export function SourceScores() {
  const { t } = useWords();
  const [search] = useUrlState();
  const asked = useAsk(landscapeApi.sourceScores, isMonth(search['month']) ? { month: search['month'] } : {}, { keep: true });
  return <Cards title={t('nav.source-scores')} text={t('scores.text')} asked={asked} page="/source-scores" />;
}

export function MySourceScore() {
  const { t } = useWords();
  const [search] = useUrlState();
  const asked = useAsk(landscapeApi.mySourceScore, isMonth(search['month']) ? { month: search['month'] } : {}, { keep: true });
  return <Cards title={t('nav.my-source-score')} text={t('scores.my-text')} asked={asked} page="/my-source-score" />;
}

interface CardsProps {
  readonly title: string;
  readonly text: string;
  readonly asked: UseQueryResult<Report, Error>;
  readonly page: string;
}

function Cards({ title, text, asked, page }: CardsProps) {
  const words = useWords();
  const { t } = words;
  const months = [...new Set([...(asked.data ? [asked.data.month] : []), ...(asked.data?.monthsKnown ?? [])])].sort().reverse();
  return (
    <Page title={title} description={text}>
      <Filters names={['month', 'source']}>
        <Choice
          name="month" label={t('offices.month')} otherwise={asked.data?.month ?? ''}
          options={months.map((value) => ({ value, label: sayPeriod(words, value) }))}
        />
      </Filters>
      <Answer of={asked} skeleton={<TableSkeleton />}>{(report) => <Body of={report} page={page} />}</Answer>
    </Page>
  );
}

function Body({ of, page }: { readonly of: Report; readonly page: string }) {
  const { t } = useWords();
  const [search] = useUrlState();
  const feeds = of.feeds.map((f): Source => ({ id: f.id, title: f.title, provider: f.providerName, feed: true, score: f.score }));
  const providers = of.providers.map((p): Source => ({ id: p.id, title: p.name, provider: null, feed: false, score: p.score }));
  const one = [...feeds, ...providers].find((s) => s.id === search['source']);
  const download = (
    <Button
      component="a" size="xs" variant="default" href={fileUrl('text/csv', of.csv)} download={`source-scores-${of.month}.csv`}
      leftSection={<IconDownload size={16} aria-hidden />}
    >
      {t('advisories.table')}
    </Button>
  );
  return (
    <>
      {one ? <Card of={one} report={of} page={page} /> : null}
      <Table title={t('scores.feeds')} note={t('scores.feeds-note')} of={feeds} month={of.month} page={page} aside={download} />
      {providers.length > 0 ? <Table title={t('scores.providers')} note={t('scores.providers-note')} of={providers} month={of.month} page={page} /> : null}
      <Meanings />
    </>
  );
}

/** Short, since many stand in one table; read aloud in words. */
function Missing() {
  const { t } = useWords();
  return <span className="e-faint"><span aria-hidden>–</span><span className="e-hidden">{t('ui.missing')}</span></span>;
}

/** A share as people read it: the percent, and under it the two counts. A share of nothing is drawn as missing. */
function Percent({ of }: { readonly of: Share | null }) {
  const { t, number, percent } = useWords();
  if (of === null || of.percent === null) return <Missing />;
  return (
    <>
      {percent(of.percent)}
      <div className="e-small e-faint">{t('scores.of', { part: number(of.part), whole: number(of.whole) })}</div>
    </>
  );
}

interface TableProps {
  readonly title: string;
  readonly note: string;
  readonly of: readonly Source[];
  readonly month: string;
  readonly page: string;
  readonly aside?: ReactNode;
}

function Table({ title, note, of, month, page, aside }: TableProps) {
  const { t, number } = useWords();
  const to = (s: Source): string => `${page}?month=${month}&source=${encodeURIComponent(s.id)}`;
  const share = (key: string, pick: (score: Score) => Share | null, spare = false): Column<Source> => ({
    key, head: t(`scores.${key}`), right: true, spare, cell: (s) => <Percent of={pick(s.score)} />, sort: (s) => pick(s.score)?.percent ?? null,
  });
  return (
    <Section title={title} note={note} aside={aside}>
      <RowTable
        label={title} rows={of} rowKey={(s) => s.id} to={to} empty={<EmptyState title={t('feeds.empty')} how={t('scores.none-how')} />}
        columns={[
          {
            key: 'source', head: t('scores.source'), wrap: true, sort: (s) => s.title,
            cell: (s) => <><Link to={to(s)}>{s.title}</Link>{s.provider ? <div className="e-small e-faint">{s.provider}</div> : null}</>,
          },
          { key: 'told', head: t('scores.told'), right: true, cell: (s) => number(s.score.told), sort: (s) => s.score.told },
          share('useful', (s) => s.useful), share('false', (s) => s.false), share('not-judged', (s) => s.notJudged, true),
          {
            key: 'median', head: t('scores.median'), right: true, sort: (s) => s.score.medianHours,
            cell: (s) => (s.score.medianHours === null ? <Missing /> : number(s.score.medianHours, 1)),
          },
          share('alone', (s) => s.alone, true), share('late', (s) => s.late, true), share('duplicate', (s) => s.duplicate, true),
        ]}
      />
    </Section>
  );
}

function Card({ of: { id, title, feed, score }, report, page }: { readonly of: Source; readonly report: Report; readonly page: string }) {
  const words = useWords();
  const { t, number, percent } = words;
  const { from, to } = daysOf(report.month);
  // A provider sees counts of what lies with the centre, and has no way to the rows.
  const here = `${page}?month=${report.month}&source=${encodeURIComponent(id)}`;
  const doors = {
    notices: '/notices', feed: feed ? `/feeds/${id}` : '/feeds', batches: feed ? `/batches?feed=${id}` : '/batches',
    events: feed ? `/events?feed=${id}&from=${from}&to=${to}` : `/events?from=${from}&to=${to}`,
  };
  const door = page === '/source-scores' ? doors : { notices: here, feed: here, batches: here, events: here };
  const share = (key: string, value: Share | null, at: string) => (
    <Figure
      label={t(`scores.${key}`)} value={value?.percent === null || value === null ? null : percent(value.percent)} to={at}
      under={value === null ? null : t('scores.of', { part: number(value.part), whole: number(value.whole) })}
      definition={{
        text: t(`scores.${key}-definition`), numerator: value === null ? null : number(value.part), denominator: value === null ? null : number(value.whole),
        method: report.method, computedAt: report.computedAt,
      }}
    />
  );
  const plain = (key: string, value: string | null, at: string, under: string | null = null) => (
    <Figure
      label={t(`scores.${key}`)} value={value} to={at} under={under}
      definition={{ text: t(`scores.${key}-definition`), method: report.method, computedAt: report.computedAt }}
    />
  );
  return (
    <Section title={title} note={sayPeriod(words, report.month)}>
      <Figures>
        {plain('told', number(score.told), door.notices)}
        {share('useful', score.useful, door.notices)}
        {share('false', score.false, door.notices)}
        {share('not-judged', score.notJudged, door.notices)}
        {plain('median', score.medianHours === null ? null : number(score.medianHours, 1), door.notices)}
        {share('alone', score.alone, door.events)}
        {plain('stored', number(score.rows.stored), door.batches, t('scores.batches', { count: score.batches, batches: number(score.batches) }))}
        {share('duplicate', score.duplicate, door.batches)}
        {share('quarantined', score.quarantined, door.batches)}
        {share('late', score.late, door.feed)}
        {plain('gaps', number(score.gaps), door.feed, t('scores.gap-hours', { hours: number(score.gapHours, 1) }))}
      </Figures>
    </Section>
  );
}

const meanings = ['told', 'useful', 'false', 'not-judged', 'median', 'alone', 'late', 'duplicate'] as const;

/** What the columns mean, where no line has been opened. */
function Meanings() {
  const { t } = useWords();
  return (
    <p className="e-small e-quiet" style={{ display: 'flex', flexWrap: 'wrap', gap: 16 }}>
      {meanings.map((key) => (
        <span key={key} style={{ display: 'inline-flex', gap: 4, alignItems: 'center' }}>
          {t(`scores.${key}`)}<Definition of={t(`scores.${key}`)} is={{ text: t(`scores.${key}-definition`) }} />
        </span>
      ))}
    </p>
  );
}
