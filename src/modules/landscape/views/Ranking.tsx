/** All areas of a period in order, with how many are ranked, the floor, and those left out with the reason. */
import { useAsk } from '#ui/asking';
import { RowTable, TableSkeleton, type Column } from '#ui/RowTable';
import { EmptyState } from '#ui/EmptyState';
import { Answer, Section } from '#ui/Page';
import { useWords, type Words } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import { landscapeApi } from '../api.ts';
import { sayPeriod, sayValue, seriesTitle, statisticAddress, unitName } from './series.ts';

type Ranked = OutputOf<typeof landscapeApi.ranking>;
type Row = Ranked['items'][number];

interface RankingProps {
  readonly series: string;
  readonly period: string;
  readonly home: string;
}

function columnsOf(words: Words, unit: string, rate: boolean): Column<Row>[] {
  const { t, number, country } = words;
  const amount = (v: number | null) => (v === null ? '' : number(v));
  return [
    { key: 'rank', head: t('rank.rank'), right: true, cell: (r) => number(r.rank), sort: (r) => r.rank },
    { key: 'area', head: t('overview.area'), cell: (r) => country(r.area), sort: (r) => country(r.area) },
    {
      key: 'value', head: unit === 'percent' ? t('rank.rate') : unitName(words, unit), right: true,
      cell: (r) => sayValue(words, unit)(r.value), sort: (r) => r.value,
    },
    ...(rate
      ? [
          { key: 'n', head: t('ui.numerator'), right: true, spare: true, cell: (r: Row) => amount(r.numerator), sort: (r: Row) => r.numerator },
          {
            key: 'd', head: t('ui.denominator'), right: true, spare: true, cell: (r: Row) => amount(r.denominator),
            sort: (r: Row) => r.denominator,
          },
        ]
      : []),
  ];
}

export function Ranking({ series, period, home }: RankingProps) {
  const words = useWords();
  const { t, number } = words;
  const asked = useAsk(landscapeApi.ranking, { series, period }, { enabled: period !== '', keep: true });
  const title = t('rank.title', { title: seriesTitle(words, series) });
  const note = (r: Ranked) => [
    sayPeriod(words, period), t('rank.population', { count: r.population, population: number(r.population) }),
    r.floor === null ? null : t('rank.floor', { floor: number(r.floor) }),
  ].filter(Boolean).join(' · ');
  return (
    <Section title={title} note={asked.data ? note(asked.data) : sayPeriod(words, period)}>
      <Answer of={asked} skeleton={<TableSkeleton rows={10} />}>
        {(answer) => (
          <>
            <RowTable
              label={title} columns={columnsOf(words, answer.unit, answer.floor !== null)} rows={answer.items} tall={420}
              rowKey={(r) => r.area} marked={(r) => r.area === home} to={(r) => statisticAddress(series, r.area, period)}
              empty={<EmptyState title={t('rank.empty')} how={t('rank.empty-how')} />}
            />
            <Excluded of={answer} />
          </>
        )}
      </Answer>
    </Section>
  );
}

function Excluded({ of }: { readonly of: Ranked }) {
  const { t, number, country } = useWords();
  if (of.excluded.length === 0) return null;
  return (
    <details style={{ marginTop: 12 }}>
      <summary>{t('excluded.title', { count: of.excluded.length })}</summary>
      <ul style={{ margin: '8px 0 0', paddingLeft: 18 }} className="e-quiet">
        {of.excluded.map((e) => (
          <li key={e.area}>
            {e.area === 'ZZ' ? t('excluded.nowhere') : country(e.area)}: {t(`excluded.${e.reason}`, { floor: number(of.floor ?? 0) })}
            {e.denominator === null ? null : ` (${number(e.denominator)})`}
          </li>
        ))}
      </ul>
    </details>
  );
}
