/** The row of published figures: each at the chosen period, or at the latest that it has. */
import type { ReactNode } from 'react';
import { useAsk } from '#ui/asking';
import { Figure, Figures } from '#ui/Figure';
import { Block } from '#ui/Page';
import { useWords, type Words } from '#ui/words';
import { landscapeApi } from '../api.ts';
import {
  definedOf, sayPeriod, sayValue, seriesTitle, statisticAddress, unitName, useOpening, type OneStatistic, type Published,
} from './series.ts';

interface HeadFiguresProps {
  readonly items: readonly Published[];
  readonly area: string;
  /** Empty: the latest of each. */
  readonly period: string;
}

export function HeadFigures({ items, area, period }: HeadFiguresProps) {
  return <Figures>{items.map((i) => <One key={i.series} item={i} area={area} period={period} />)}</Figures>;
}

function under(words: Words, period: string, one: OneStatistic | undefined): ReactNode {
  const { t, number } = words;
  return (
    <>
      <span>{sayPeriod(words, period)}</span>
      {one?.rank && one.population
        ? <span>{t('series.rank', { rank: number(one.rank), population: number(one.population) })}</span> : null}
    </>
  );
}

function One({ item, area, period }: { readonly item: Published; readonly area: string; readonly period: string }) {
  const words = useWords();
  const opening = useOpening();
  const at = period && item.periods.includes(period) ? period : period ? null : opening(item);
  const { series } = item;
  const asked = useAsk(landscapeApi.statistic, { series, area, period: at ?? '' }, { enabled: at !== null, keep: true });
  const grain = at?.includes('Q') ? 'quarter' : at?.includes('-') ? 'month' : 'year';
  const trend = useAsk(landscapeApi.series, { series, area, grain: item.grains.includes(grain) ? grain : 'quarter' }, { keep: true });
  if (at !== null && asked.isPending) return <Block height={112} />;
  const one = at === null ? undefined : asked.data;
  const value = one?.value ?? null;
  return (
    <Figure
      label={seriesTitle(words, series)}
      value={value === null ? null : sayValue(words, item.unit)(value)}
      unit={item.unit === 'percent' ? '' : unitName(words, item.unit)}
      under={at === null ? sayPeriod(words, period) : under(words, at, one)}
      spark={trend.data?.points.map((p) => p.value) ?? []}
      definition={definedOf(words, series, one ?? item, item.caution)}
      to={statisticAddress(series, area, at ?? opening(item) ?? '')}
    />
  );
}
