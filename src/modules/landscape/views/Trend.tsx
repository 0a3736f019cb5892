/** One series over time; what is missing stays a gap. A click opens the figure of that period. */
import { useAsk } from '#ui/asking';
import { Chart } from '#ui/Chart';
import { Answer, Block, Section } from '#ui/Page';
import { useGo } from '#ui/url';
import { useWords } from '#ui/words';
import { landscapeApi } from '../api.ts';
import { sayPeriod, sayValue, seriesTitle, statisticAddress, unitName, type Published } from './series.ts';

interface TrendProps {
  readonly series: Published;
  readonly area: string;
  readonly at?: string;
  readonly height?: number;
}

export function Trend({ series: { series, unit, grains }, area, at, height = 300 }: TrendProps) {
  const words = useWords();
  const { t, country } = words;
  const go = useGo();
  const wanted = at ? (at.includes('Q') ? 'quarter' : at.includes('-') ? 'month' : 'year') : 'quarter';
  const grain = grains.includes(wanted) ? wanted : grains[0] ?? 'quarter';
  const asked = useAsk(landscapeApi.series, { series, area, grain }, { keep: true });
  const title = t('trend.title', { title: seriesTitle(words, series), area: country(area) });
  return (
    <Section title={t('trend.heading')} note={`${title}, ${unitName(words, unit)}. ${t(`grain.${grain}`)}`}>
      <Answer of={asked} skeleton={<Block height={height} />}>
        {({ points }) => (
          <Chart
            kind="line" label={title} of={t('ui.period')} height={height} say={sayValue(words, unit)}
            x={points.map((p) => sayPeriod(words, p.period))} mark={points.findIndex((p) => p.period === at)}
            lines={[{ name: country(area), values: points.map((p) => p.value) }]}
            onPick={(i) => {
              const point = points[i];
              if (point) go(statisticAddress(series, area, point.period));
            }}
          />
        )}
      </Answer>
    </Section>
  );
}
