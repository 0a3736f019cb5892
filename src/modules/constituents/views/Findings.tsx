/** The findings of notices as one reads them: what, where, since when, how sure, what became of it; and what one may say of each. */
import { Button, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import { EmptyState } from '#ui/EmptyState';
import { Mark, type Meaning } from '#ui/Mark';
import { Section } from '#ui/Page';
import { Time } from '#ui/Time';
import { Timeline } from '#ui/Timeline';
import { useWords } from '#ui/words';
import type { Finding, FindingStep, NoticeSeverity } from '../model/notices.ts';

export const graveness: Readonly<Record<NoticeSeverity, Meaning>> = {
  critical: 'danger', high: 'warn', medium: 'warn', low: 'info', info: 'info', unknown: 'none',
};
const standing: Readonly<Record<Finding['state'], Meaning>> = {
  open: 'danger', acknowledged: 'warn', 'said-fixed': 'wait', excepted: 'info', closed: 'good',
};

type Shown = Finding & { readonly steps?: readonly FindingStep[] };

interface FindingsProps {
  readonly of: readonly Shown[];
  /** Says that one is fixed; absent where the reader has no say. */
  readonly onFixed?: ((finding: string) => void) | undefined;
  readonly busy?: boolean;
}

export function Findings({ of, onFixed, busy }: FindingsProps) {
  const { t } = useWords();
  const kinds = [...new Set(of.map((f) => f.kind))];
  if (of.length === 0) return <EmptyState title={t('findings.none')} how={t('findings.none-how')} />;
  return (
    <>
      {kinds.map((kind) => (
        <Section key={kind} title={t(`kind.${kind}`)} note={`${t('exposure.do')} ${t(`advice.${kind}`)}`}>
          <div style={{ display: 'grid', gap: 20 }}>
            {of.filter((f) => f.kind === kind).map((f) => <One key={f.id} of={f} onFixed={onFixed} busy={busy} />)}
          </div>
        </Section>
      ))}
    </>
  );
}

function One({ of: f, onFixed, busy }: { readonly of: Shown; readonly onFixed?: ((id: string) => void) | undefined; readonly busy?: boolean | undefined }) {
  const { t, number } = useWords();
  const answerable = onFixed && (f.state === 'open' || f.state === 'acknowledged' || f.state === 'excepted');
  return (
    <article>
      <Group gap="md" align="baseline">
        <h3 className="e-mono" style={{ margin: 0, fontSize: 16, overflowWrap: 'anywhere' }}>{f.asset}</h3>
        <Mark is={standing[f.state]}>{t(`finding-state.${f.state}`)}</Mark>
        <Mark is={graveness[f.severity]}>{t(`severity.${f.severity}`)}</Mark>
      </Group>
      <p className="e-small">
        {f.family || f.type} · {t('findings.seen', { events: number(f.events) })} <Time at={f.first} /> – <Time at={f.last} /> ·{' '}
        {f.confidence === null ? t('findings.sure-unsaid') : t('findings.sure', { percent: number(f.confidence) })}
      </p>
      {f.reopenedAt && f.saidFixedAt ? <Both said={f.saidFixedAt} seen={f.reopenedAt} /> : null}
      {f.steps && f.steps.length > 0 ? (
        <Timeline
          label={t('findings.life')}
          steps={f.steps.map((s, i) => ({
            key: String(i), title: t(`finding-step.${s.what}`), at: s.at, by: s.note,
            is: s.what === 'closed' ? 'good' : s.what === 'seen-again' ? 'danger' : 'none',
          }))}
        />
      ) : null}
      {answerable ? <Button size="xs" variant="default" loading={busy ?? false} onClick={() => onFixed(f.id)}>{t('findings.say-fixed')}</Button> : null}
    </article>
  );
}

/** It was said to be fixed, and it was seen after that: both times, side by side. */
function Both({ said, seen }: { readonly said: string; readonly seen: string }): ReactNode {
  const { t } = useWords();
  return (
    <p className="e-small">
      <Mark is="danger">{t('findings.came-back')}</Mark> {t('finding-step.said-fixed')}: <Time at={said} /> · {t('finding-step.seen-again')}: <Time at={seen} />
    </p>
  );
}
