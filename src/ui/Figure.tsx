/**
 * The figure: a number, its change, a spark line, its definition on hover, focus and touch, and the door to what it
 * was computed from. A figure that cannot be opened is not shown, so `to` has no default.
 */
import type { ReactNode } from 'react';
import { Definition, type Defined } from './Definition.tsx';
import css from './Figure.module.css';
import { Link } from './url.tsx';
import { useWords } from './words.tsx';

interface FigureProps {
  readonly label: string;
  /** As it is shown; null is drawn as missing. */
  readonly value: string | null;
  readonly unit?: string;
  /** A line under the number: period, rank and the size of what is ranked. */
  readonly under?: ReactNode;
  /** Change in percent against the time before. */
  readonly change?: { readonly percent: number; readonly against: string } | null;
  readonly spark?: readonly (number | null)[];
  readonly definition: Defined;
  /** Where the rows are. */
  readonly to: string;
}

export function Figure({ label, value, unit, under, change, spark, definition, to }: FigureProps) {
  const { t, number } = useWords();
  return (
    <div className={css.figure}>
      <div className={css.label}>
        <span>{label}</span>
        <Definition of={label} is={definition} />
      </div>
      <Link to={to} className={css.value} aria-label={`${label}: ${value ?? t('ui.missing')} ${unit ?? ''}`}>
        {value ?? <span className={css.missing}>{t('ui.missing')}</span>}
        {value && unit ? <span className={css.unit}>{unit}</span> : null}
      </Link>
      <div className={css.row}>
        <div className={css.under}>
          {under}
          {change ? (
            <span className="e-num" title={change.against}>
              {change.percent > 0 ? '▲' : change.percent < 0 ? '▼' : '■'} {number(Math.abs(change.percent), 1)}{'\u202f%'}{' '}
              <span className="e-faint">{change.against}</span>
            </span>
          ) : null}
        </div>
        {spark && spark.length > 1 ? <Spark points={spark} /> : null}
      </div>
    </div>
  );
}

/** Figures side by side. */
export function Figures({ children }: { readonly children: ReactNode }) {
  return <div className={css.figures}>{children}</div>;
}

const width = 84;
const height = 28;

/** A line without axes; a missing point breaks it. */
export function Spark({ points }: { readonly points: readonly (number | null)[] }) {
  const known = points.filter((p): p is number => p !== null);
  if (known.length < 2) return null;
  const top = Math.max(...known);
  const low = Math.min(0, ...known);
  const span = top - low || 1;
  const x = (i: number) => 2 + (i * (width - 4)) / (points.length - 1);
  const y = (v: number) => height - 3 - ((v - low) * (height - 6)) / span;
  let pen = 'M';
  const path = points.map((p, i) => {
    if (p === null) {
      pen = 'M';
      return '';
    }
    const step = `${pen}${x(i).toFixed(1)} ${y(p).toFixed(1)}`;
    pen = 'L';
    return step;
  }).join('');
  const last = points.findLastIndex((p) => p !== null);
  return (
    <svg width={width} height={height} className={css.spark} aria-hidden focusable="false">
      <path d={path} fill="none" stroke="currentColor" strokeWidth={1.5} strokeLinejoin="round" />
      <circle cx={x(last)} cy={y(points[last] ?? 0)} r={2.5} fill="currentColor" />
    </svg>
  );
}
