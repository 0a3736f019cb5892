/** The appeal against lines that were withheld of a note: made by the reviewer, decided by the provider's principal. */
import { Button, Group, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAct, useAsk } from '#ui/asking';
import { Mark } from '#ui/Mark';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import { useWords } from '#ui/words';
import { controlsApi } from '../api/controls.ts';
import css from './Excerpts.module.css';

const marks = { waiting: 'warn', upheld: 'good', refused: 'danger' } as const;

export function AppealOf({ note, mine }: { readonly note: string; readonly mine: boolean }) {
  const { t } = useWords();
  const reader = useReader();
  const asked = useAsk(controlsApi['appeals.list'], { note });
  const make = useAct(controlsApi['appeals.make']);
  const decide = useAct(controlsApi['appeals.decide']);
  const [reason, setReason] = useState('');
  const [appeal] = asked.data?.items ?? [];
  const acts = appeal === undefined ? mine && reader.may('appeal.make') : !mine && reader.may('appeal.decide') && appeal.state === 'waiting';
  const failed = make.error ?? decide.error;
  if (!asked.data) return null;
  return (
    <>
      {appeal === undefined ? null : (
        <>
          <p><Mark is={marks[appeal.state]}>{t(`controls.appeal.${appeal.state}`)}</Mark> {appeal.reason}</p>
          {appeal.answer === '' ? null : <p className="e-small">{appeal.answer}</p>}
          {appeal.text === null ? null : <pre className={css['text']}>{appeal.text}</pre>}
        </>
      )}
      {acts ? (
        <Group gap="xs" align="end">
          <TextInput size="xs" label={t('centre.reason')} value={reason} maxLength={500} onChange={(e) => setReason(e.currentTarget.value)} />
          {appeal === undefined
            ? <Button size="xs" variant="default" disabled={reason.trim() === ''} onClick={() => make.mutate({ note, reason: reason.trim() })}>
              {t('controls.appeal-make')}
            </Button>
            : ([true, false] as const).map((uphold) => (
              <Button key={String(uphold)} size="xs" variant="default" disabled={reason.trim() === ''}
                onClick={() => decide.mutate({ note, uphold, reason: reason.trim() })}
              >
                {t(uphold ? 'controls.appeal-uphold' : 'controls.appeal-refuse')}
              </Button>
            ))}
        </Group>
      ) : null}
      {failed ? <ProblemNote error={failed} /> : null}
    </>
  );
}
