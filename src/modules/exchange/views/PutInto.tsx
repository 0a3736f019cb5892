/** Puts an object of one's own library into a collection: one's own, or one to which one may add. */
import { Button, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { useAct, useAsk } from '#ui/asking';
import { Mark } from '#ui/Mark';
import { Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { useWords } from '#ui/words';
import { exchangeApi } from '../api/exchange.ts';
import { resharesApi } from '../api/reshares.ts';

export function PutInto({ object }: { readonly object: string }) {
  const { t } = useWords();
  const collections = useAsk(exchangeApi['collections.list'], {});
  const add = useAct(resharesApi['collections.add']);
  const [typed, setTyped] = useState('');
  const open = [...collections.data?.own ?? [], ...collections.data?.shared ?? []]
    .filter((c) => c.kind === 'shared' && c.closedAt === null && c.access.write);
  if (open.length === 0) return null;
  const chosen = open.find((c) => c.id === typed) ?? open[0];
  if (!chosen) return null;
  const [line] = add.data?.lines ?? [];
  return (
    <Section title={t('put-into.title')} note={chosen.blind ? t('put-into.blind') : undefined}>
      <div style={{ display: 'flex', gap: 8, alignItems: 'end', flexWrap: 'wrap', marginBottom: 12 }}>
        <NativeSelect
          label={t('put-into.collection')} value={chosen.id} w={320} maw="100%"
          onChange={(e) => {
            setTyped(e.currentTarget.value);
            add.reset();
          }}
          data={open.map((c) => ({ value: c.id, label: `${c.title}: ${c.partnerName ?? c.ownerName}` }))}
        />
        <Button variant="default" loading={add.isPending} onClick={() => add.mutate({ collection: chosen.id, objects: [object] })}>{t('put-into.act')}</Button>
      </div>
      {add.error ? <ProblemNote error={add.error} /> : null}
      <div aria-live="polite">
        {add.data && add.data.added > 0 ? <Mark is="good">{t('put-into.done')}</Mark> : null}
        {add.data && line && add.data.added === 0 ? <Mark is="warn">{line.text}</Mark> : null}
      </div>
    </Section>
  );
}
