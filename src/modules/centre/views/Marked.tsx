/** What lies under the mark of a sitting: nothing of it is painted before the hub has drawn the mark. */
import type { ReactNode } from 'react';
import { useAsk } from '#ui/asking';
import { Block } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { controlsApi } from '../api/controls.ts';
import css from './Marked.module.css';

export function Marked({ review, children }: { readonly review: string; readonly children: ReactNode }) {
  const asked = useAsk(controlsApi['reviews.mark'], { review });
  if (asked.isError) return <ProblemNote error={asked.error} />;
  if (!asked.data) return <Block height={280} />;
  const picture = `url("data:image/svg+xml,${encodeURIComponent(asked.data.tile)}")`;
  return (
    <div className={css['marked']}>
      {children}
      <div className={css['mark']} style={{ backgroundImage: picture }} data-mark aria-hidden />
    </div>
  );
}
