/**
 * A world in Equal Earth, coloured by rate in printed classes, never by raw count; hatched where there is no figure.
 * The shapes come from the hub (`/map.json`), which a deployment can replace; no border or name is drawn that the
 * figures do not need. Each area with a figure can be reached by keyboard.
 */
import { useId, useMemo, useState } from 'react';
import { earthHeight, earthOf } from './earth.ts';
import frame from './EarthFrame.module.css';
import { EarthFrame } from './EarthFrame.tsx';
import css from './WorldMap.module.css';
import { useWords } from './words.tsx';

export interface AreaRate {
  /** ISO 3166-1 alpha-2. */
  readonly area: string;
  /** The rate that colours it; null where none may be shown. */
  readonly value: number | null;
  /** What is said of it. */
  readonly text: string;
}

interface WorldMapProps {
  readonly label: string;
  readonly rates: readonly AreaRate[];
  readonly say: (value: number) => string;
  /** Outlined: whom the page is about. */
  readonly home?: string;
  readonly onPick?: (area: string) => void;
}

const classes = 6;

/** Class limits at equal shares of the areas, so that one outlier does not flatten the rest. */
export function limitsOf(values: readonly number[]): readonly number[] {
  const sorted = values.toSorted((a, b) => a - b);
  const limits = Array.from({ length: classes - 1 }, (_, i) =>
    sorted[Math.min(sorted.length - 1, Math.ceil(((i + 1) * sorted.length) / classes))] ?? 0);
  return [...new Set(limits)].filter((limit) => limit > (sorted[0] ?? 0));
}

function classOf(limits: readonly number[], value: number): number {
  const at = limits.filter((limit) => value >= limit).length;
  return limits.length === 0 ? 3 : Math.round((at * (classes - 1)) / limits.length);
}

export function WorldMap(props: WorldMapProps) {
  return <EarthFrame>{(bytes, width) => <Drawn {...props} bytes={bytes} width={width} />}</EarthFrame>;
}

function Drawn({ label, rates, say, home, onPick, bytes, width }: WorldMapProps & { bytes: Uint8Array; width: number }) {
  const { t, country } = useWords();
  const hatch = useId();
  const { shapes, grid } = useMemo(() => earthOf(bytes, width), [bytes, width]);
  const byArea = useMemo(() => new Map(rates.map((r) => [r.area, r])), [rates]);
  const limits = useMemo(() => limitsOf(rates.flatMap((r) => (r.value === null ? [] : [r.value]))), [rates]);
  const [seen, setSeen] = useState<string | null>(null);
  const known = shapes.filter((s) => s.area && byArea.has(s.area));
  const now = seen ? byArea.get(seen) : undefined;
  return (
    <>
      <svg
        width={width} height={Math.round(width * earthHeight)} viewBox={`0 0 ${width} ${Math.round(width * earthHeight)}`}
        role="group" aria-label={label} className={frame.map}
      >
        <defs>
          <pattern id={hatch} width={6} height={6} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect width={6} height={6} className={css.none} />
            <line x1={0} y1={0} x2={0} y2={6} className={css.hatch} />
          </pattern>
        </defs>
        <path d={grid} className={frame.grid} />
        {shapes.filter((s) => !s.area || !byArea.has(s.area)).map((s) => <path key={s.key} d={s.path} className={css.land} />)}
        {known.map(({ key, area, path }) => {
          const rate = byArea.get(area ?? '');
          const value = rate?.value ?? null;
          return (
            <path
              key={key} d={path} className={css.area} data-home={area === home || undefined} tabIndex={0} role="img"
              aria-label={`${country(area ?? '')}: ${rate?.text ?? ''}`}
              style={{ fill: value === null ? `url(#${hatch})` : `var(--e-seq-${classOf(limits, value)})` }}
              onMouseEnter={() => setSeen(area)} onMouseLeave={() => setSeen(null)}
              onFocus={() => setSeen(area)} onBlur={() => setSeen(null)}
              onClick={onPick && area ? () => onPick(area) : undefined}
              onKeyDown={onPick && area ? (e) => (e.key === 'Enter' ? onPick(area) : undefined) : undefined}
            />
          );
        })}
      </svg>
      <div className={css.foot}>
        <ol className={css.legend} aria-label={t('ui.value')}>
          {[null, ...limits].map((limit, i) => (
            <li key={limit ?? 'least'}>
              <span style={{ background: `var(--e-seq-${classOf(limits, limits[i - 1] ?? Number.NEGATIVE_INFINITY)})` }} />
              {limit === null ? (limits[0] === undefined ? '' : `< ${say(limits[0])}`) : `≥ ${say(limit)}`}
            </li>
          ))}
          <li><span className={css.hatched} />{t('ui.too-few')}</li>
          <li><span className={css.land} />{t('ui.no-data')}</li>
        </ol>
        <p className={css.now} aria-hidden>{now && seen ? <><strong>{country(seen)}</strong> {now.text}</> : '\u00a0'}</p>
      </div>
    </>
  );
}
