/** The map: the one series that is a rate, so that large countries do not look ill for being large. */
import { useAsk } from '#ui/asking';
import { Answer, Block, Section } from '#ui/Page';
import { useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import { WorldMap } from '#ui/WorldMap';
import { landscapeApi } from '../api.ts';
import { sayPeriod, sayValue, seriesTitle, useOpening, type Published } from './series.ts';

interface RateMapProps {
  readonly items: readonly Published[];
  readonly home: string;
  readonly period: string;
}

export function RateMap({ items, home, period }: RateMapProps) {
  const words = useWords();
  const { t, number } = words;
  const [, change] = useUrlState();
  const opening = useOpening();
  const rate = items.find((i) => i.rankedBy === 'rate');
  const at = rate && (rate.periods.includes(period) ? period : opening(rate));
  const ranking = useAsk(
    landscapeApi.ranking, { series: rate?.series ?? '', period: at ?? '' }, { enabled: Boolean(at), keep: true },
  );
  if (!rate || !at) return null;
  const say = sayValue(words, rate.unit);
  const title = seriesTitle(words, rate.series);
  return (
    <Section title={title} note={`${sayPeriod(words, at)}. ${t('map.note')}`}>
      <Answer of={ranking} skeleton={<Block height={360} />}>
        {({ items: ranked, excluded, population, floor }) => (
          <WorldMap
            label={t('map.label', { title, period: sayPeriod(words, at) })} home={home} say={say}
            onPick={(area) => change({ area })}
            rates={[
              ...ranked.map((r) => ({
                area: r.area, value: r.value,
                text: t('map.text', { value: say(r.value), rank: number(r.rank), population: number(population) }),
              })),
              ...excluded.filter((e) => e.area !== 'ZZ').map((e) => ({
                area: e.area, value: null, text: t(`excluded.${e.reason}`, { floor: number(floor ?? 0) }),
              })),
            ]}
          />
        )}
      </Answer>
    </Section>
  );
}
