/** The shapes most pages have: a heading with one primary act, sections under it, and what stands while nothing is there yet. */
import { Skeleton } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { useEffect, type ReactNode } from 'react';
import css from './Page.module.css';
import { ProblemNote } from './ProblemNote.tsx';

interface PageProps {
  readonly title: string;
  readonly description?: ReactNode;
  /** The one primary act. */
  readonly act?: ReactNode;
  /** Trail above the title: where this page hangs. */
  readonly above?: ReactNode;
  readonly children: ReactNode;
}

export function Page({ title, description, act, above, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Entente`;
  }, [title]);
  return (
    <div className={css.page}>
      <header className={css.head}>
        <div className={css.words}>
          {above ? <div className={css.above}>{above}</div> : null}
          <h1 className={css.title}>{title}</h1>
          {description ? <div className={css.description}>{description}</div> : null}
        </div>
        {act ? <div className={css.act}>{act}</div> : null}
      </header>
      {children}
    </div>
  );
}

interface SectionProps {
  readonly title?: string;
  readonly note?: ReactNode;
  readonly aside?: ReactNode;
  /** Without frame, for what brings its own. */
  readonly bare?: boolean;
  readonly children: ReactNode;
}

export function Section({ title, note, aside, bare, children }: SectionProps) {
  return (
    <section className={bare ? css.bare : css.section}>
      {title || aside ? (
        <div className={css.sectionHead}>
          <div>
            {title ? <h2 className={css.sectionTitle}>{title}</h2> : null}
            {note ? <p className={css.note}>{note}</p> : null}
          </div>
          {aside ? <div className={css.aside}>{aside}</div> : null}
        </div>
      ) : null}
      {children}
    </section>
  );
}

/** Sections side by side where there is room. */
export function Columns({ children, wide }: { readonly children: ReactNode; readonly wide?: 'left' | 'right' }) {
  return <div className={css.columns} data-wide={wide}>{children}</div>;
}

/** Label and value pairs of a detail page. */
export function Particulars({ items }: { readonly items: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className={css.particulars}>
      {items.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

interface AnswerProps<T> {
  readonly of: UseQueryResult<T, Error>;
  /** The shape of what is coming, so that nothing jumps. */
  readonly skeleton?: ReactNode;
  readonly children: (answer: T) => ReactNode;
}

/** What a question came to: its skeleton, its refusal, or the answer. */
export function Answer<T>({ of, skeleton, children }: AnswerProps<T>) {
  if (of.data !== undefined) return children(of.data);
  if (of.isError) return <ProblemNote error={of.error} onRetry={() => void of.refetch()} />;
  return <div aria-busy="true">{skeleton ?? <Lines />}</div>;
}

export function Lines({ count = 4 }: { readonly count?: number }) {
  return (
    <div className={css.lines}>
      {Array.from({ length: count }, (_, i) => <Skeleton key={i} height={16} width={`${92 - ((i * 17) % 40)}%`} />)}
    </div>
  );
}

export function Block({ height }: { readonly height: number }) {
  return <Skeleton height={height} radius={8} />;
}
