/** State bodies in a month: how many infected addresses each had, before and since when, and the report of it, signed. */
import { Button } from '@mantine/core';
import { IconDownload, IconPrinter, IconSignature } from '@tabler/icons-react';
import { useAct, useAsk } from '#ui/asking';
import { fileUrl } from '#ui/Download';
import { EmptyState } from '#ui/EmptyState';
import { Figure, Figures } from '#ui/Figure';
import { Choice, Filters } from '#ui/Filters';
import { Hash } from '#ui/Hash';
import { Mark } from '#ui/Mark';
import { Answer, Block, Page, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import { RowTable, TableSkeleton } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { Link, useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import { landscapeApi } from '../api.ts';
import { sayPeriod } from './series.ts';

type Report = OutputOf<typeof landscapeApi.stateOffices>;
type Signed = Report['signed'][number];

const rowsOf = ({ from, to, area }: Report, owner?: string): string =>
  `/events?kind=infection&${owner === undefined ? `area=${area}` : `owner=${encodeURIComponent(owner)}`}&from=${from}&to=${to}`;

export function Offices() {
  const words = useWords();
  const { t } = words;
  const [search] = useUrlState();
  const month = /^\d{4}-\d{2}$/.test(search['month'] ?? '') ? search['month'] : undefined;
  const units = search['units'] === 'now' ? 'now' : 'then';
  const asked = useAsk(landscapeApi.stateOffices, { month, units }, { keep: true });
  return (
    <Page title={t('nav.offices')} description={t('offices.text')}>
      <Filters names={['month', 'units']}>
        <Choice
          name="month" label={t('offices.month')} otherwise={asked.data?.month ?? ''}
          options={[...new Set([...asked.data ? [asked.data.month] : [], ...asked.data?.monthsKnown ?? []])].sort().reverse()
            .map((value) => ({ value, label: sayPeriod(words, value) }))}
        />
        <Choice
          name="units" label={t('offices.units')} otherwise="then"
          options={[{ value: 'then', label: t('offices.units-then') }, { value: 'now', label: t('offices.units-now') }]}
        />
      </Filters>
      <Answer of={asked} skeleton={<><Block height={112} /><TableSkeleton rows={8} /></>}>
        {(report) => (report.known
          ? <><Head of={report} /><Bodies of={report} /><SignedReports of={report} units={units} /></>
          : <Section><EmptyState title={t('offices.unknown')} how={t('offices.unknown-how')} /></Section>)}
      </Answer>
    </Page>
  );
}

function Head({ of }: { readonly of: Report }) {
  const words = useWords();
  const { t, number } = words;
  const change = (now: number, before: number | null) => (before === null || before === 0
    ? null : { percent: (100 * (now - before)) / before, against: t('offices.against', { before: number(before) }) });
  return (
    <Figures>
      <Figure
        label={t('offices.total')} value={number(of.total)} under={sayPeriod(words, of.month)} change={change(of.total, of.totalBefore)}
        definition={{ text: t('offices.total-definition'), computedAt: of.computedAt }} to={rowsOf(of)}
      />
      <Figure
        label={t('offices.state')} value={number(of.state)} under={sayPeriod(words, of.month)} change={change(of.state, of.stateBefore)}
        definition={{ text: t('offices.state-definition'), computedAt: of.computedAt }} to={`/state-offices?month=${of.month}`}
      />
      {of.groups.map((group) => (
        <Figure
          key={group.kind} label={t(`offices.${group.kind}`)} value={number(group.addresses)}
          under={t('offices.affected', { affected: number(group.affected), bodies: number(group.bodies) })}
          definition={{ text: t('offices.kind-definition'), computedAt: of.computedAt }} to={`/state-offices?month=${of.month}`}
        />
      ))}
    </Figures>
  );
}

function Bodies({ of }: { readonly of: Report }) {
  const { t, number } = useWords();
  return (
    <Section title={t('offices.bodies')}>
      <RowTable
        label={t('offices.bodies')} rows={of.bodies} rowKey={(b) => b.id} to={(b) => rowsOf(of, b.id)}
        empty={<EmptyState title={t('offices.no-bodies')} how={t('offices.no-bodies-how')} />}
        columns={[
          { key: 'body', head: t('offices.body'), wrap: true, cell: (b) => <Link to={rowsOf(of, b.id)}>{b.name}</Link>, sort: (b) => b.name },
          { key: 'kind', head: t('offices.kind'), spare: true, cell: (b) => t(`constituent-kind.${b.kind}`), sort: (b) => b.kind },
          { key: 'addresses', head: t('offices.addresses'), right: true, cell: (b) => number(b.addresses), sort: (b) => b.addresses },
          {
            key: 'before', head: t('offices.before'), right: true, spare: true, sort: (b) => b.before,
            cell: (b) => (b.before === null ? '' : number(b.before)),
          },
          {
            key: 'months', head: t('offices.months'), right: true, spare: true, sort: (b) => b.months,
            cell: (b) => <>{number(b.months)}{b.again ? <>{' '}<Mark is="warn">{t('offices.again')}</Mark></> : null}</>,
          },
          { key: 'open', head: t('offices.open'), right: true, cell: (b) => number(b.open), sort: (b) => b.open },
          {
            key: 'oldest', head: t('offices.oldest'), right: true, sort: (b) => b.oldestDays,
            cell: (b) => (b.oldestDays === null ? '' : number(b.oldestDays)),
          },
        ]}
      />
    </Section>
  );
}

function SignedReports({ of, units }: { readonly of: Report; readonly units: 'then' | 'now' }) {
  const { t, number } = useWords();
  const reader = useReader();
  const sign = useAct(landscapeApi.signOffices);
  const signedNow = of.signed.some((s) => s.sha256 === of.sha256);
  return (
    <Section title={t('offices.report')} note={t('offices.report-text')}>
      {of.signed.length === 0 ? <p className="e-quiet">{t('offices.signed-none')}</p> : (
        <RowTable
          label={t('offices.report')} rows={of.signed} rowKey={(s) => s.id}
          columns={[
            { key: 'at', head: t('offices.signed-at'), cell: (s) => <Time at={s.at} /> },
            {
              key: 'hash', head: t('offices.hash'),
              cell: (s) => <><Hash value={s.sha256} />{s.sha256 === of.sha256 ? <>{' '}<Mark is="good">{t('offices.same')}</Mark></> : null}</>,
            },
            { key: 'state', head: t('offices.state'), right: true, spare: true, cell: (s) => number(s.state) },
            { key: 'file', head: t('offices.file'), cell: (s) => <SignedFile of={s} /> },
          ]}
        />
      )}
      {sign.error ? <ProblemNote error={sign.error} /> : null}
      <div style={{ display: 'flex', flexWrap: 'wrap', gap: 8, marginTop: 12 }} className="e-no-print">
        {reader.may('figure.sign') && units === 'then' && !signedNow ? (
          <Button
            leftSection={<IconSignature size={16} aria-hidden />} loading={sign.isPending}
            onClick={() => sign.mutate({ month: of.month, sha256: of.sha256 })}
          >
            {t('offices.sign')}
          </Button>
        ) : null}
        <Button
          component="a" variant="default" href={fileUrl('text/csv', of.csv)} download={`state-bodies-${of.month}.csv`}
          leftSection={<IconDownload size={16} aria-hidden />}
        >
          {t('offices.download-table')}
        </Button>
        <Button variant="default" leftSection={<IconPrinter size={16} aria-hidden />} onClick={() => window.print()}>{t('offices.print')}</Button>
      </div>
      {units === 'now' ? <p className="e-small e-faint">{t('offices.sign-then')}</p> : null}
    </Section>
  );
}

/** The bytes as they were signed. */
function SignedFile({ of }: { readonly of: Signed }) {
  const { t, tongue } = useWords();
  const asked = useAsk(landscapeApi.signedOffices, { report: of.id });
  if (!asked.data) return null;
  const which = <span className="e-hidden"> {of.sha256.slice(0, 8)}</span>;
  return (
    <span style={{ display: 'inline-flex', gap: 12 }}>
      <a href={fileUrl('text/csv', asked.data.csv)} download={`state-bodies-${of.month}-${of.sha256.slice(0, 8)}.csv`}>{t('offices.download')}{which}</a>
      <a href={`/api/state-offices/signed/${of.id}/paper?language=${tongue}`} download>PDF{which}</a>
    </span>
  );
}
