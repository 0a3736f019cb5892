/** How it stands where: areas of the world by a meaning, which the fill's pattern tells too, never hue alone. */
import { useId, useMemo, useState } from 'react';
import { EarthFrame } from './EarthFrame.tsx';
import { earthHeight, earthOf } from './earth.ts';
import css from './StatusMap.module.css';
import { useWords } from './words.tsx';

export type Standing = 'good' | 'warn' | 'danger';
export interface StandingArea {
  /** ISO 3166-1 alpha-2. */
  readonly area: string;
  readonly is: Standing;
  readonly text: string;
}

interface StatusMapProps {
  readonly label: string;
  readonly areas: readonly StandingArea[];
  /** What each meaning is called here, in the order in which they are told. */
  readonly legend: readonly (readonly [Standing, string])[];
}

export function StatusMap(props: StatusMapProps) {
  return <EarthFrame>{(bytes, width) => <Drawn {...props} bytes={bytes} width={width} />}</EarthFrame>;
}

function Drawn({ label, areas, legend, bytes, width }: StatusMapProps & { bytes: Uint8Array; width: number }) {
  const { country } = useWords();
  const hatch = useId();
  const { shapes, grid } = useMemo(() => earthOf(bytes, width), [bytes, width]);
  const byArea = useMemo(() => new Map(areas.map((a) => [a.area, a])), [areas]);
  const [seen, setSeen] = useState<string | null>(null);
  const now = seen === null ? undefined : byArea.get(seen);
  const height = Math.round(width * earthHeight);
  return (
    <>
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="group" aria-label={label} className={css.map}>
        <defs>
          <pattern id={hatch} width={5} height={5} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect width={5} height={5} className={css.danger} />
            <line x1={0} y1={0} x2={0} y2={5} className={css.stripe} />
          </pattern>
        </defs>
        <path d={grid} className={css.grid} />
        {shapes.filter((s) => !s.area || !byArea.has(s.area)).map((s) => <path key={s.key} d={s.path} className={css.land} />)}
        {shapes.filter((s) => s.area && byArea.has(s.area)).map(({ key, area, path }) => {
          const of = byArea.get(area ?? '');
          return (
            <path
              key={key} d={path} className={css.area} data-is={of?.is} tabIndex={0} role="img" aria-label={`${country(area ?? '')}: ${of?.text ?? ''}`}
              style={of?.is === 'danger' ? { fill: `url(#${hatch})` } : undefined}
              onMouseEnter={() => setSeen(area)} onMouseLeave={() => setSeen(null)} onFocus={() => setSeen(area)} onBlur={() => setSeen(null)}
            />
          );
        })}
      </svg>
      <ul className={css.legend}>
        {legend.map(([is, word]) => <li key={is}><span data-is={is} />{word}</li>)}
      </ul>
      <p className={css.now} aria-hidden>{now && seen ? <><strong>{country(seen)}</strong> {now.text}</> : '\u00a0'}</p>
    </>
  );
}
