/** Asking that a few lines leave the room, from the line that was chosen on. */
import { Button, Group, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAct } from '#ui/asking';
import { ProblemNote } from '#ui/ProblemNote';
import { useWords } from '#ui/words';
import { controlsApi } from '../api/controls.ts';

export function AskExcerpt({ review, path, line }: { readonly review: string; readonly path: string; readonly line: number }) {
  const { t } = useWords();
  const [typed, setTyped] = useState({ to: String(line), purpose: '', endsAt: '' });
  const change = (some: Partial<typeof typed>): void => setTyped((was) => ({ ...was, ...some }));
  const ask = useAct(controlsApi['excerpts.ask']);
  const ready = typed.purpose.trim() !== '' && typed.endsAt !== '' && Number(typed.to) >= line;
  return (
    <form onSubmit={(e) => {
      e.preventDefault();
      if (ready) ask.mutate({ review, path, from: line, to: Number(typed.to), purpose: typed.purpose.trim(), endsAt: typed.endsAt });
    }}
    >
      <Group gap="xs" align="end" mt={12}>
        <TextInput size="xs" w={90} label={t('controls.excerpt-to')} value={typed.to} onChange={(e) => change({ to: e.currentTarget.value })} />
        <TextInput size="xs" style={{ flex: '1 1 180px' }} label={t('controls.excerpt-purpose')} value={typed.purpose} maxLength={500}
          onChange={(e) => change({ purpose: e.currentTarget.value })} />
        <TextInput size="xs" type="date" label={t('controls.copy-ends')} value={typed.endsAt} onChange={(e) => change({ endsAt: e.currentTarget.value })} />
        <Button type="submit" size="xs" variant="default" loading={ask.isPending} disabled={!ready}>{t('controls.excerpt-ask', { line })}</Button>
      </Group>
      {ask.error ? <ProblemNote error={ask.error} /> : null}
      {ask.data ? <p className="e-small e-quiet" role="status">{t('controls.excerpt-asked')}</p> : null}
    </form>
  );
}
