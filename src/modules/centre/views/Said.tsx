/** What one side asked for and what the other says of it; whoever may answer does so here. */
import { Button, Group, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { Mark } from '#ui/Mark';
import { ProblemNote } from '#ui/ProblemNote';
import { Time } from '#ui/Time';
import { useWords } from '#ui/words';

const marks = { waiting: 'warn', agreed: 'good', refused: 'danger' } as const;

interface Props {
  readonly of: { readonly state: 'waiting' | 'agreed' | 'refused'; readonly at: string; readonly answer: string };
  readonly mayAnswer: boolean;
  /** The state in words, and what agreeing does. */
  readonly state: string;
  readonly agree: string;
  readonly answer: { readonly isPending: boolean; readonly error: Error | null };
  readonly onAnswer: (agree: boolean, reason: string) => void;
  readonly children: ReactNode;
  /** What is looked at before one answers. */
  readonly details?: ReactNode;
}

export function Said({ of, mayAnswer, state, agree, answer, onAnswer, children, details }: Props) {
  const { t } = useWords();
  const [reason, setReason] = useState('');
  return (
    <>
      <p><Mark is={marks[of.state]}>{state}</Mark> {children} · <Time at={of.at} /></p>
      {of.answer === '' ? null : <p className="e-small">{of.answer}</p>}
      {details}
      {mayAnswer && of.state === 'waiting' ? (
        <Group gap="xs" align="end" mt="xs">
          <TextInput size="xs" label={t('centre.reason')} value={reason} maxLength={500} onChange={(e) => setReason(e.currentTarget.value)} />
          <Button size="xs" loading={answer.isPending} onClick={() => onAnswer(true, reason.trim())}>{agree}</Button>
          <Button size="xs" variant="default" disabled={reason.trim() === ''} onClick={() => onAnswer(false, reason.trim())}>{t('centre.refuse')}</Button>
        </Group>
      ) : null}
      {answer.error ? <ProblemNote error={answer.error} /> : null}
    </>
  );
}
