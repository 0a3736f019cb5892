/** What hit one organisation, for itself and for its centre: figures, trend, findings by kind with what to do. */
import { Chart } from '#ui/Chart';
import { EmptyState } from '#ui/EmptyState';
import { Figure, Figures } from '#ui/Figure';
import { Shares } from '#ui/Meter';
import { Columns, Section } from '#ui/Page';
import { RowTable } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { Link } from '#ui/url';
import { useWords } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import type { landscapeApi } from '../api.ts';
import css from './ExposureBody.module.css';

type Answered = OutputOf<typeof landscapeApi.exposure>;
const severities = ['critical', 'high', 'medium', 'low', 'info', 'unknown'];
const colours = ['var(--e-danger)', 'var(--e-cat-1)', 'var(--e-cat-3)', 'var(--e-cat-0)', 'var(--e-line-strong)', 'var(--e-none)'];

interface ExposureBodyProps {
  readonly of: Answered;
  /** Address of the rows; filters are added to it. */
  readonly rows: string;
}

export function ExposureBody({ of, rows }: ExposureBodyProps) {
  const { t, number, day } = useWords();
  if (of.events === 0) return <EmptyState title={t('exposure.empty')} how={t('exposure.empty-how')} />;
  const span = t('exposure.span', { from: day(of.from), to: day(of.to) });
  const join = rows.includes('?') ? '&' : '?';
  const within = `${join}from=${of.from}&to=${of.to}`;
  return (
    <>
      <Figures>
        <Figure
          label={t('exposure.assets')} value={number(of.assets)} under={span} to={`${rows}${within}`}
          definition={{ text: t('exposure.assets-definition') }}
        />
        <Figure
          label={t('exposure.events')} value={number(of.events)} under={span} spark={of.trend.map((p) => p.events)}
          to={`${rows}${within}`} definition={{ text: t('exposure.events-definition') }}
        />
        <Figure
          label={t('exposure.kinds')} value={number(of.byType.length)} under={span} to={`${rows}${within}`}
          definition={{ text: t('exposure.kinds-definition') }}
        />
      </Figures>
      <Columns wide="left">
        <Section title={t('trend.heading')} note={`${t('exposure.per-day')}, ${span}`}>
          <Chart
            kind="bar" label={t('exposure.events')} of={t('exposure.day')} height={220} x={of.trend.map((p) => p.day)}
            lines={[{ name: t('exposure.events'), values: of.trend.map((p) => p.events) }]}
          />
        </Section>
        <Section title={t('exposure.severity')}>
          <Shares
            label={t('exposure.severity')}
            parts={severities.map((severity, i) => ({
              label: t(`severity.${severity}`), colour: colours[i] ?? '',
              value: of.bySeverity.find((s) => s.severity === severity)?.events ?? 0,
            }))}
          />
        </Section>
      </Columns>
      <Findings of={of} rows={`${rows}${within}`} />
    </>
  );
}

/** Findings of one kind share what to do; each kind says it once. */
function Findings({ of, rows }: ExposureBodyProps) {
  const { t } = useWords();
  const kinds = [...new Set(of.byType.map((f) => f.kind))];
  return (
    <Section title={t('exposure.findings')} note={t('exposure.findings-note')}>
      {kinds.map((kind) => (
        <div key={kind} className={css.kind}>
          <h3 className={css.name}>{t(`kind.${kind}`)}</h3>
          <p className={css.advice}><strong>{t('exposure.do')}</strong> {t(`advice.${kind}`)}</p>
          <KindTable label={t(`kind.${kind}`)} rows={rows} findings={of.byType.filter((f) => f.kind === kind)} />
        </div>
      ))}
    </Section>
  );
}

interface KindTableProps {
  readonly label: string;
  readonly rows: string;
  readonly findings: Answered['byType'];
}

function KindTable({ label, rows, findings }: KindTableProps) {
  const { t, number } = useWords();
  const to = (f: Answered['byType'][number]) =>
    `${rows}&kind=${f.kind}${f.family ? `&family=${encodeURIComponent(f.family)}` : ''}`;
  return (
    <RowTable
      label={label} rows={findings} rowKey={(f) => `${f.type} ${f.family}`} to={to}
      columns={[
        { key: 'family', head: t('exposure.finding'), cell: (f) => <Link to={to(f)}>{f.family || f.type}</Link>, sort: (f) => f.family || f.type },
        { key: 'assets', head: t('exposure.assets'), right: true, cell: (f) => number(f.assets), sort: (f) => f.assets },
        { key: 'events', head: t('exposure.events'), right: true, cell: (f) => number(f.events), sort: (f) => f.events },
        { key: 'first', head: t('exposure.since'), cell: (f) => <Time at={f.first} />, sort: (f) => f.first },
        { key: 'last', head: t('exposure.last'), cell: (f) => <Time at={f.last} />, sort: (f) => f.last },
        { key: 'type', head: t('exposure.type'), spare: true, cell: (f) => f.type, sort: (f) => f.type },
      ]}
    />
  );
}
