/** A state in a word, a shape and a colour, never by hue alone. */
import {
  IconAlertTriangle, IconCircleCheck, IconCircleDashed, IconCircleX, IconClock, IconInfoCircle,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import css from './Mark.module.css';

export type Meaning = 'good' | 'warn' | 'danger' | 'info' | 'none' | 'wait';
const icons = {
  good: IconCircleCheck, warn: IconAlertTriangle, danger: IconCircleX, info: IconInfoCircle, none: IconCircleDashed,
  wait: IconClock,
} as const;

export function Mark({ is, children }: { readonly is: Meaning; readonly children: ReactNode }) {
  const Icon = icons[is];
  return (
    <span className={css.mark} data-is={is}>
      <Icon size={14} aria-hidden />
      <span>{children}</span>
    </span>
  );
}

/** A plain label, without judgement. */
export function Tag({ children }: { readonly children: ReactNode }) {
  return <span className={css.tag}>{children}</span>;
}
