/** What would be here, and how it comes to be here. */
import type { ReactNode } from 'react';
import css from './EmptyState.module.css';

interface EmptyStateProps {
  readonly title: string;
  readonly how?: ReactNode;
  readonly act?: ReactNode;
}

export function EmptyState({ title, how, act }: EmptyStateProps) {
  return (
    <div className={css.empty}>
      <p className={css.title}>{title}</p>
      {how ? <p className={css.how}>{how}</p> : null}
      {act ? <div className={css.act}>{act}</div> : null}
    </div>
  );
}
