/** The country at a glance, from published figures alone, so that a visitor sees what the centre sees: figures, map, trend, ranking. */
import { useAsk } from '#ui/asking';
import { TableSkeleton } from '#ui/RowTable';
import { EmptyState } from '#ui/EmptyState';
import { Choice, Filters } from '#ui/Filters';
import { Answer, Block, Columns, Page, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import { landscapeApi } from '../api.ts';
import { Attribution } from './Attribution.tsx';
import { Families } from './Families.tsx';
import { HeadFigures } from './HeadFigures.tsx';
import { Ranking } from './Ranking.tsx';
import { RateMap } from './RateMap.tsx';
import { periodsDown, sayPeriod, seriesTitle, useOpening, type Published } from './series.ts';
import { Trend } from './Trend.tsx';

export function Overview() {
  const { t } = useWords();
  const list = useAsk(landscapeApi.statistics, {});
  const reader = useReader();
  return (
    <Page title={t('overview.title')} description={reader.signedIn ? t('overview.text') : t('overview.public-text')}>
      <Answer of={list} skeleton={<OverviewSkeleton />}>
        {({ items, home }) => (items.every((i) => i.periods.length === 0)
          ? <EmptyState title={t('overview.empty')} how={t('overview.empty-how')} />
          : <Picture items={items} home={home} />)}
      </Answer>
    </Page>
  );
}

export function OverviewSkeleton() {
  return (
    <>
      <Block height={112} />
      <Columns wide="left"><Block height={420} /><Block height={420} /></Columns>
      <TableSkeleton />
    </>
  );
}

function Picture({ items, home }: { readonly items: readonly Published[]; readonly home: string }) {
  const words = useWords();
  const { t } = words;
  const reader = useReader();
  const opening = useOpening();
  const [search] = useUrlState();
  const area = search['area'] || home;
  const period = search['period'] ?? '';
  const shown = items.find((i) => i.series === search['series']) ?? items.find((i) => i.rankedBy === 'rate') ?? items[0];
  if (!shown) return null;
  const at = period && shown.periods.includes(period) ? period : opening(shown) ?? '';
  const known = periodsDown(items.flatMap((i) => i.periods));
  return (
    <>
      <Filters names={['period', 'area', 'series']}>
        <Choice
          name="series" label={t('overview.series')} otherwise={shown.series}
          options={items.map((i) => ({ value: i.series, label: seriesTitle(words, i.series) }))}
        />
        <Choice
          name="period" label={t('ui.period')} all={t('overview.latest')}
          options={known.map((p) => ({ value: p, label: sayPeriod(words, p) }))}
        />
        <AreaChoice series={shown.series} period={at} home={home} />
      </Filters>
      <HeadFigures items={items} area={area} period={period} />
      <Columns wide="left">
        <RateMap items={items} home={area} period={period} />
        <Trend series={shown} area={area} at={at} />
      </Columns>
      <Columns wide="left">
        <Ranking series={shown.series} period={at} home={area} />
        <Families area={area} period={at} />
      </Columns>
      {reader.may('event.list') ? <Attribution /> : null}
      {reader.signedIn ? null : <Section title={t('overview.check')} note={t('overview.check-text')}><Sources /></Section>}
    </>
  );
}

function AreaChoice({ series, period, home }: { readonly series: string; readonly period: string; readonly home: string }) {
  const { t, country, compare } = useWords();
  const ranking = useAsk(landscapeApi.ranking, { series, period }, { enabled: period !== '', keep: true });
  const codes = ranking.data ? [...ranking.data.items, ...ranking.data.excluded].map((i) => i.area) : [home];
  const options = codes.filter((c) => c !== 'ZZ').map((value) => ({ value, label: country(value) }));
  return (
    <Choice
      name="area" label={t('overview.area')} otherwise={home} options={options.toSorted((a, b) => compare(a.label, b.label))}
    />
  );
}

function Sources() {
  const { t } = useWords();
  return <p style={{ margin: 0 }}>{t('overview.check-how')} <code>/api/public/statistics</code></p>;
}
