/** Progress with counts, and shares of a whole drawn as one bar with its legend. */
import { Progress } from '@mantine/core';
import css from './Meter.module.css';
import { useWords } from './words.tsx';

interface MeterProps {
  readonly label: string;
  readonly done: number;
  readonly total: number | null;
}

export function Meter({ label, done, total }: MeterProps) {
  const { number, t } = useWords();
  const share = total ? Math.min(100, (100 * done) / total) : 0;
  return (
    <div className={css.meter}>
      <div className={css.row}>
        <span>{label}</span>
        <span className="e-num e-quiet">
          {total === null ? (done > 0 ? number(done) : '') : t('ui.of', { done: number(done), total: number(total) })}
        </span>
      </div>
      <Progress value={total === null ? 100 : share} animated={total === null} size={6} aria-label={label} />
    </div>
  );
}

export interface Share {
  readonly label: string;
  readonly value: number;
  readonly colour: string;
}

export function Shares({ label, parts }: { readonly label: string; readonly parts: readonly Share[] }) {
  const { number, percent } = useWords();
  const total = parts.reduce((sum, part) => sum + part.value, 0);
  return (
    <div className={css.meter}>
      <div className={css.bar} role="img" aria-label={`${label}: ${parts.map((p) => `${p.label} ${p.value}`).join(', ')}`}>
        {parts.map((p) => (p.value > 0
          ? <span key={p.label} style={{ flexGrow: p.value, background: p.colour }} /> : null))}
      </div>
      <ul className={css.legend}>
        {parts.map((p) => (
          <li key={p.label}>
            <span className={css.dot} style={{ background: p.colour }} aria-hidden />
            {p.label} <strong className="e-num">{number(p.value)}</strong>
            {total > 0 ? <span className="e-num e-faint">{percent((100 * p.value) / total)}</span> : null}
          </li>
        ))}
      </ul>
    </div>
  );
}
