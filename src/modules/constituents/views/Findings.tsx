/** The findings of notices as one reads them: what, where, since when, how sure, what became of it; and what one may say of each. */
import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState, type ReactNode } from 'react';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
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
  open: 'danger', acknowledged: 'warn', 'said-fixed': 'wait', excepted: 'info', disputed: 'none', closed: 'good',
};

type Shown = Finding & { readonly steps?: readonly FindingStep[] };

interface FindingsProps {
  readonly of: readonly Shown[];
  /** Says that one is fixed; absent where the reader has no say. */
  readonly onFixed?: ((finding: string) => void) | undefined;
  /** Says that there is nothing to one, and why. */
  readonly onDispute?: ((finding: string, reason: string) => void) | undefined;
  readonly busy?: boolean;
}

export function Findings({ of, onFixed, onDispute, busy }: FindingsProps) {
  const { t } = useWords();
  const kinds = [...new Set(of.map((f) => f.kind))];
  if (of.length === 0) return <EmptyState title={t('findings.none')} how={t('findings.none-how')} />;
  return (
    <>
      {kinds.map((kind) => (
        <Section key={kind} title={t(`kind.${kind}`)} note={`${t('exposure.do')} ${t(`advice.${kind}`)}`}>
          <div style={{ display: 'grid', gap: 20 }}>
            {of.filter((f) => f.kind === kind).map((f) => <One key={f.id} of={f} onFixed={onFixed} onDispute={onDispute} busy={busy} />)}
          </div>
        </Section>
      ))}
    </>
  );
}

interface OneProps {
  readonly of: Shown;
  readonly onFixed: FindingsProps['onFixed'];
  readonly onDispute: FindingsProps['onDispute'];
  readonly busy: boolean | undefined;
}

function One({ of: f, onFixed, onDispute, busy }: OneProps) {
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
      {answerable ? (
        <Group gap="xs">
          <Button size="xs" variant="default" loading={busy ?? false} onClick={() => onFixed(f.id)}>{t('findings.say-fixed')}</Button>
          {onDispute ? <Dispute of={f} onDispute={onDispute} /> : null}
        </Group>
      ) : null}
    </article>
  );
}

function Dispute({ of: f, onDispute }: { readonly of: Shown; readonly onDispute: (finding: string, reason: string) => void }) {
  const { t } = useWords();
  const [opened, { open, close }] = useDisclosure(false);
  const [reason, setReason] = useState('');
  const act = () => {
    onDispute(f.id, reason.trim());
    close();
  };
  return (
    <>
      <Button size="xs" variant="subtle" onClick={open}>{t('findings.dispute')}</Button>
      <Modal opened={opened} onClose={close} title={t('findings.dispute-title', { asset: f.asset })} closeButtonProps={{ 'aria-label': t('ui.close') }}>
        <Form act={t('findings.dispute')} busy={false} why={reason.trim().length < 3 ? t('findings.dispute-why') : null} onAct={act}>
          <p className="e-small" style={{ margin: 0 }}>{t('findings.dispute-how')}</p>
          <TextInput label={t('field.reason')} value={reason} onChange={(e) => setReason(e.currentTarget.value)} data-autofocus />
        </Form>
      </Modal>
    </>
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
