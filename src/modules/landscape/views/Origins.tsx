/** Where attacks come from: the flows on a map, the ranking with shares of the world, the home area over time, and the networks behind it. */
import { useAsk } from '#ui/asking';
import { Chart } from '#ui/Chart';
import { EmptyState } from '#ui/EmptyState';
import { Figure, Figures } from '#ui/Figure';
import { Choice, Filters } from '#ui/Filters';
import { Answer, Block, Columns, Page, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { RowTable, TableSkeleton, type Column } from '#ui/RowTable';
import { useUrlState } from '#ui/url';
import { useWords, type Words } from '#ui/words';
import { changeOf } from '#kit/percent';
import type { OutputOf } from '#kit/endpoint';
import { landscapeApi } from '../api.ts';
import { OriginFlows } from './OriginFlows.tsx';
import { periodsDown, rowsAddress, sayChange, sayPeriod, statisticAddress, useOpening } from './series.ts';

const series = 'attacks-by-origin';
type Told = OutputOf<typeof landscapeApi.attackOrigins>;
type Origin = Told['items'][number];

export function Origins() {
  const words = useWords();
  const { t } = words;
  const [search] = useUrlState();
  const opening = useOpening();
  const list = useAsk(landscapeApi.statistics, {});
  const item = list.data?.items.find((i) => i.series === series);
  const period = item ? (item.periods.includes(search['period'] ?? '') ? search['period'] : opening(item)) ?? '' : '';
  const asked = useAsk(landscapeApi.attackOrigins, { period }, { enabled: period !== '', keep: true });
  if (item && period === '') {
    return (
      <Page title={t('nav.origins')} description={t('origins.text')}>
        <EmptyState title={t('origins.empty')} how={t('origins.empty-how')} />
      </Page>
    );
  }
  return (
    <Page title={t('nav.origins')} description={t('origins.text')}>
      <Filters names={['period', 'towards']}>
        <Choice
          name="period" label={t('ui.period')} otherwise={period}
          options={periodsDown(item?.periods ?? []).map((p) => ({ value: p, label: sayPeriod(words, p) }))}
        />
        <Choice
          name="towards" label={t('origins.towards')} otherwise="home"
          options={[
            { value: 'home', label: words.country(list.data?.home ?? '') }, { value: 'from-home', label: t('origins.from-home') },
            { value: 'all', label: t('origins.everywhere') },
          ]}
        />
      </Filters>
      <Answer of={asked} skeleton={<><Block height={112} /><Block height={460} /><TableSkeleton rows={10} /></>}>
        {(told) => <Picture told={told} towards={search['towards'] || 'home'} />}
      </Answer>
    </Page>
  );
}

function Picture({ told, towards }: { readonly told: Told; readonly towards: string }) {
  const reader = useReader();
  return (
    <>
      <Heads told={told} />
      <OriginFlows told={told} towards={towards} />
      <Columns wide="left">
        <Order told={told} />
        <OverTime told={told} />
      </Columns>
      {reader.may('event.list') ? <Networks period={told.period} /> : null}
    </>
  );
}

/** The rows of an area's attacks for who may see rows; the published figure for everybody else. */
function useDoor(): (area: string, period: string) => string {
  const reader = useReader();
  return (area, period) => (reader.may('event.list') ? rowsAddress(series, area, period) : statisticAddress(series, area, period));
}

const meaning = ({ t }: Words, told: Told) => ({
  method: t(`series.${series}.method`), source: t(`series.${series}.source`), caution: t(`series.${series}.caution`), computedAt: told.computedAt,
});

function Heads({ told }: { readonly told: Told }) {
  const words = useWords();
  const { t, number, percent, country } = words;
  const door = useDoor();
  const own = told.items.find((i) => i.area === told.home);
  const unknown = told.items.find((i) => i.area === 'ZZ');
  const against = t('origins.against', { period: sayPeriod(words, told.periodBefore) });
  const change = (now: number, before: number | null | undefined) => {
    const percents = changeOf(now, before ?? null);
    return percents === null ? null : { percent: percents, against };
  };
  const share = (value: number | undefined) => percent(value ?? 0, 2);
  const parts = { numerator: number(own?.attacks ?? 0), denominator: number(told.total) };
  return (
    <Figures>
      <Figure
        label={t('origins.own', { area: country(told.home) })} value={number(own?.attacks ?? 0)} change={change(own?.attacks ?? 0, own?.before)}
        under={own?.rank ? t('series.rank', { rank: number(own.rank), population: number(told.population) }) : sayPeriod(words, told.period)}
        definition={{ text: t(`series.${series}.definition`), ...meaning(words, told) }} to={door(told.home, told.period)}
        spark={told.series.map((p) => p.attacks)}
      />
      <Figure
        label={t('origins.share')} value={share(own?.share)} under={sayPeriod(words, told.period)} spark={told.series.map((p) => p.share)}
        definition={{ text: t('origins.share-definition'), ...parts, ...meaning(words, told) }} to={statisticAddress(series, told.home, told.period)}
      />
      <Figure
        label={t('origins.world')} value={number(told.total)} change={change(told.total, told.totalBefore)} under={sayPeriod(words, told.period)}
        definition={{ text: t('origins.world-definition'), ...meaning(words, told) }} spark={told.series.map((p) => p.total)}
        to={statisticAddress(series, told.home, told.period)}
      />
      <Figure
        label={t('origins.unknown')} value={share(unknown?.share)}
        under={t('origins.attacks', { count: unknown?.attacks ?? 0, attacks: number(unknown?.attacks ?? 0) })}
        definition={{
          text: t('origins.unknown-definition'), numerator: number(unknown?.attacks ?? 0), denominator: number(told.total), ...meaning(words, told),
        }}
        to={door('ZZ', told.period)}
      />
    </Figures>
  );
}

function Order({ told }: { readonly told: Told }) {
  const words = useWords();
  const { t, number, percent, country } = words;
  const door = useDoor();
  const columns: Column<Origin>[] = [
    { key: 'rank', head: t('rank.rank'), right: true, cell: (o) => (o.rank === null ? '' : number(o.rank)), sort: (o) => o.rank },
    {
      key: 'area', head: t('overview.area'), wrap: true, sort: (o) => country(o.area),
      cell: (o) => (o.area === 'ZZ' ? t('excluded.nowhere') : country(o.area)),
    },
    { key: 'attacks', head: t('origins.attacks-head'), right: true, cell: (o) => number(o.attacks), sort: (o) => o.attacks },
    { key: 'share', head: t('origins.share-head'), right: true, cell: (o) => percent(o.share, 2), sort: (o) => o.share },
    { key: 'change', head: t('origins.change'), right: true, spare: true, cell: (o) => sayChange(words, o.change), sort: (o) => o.change },
  ];
  return (
    <Section
      title={t('origins.ranking')}
      note={`${sayPeriod(words, told.period)} · ${t('rank.population', { count: told.population, population: number(told.population) })}`}
    >
      <RowTable
        label={t('origins.ranking')} columns={columns} rows={told.items} tall={460} rowKey={(o) => o.area}
        marked={(o) => o.area === told.home} to={(o) => door(o.area, told.period)}
      />
    </Section>
  );
}

function OverTime({ told }: { readonly told: Told }) {
  const words = useWords();
  const { t, country } = words;
  const [, change] = useUrlState();
  return (
    <Section title={t('origins.over-time')} note={t('origins.over-time-note', { area: country(told.home) })}>
      <Chart
        kind="bar" label={t('origins.over-time-note', { area: country(told.home) })} of={t('ui.period')} height={300}
        x={told.series.map((p) => sayPeriod(words, p.period))} mark={told.series.length - 1}
        lines={[{ name: t('unit.attacks'), values: told.series.map((p) => p.attacks) }]}
        onPick={(i) => {
          const point = told.series[i];
          if (point?.attacks !== null && point) change({ period: point.period });
        }}
      />
      <p className="e-small e-faint">{t('origins.gap')}</p>
    </Section>
  );
}

function Networks({ period }: { readonly period: string }) {
  const words = useWords();
  const { t, number, percent, country } = words;
  const asked = useAsk(landscapeApi.attackNetworks, { period, limit: 15 }, { keep: true });
  const rows = (home: string, asn: number | null): string => `${rowsAddress(series, home, period)}${asn === null ? '' : `&asn=${asn}`}`;
  return (
    <Section
      title={t('origins.networks', { area: country(asked.data?.home ?? '') })} note={t('origins.networks-note', { period: sayPeriod(words, period) })}
    >
      <Answer of={asked} skeleton={<TableSkeleton rows={5} />}>
        {({ items, left, home }) => (
          <>
            <RowTable
              label={t('origins.networks', { area: country(home) })} rows={items} rowKey={(n) => String(n.asn)} to={(n) => rows(home, n.asn)}
              empty={<EmptyState title={t('origins.networks-none')} how={t('origins.networks-none-how')} />}
              columns={[
                { key: 'asn', head: t('origins.network'), cell: (n) => (n.asn === null ? t('origins.network-unknown') : `AS${n.asn}`), sort: (n) => n.asn },
                { key: 'name', head: t('origins.network-name'), wrap: true, spare: true, cell: (n) => n.name ?? '', sort: (n) => n.name },
                { key: 'attacks', head: t('origins.attacks-head'), right: true, cell: (n) => number(n.attacks), sort: (n) => n.attacks },
                { key: 'share', head: t('origins.share-own'), right: true, spare: true, cell: (n) => percent(n.share, 2), sort: (n) => n.share },
                { key: 'addresses', head: t('families.addresses'), right: true, cell: (n) => number(n.addresses), sort: (n) => n.addresses },
              ]}
            />
            {left.networks > 0
              ? <p className="e-small e-faint">{t('origins.networks-left', { count: left.networks, attacks: number(left.attacks) })}</p> : null}
          </>
        )}
      </Answer>
    </Section>
  );
}
