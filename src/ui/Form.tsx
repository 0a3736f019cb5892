/** A form with one act: problems stand where they are, the act says what it will do, a refusal is shown whole. */
import { Button, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import css from './Form.module.css';
import { ProblemNote } from './ProblemNote.tsx';

interface FormProps {
  readonly act: string;
  readonly onAct: () => void;
  readonly busy: boolean;
  /** Why it cannot be done now; greys the act and is said under it. */
  readonly why?: string | null;
  readonly error?: Error | null;
  readonly aside?: ReactNode;
  /** As wide as the page: for a document rather than a few fields. */
  readonly wide?: boolean;
  readonly children: ReactNode;
}

export function Form({ act, onAct, busy, why, error, aside, wide, children }: FormProps) {
  return (
    <form
      className={css.form} data-wide={wide || undefined}
      onSubmit={(event) => {
        event.preventDefault();
        if (!why && !busy) onAct();
      }}
    >
      {children}
      {error ? <ProblemNote error={error} /> : null}
      <Group gap="sm">
        <Button type="submit" loading={busy} disabled={Boolean(why)}>{act}</Button>
        {aside}
      </Group>
      {why ? <p className={css.why}>{why}</p> : null}
    </form>
  );
}
