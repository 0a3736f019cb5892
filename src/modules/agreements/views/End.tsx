/** Taking rights away: withdrawing one part, or ending the whole. Both ask for a reason, which the ledger keeps. */
import { Button, Modal, Textarea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState, type ReactNode } from 'react';
import { useAct } from '#ui/asking';
import { Form } from '#ui/Form';
import { Section } from '#ui/Page';
import { useWords } from '#ui/words';
import { agreementsApi } from '../api.ts';
import type { Agreed } from './words.ts';

interface ReasonedProps {
  readonly open: string;
  readonly title: string;
  readonly text: ReactNode;
  readonly act: string;
  readonly busy: boolean;
  readonly error: Error | null;
  readonly onAct: (reason: string, done: () => void) => void;
  readonly label?: string;
  readonly subtle?: boolean;
  /** Beside other buttons of this size. */
  readonly size?: 'xs' | 'compact-xs';
  /** Fields above the reason. */
  readonly children?: ReactNode;
}

export function Reasoned({ open, title, text, act, busy, error, onAct, label, subtle, size = 'compact-xs', children }: ReasonedProps) {
  const { t } = useWords();
  const [opened, { open: show, close }] = useDisclosure(false);
  const [reason, setReason] = useState('');
  return (
    <>
      <Button variant={subtle ? 'subtle' : 'default'} size={size} onClick={show} w="fit-content">{open}</Button>
      <Modal opened={opened} onClose={close} title={title} closeButtonProps={{ 'aria-label': t('ui.close') }}>
        <Form
          act={act} busy={busy} error={error} why={reason.trim().length < 3 ? t('end.why') : null}
          onAct={() => onAct(reason.trim(), close)} aside={<Button variant="default" onClick={close}>{t('ui.cancel')}</Button>}
        >
          <p style={{ margin: 0 }}>{text}</p>
          {children}
          <Textarea
            label={label ?? t('end.reason')} value={reason} onChange={(e) => setReason(e.currentTarget.value)} rows={3} maxLength={500}
            data-autofocus
          />
        </Form>
      </Modal>
    </>
  );
}

export function WithdrawPart({ agreed, part, title }: { readonly agreed: Agreed; readonly part: string; readonly title: string }) {
  const { t } = useWords();
  const withdraw = useAct(agreementsApi['agreements.withdraw-part']);
  return (
    <Reasoned
      open={t('withdraw.open')} title={t('withdraw.title', { title })} text={t('withdraw.text')} act={t('withdraw.act')}
      busy={withdraw.isPending} error={withdraw.error}
      onAct={(reason, done) => withdraw.mutate({ agreement: agreed.id, part, reason }, { onSuccess: done })}
    />
  );
}

export function End({ agreed }: { readonly agreed: Agreed }) {
  const { t } = useWords();
  const end = useAct(agreementsApi['agreements.end']);
  return (
    <Section title={t('end.title')} note={t('end.text')}>
      <Reasoned
        size="xs" open={t('end.open')} title={t('end.title')} text={t('end.text')} act={t('end.act')} busy={end.isPending} error={end.error}
        onAct={(reason, done) => end.mutate({ agreement: agreed.id, reason }, { onSuccess: done })}
      />
    </Section>
  );
}
