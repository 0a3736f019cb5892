/** Providers beside one another: infected addresses for each ten thousand of their own, over six months, and how soon findings there are gone. */
import { useAsk } from '#ui/asking';
import { Chart } from '#ui/Chart';
import { EmptyState } from '#ui/EmptyState';
import { Figure, Figures, Spark } from '#ui/Figure';
import { Choice, Filters } from '#ui/Filters';
import { Mark } from '#ui/Mark';
import { Answer, Block, Page, Section } from '#ui/Page';
import { RowTable, TableSkeleton, type Column } from '#ui/RowTable';
import { Link, useUrlState } from '#ui/url';
import { useWords, type Words } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import { landscapeApi } from '../api.ts';
import { sayPeriod } from './series.ts';

type Told = OutputOf<typeof landscapeApi.ispLeague>;
type Item = Told['items'][number];
/** Providers that are drawn: a chart has so many hues. */
const drawn = 6;

const rowsOf = ({ from, to }: Told, owner: string): string => `/events?kind=infection&from=${from}&to=${to}&owner=${encodeURIComponent(owner)}`;

export function League() {
  const words = useWords();
  const { t } = words;
  const [search] = useUrlState();
  const month = /^\d{4}-\d{2}$/.test(search['month'] ?? '') ? search['month'] : undefined;
  const asked = useAsk(landscapeApi.ispLeague, { month }, { keep: true });
  return (
    <Page title={t('nav.league')} description={t('league.text')}>
      <Filters names={['month']}>
        <Choice
          name="month" label={t('offices.month')} otherwise={asked.data?.month ?? ''}
          options={[...new Set([...asked.data ? [asked.data.month] : [], ...asked.data?.monthsKnown ?? []])].sort().reverse()
            .map((value) => ({ value, label: sayPeriod(words, value) }))}
        />
      </Filters>
      <Answer of={asked} skeleton={<><Block height={112} /><TableSkeleton rows={6} /><Block height={300} /></>}>
        {(told) => (told.items.length === 0
          ? <Section><EmptyState title={t('league.none')} how={t('league.none-how')} /></Section>
          : <><Heads told={told} /><Table told={told} /><Trends told={told} /></>)}
      </Answer>
    </Page>
  );
}

function Heads({ told }: { readonly told: Told }) {
  const words = useWords();
  const { t, number } = words;
  const ranked = told.items.filter((item) => item.rank !== null);
  const infected = ranked.reduce((sum, item) => sum + item.infected, 0);
  const here = `/isp-league?month=${told.month}`;
  const { computedAt } = told;
  return (
    <Figures>
      <Figure
        label={t('league.month-rate')} value={told.medianRate === null ? null : number(told.medianRate, 2)} unit={t('league.rate').toLowerCase()}
        under={sayPeriod(words, told.month)} definition={{ text: t('league.month-rate-definition'), computedAt }} to={here}
      />
      <Figure
        label={t('league.ranked')} value={number(told.population)} under={t('league.ranked-under', { all: number(told.items.length) })}
        definition={{ text: t('league.ranked-definition'), computedAt }} to={here}
      />
      <Figure
        label={t('league.infected')} value={number(infected)} under={sayPeriod(words, told.month)}
        definition={{
          text: t('league.infected-definition'), numerator: number(infected), denominator: number(ranked.reduce((sum, item) => sum + item.base, 0)),
          computedAt,
        }}
        to={`/botnet-clean-up?month=${told.month}`}
      />
    </Figures>
  );
}

function hoursOf({ t, number }: Words, item: Item): string {
  if (item.findings === 0) return '';
  return item.medianHours === null ? t('league.more-open') : number(item.medianHours);
}

function Table({ told }: { readonly told: Told }) {
  const words = useWords();
  const { t, number } = words;
  const columns: Column<Item>[] = [
    { key: 'rank', head: t('league.rank'), right: true, cell: (i) => (i.rank === null ? '' : number(i.rank)), sort: (i) => i.rank },
    { key: 'name', head: t('league.provider'), wrap: true, cell: (i) => <Link to={rowsOf(told, i.id)}>{i.name}</Link>, sort: (i) => i.name },
    {
      key: 'rate', head: t('league.rate'), right: true, sort: (i) => i.rate,
      cell: (i) => (i.rate === null ? <Mark is="none">{t('league.no-base')}</Mark> : number(i.rate, 2)),
    },
    { key: 'trend', head: t('league.trend'), spare: true, cell: (i) => <Spark points={i.trend.map((point) => point.rate)} /> },
    { key: 'infected', head: t('league.infected-head'), right: true, cell: (i) => number(i.infected), sort: (i) => i.infected },
    { key: 'base', head: t('league.base'), right: true, spare: true, cell: (i) => number(i.base), sort: (i) => i.base },
    {
      key: 'beside', head: t('league.beside'), right: true, spare: true, sort: (i) => i.beside,
      cell: (i) => (i.v6 > 0 ? t('league.beside-v6', { beside: number(i.beside), v6: number(i.v6) }) : number(i.beside)),
    },
    { key: 'hours', head: t('league.hours'), right: true, spare: true, cell: (i) => hoursOf(words, i), sort: (i) => i.medianHours },
    { key: 'open', head: t('league.open'), right: true, spare: true, cell: (i) => number(i.open), sort: (i) => i.open },
  ];
  return (
    <Section title={t('league.table')} note={t('league.note', { month: sayPeriod(words, told.month) })}>
      <RowTable label={t('league.table')} rows={told.items} rowKey={(i) => i.id} to={(i) => rowsOf(told, i.id)} columns={columns} />
      <p className="e-small e-faint">{t('league.hours-note')}</p>
    </Section>
  );
}

function Trends({ told }: { readonly told: Told }) {
  const words = useWords();
  const { t, number } = words;
  const [, change] = useUrlState();
  const ranked = told.items.filter((item) => item.rank !== null);
  // Who has most infected addresses is looked for first; the rest is in the table.
  const shown = ranked.toSorted((a, b) => b.infected - a.infected).slice(0, drawn);
  const periods = told.items[0]?.trend.map((point) => point.period) ?? [];
  if (shown.length === 0) return null;
  return (
    <Section title={t('league.chart')}>
      <Chart
        kind="line" label={t('league.chart')} of={t('offices.month')} height={280} x={periods.map((period) => sayPeriod(words, period))}
        lines={shown.map((item) => ({ name: item.name, values: item.trend.map((point) => point.rate) }))} say={(value) => number(value, 2)}
        onPick={(i) => {
          const period = periods[i];
          if (period && told.monthsKnown.includes(period)) change({ month: period });
        }}
      />
    </Section>
  );
}
