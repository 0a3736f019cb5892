/**
 * What flows from area to area on the world: an arc for each pair, as wide as its count, without movement. Areas are not coloured, since a
 * count says nothing of them. Each arc can be reached by keyboard; what has no place on the map is told below it.
 */
import { useMemo, useState } from 'react';
import { earthHeight, earthOf, type Earth } from './earth.ts';
import frame from './EarthFrame.module.css';
import { EarthFrame } from './EarthFrame.tsx';
import css from './FlowMap.module.css';
import { useWords } from './words.tsx';

export interface Flow {
  /** ISO 3166-1 alpha-2. */
  readonly from: string;
  readonly to: string;
  readonly value: number;
  /** What is said of it. */
  readonly text: string;
}

interface FlowMapProps {
  readonly label: string;
  readonly flows: readonly Flow[];
  /** Marked: whom the page is about. */
  readonly home: string;
  /** Told the origin of the arc that was picked. */
  readonly onPick?: (area: string) => void;
}

const widest = 10;
const narrowest = 1;

export function FlowMap(props: FlowMapProps) {
  return <EarthFrame>{(bytes, width) => <Drawn {...props} bytes={bytes} width={width} />}</EarthFrame>;
}

/** From middle to middle in a bow that leans to the north; a flow within an area goes round its middle. */
function bow(earth: Earth, { from, to }: Flow): string | null {
  const [a, b] = [earth.middle(from), earth.middle(to)];
  if (!a || !b) return null;
  if (from === to) return `M${a[0]} ${a[1]}c-16 -22 16 -22 0 0`;
  const far = Math.hypot(b[0] - a[0], b[1] - a[1]);
  const [x, y] = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2 - far * 0.22];
  return `M${a[0].toFixed(1)} ${a[1].toFixed(1)}Q${x.toFixed(1)} ${y.toFixed(1)} ${b[0].toFixed(1)} ${b[1].toFixed(1)}`;
}

function Drawn({ label, flows, home, onPick, bytes, width }: FlowMapProps & { bytes: Uint8Array; width: number }) {
  const { t, country } = useWords();
  const earth = useMemo(() => earthOf(bytes, width), [bytes, width]);
  const [seen, setSeen] = useState<Flow | null>(null);
  // What stays within an area would make all that crosses a border thin; its loop is as wide as the widest of those.
  const most = Math.max(1, ...flows.filter((flow) => flow.from !== flow.to).map((flow) => flow.value));
  const scale = Math.min(1, width / 900);
  const wide = (value: number): number => narrowest + (widest * scale - narrowest) * (Math.min(value, most) / most);
  // The strongest last, so that it lies above.
  const drawn = flows.flatMap((flow) => {
    const path = bow(earth, flow);
    return path === null ? [] : [{ flow, path, far: earth.middle(flow.from === home ? flow.to : flow.from) }];
  }).toReversed();
  const undrawn = flows.filter((flow) => bow(earth, flow) === null).map(({ from, to, text }) => `${country(from)} → ${country(to)}: ${text}`);
  const height = Math.round(width * earthHeight);
  return (
    <>
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="group" aria-label={label} className={frame.map}>
        <path d={earth.grid} className={frame.grid} />
        {earth.shapes.map((shape) => (
          <path key={shape.key} d={shape.path} className={css.land} data-home={shape.area === home || undefined} />
        ))}
        {drawn.map(({ flow, path, far }) => (
          <g key={`${flow.from} ${flow.to}`} className={css.flow} data-seen={flow === seen || undefined}>
            <path
              d={path} className={css.arc} style={{ strokeWidth: wide(flow.value) }} tabIndex={0} role="img"
              aria-label={`${country(flow.from)} → ${country(flow.to)}: ${flow.text}`}
              onMouseEnter={() => setSeen(flow)} onMouseLeave={() => setSeen(null)} onFocus={() => setSeen(flow)} onBlur={() => setSeen(null)}
              onClick={onPick ? () => onPick(flow.from) : undefined}
              onKeyDown={onPick ? (e) => (e.key === 'Enter' ? onPick(flow.from) : undefined) : undefined}
            />
            {far ? <circle cx={far[0]} cy={far[1]} r={2 + 1.5 * scale} className={css.end} /> : null}
          </g>
        ))}
      </svg>
      <p className={css.now} aria-hidden>
        {seen ? <><strong>{country(seen.from)} → {country(seen.to)}</strong> {seen.text}</> : '\u00a0'}
      </p>
      {undrawn.length > 0 ? <p className="e-small e-faint">{t('ui.not-drawn', { list: undrawn.join('; ') })}</p> : null}
    </>
  );
}
