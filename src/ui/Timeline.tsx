/** The chain: who did what, when and by what right. Custody, signatures, assets and releases all share it. */
import type { ReactNode } from 'react';
import type { Meaning } from './Mark.tsx';
import { Time } from './Time.tsx';
import css from './Timeline.module.css';

export interface Step {
  readonly key: string;
  readonly title: ReactNode;
  readonly at: string | null;
  /** `day` where only the day is known. */
  readonly to?: 'day' | 'minute';
  /** Zone in which that day is meant. */
  readonly zone?: string;
  readonly by?: ReactNode;
  readonly is: Meaning;
}

export function Timeline({ steps, label }: { readonly steps: readonly Step[]; readonly label: string }) {
  return (
    <ol className={css.chain} aria-label={label}>
      {steps.map((step) => (
        <li key={step.key} data-is={step.is}>
          <div className={css.title}>{step.title}</div>
          <div className={css.by}>
            {step.at ? <Time at={step.at} to={step.to ?? 'minute'} zone={step.zone ?? 'UTC'} /> : null}
            {step.by ? <span>{step.by}</span> : null}
          </div>
        </li>
      ))}
    </ol>
  );
}
