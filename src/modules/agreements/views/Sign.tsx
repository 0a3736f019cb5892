/** Signs exactly the text that stands on the page: its digest goes with the signature. */
import { Checkbox } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useAct } from '#ui/asking';
import { Form } from '#ui/Form';
import { Hash } from '#ui/Hash';
import { Section } from '#ui/Page';
import { useWords } from '#ui/words';
import { agreementsApi } from '../api.ts';
import { sideName, type Agreed } from './words.ts';

export function Sign({ agreed }: { readonly agreed: Agreed }) {
  const words = useWords();
  const { t } = words;
  const [read, setRead] = useState(false);
  const sign = useAct(agreementsApi['agreements.sign']);
  const other = agreed.mySide === 'authority' ? 'counterpart' : 'authority';
  const signed = agreed.signatures.some((s) => s.side === other);
  const act = () => sign.mutate({ agreement: agreed.id, documentSha256: agreed.documentSha256 }, {
    onSuccess: () => notifications.show({ message: t('sign.done') }),
  });
  return (
    <Section
      title={t('sign.title')}
      note={t(signed ? 'sign.other-signed' : 'sign.other-not', { who: sideName(words, agreed, other) })}
    >
      <Form
        act={t('sign.act', { who: sideName(words, agreed, agreed.mySide) })} onAct={act} busy={sign.isPending} error={sign.error}
        why={read ? null : t('sign.why')}
      >
        <Checkbox
          checked={read} onChange={(e) => setRead(e.currentTarget.checked)}
          label={<>{t('sign.read')} <Hash value={agreed.documentSha256} /></>}
        />
      </Form>
    </Section>
  );
}
