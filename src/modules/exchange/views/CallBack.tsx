/** Calls one object back, from its own page: why, and by when it must be acknowledged. */
import { NumberInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAct } from '#ui/asking';
import { Form } from '#ui/Form';
import { Section } from '#ui/Page';
import { useGo } from '#ui/url';
import { useWords } from '#ui/words';
import { recallsApi } from '../api/recalls.ts';

export function CallBack({ object }: { readonly object: string }) {
  const { t } = useWords();
  const go = useGo();
  const [reason, setReason] = useState('');
  const [hours, setHours] = useState(24);
  const begin = useAct(recallsApi['recalls.begin']);
  const why = reason.trim() === '' ? t('recalls.begin-missing') : null;
  return (
    <Section title={t('recalls.begin-title')} note={t('recalls.begin-text')}>
      <Form
        act={t('recalls.begin')} busy={begin.isPending} error={begin.error} why={why}
        onAct={() => begin.mutate({ objects: [object], reason: reason.trim(), hours }, { onSuccess: ({ recall }) => go(`/recalls?recall=${recall.id}`) })}
      >
        <TextInput label={t('recalls.begin-why')} description={t('recalls.begin-why-how')} value={reason} maxLength={500}
          onChange={(e) => setReason(e.currentTarget.value)}
        />
        <NumberInput label={t('recalls.hours')} value={hours} min={1} max={720} onChange={(v) => setHours(Number(v) || 24)} />
      </Form>
    </Section>
  );
}
