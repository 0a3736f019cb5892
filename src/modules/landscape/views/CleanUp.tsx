/** Botnet clean-up month by month: what is new, what stays, what is cured, how long stays last, and in whose networks they are. */
import { useAsk } from '#ui/asking';
import { Chart } from '#ui/Chart';
import { EmptyState } from '#ui/EmptyState';
import { Figure, Figures } from '#ui/Figure';
import { Choice, Filters } from '#ui/Filters';
import { Answer, Block, Columns, Page, Section } from '#ui/Page';
import { RowTable, TableSkeleton, type Column } from '#ui/RowTable';
import { Link, useUrlState } from '#ui/url';
import { useWords, type Words } from '#ui/words';
import { changeOf } from '#kit/percent';
import type { OutputOf } from '#kit/endpoint';
import { landscapeApi } from '../api.ts';
import { sayChange, sayPeriod } from './series.ts';

type Told = OutputOf<typeof landscapeApi.botnetCleanUp>;

const rowsOf = ({ from, to, area }: Told, more = ''): string => `/events?kind=infection&area=${area}&from=${from}&to=${to}${more}`;

export function CleanUp() {
  const words = useWords();
  const { t } = words;
  const [search] = useUrlState();
  const month = /^\d{4}-\d{2}$/.test(search['month'] ?? '') ? search['month'] : undefined;
  const asked = useAsk(landscapeApi.botnetCleanUp, { month }, { keep: true });
  return (
    <Page title={t('nav.clean-up')} description={t('cleanup.text')}>
      <Filters names={['month']}>
        <Choice
          name="month" label={t('offices.month')} otherwise={asked.data?.month ?? ''}
          options={[...new Set([...asked.data ? [asked.data.month] : [], ...asked.data?.monthsKnown ?? []])].sort().reverse()
            .map((value) => ({ value, label: sayPeriod(words, value) }))}
        />
      </Filters>
      <Answer of={asked} skeleton={<><Block height={112} /><Block height={360} /><TableSkeleton rows={6} /></>}>
        {(told) => (told.monthsKnown.includes(told.month)
          ? <Picture told={told} /> : <Section><EmptyState title={t('cleanup.unknown')} how={t('cleanup.unknown-how')} /></Section>)}
      </Answer>
    </Page>
  );
}

function Picture({ told }: { readonly told: Told }) {
  return (
    <>
      <Heads told={told} />
      <Columns wide="left"><ByMonth told={told} /><Lasting told={told} /></Columns>
      <Columns><Families told={told} /><Providers told={told} /></Columns>
    </>
  );
}

function Heads({ told }: { readonly told: Told }) {
  const words = useWords();
  const { t, number, percent, day } = words;
  const now = told.months.at(-1);
  const before = told.months.at(-2)?.infected ?? null;
  const yearBefore = told.months[0]?.infected ?? null;
  const infected = now?.infected ?? 0;
  const amount = (value: number | null | undefined) => (value === null || value === undefined ? null : number(value));
  const year = sayPeriod(words, told.yearBefore);
  const change = changeOf(infected, before);
  const { computedAt } = told;
  return (
    <>
      <Figures>
        <Figure
          label={t('cleanup.infected')} value={number(infected)} spark={told.months.map((m) => m.infected)} to={rowsOf(told)}
          under={yearBefore === null ? t('cleanup.year-none', { month: year })
            : t('cleanup.year-change', { before: number(yearBefore), month: year, change: sayChange(words, changeOf(infected, yearBefore)) })}
          change={change === null ? null : { percent: change, against: t('offices.against', { before: number(before ?? 0) }) }}
          definition={{ text: t('cleanup.infected-definition'), caution: t('cleanup.infected-caution'), computedAt }}
        />
        <Figure
          label={t('cleanup.state')} value={amount(now?.state)} spark={told.months.map((m) => m.state)} to={`/state-offices?month=${told.month}`}
          under={infected > 0 ? t('cleanup.state-share', { share: percent((100 * (now?.state ?? 0)) / infected, 2) }) : null}
          definition={{ text: t('cleanup.state-definition'), numerator: amount(now?.state), denominator: number(infected), computedAt }}
        />
        <Figure
          label={t('cleanup.fresh')} value={amount(now?.fresh)} spark={told.months.map((m) => m.fresh)} to={rowsOf(told)}
          definition={{ text: t('cleanup.fresh-definition', { from: told.historyFrom ? day(told.historyFrom) : '' }), computedAt }}
        />
        <Figure
          label={t('cleanup.persisting')} value={amount(now?.persisting)} spark={told.months.map((m) => m.persisting)} to={rowsOf(told)}
          definition={{ text: t('cleanup.persisting-definition'), computedAt }}
        />
        <Figure
          label={t('cleanup.cured')} value={amount(now?.cured)} spark={told.months.map((m) => m.cured)} to={rowsOf(told)}
          under={now?.curedFresh ? t('cleanup.cured-fresh', { count: now.curedFresh, addresses: number(now.curedFresh) }) : null}
          definition={{ text: t('cleanup.cured-definition', { after: number(told.cureAfter) }), computedAt }}
        />
      </Figures>
      <p className="e-small e-faint" style={{ margin: 0 }}>{t('cleanup.parts')}</p>
    </>
  );
}

