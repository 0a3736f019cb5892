/** One published number and everything that is needed to check it. */
import { IconExternalLink } from '@tabler/icons-react';
import { useAsk } from '#ui/asking';
import { Code } from '#ui/Code';
import { DefinitionBody } from '#ui/Definition';
import { EmptyState } from '#ui/EmptyState';
import { Choice, Filters } from '#ui/Filters';
import { Answer, Block, Columns, Page, Particulars, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { Time } from '#ui/Time';
import { ButtonLink, Link, usePathParameter, useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import { landscapeApi } from '../api.ts';
import { Ranking } from './Ranking.tsx';
import {
  definedOf, periodsDown, rowsAddress, sayPeriod, sayValue, seriesTitle, unitName, useOpening, type OneStatistic, type Published,
} from './series.ts';
import css from './Statistic.module.css';
import { Trend } from './Trend.tsx';

export function Statistic() {
  const words = useWords();
  const { t } = words;
  const series = usePathParameter('series');
  const list = useAsk(landscapeApi.statistics, {});
  return (
    <Page title={seriesTitle(words, series)} above={<Link to="/overview">{t('nav.overview')}</Link>}>
      <Answer of={list} skeleton={<Block height={240} />}>
        {({ items, home }) => {
          const item = items.find((i) => i.series === series);
          return item ? <One item={item} home={home} /> : <EmptyState title={t('not-found.text')} />;
        }}
      </Answer>
    </Page>
  );
}

function One({ item, home }: { readonly item: Published; readonly home: string }) {
  const words = useWords();
  const { t } = words;
  const opening = useOpening();
  const [search] = useUrlState();
  const area = search['area'] || home;
  const period = search['period'] || opening(item) || '';
  const asked = useAsk(landscapeApi.statistic, { series: item.series, area, period }, { enabled: period !== '', keep: true });
  if (period === '') return <EmptyState title={t('overview.empty')} how={t('overview.empty-how')} />;
  return (
    <>
      <Filters names={['area', 'period']}>
        <Choice
          name="period" label={t('ui.period')} otherwise={period}
          options={periodsDown(item.periods).map((p) => ({ value: p, label: sayPeriod(words, p) }))}
        />
      </Filters>
      <Answer of={asked} skeleton={<Block height={240} />}>
        {(one) => <Columns wide="right"><Number one={one} item={item} /><Meaning one={one} item={item} /></Columns>}
      </Answer>
      <Trend series={item} area={area} at={period} />
      <Ranking series={item.series} period={period} home={area} />
      <Section title={t('statistic.check')} note={t('statistic.check-how')}>
        <Code
          label={t('statistic.check')}
          text={`curl '${window.location.origin}/api/public/statistics/${item.series}?area=${area}&period=${period}'`}
        />
      </Section>
    </>
  );
}

interface OneProps {
  readonly one: OneStatistic;
  readonly item: Published;
}

function Number({ one, item }: OneProps) {
  const words = useWords();
  const { t, country, number } = words;
  const reader = useReader();
  return (
    <Section>
      <p className={css.where}>{country(one.area)}, {sayPeriod(words, one.period)}</p>
      <p className={css.number}>
        {one.value === null ? t('ui.missing') : sayValue(words, item.unit)(one.value)}
        {item.unit === 'percent' ? null : <span className={css.unit}>{unitName(words, item.unit)}</span>}
      </p>
      {one.rank === null || one.population === null ? (
        <p className="e-quiet">{one.value === null ? t('statistic.unpublished') : t('statistic.unranked')}</p>
      ) : (
        <p className="e-quiet">{t('series.rank', { rank: number(one.rank), population: number(one.population) })}</p>
      )}
      {reader.may('event.list') ? (
        <ButtonLink
          to={rowsAddress(one.series, one.area, one.period)} variant="default"
          rightSection={<IconExternalLink size={15} aria-hidden />}
        >
          {t('statistic.rows')}
        </ButtonLink>
      ) : null}
    </Section>
  );
}

function Meaning({ one, item }: OneProps) {
  const words = useWords();
  const { t, number } = words;
  const { numerator: _n, denominator: _d, computedAt: _c, ...said } = definedOf(words, one.series, one, item.caution);
  const amount = (value: number | null) => (value === null ? t('statistic.not-applicable') : number(value));
  return (
    <Section title={t('statistic.meaning')}>
      <DefinitionBody is={said} />
      <hr className={css.rule} />
      <Particulars
        items={[
          [t('ui.numerator'), <span className="e-num">{amount(one.numerator)}</span>],
          [t('ui.denominator'), <span className="e-num">{amount(one.denominator)}</span>],
          [t('statistic.population'), <span className="e-num">{amount(one.population)}</span>],
          [t('statistic.floor'), <span className="e-num">{amount(one.floor)}</span>],
          [t('ui.computed'), <Time at={one.computedAt} to="second" />],
        ]}
      />
    </Section>
  );
}
