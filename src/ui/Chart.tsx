/**
 * The one chart: lines and bars in one theme, light and dark. Missing is drawn as missing. Beside the drawing stands
 * the same content as a table, for screen readers and for whoever wants the numbers.
 */
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import css from './Chart.module.css';
import type { Drawn } from './chart/engine.ts';
import { inkOf, optionOf, type Drawing, type Line } from './chart/option.ts';
import { useWords } from './words.tsx';

export type { Line } from './chart/option.ts';

interface ChartProps extends Drawing {
  /** What it shows, in a sentence: the name for who cannot see it. */
  readonly label: string;
  /** Name of what the x axis holds. */
  readonly of: string;
  readonly height?: number;
  /** How a value is said. */
  readonly say?: (value: number) => string;
  /** Called with the index of an x that was clicked. */
  readonly onPick?: (index: number) => void;
}

export function Chart(props: ChartProps) {
  const { label, of, height = 260, say, onPick, ...drawing } = props;
  const words = useWords();
  const value = say ?? ((n: number) => words.number(n));
  const scheme = useComputedColorScheme('light');
  const frame = useRef<HTMLDivElement>(null);
  const chart = useRef<Drawn | null>(null);
  const [ready, setReady] = useState(false);
  const pick = useRef(onPick);
  useEffect(() => {
    pick.current = onPick;
  });

  useEffect(() => {
    const gone = { yet: false };
    const on = frame.current;
    void import('./chart/engine.ts').then(({ draw }) => {
      if (gone.yet || !on) return;
      chart.current = draw(on);
      chart.current.on('click', (event) => pick.current?.(event.dataIndex));
      setReady(true);
    });
    const watch = new ResizeObserver(() => chart.current?.resize());
    if (on) watch.observe(on);
    return () => {
      gone.yet = true;
      watch.disconnect();
      chart.current?.dispose();
      chart.current = null;
      setReady(false);
    };
  }, []);

  const axis = (n: number) => (say && Math.abs(n) < 1000 ? say(n) : words.compact(n));
  const asText = JSON.stringify(drawing);
  useEffect(() => {
    if (!ready || !frame.current) return;
    const ink = inkOf(frame.current);
    chart.current?.setOption(
      optionOf(drawing, ink, { value, axis, missing: words.t('ui.no-data') }), { notMerge: true },
    );
    // The drawing is compared by content, so that a parent's new array does not draw again.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [ready, asText, scheme, words.tongue]);

  return (
    <figure className={css.chart}>
      <div ref={frame} style={{ height }} role="img" aria-label={label} data-pick={onPick ? true : undefined} />
      {drawing.lines.length > 1 ? <Legend lines={drawing.lines} /> : null}
      <AsTable label={label} of={of} x={drawing.x} lines={drawing.lines} value={value} />
    </figure>
  );
}

function Legend({ lines }: { readonly lines: readonly Line[] }) {
  return (
    <ul className={css.legend} aria-hidden>
      {lines.map((line, i) => (
        <li key={line.name}><span style={{ background: `var(--e-cat-${i % 6})` }} />{line.name}</li>
      ))}
    </ul>
  );
}

interface AsTableProps {
  readonly label: string;
  readonly of: string;
  readonly x: readonly string[];
  readonly lines: readonly Line[];
  readonly value: (value: number) => string;
}

function AsTable({ label, of, x, lines, value }: AsTableProps) {
  const { t } = useWords();
  return (
    <details className={css.table}>
      <summary>{t('ui.as-table')}</summary>
      <div className={css.scroll} tabIndex={0} role="region" aria-label={label}>
        <table>
          <caption className="e-hidden">{label}</caption>
          <thead>
            <tr><th scope="col">{of}</th>{lines.map((l) => <th key={l.name} scope="col">{l.name}</th>)}</tr>
          </thead>
          <tbody>
            {x.map((at, i) => (
              <tr key={at}>
                <th scope="row">{at}</th>
                {lines.map((l) => {
                  const v = l.values[i];
                  return <td key={l.name}>{v === null || v === undefined ? t('ui.no-data') : value(v)}</td>;
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