function Median({ told: { stays, ...told } }: { readonly told: Told }) {
  const { t, number } = useWords();
  const { medianDays: days } = stays;
  const under = t('cleanup.median-under', { total: number(stays.total), open: number(stays.open) });
  return (
    <Figure
      label={t('cleanup.median')} value={days === null ? null : days === 0 ? t('cleanup.one-day') : number(days)}
      unit={days === 0 ? '' : t('cleanup.median-days', { count: days ?? 0 })}
      under={days === null && stays.total > 0 ? `${t('cleanup.median-none')}: ${under}` : under} to={`/botnet-clean-up?month=${told.month}`}
      definition={{
        text: t('cleanup.median-definition'), numerator: number(stays.total - stays.open), denominator: number(stays.total), computedAt: told.computedAt,
      }}
    />
  );
}

function ByMonth({ told }: { readonly told: Told }) {
  const words = useWords();
  const { t } = words;
  const [, change] = useUrlState();
  const known = told.months.slice(Math.max(0, told.months.findIndex((m) => m.infected !== null)));
  return (
    <Section title={t('cleanup.by-month')} note={t('cleanup.parts')}>
      <Chart
        kind="bar" stacked label={t('cleanup.by-month')} of={t('offices.month')} height={300} x={known.map((m) => sayPeriod(words, m.period))}
        lines={[
          { name: t('cleanup.persisting'), values: known.map((m) => m.persisting) }, { name: t('cleanup.fresh'), values: known.map((m) => m.fresh) },
          { name: t('cleanup.cured'), values: known.map((m) => m.cured) },
        ]}
        onPick={(i) => {
          const month = known[i];
          if (month && told.monthsKnown.includes(month.period)) change({ month: month.period });
        }}
      />
      <p className="e-small e-faint">{t('cleanup.gap')}</p>
    </Section>
  );
}

/** Days that are drawn at most: the rest is in the table of the answer. */
const shownDays = 60;

function Lasting({ told }: { readonly told: Told }) {
  const { stays, month } = told;
  const words = useWords();
  const { t, number, percent } = words;
  const last = Math.min(shownDays, stays.steps.at(-1)?.days ?? 0);
  const days = Array.from({ length: last + 1 }, (_, i) => i);
  const at = (d: number): number => 100 * (stays.steps.findLast((step) => step.days <= d)?.lasting ?? 1);
  return (
    <Section title={t('cleanup.lasting')} note={t('cleanup.lasting-note', { total: number(stays.total), month: sayPeriod(words, month) })}>
      {stays.steps.length === 0 ? <EmptyState title={t('cleanup.no-stays')} how={t('cleanup.no-stays-how')} /> : (
        <>
          <Median told={told} />
          <Chart
            kind="line" label={t('cleanup.lasting')} of={t('cleanup.lasting-days')} height={212} x={days.map((d) => number(d))}
            lines={[{ name: t('cleanup.lasting-line'), values: days.map(at) }]} say={(value) => percent(value, 1)}
          />
        </>
      )}
    </Section>
  );
}

type Part = { readonly addresses: number; readonly before: number | null };

function partColumns<T extends Part>(words: Words): Column<T>[] {
  const { t, number } = words;
  const change = (p: T): number | null => changeOf(p.addresses, p.before);
  return [
    { key: 'addresses', head: t('cleanup.addresses'), right: true, cell: (p) => number(p.addresses), sort: (p) => p.addresses },
    { key: 'before', head: t('cleanup.before'), right: true, spare: true, cell: (p) => (p.before === null ? '' : number(p.before)), sort: (p) => p.before },
    { key: 'change', head: t('cleanup.change'), right: true, cell: (p) => sayChange(words, change(p)), sort: change },
  ];
}

function Families({ told }: { readonly told: Told }) {
  const words = useWords();
  const { t } = words;
  const rows = (family: string): string => rowsOf(told, family ? `&family=${encodeURIComponent(family)}` : '');
  return (
    <Section title={t('cleanup.families')} note={t('cleanup.families-note')}>
      <RowTable
        label={t('cleanup.families')} rows={told.families} rowKey={(f) => f.family} to={(f) => rows(f.family)}
        columns={[
          {
            key: 'family', head: t('cleanup.family'), wrap: true, sort: (f) => f.family,
            cell: (f) => <Link to={rows(f.family)}>{f.family || t('cleanup.no-family')}</Link>,
          },
          ...partColumns<Told['families'][number]>(words),
        ]}
      />
    </Section>
  );
}

function Providers({ told }: { readonly told: Told }) {
  const words = useWords();
  const { t, number } = words;
  const rows = (owner: string): string => `/events?kind=infection&from=${told.from}&to=${told.to}&owner=${encodeURIComponent(owner)}`;
  return (
    <Section title={t('cleanup.providers')} note={t('cleanup.providers-note')}>
      <RowTable
        label={t('cleanup.providers')} rows={told.providers} rowKey={(p) => p.id} to={(p) => rows(p.id)}
        empty={<EmptyState title={t('cleanup.providers-none')} how={t('cleanup.providers-none-how')} />}
        columns={[
          { key: 'provider', head: t('cleanup.provider'), wrap: true, cell: (p) => <Link to={rows(p.id)}>{p.name}</Link>, sort: (p) => p.name },
          ...partColumns<Told['providers'][number]>(words),
        ]}
      />
      {told.elsewhere > 0
        ? <p className="e-small e-faint">{t('cleanup.elsewhere', { count: told.elsewhere, addresses: number(told.elsewhere) })}</p> : null}
    </Section>
  );
}
