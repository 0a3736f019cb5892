/** What hit one organisation, for itself and for its centre: figures, trend, findings by kind with what to do. */
import { Chart } from '#ui/Chart';
import { EmptyState } from '#ui/EmptyState';
import { Figure, Figures } from '#ui/Figure';
import { Shares } from '#ui/Meter';
import { Columns, Section } from '#ui/Page';
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
        <Section title={t('trend.heading')} note={span}>
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

function Findings({ of, rows }: ExposureBodyProps) {
  const { t, number } = useWords();
  return (
    <Section title={t('exposure.findings')} note={t('exposure.findings-note')}>
      <ul className={css.findings}>
        {of.byType.map((finding) => (
          <li key={`${finding.kind} ${finding.type} ${finding.family}`}>
            <div>
              <h3 className={css.name}>
                <Link to={`${rows}&kind=${finding.kind}${finding.family ? `&family=${encodeURIComponent(finding.family)}` : ''}`}>
                  {finding.family || finding.type}
                </Link>
              </h3>
              <p className={css.kind}>{t(`kind.${finding.kind}`)}{finding.family ? ` · ${finding.type}` : ''}</p>
            </div>
            <p className={css.counts}>
              <strong className="e-num">{number(finding.assets)}</strong> {t('exposure.assets-word', { count: finding.assets })},{' '}
              <span className="e-num">{number(finding.events)}</span> {t('exposure.events-word', { count: finding.events })}
              <br />
              <span className="e-small e-quiet">{t('exposure.since')} <Time at={finding.first} /> · {t('exposure.last')} <Time at={finding.last} /></span>
            </p>
            <p className={css.advice}><strong>{t('exposure.do')}</strong> {t(`advice.${finding.kind}`)}</p>
          </li>
        ))}
      </ul>
    </Section>
  );
}
