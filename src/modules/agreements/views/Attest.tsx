/** Attests, in one act, every clause that the reader may; says what is left and for whom. */
import { Checkbox } from '@mantine/core';
import { useState } from 'react';
import { useAct } from '#ui/asking';
import { Form } from '#ui/Form';
import { Mark } from '#ui/Mark';
import { Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { useWords } from '#ui/words';
import { agreementsApi } from '../api.ts';
import type { Agreed } from './words.ts';

export function Attest({ agreed }: { readonly agreed: Agreed }) {
  const { t } = useWords();
  const reader = useReader();
  const [read, setRead] = useState(false);
  const attest = useAct(agreementsApi['agreements.attest']);
  const whole = agreed.attesting.filter((c) => c.attested === c.items).length;
  const open = reader.may('agreement.attest') && agreed.status !== 'ended'
    ? agreed.attesting.filter((c) => c.mine === 'open' && c.attested < c.items) : [];
  const left = agreed.attesting.filter((c) => c.attested < c.items);
  if (agreed.attesting.length === 0 || (left.length === 0 && agreed.status !== 'draft')) return null;
  const act = () => attest.mutate(
    { agreement: agreed.id, clauses: open.map((c) => ({ clause: c.clause, clauseSha256: c.sha256 })) },
    { onSuccess: () => setRead(false) });
  return (
    <Section
      title={t('attest.title')} note={t('attest.note')}
      aside={<Mark is={left.length === 0 ? 'good' : 'wait'}>{t('attest.progress', { done: whole, count: agreed.attesting.length })}</Mark>}
    >
      {open.length > 0 ? (
        <Form
          act={t('attest.all', { count: open.length })} onAct={act} busy={attest.isPending} error={attest.error}
          why={read ? null : t('sign.why')}
        >
          <Checkbox
            checked={read} onChange={(e) => setRead(e.currentTarget.checked)}
            label={t('attest.read', { clauses: open.map((c) => c.clause).join(', ') })}
          />
        </Form>
      ) : (
        <p style={{ margin: 0 }}>
          {t(left.length === 0 ? 'attest.whole' : left.some((c) => c.mine === 'done') || !reader.may('agreement.attest') ? 'attest.done' : 'attest.benefits')}
        </p>
      )}
    </Section>
  );
}
