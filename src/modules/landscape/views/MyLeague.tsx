/** A provider's own place in the league: its rate beside the middle of the others, and how soon its findings are gone. */
import { useAsk } from '#ui/asking';
import { Chart } from '#ui/Chart';
import { Figure, Figures } from '#ui/Figure';
import { Choice, Filters } from '#ui/Filters';
import { Answer, Block, Page, Section } from '#ui/Page';
import { useUrlState } from '#ui/url';
import { useWords, type Words } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import { landscapeApi } from '../api.ts';
import { sayPeriod } from './series.ts';

type Told = OutputOf<typeof landscapeApi.myLeague>;
type Own = Told['items'][number];

export function MyLeague() {
  const words = useWords();
  const { t } = words;
  const [search] = useUrlState();
  const month = /^\d{4}-\d{2}$/.test(search['month'] ?? '') ? search['month'] : undefined;
  const asked = useAsk(landscapeApi.myLeague, { month }, { keep: true });
  return (
    <Page title={t('nav.my-league')} description={t('league.my-text')}>
      <Filters names={['month']}>
        <Choice
          name="month" label={t('offices.month')} otherwise={asked.data?.month ?? ''}
          options={[...new Set([...asked.data ? [asked.data.month] : [], ...asked.data?.monthsKnown ?? []])].sort().reverse()
            .map((value) => ({ value, label: sayPeriod(words, value) }))}
        />
      </Filters>
      <Answer of={asked} skeleton={<><Block height={112} /><Block height={300} /></>}>
        {(told) => <>{told.items.map((own) => <Place key={own.id} told={told} own={own} />)}<Trend told={told} /></>}
      </Answer>
    </Page>
  );
}

function placeOf({ t, number }: Words, { population }: Told, own: Own): string {
  return own.rank === null ? t('league.no-base-how') : t('league.place', { rank: number(own.rank), of: number(population) });
}

function Place({ told, own }: { readonly told: Told; readonly own: Own }) {
  const words = useWords();
  const { t, number } = words;
  const { computedAt, month, others } = told;
  const rows = `/exposure?kind=infection&from=${told.from}&to=${told.to}`;
  const rate = t('league.rate').toLowerCase();
  return (
    <Figures>
      <Figure
        label={told.items.length > 1 ? own.name : t('league.my-rate')} value={own.rate === null ? null : number(own.rate, 2)} unit={rate}
        under={placeOf(words, told, own)} to={rows}
        definition={{ text: t('league.my-rate-definition'), numerator: number(own.infected), denominator: number(own.base), computedAt }}
      />
      <Figure
        label={t('league.others-rate')} value={others.medianRate === null ? null : number(others.medianRate, 2)} unit={rate}
        under={others.medianRate === null ? t('league.others-few') : t('league.others-of', { count: others.ranked })}
        definition={{ text: t('league.others-definition'), computedAt }} to={`/my-isp-league?month=${month}`}
      />
      <Figure
        label={t('league.infected-own')} value={number(own.infected)} to={rows} definition={{ text: t('league.infected-own-definition'), computedAt }}
        under={own.beside + own.v6 > 0 ? t('league.beside-own', { beside: number(own.beside), v6: number(own.v6) }) : sayPeriod(words, month)}
      />
      <Figure
        label={t('league.hours')} value={own.medianHours === null ? null : number(own.medianHours)} to="/my-notices"
        under={own.findings === 0 ? t('league.no-findings') : t('league.findings', { all: number(own.findings), open: number(own.open) })}
        definition={{ text: t('league.hours-definition'), computedAt }}
      />
    </Figures>
  );
}

function Trend({ told }: { readonly told: Told }) {
  const words = useWords();
  const { t, number } = words;
  const [, change] = useUrlState();
  const lines = [
    ...told.items.map((own) => ({ name: own.name, values: own.trend.map((point) => point.rate) })),
    { name: t('league.others-rate'), values: told.others.trend.map((point) => point.rate) },
  ].filter((line) => line.values.some((value) => value !== null));
  if (lines.length === 0) return null;
  return (
    <Section title={t('league.chart')} note={t('league.own-note')}>
      <Chart
        kind="line" label={t('league.chart')} of={t('offices.month')} height={280} lines={lines} say={(value) => number(value, 2)}
        x={told.others.trend.map(({ period }) => sayPeriod(words, period))}
        onPick={(i) => {
          const period = told.others.trend[i]?.period;
          if (period && told.monthsKnown.includes(period)) change({ month: period });
        }}
      />
    </Section>
  );
}
